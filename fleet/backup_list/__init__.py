"""Decides which pages of the backup list a run reads, and what it has found there."""
