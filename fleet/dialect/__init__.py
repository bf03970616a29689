"""Decides which API was met: what its answers have shown of the points that nobody documented."""
