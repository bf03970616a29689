"""Decides: what a backup is, what is wanted, what is wrong, what it all means. No Prefect in it."""
