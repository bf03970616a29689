"""Which part of a fleet a run covers: `--limit`, `only`, `--failed-from`."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final, Literal

from fleet.inventory.target import Target

Kind = Literal["all", "instant", "plans"]
"""All backups, only the instant ones, or only the automatic plans."""
Failed = tuple[int, int, int, int | None, str, bool]
"""How a report identifies a target: organization, server, application, database, type, whether it is a plan."""


@dataclass(frozen=True, slots=True)
class Unfinished:
    """What an earlier run left unfinished.

    Attributes:
        source: the report, as the command line names it.
        run_key: of that run.
        targets: those that failed.
        servers: by organization and id, those that could not be read: whatever the rules find there.
        organizations: those that refused access: whatever the rules find there.
    """

    source: str
    run_key: str
    targets: frozenset[Failed]
    servers: frozenset[tuple[int, int]] = frozenset()
    organizations: frozenset[int] = frozenset()

    def holds(self, target: Target) -> bool:
        """Whether a target is left to do."""
        if target.organization in self.organizations:
            return True
        wanted = target.request
        server = target.organization, target.server_id
        subject = wanted.application_id, wanted.database_id, wanted.type, wanted.automatic_backup
        return server in self.servers or (*server, *subject) in self.targets

    def may_hold(self, servers: Iterable[tuple[int, int]]) -> list[bool]:
        """For each server, by organization and id, whether anything may be left to do on it."""
        known = self.servers | {target[:2] for target in self.targets}
        return [server[0] in self.organizations or server in known for server in servers]


@dataclass(frozen=True, slots=True)
class Narrowing:
    """Which part of a fleet a run covers.

    Attributes:
        limit: patterns of `--limit`; empty: every server.
        unfinished: only what an earlier run left unfinished; None: no such restriction.
        only: the instant backups, the automatic plans, or all.
    """

    limit: tuple[str, ...] = ()
    unfinished: Unfinished | None = None
    only: Kind = "all"

    @property
    def is_part(self) -> bool:
        """Whether it leaves out targets of its own kind (`only`)."""
        return bool(self.limit) or self.unfinished is not None


EVERYTHING: Final = Narrowing()
