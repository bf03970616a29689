"""Under which conditions the programs are compared."""

from dataclasses import dataclass
from typing import Any, Final

Rule = dict[str, Any]

CONCURRENCY: Final = 10
"""Requests that every program may have under way at once."""
APPLICATIONS_PER_SERVER: Final = 5


@dataclass(frozen=True, slots=True)
class Conditions:
    """What the API does to its callers.

    Attributes:
        name: in tables and files.
        title: for people.
        limit: requests that a window takes; None for no limit.
        window: its length in seconds.
        faults: the sandbox's fault rules that are in force.
    """

    name: str
    title: str
    limit: int | None = None
    window: float = 1.0
    faults: tuple[Rule, ...] = ()

    def least_seconds(self, targets: int) -> float:
        """How long the limit makes anybody wait who sends as many creates and nothing else.

        The first window opens with the first request, so that all windows but the last are waited for.
        """
        return 0.0 if self.limit is None else (-(-targets // self.limit) - 1) * self.window


NO_LIMIT: Final = Conditions("no-limit", "No limit on the API")
LIMIT: Final = Conditions("limit", "60 requests in a window of 1 s", limit=60)
"""The limit of the smallest account, with the minute shortened to a second so that the comparison ends in minutes."""
FAULTS: Final = Conditions(
    "faults",
    "Faults, no limit",
    faults=(
        {"kind": "answer", "call": "create", "status": 500, "moment": "after", "probability": 0.03},
        {"kind": "answer", "call": "create", "status": 500, "moment": "before", "probability": 0.03},
        {"kind": "fail", "call": "backup", "probability": 0.01},
    ),
)
"""Of the creates 3 % fail after the backup was started, 3 % before; of the started backups 1 % end as failed."""
CONDITIONS: Final = (NO_LIMIT, LIMIT, FAULTS)
