"""The commands that check, plan, make and audit backups."""
