"""Temporary URLs of archives."""

import secrets
from collections.abc import Callable
from pathlib import Path

VALID_SECONDS = 60.0


class Downloads:
    """URLs that need no token and expire after a minute."""

    def __init__(self, now: Callable[[], float]) -> None:
        self._now = now
        self._offered: dict[str, tuple[Path, float]] = {}

    def offer(self, archive: Path) -> str:
        """Return a signature that gives access to this archive."""
        now = self._now()
        self._offered = {key: offer for key, offer in self._offered.items() if offer[1] > now}
        signature = secrets.token_urlsafe(24)
        self._offered[signature] = (archive, now + VALID_SECONDS)
        return signature

    def archive(self, signature: str) -> Path | None:
        """The archive of a signature; None if it is unknown or has expired."""
        path, until = self._offered.get(signature, (None, 0.0))
        return path if self._now() < until else None
