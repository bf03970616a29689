"""Decides which rows of the backup list are a target's backups, how far each is, and how far the list must be read."""
