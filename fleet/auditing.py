"""An audit from an inventory to its findings: reads what there is, and has it judged. The same for people and Prefect.

What cannot be read is told as such, never as an application without a backup.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final, Protocol

from fleet.audit import find_targets
from fleet.audit_reading import read_backups
from fleet.coverage import find_uncovered, notes_on_mutes
from fleet.estate import read_estate
from fleet.evidence import EvidenceBook
from fleet.finding import Finding
from fleet.inventory import Inventory
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send
from fleet.sightings import Sightings
from fleet.target import Target

CLOCK_ERROR: Final = timedelta(minutes=5)
"""A backup that is dated further in the future shows that a clock or its zone is wrong."""


class Memory(Protocol):
    """Where audits remember what they have seen; what it cannot do it says by itself, and the audit goes on."""

    async def recall(self, organization: int) -> Sightings | None:
        """What was seen of an organization's list; None when nothing is known."""

    async def remember(self, organization: int, before: Sightings | None, after: Sightings) -> None:
        """Keep what was seen.

        Args:
            organization: whose list.
            before: what `recall` gave.
            after: what is known now.
        """


@dataclass(slots=True)
class Audit:
    """What came of an audit.

    Attributes:
        findings: of the targets in the order of the fleet file, then of what nothing wants.
        unread: what could not be read, in words; nothing is found in its organization.
        notes: what a person should know beside.
        pages: of the list of backups that were read.
    """

    findings: list[Finding] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    pages: int = 0


async def audit(send: Send, inventory: Inventory, chosen: Inventory | None, memory: Memory, now: datetime) -> Audit:
    """Audit every organization that an inventory is about.

    Args:
        send: sends a request and returns the JSON of its answer.
        inventory: all that is wanted, rules resolved.
        chosen: the part that the audit is about; None for all of it.
        memory: of earlier audits.
        now: the time.
    """
    found = Audit()
    targets = (chosen or inventory).targets
    for organization in dict.fromkeys(target.organization for target in targets):
        auditor = _Auditor(send, inventory, organization, memory, now)
        of_it = [target for target in targets if target.organization == organization]
        try:
            await auditor.audit(of_it, found, only_their_servers=chosen is not None)
        except ApiError as error:
            found.unread.append(f"organization {organization} could not be read: {error}")
        except ApiUnusableError as error:
            found.unread.append(error.reason)
            break
    return found


class _Auditor:
    """Audits one organization."""

    def __init__(self, send: Send, inventory: Inventory, organization: int, memory: Memory, now: datetime) -> None:
        self._send = send
        self._inventory = inventory
        self._organization = organization
        self._memory = memory
        self._now = now

    async def audit(self, targets: Sequence[Target], found: Audit, *, only_their_servers: bool) -> None:
        """Add what is found; nothing, where something could not be read."""
        servers = list(dict.fromkeys(target.server_id for target in targets)) if only_their_servers else None
        estate = await read_estate(self._send, self._organization, servers)
        book = await self._read(targets, found)
        wanted, muted = self._inventory.targets, self._inventory.muted
        found.findings += find_targets(book.of.values(), estate, self._now)
        found.findings += find_uncovered(self._organization, estate, wanted, muted, self._now.date())
        if not only_their_servers:
            found.notes += notes_on_mutes(self._organization, estate, wanted, muted)

    async def _read(self, targets: Sequence[Target], found: Audit) -> EvidenceBook:
        """Read the backups of the targets, and remember what was seen."""
        book = EvidenceBook(targets)
        before = await self._memory.recall(self._organization)
        believed = before if before and before.are_believed(self._now) else None
        reading = await read_backups(self._send, self._organization, book, believed, self._now)
        await self._memory.remember(self._organization, before, reading.sightings)
        found.pages += reading.pages
        found.notes += self._notes_on_time(reading.sightings)
        return book

    def _notes_on_time(self, sightings: Sightings) -> list[str]:
        newest = max((backup.created_at for backup in sightings.backups if backup.created_at), default=self._now)
        if newest <= self._now + CLOCK_ERROR:
            return []
        wrong = f"a backup of organization {self._organization} is dated {newest:%Y-%m-%d %H:%M} UTC, in the future"
        return [f"{wrong}: ages are wrong by as much; look at this machine's clock and at the panel's"]
