"""What the tasks of one run share. It lives in the flow's process and is never stored: it holds the client."""

import time
from collections import defaultdict
from dataclasses import dataclass

from fleet.backup_list import BackupList
from fleet.observed import Observed
from fleet.outcome import Outcome, Result
from fleet.progress import Listener
from fleet.serveravatar.client import Client
from fleet.sought import Sought
from fleet.target import Target


@dataclass(slots=True)
class Attempts:
    """How often the create of one target was sent, and whether one of them may have been applied."""

    count: int = 0
    doubtful: bool = False
    began: float = 0.0
    ended: float = 0.0

    def begin(self) -> None:
        """Count an attempt that is being made."""
        self.began = self.began or time.monotonic()
        self.count += 1

    def end(self) -> None:
        """Note the time of an answer, or of its absence."""
        self.ended = time.monotonic()


class RunContext:
    """One run: its key, its client, and what is known so far.

    Not a dataclass: Prefect looks into those for futures, at every task.
    """

    def __init__(self, run_key: str, client: Client, listener: Listener) -> None:
        self.run_key = run_key
        self.client = client
        self.listener = listener
        self.observed = Observed({})
        self.api_problem: str | None = None
        self._lists: dict[int, BackupList] = {}
        self._attempts: defaultdict[str, Attempts] = defaultdict(Attempts)

    def backups_of(self, organization: int) -> BackupList:
        """The list of backups of an organization, shared by all who look."""
        return self._lists.setdefault(organization, BackupList(self.client.send, organization))

    def sought(self, target: Target) -> Sought:
        """What to look for in the list to find a target's backup."""
        return Sought(target.key(self.run_key), target, self.backups_of(target.organization).marked)

    def attempts(self, target: Target) -> Attempts:
        """What was sent for a target so far."""
        return self._attempts[target.place]

    def result(self, target: Target, outcome: Outcome, reason: str = "", backup_id: int | None = None) -> Result:
        """Put together how a target stands, with what was sent for it so far."""
        attempts = self.attempts(target)
        return Result(
            target,
            self.observed.server_name(target),
            self.observed.application_name(target),
            outcome,
            reason,
            backup_id,
            attempts.count,
            max(0.0, attempts.ended - attempts.began),
        )
