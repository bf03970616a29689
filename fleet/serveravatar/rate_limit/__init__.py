"""Decides when a request may be sent: the account's rate limit, its window, and one budget for all its processes."""
