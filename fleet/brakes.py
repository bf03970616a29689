"""The brakes: when a run stops sending by itself.

`--max-failures N%` counts over the whole fleet: it holds when more than N percent of the creates of the run
have failed, and at least `SAMPLE` of them (or all, of a smaller fleet) have ended. A breaker per server and per storage
provider opens when so many creates in a row were refused with the same words; an accepted one closes it again. A
provider is blamed only for what different servers were refused: a server whose disk is full says nothing of it.
"""

from collections import defaultdict
from dataclasses import dataclass, field
from typing import Final

from fleet.serveravatar.catalogue import normalized
from fleet.target import Target

SAMPLE: Final = 10
"""Ended creates before `--max-failures` may hold: one failure among the first two is no trend."""
SERVER_REFUSALS: Final = 3
PROVIDER_REFUSALS: Final = 5
"""So many servers; a provider serves many."""


@dataclass(slots=True)
class _Series:
    """Equal refusals in a row, each of another source: a target, or a server."""

    words: str = ""
    sources: list[object] = field(default_factory=list)

    @property
    def length(self) -> int:
        return len(self.sources)

    def refused(self, reason: str, source: object) -> None:
        words = normalized(reason)
        if words != self.words:
            self.words, self.sources = words, []
        if source not in self.sources:
            self.sources.append(source)

    def accepted(self) -> None:
        self.words, self.sources = "", []


@dataclass(slots=True)
class Brakes:
    """Told how each create ended; says whether another may be sent.

    Attributes:
        total: how many creates the run is to send; more when it takes over what another run left behind.
        max_failures: percent of them; None for no such brake.
    """

    total: int
    max_failures: float | None = None
    _ended: int = 0
    _failed: int = 0
    _servers: defaultdict[tuple[int, int], _Series] = field(default_factory=lambda: defaultdict(_Series))
    _providers: defaultdict[tuple[int, int], _Series] = field(default_factory=lambda: defaultdict(_Series))

    def reason_to_stop(self, target: Target) -> str | None:
        """Decide whether a target's create may be sent; None if so, else why not."""
        if self.max_failures is not None and self._ended and self._ended >= min(SAMPLE, self.total):
            share = 100 * self._failed / self.total
            if share > self.max_failures:
                return f"stopped: {self._failed} of {self.total} creates failed, more than {self.max_failures:g} %"
        server, provider = self._series_of(target)
        if server.length >= SERVER_REFUSALS:
            return f"stopped for this server: refused {server.length} times in a row ({server.words})"
        if provider.length >= PROVIDER_REFUSALS:
            return (
                f"stopped for this storage provider: refused on {provider.length} servers in a row ({provider.words})"
            )
        return None

    def accepted(self, target: Target) -> None:
        """A create was accepted, or found to be there."""
        self._ended += 1
        for series in self._series_of(target):
            series.accepted()

    def failed(self, target: Target, refusal: str | None) -> None:
        """A create ended badly.

        Args:
            target: whose.
            refusal: the API's words if it was refused; None if it failed otherwise.
        """
        self._ended += 1
        self._failed += 1
        if refusal is not None:
            server, provider = self._series_of(target)
            server.refused(refusal, target.place)
            provider.refused(refusal, target.server_id)

    def _series_of(self, target: Target) -> tuple[_Series, _Series]:
        server = self._servers[target.organization, target.server_id]
        return server, self._providers[target.organization, target.request.cloud_storage_provider_id]
