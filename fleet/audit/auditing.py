"""An audit from an inventory to its findings: reads what there is, and has it judged. The same for people and Prefect.

What cannot be read is told as such, never as an application without a backup.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from fleet.audit.coverage import find_uncovered, notes_on_mutes
from fleet.audit.evidence import EvidenceBook
from fleet.audit.finding import Finding
from fleet.audit.judging import find_targets
from fleet.audit.reading import read_backups
from fleet.dialect.learner import Learner
from fleet.inventory.inventory import Inventory
from fleet.inventory.target import Target
from fleet.observed.access import closed_everywhere
from fleet.observed.estate import read_estate
from fleet.observed.observed import NOTHING_LISTED
from fleet.observed.whole_lists import forbidden_of
from fleet.proof.ages import Clock
from fleet.proof.sightings import Sightings
from fleet.report.progress import Listener
from fleet.report.report import Selection
from fleet.selection.living import Resolved, resolve_rules
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.listing import Send
from fleet.serveravatar.recording import Recording
from fleet.serveravatar.wire import Call


class Dialects(Protocol):
    """Where it is remembered what APIs have shown; what it cannot do it says by itself, and the audit goes on."""

    async def recall(self, organization: int) -> Learner:
        """Go on learning from what is known of an organization's lists."""

    async def remember(self, organization: int, learner: Learner) -> list[str]:
        """Keep what was learned; return what has changed, a line each."""


class Unmet:
    """Remembers nothing: an API that is met for the first time, each time."""

    async def recall(self, organization: int) -> Learner:  # noqa: ARG002 - as `Dialects`
        """Begin to learn."""
        return Learner()

    async def remember(self, organization: int, learner: Learner) -> list[str]:  # noqa: ARG002 - as `Dialects`
        """Keep nothing."""
        return []


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
        unread: what could not be read, in words; nothing is found in its organization, or on its server.
        notes: what a person should know beside.
        api_changes: what the API shows otherwise than before.
        pages: of the list of backups that were read.
        selection: how the audit came to its targets.
    """

    findings: list[Finding] = field(default_factory=list)
    unread: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    api_changes: list[str] = field(default_factory=list)
    pages: int = 0
    selection: Selection = field(default_factory=Selection)


async def audit(  # noqa: PLR0913 - what is known of the world beside the fleet file
    send: Send,
    inventory: Inventory,
    memory: Memory,
    now: datetime,
    listener: Listener,
    *,
    allow_empty: bool = False,
    dialects: Dialects = Unmet(),  # noqa: B008 - it keeps nothing
) -> Audit:
    """Resolve the rules of an inventory, and audit every organization that it is about.

    What the rules and the audit both read is read once, so a site that is made in between cannot be seen by one alone.

    Args:
        send: sends a request and returns the JSON of its answer.
        inventory: what the audit is about; of a part (`--limit`), only what these servers have is looked at.
        memory: of earlier audits.
        now: the time.
        listener: hears of the progress.
        allow_empty: whether a rule that matches nothing is all right.
        dialects: what is known of the API.

    Raises:
        SelectionError: a rule matches nothing, a pattern of `--limit` names no server, or nothing is left.
    """
    recording = Recording(send)
    if inventory.rules:
        listener.phase("select", len(inventory.rules))
    try:
        resolved = await resolve_rules(recording.record, inventory, now, allow_empty=allow_empty)
    except ApiUnusableError as error:
        return Audit(unread=[error.reason], selection=Selection(scope="unknown"))
    for _ in inventory.rules:
        listener.advance()
    for line in resolved.selection.lines:
        listener.notice(line)
    listener.phase("audit", len(resolved.inventory.targets))
    found = Audit(unread=resolved.selection.unread_words, selection=resolved.selection)
    organizations, closed = _organizations(inventory, resolved.inventory), forbidden_of(resolved.listed)
    for organization in [number for number in organizations if number not in closed]:
        learner = await dialects.recall(organization)
        clock = Clock(now, learner.dialect.offset or timedelta())
        auditor = _Auditor(recording.replay, resolved, organization, memory, clock, learner)
        try:
            await auditor.audit(found, listener, only_their_servers=bool(inventory.narrowing.limit))
            found.api_changes += await dialects.remember(organization, learner)
        except ApiError as error:
            found.unread.append(f"organization {organization} could not be read: {error}")
            if error.meaning is Meaning.FORBIDDEN and error.call == Call.LIST_SERVERS:
                closed[organization] = error.message
        except ApiUnusableError as error:
            found.unread.append(error.reason)
            break
    if problem := closed_everywhere(closed, organizations):
        found.unread = [problem]
    return found


def _organizations(inventory: Inventory, resolved: Inventory) -> list[int]:
    """Those of all targets; in the whole fleet also those where rules match nothing: nothing wants what is there."""
    rules = [] if inventory.narrowing.limit else inventory.rules
    of_it = [target.organization for target in resolved.targets] + [rule.organization for rule in rules]
    return list(dict.fromkeys(of_it))


class _Auditor:
    """Audits one organization."""

    def __init__(
        self, send: Send, resolved: Resolved, organization: int, memory: Memory, clock: Clock, learner: Learner
    ) -> None:
        self._send = send
        self._resolved = resolved
        self._organization = organization
        self._memory = memory
        self._clock = clock
        self._learner = learner

    async def audit(self, found: Audit, listener: Listener, *, only_their_servers: bool) -> None:
        """Add what is found; nothing, where something could not be read."""
        inventory = self._resolved.inventory
        targets = [target for target in inventory.targets if target.organization == self._organization]
        servers = list(dict.fromkeys(target.server_id for target in targets)) if only_their_servers else None
        listed = self._resolved.listed.get(self._organization, NOTHING_LISTED)
        estate = await read_estate(self._send, self._organization, servers, listed)
        book = await self._read(targets, found)
        found.findings += find_targets(book.of.values(), estate, self._clock, self._unread)
        for _ in targets:
            listener.advance()
        uncovered = find_uncovered(self._organization, estate, targets, inventory.muted, self._clock.now.date())
        found.findings += filter(self._is_known, uncovered)
        if not only_their_servers:
            found.notes += notes_on_mutes(self._organization, estate, targets, inventory.muted)

    def _is_known(self, finding: Finding) -> bool:
        """Whether the rules could be resolved where it was found; else they may want it."""
        return not self._unread or finding.server_id not in {None, *self._unread}

    @property
    def _unread(self) -> set[int]:
        """The servers whose lists could not be read for the rules."""
        of_all = self._resolved.selection.unread
        return {server.server_id for server in of_all if server.organization == self._organization}

    async def _read(self, targets: Sequence[Target], found: Audit) -> EvidenceBook:
        """Read the backups of the targets, and remember what was seen."""
        before = await self._memory.recall(self._organization)
        believed = before if before and before.are_believed(self._clock.now) else None
        reading = await read_backups(self._send, self._organization, targets, believed, self._clock, self._learner)
        await self._memory.remember(self._organization, before, reading.sightings)
        found.pages += reading.pages
        found.notes += [*self._notes_on_time(reading.sightings), *self._notes_on_proof(reading.doubt)]
        return reading.book

    def _notes_on_time(self, sightings: Sightings) -> list[str]:
        ahead = [backup for backup in sightings.backups if self._clock.is_ahead(backup)]
        if not ahead:
            return []
        newest = max(ahead, key=lambda backup: backup.created_at or self._clock.now)
        wrong = f"backup {newest.id} of organization {self._organization} is {self._clock.age_in_words(newest)}"
        return [f"{wrong}: its age is not known; check this machine's clock and the panel's"]

    def _notes_on_proof(self, doubt: str) -> list[str]:
        if not doubt:
            return []
        which = f"the list of backups of organization {self._organization} {doubt}"
        return [f"{which}: nothing proves that no backup was missed while others were deleted during the reading"]
