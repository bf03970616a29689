"""How many requests of a run are under way at once."""

from typing import Final

USUAL_CONCURRENCY: Final = 40
"""Measured fastest (docs/decisions/0011-speed-of-the-engine.md)."""
LARGEST_CONCURRENCY: Final = 100
