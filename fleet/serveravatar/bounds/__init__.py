"""What a response may cost: bytes, values, depth, digits, pages. What exceeds it is refused in one line."""
