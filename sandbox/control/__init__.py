"""The sandbox's own addresses beside the API, for tests and people; they need no token."""
