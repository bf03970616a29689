"""Decides what one real backup shows of an API: creates it once, and watches it to its end."""
