"""What calls answer with: rows, pages, refusals, temporary addresses, rate-limit headers."""
