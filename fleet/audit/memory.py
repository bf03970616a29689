"""What an audit needs to remember from one time to the next, as protocols that the ledger fulfils."""

from typing import Protocol

from fleet.backup_list.sightings import Sightings
from fleet.dialect.learner import Learner


class Dialects(Protocol):
    """Remembers what APIs have shown; it reports its own failures, and the audit continues."""

    async def recall(self, organization: int) -> Learner:
        """Continue to learn from what is known of an organization's lists."""

    async def remember(self, organization: int, learner: Learner) -> list[str]:
        """Keep what was learned; return what has changed, a line each."""


class NoDialects:
    """Remembers nothing: every API is met for the first time."""

    async def recall(self, organization: int) -> Learner:  # noqa: ARG002 - as `Dialects`
        """Begin to learn."""
        return Learner()

    async def remember(self, organization: int, learner: Learner) -> list[str]:  # noqa: ARG002 - as `Dialects`
        """Keep nothing."""
        return []


class Memory(Protocol):
    """Remembers what audits have seen; it reports its own failures, and the audit continues."""

    async def recall(self, organization: int) -> Sightings | None:
        """What was seen of an organization's list; None if nothing is known."""

    async def remember(self, organization: int, before: Sightings | None, after: Sightings) -> None:
        """Keep what was seen.

        Args:
            organization: whose list.
            before: what `recall` returned.
            after: what is known now.
        """
