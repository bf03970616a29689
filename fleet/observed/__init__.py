"""What the API shows of the fleet now, and which preconditions of a backup it does not meet."""
