"""Decides whether everything is backed up as it should be, whoever made the backups."""
