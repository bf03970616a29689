"""Decides when a deployment is due, and which missed run still has to be made."""
