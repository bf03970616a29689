"""The commands that look at an account: what it has, and how its API answers."""
