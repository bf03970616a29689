"""When each server of a fleet was last backed up completely, from the reports of runs, the newest first."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from fleet.inventory.inventory import Selector
from fleet.inventory.target import Target
from fleet.report.outcome import Outcome
from fleet.report.report import Report, ReportedTarget, Subject
from fleet.report.selection import Scope

NEVER: Final = 0.0
SUCCESS: Final = frozenset({Outcome.CREATED, Outcome.ADOPTED, Outcome.VERIFIED})
"""Outcomes that count as a backup; a dry run backs nothing up."""

_COVERED: Final[dict[Scope, frozenset[bool]]] = {
    "all": frozenset({True, False}),
    "instant": frozenset({False}),
    "plans": frozenset({True}),
}
"""Whether a report covers all plans, and all instant backups, by its scope."""


@dataclass(frozen=True, slots=True)
class ServerSuccess:
    """When the oldest of a server's targets last succeeded, in epoch seconds; 0 if one never did."""

    organization: int
    server_id: int
    server: str
    at: float


@dataclass(slots=True)
class _Success:
    run_key: str
    at: float
    found: bool


class LastSuccess:
    """Takes reports, the newest first, until every target's last success is known.

    Target by target, because one report seldom shows them all: `--limit` and `--failed-from` leave targets out, and
    a new target of the fleet file was in none. A server is as fresh as the oldest of its targets.

    What rules find is in no file: it is taken from the newest report that covers all instant backups (or plans), and
    from every newer one.
    """

    def __init__(self, targets: Iterable[Target], rules: Iterable[Selector] = ()) -> None:
        """Begin.

        Args:
            targets: every target now listed in the fleet file.
            rules: of the fleet file.
        """
        self._unknown = {rule.request.automatic_backup for rule in rules}
        self._names: dict[tuple[int, int], str] = {}
        self._wanted: dict[Subject, _Success | None] = {}
        self._fallback: dict[tuple[int, int], str] = {}
        for target in targets:
            wanted = target.request
            server = target.organization, target.server_id
            subject = wanted.application_id, wanted.database_id, str(wanted.type), wanted.automatic_backup
            self._wanted[*server, *subject] = None
            self._fallback[server] = target.server_name or f"server {target.server_id}"

    @property
    def complete(self) -> bool:
        """Whether older reports cannot change anything."""
        return not self._unknown and all(success and not success.found for success in self._wanted.values())

    def take(self, report: Report) -> None:
        """Note the successes of a report, older than those before it."""
        rows: dict[Subject, list[ReportedTarget]] = {}
        for target in report.targets:
            self._names.setdefault((target.organization, target.server_id), target.server)
            rows.setdefault(target.subject, []).append(target)
            if target.automatic_backup in self._unknown:
                self._wanted.setdefault(target.subject)
                self._fallback.setdefault((target.organization, target.server_id), target.server)
        self._unknown -= _COVERED.get(report.selection.scope, frozenset())
        for key, targets in rows.items():
            if key in self._wanted and all(target.outcome in SUCCESS for target in targets):
                self._note(key, targets, report)

    def _note(self, key: Subject, targets: list[ReportedTarget], report: Report) -> None:
        """A backup that a re-run only found is as old as the run of the same key that created it."""
        known = self._wanted[key]
        if known is None or (known.found and known.run_key == report.run_key):
            found = any(_is_found(target) for target in targets)
            self._wanted[key] = _Success(report.run_key, report.ended_at.timestamp(), found)

    def servers(self) -> list[ServerSuccess]:
        """Each server of the fleet in the order of the fleet file."""
        oldest: dict[tuple[int, int], float] = {}
        for key, success in self._wanted.items():
            at = success.at if success else NEVER
            oldest[key[:2]] = min(at, oldest.get(key[:2], at))
        return [
            ServerSuccess(*server, self._names.get(server, self._fallback[server]), oldest[server]) for server in oldest
        ]


def _is_found(target: ReportedTarget) -> bool:
    return target.outcome is Outcome.ADOPTED and not target.automatic_backup and target.attempts == 0
