"""The sandbox's own addresses, beside the API: they need no token."""
