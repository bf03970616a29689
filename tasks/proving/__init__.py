"""Watches the backup lists until everything that a run started has ended."""
