"""Makes backups and plans, and opens them again to see what they are worth."""
