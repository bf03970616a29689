"""Backups and plans: what a create asks for, how they are made and restored, and what is in their archives."""
