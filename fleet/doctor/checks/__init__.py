"""Decides what responses show of an assumption: as assumed, different, or unknown."""
