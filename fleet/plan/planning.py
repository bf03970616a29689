"""Finds out what a run would do: reads the ledger and the backup list, and writes nothing."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Final

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.newest import Newest
from fleet.creation.intent import Asked, Intent, Known, intent_of, needs_look, needs_plan_id
from fleet.inventory.target import Target
from fleet.ledger.entry import sought_of
from fleet.ledger.reading import RecordedEntry, read_entries
from fleet.proof.absence import Looked
from fleet.proof.sought import Sought
from fleet.serveravatar.errors import ApiError

MOST_PAGES: Final = 10
"""Most pages of an organization's backup list to read, besides those needed for what is in doubt."""


@dataclass(slots=True)
class Lists:
    """The backup lists, by organization, and how much of them was read.

    Attributes:
        of: the backup list of an organization.
        newest: the newest backups, of the organizations they were read for.
        pages: pages read for what is in doubt; a run reads them again.
    """

    of: Callable[[int], BackupList]
    newest: dict[int, Newest] = field(default_factory=dict)
    pages: int = 0

    async def read_newest(self, organizations: Iterable[int]) -> None:
        """Read the newest backups of these organizations, once."""
        for organization in sorted(set(organizations) - self.newest.keys()):
            self.newest[organization] = await self.of(organization).newest(MOST_PAGES)


async def intents_of(
    targets: Sequence[Target], problems: Sequence[str | None], asked: Asked, ledger_url: str, lists: Lists
) -> list[Intent]:
    """Find out what a run would do with each target.

    Args:
        targets: of the run, as observed.
        problems: for each, the precondition not met; None if all are met.
        asked: how the run would be started.
        ledger_url: where the ledger is; a missing one is empty.
        lists: the backup lists.

    Raises:
        LedgerError: the ledger cannot be read.
        ApiUnusableError: the API cannot be used at all.
    """
    keys = [target.key(asked.run_key) for target in targets]
    recorded = await read_entries(ledger_url, keys)
    doubtful, unnamed = list[Sought](), list[Sought]()
    for target, key, problem in zip(targets, keys, problems, strict=True):
        if problem or key not in recorded or recorded[key].is_taken:
            continue
        entry = recorded[key].entry
        if needs_look(entry, asked.rules):
            doubtful.append(sought_of(entry, target))
        elif needs_plan_id(target, entry, asked):
            unnamed.append(sought_of(entry, target))
    seen = await _look(doubtful, lists) | await _look_for_ids(unnamed, lists)
    by_organization = {
        number: replace(asked, rules=lists.of(number).own.learner.dialect.rules(asked.rules))
        for number in {target.organization for target in targets}
    }
    return [
        intent_of(
            target,
            by_organization[target.organization],
            _known(problem, recorded.get(key), seen.get(key, Known())),
        )
        for target, key, problem in zip(targets, keys, problems, strict=True)
    ]


def _known(problem: str | None, recorded: RecordedEntry | None, seen: Known) -> Known:
    if recorded is None:
        return replace(seen, problem=problem)
    return replace(seen, problem=problem, entry=recorded.entry, is_taken=recorded.is_taken)


async def _look(sought: Iterable[Sought], lists: Lists) -> dict[str, Known]:
    """Look for what is in doubt, as a run would: back to the end of the list before it was sent."""
    seen: dict[str, Known] = {}
    for organization, each in _by_organization(sought).items():
        backups = lists.of(organization)
        try:
            found = await backups.find(each, exactly=True)
            seen |= {one.key: Known(looked=found.looked(one.key)) for one in each}
        except ApiError as error:
            seen |= {one.key: Known(unread=str(error)) for one in each}
        lists.pages += backups.pages_read
    return seen


async def _look_for_ids(sought: Iterable[Sought], lists: Lists) -> dict[str, Known]:
    """Look for the ids of plans to update among the newest backups; a run may read further back."""
    by_organization = _by_organization(sought)
    await lists.read_newest(by_organization)
    seen: dict[str, Known] = {}
    for organization, each in by_organization.items():
        newest = lists.newest[organization]
        recognition = await lists.of(organization).recognised(each, newest.rows)
        lists.pages += newest.pages * len(each)  # A run reads the list for each of them.
        seen |= {
            one.key: Known(
                looked=Looked(recognition.rows_of(one.key)), unread=newest.unread, has_unread_pages=not newest.is_all
            )
            for one in each
        }
    return seen


def _by_organization(sought: Iterable[Sought]) -> dict[int, list[Sought]]:
    by_organization: defaultdict[int, list[Sought]] = defaultdict(list)
    for each in sought:
        by_organization[each.target.organization].append(each)
    return dict(by_organization)
