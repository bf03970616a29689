"""A target: one backup request on one server of one organization, and the key that identifies it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime

from fleet.inventory.expectation import NOTHING_SAID, Expectation
from fleet.inventory.naming import named
from fleet.inventory.request import BackupRequest
from fleet.inventory.window import Window


@dataclass(frozen=True, slots=True)
class Target:
    """What one backup of the fleet file asks for, with everything inherited.

    Attributes:
        place: its place in the fleet file, for people: `servers[3].backups[0]`; for a rule, with what it found.
        organization: the id of the organization.
        server_id: the id of the server.
        server_name: the server's name in the fleet file; None if it has none.
        request: the backup request.
        expectation: what is expected of its backups.
        window: when its backup may start; None for any time.
        start_in_window: whether it is a plan whose start is chosen within its window (`fleet.fleet_file.stagger`).
        problem: why it cannot be backed up although a rule found it; empty if nothing is wrong.
    """

    place: str
    organization: int
    server_id: int
    server_name: str | None
    request: BackupRequest
    expectation: Expectation = NOTHING_SAID
    window: Window | None = None
    start_in_window: bool = False
    problem: str = ""

    @property
    def identity(self) -> tuple[object, ...]:
        """What makes two targets the same one, across runs."""
        wanted = self.request
        return (
            self.organization,
            self.server_id,
            wanted.automatic_backup,
            wanted.type,
            wanted.application_id,
            wanted.database_id,
            wanted.provider,
            wanted.cloud_storage_provider_id,
        )

    def key(self, run_key: str) -> str:
        """Digest the target within a run: 16 hexadecimal digits.

        An automatic plan has no run in its key: a plan is wanted once, an instant backup once per run.
        """
        parts = [*self.identity, "" if self.request.automatic_backup else run_key]
        return hashlib.sha256("\x1f".join(map(str, parts)).encode()).hexdigest()[:16]

    def backup_name(self, run_key: str) -> str | None:
        """Name the instant backup so that the backup list can prove it (`fleet.inventory.naming`); None for a plan."""
        if self.request.automatic_backup:
            return None
        return named(self.key(run_key), self.request.name)

    def outside_window(self, now: datetime) -> str:
        """Why its backup may not start now; empty if it may. A plan that starts later starts nothing now."""
        if self.window is None or not self.request.starts_now or self.window.is_open(now):
            return ""
        return self.window.closed_reason(now)
