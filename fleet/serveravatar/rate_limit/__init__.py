"""Decides when a request may be sent: the account's limit, its window, and one budget for all who share it."""
