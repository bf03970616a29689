"""Decides which API was met: what its responses have shown of the points that are not documented."""
