"""The audit of one organization: reads what it has and its backup list, and has both judged."""

from collections.abc import Sequence
from dataclasses import dataclass

from fleet.audit.backups.ages import Clock
from fleet.audit.backups.reading import read_backups
from fleet.audit.backups.target_backups import BackupsByTarget
from fleet.audit.coverage import find_uncovered, notes_on_mutes
from fleet.audit.finding import Audit, Finding
from fleet.audit.judging import find_targets
from fleet.audit.memory import Memory
from fleet.backup_list.sightings import Sightings
from fleet.dialect.learner import Learner
from fleet.inventory.target import Target
from fleet.observed.estate import read_estate
from fleet.observed.observed import NOTHING_LISTED
from fleet.report.progress import Listener
from fleet.selection.living import Resolved
from fleet.serveravatar.listing import Send


@dataclass(frozen=True, slots=True)
class OrganizationAudit:
    """Audits one organization.

    Attributes:
        send: sends a request and returns the JSON of its response.
        resolved: the inventory, its rules resolved, with the lists that were read for them.
        organization: the id of the organization.
        memory: of earlier audits.
        clock: the time.
        learner: of the API's dialect.
    """

    send: Send
    resolved: Resolved
    organization: int
    memory: Memory
    clock: Clock
    learner: Learner

    async def run(self, found: Audit, listener: Listener, *, only_their_servers: bool) -> None:
        """Add what is found.

        Args:
            found: what to add to; nothing is added if a list could not be read.
            listener: hears of each target.
            only_their_servers: whether to look only at the servers of targets, as `--limit` wants.

        Raises:
            ApiError: a list could not be read.
            ApiUnusableError: no request of this audit can succeed.
        """
        inventory = self.resolved.inventory
        targets = [target for target in inventory.targets if target.organization == self.organization]
        servers = list(dict.fromkeys(target.server_id for target in targets)) if only_their_servers else None
        listed = self.resolved.listed.get(self.organization, NOTHING_LISTED)
        estate = await read_estate(self.send, self.organization, servers, listed)
        backups = await self._read(targets, found)
        found.findings += find_targets(backups.of.values(), estate, self.clock, self._unread)
        for _ in targets:
            listener.advance()
        uncovered = find_uncovered(self.organization, estate, targets, inventory.muted, self.clock.now.date())
        found.findings += filter(self._is_certain, uncovered)
        if not only_their_servers:
            found.notes += notes_on_mutes(self.organization, estate, targets, inventory.muted)

    def _is_certain(self, finding: Finding) -> bool:
        """Whether rules could be resolved on its server; if not, they may want it."""
        return not self._unread or finding.server_id not in {None, *self._unread}

    @property
    def _unread(self) -> set[int]:
        """The servers whose lists could not be read for the rules."""
        of_all = self.resolved.selection.unread
        return {server.server_id for server in of_all if server.organization == self.organization}

    async def _read(self, targets: Sequence[Target], found: Audit) -> BackupsByTarget:
        """Read the backups of the targets, and remember what was seen."""
        before = await self.memory.recall(self.organization)
        believed = before if before and before.are_believed(self.clock.now) else None
        reading = await read_backups(self.send, self.organization, targets, believed, self.clock, self.learner)
        await self.memory.remember(self.organization, before, reading.sightings)
        found.pages += reading.pages
        found.notes += [*self._notes_on_time(reading.sightings), *self._notes_on_proof(reading.doubt)]
        return reading.backups

    def _notes_on_time(self, sightings: Sightings) -> list[str]:
        ahead = [backup for backup in sightings.backups if self.clock.is_ahead(backup)]
        if not ahead:
            return []
        newest = max(ahead, key=lambda backup: backup.created_at or self.clock.now)
        wrong = f"backup {newest.id} of organization {self.organization} is {self.clock.age_in_words(newest)}"
        return [f"{wrong}: its age is unknown; check this machine's clock and the panel's"]

    def _notes_on_proof(self, doubt: str) -> list[str]:
        if not doubt:
            return []
        which = f"the backup list of organization {self.organization} {doubt}"
        return [f"{which}: a backup may have been missed if others were deleted while it was read"]
