"""The brakes: when a run stops sending.

`--max-failures N%` counts over the whole fleet: it stops the run once more than N percent of its creates have failed,
and at least `SAMPLE` of them (or all, in a smaller fleet) have ended. A circuit breaker per server and per storage
provider opens after consecutive refusals with the same message; an accepted create closes it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from http import HTTPStatus
from typing import Final

from fleet.inventory.target import Target
from fleet.serveravatar.catalogue import Meaning, meaning_of, normalized

SAMPLE: Final = 10
"""Ended creates before `--max-failures` applies: one failure in two is not a trend."""
SERVER_REFUSALS: Final = 3
PROVIDER_REFUSALS: Final = 5
PROVIDER_SERVERS: Final = 3
"""A provider is blamed only for refusals on several servers that are not about the server's own state."""


@dataclass(slots=True)
class _Series:
    """Consecutive refusals with the same message."""

    words: str = ""
    length: int = 0
    servers: set[int] = field(default_factory=set)

    def refused(self, reason: str, server_id: int) -> None:
        words = normalized(reason)
        if words != self.words:
            self.accepted()
        self.words, self.length = words, self.length + 1
        self.servers.add(server_id)

    def accepted(self) -> None:
        self.words, self.length = "", 0
        self.servers.clear()


@dataclass(slots=True)
class Brakes:
    """Counts how creates ended, and decides whether another may be sent.

    Attributes:
        total: how many creates the run will send; more if it takes over what another run left behind.
        max_failures: percent of them; None for no limit.
    """

    total: int
    max_failures: float | None = None
    _ended: int = 0
    _failed: int = 0
    _servers: defaultdict[tuple[int, int], _Series] = field(default_factory=lambda: defaultdict(_Series))
    _providers: defaultdict[tuple[int, int], _Series] = field(default_factory=lambda: defaultdict(_Series))

    def reason_to_stop(self, target: Target) -> str | None:
        """Decide whether a target's create may be sent; None if so, otherwise why not."""
        if self.max_failures is not None and self._ended and self._ended >= min(SAMPLE, self.total):
            share = 100 * self._failed / self.total
            if share > self.max_failures:
                return f"stopped: {self._failed} of {self.total} creates failed, more than {self.max_failures:g} %"
        server, provider = self._series_of(target)
        if server.length >= SERVER_REFUSALS:
            return f"stopped for this server: {server.length} consecutive refusals ({server.words})"
        if provider.length >= PROVIDER_REFUSALS and len(provider.servers) >= PROVIDER_SERVERS:
            return f"stopped for this storage provider: {provider.length} consecutive refusals ({provider.words})"
        return None

    def accepted(self, target: Target) -> None:
        """A create was accepted, or its backup was found."""
        self._ended += 1
        for series in self._series_of(target):
            series.accepted()

    def failed(self, target: Target, refusal: str | None) -> None:
        """A create failed.

        Args:
            target: its target.
            refusal: the API's message if it was refused; None if it failed otherwise.
        """
        self._ended += 1
        self._failed += 1
        if refusal is not None:
            server, provider = self._series_of(target)
            server.refused(refusal, target.server_id)
            if meaning_of(HTTPStatus.INTERNAL_SERVER_ERROR, refusal) is not Meaning.REFUSED_FOR_NOW:
                provider.refused(refusal, target.server_id)

    def _series_of(self, target: Target) -> tuple[_Series, _Series]:
        server = self._servers[target.organization, target.server_id]
        return server, self._providers[target.organization, target.request.cloud_storage_provider_id]
