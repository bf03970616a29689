"""Decides what a row of the backup list proves: whose backup it is, whether it is complete, what is absent."""
