"""Concurrent requests of a run."""

from typing import Final

USUAL_CONCURRENCY: Final = 40
"""The fastest measured (docs/decisions/0011-speed-of-the-engine.md)."""
LARGEST_CONCURRENCY: Final = 100
