"""Decides what one real backup shows of an API."""
