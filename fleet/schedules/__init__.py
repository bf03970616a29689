"""Decides when a deployment is due, and which of several missed runs is still made."""
