"""What the status page shows: whether everything is backed up, target by target and day by day."""
