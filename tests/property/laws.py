"""What must be true after all runs of a key, whatever API they have met, and whatever went wrong."""

from collections.abc import Sequence
from itertools import pairwise
from typing import Final

from fleet.inventory.target import Target
from fleet.proof.absence import GENEROUS
from fleet.report.outcome import GOOD, Outcome
from sandbox.dialects.dialect import Dialect
from tests.property.durable import Ledger
from tests.property.runner import Run
from tests.property.world import World

A_MOMENT: Final = 60.0
"""Seconds from the mark that a run takes to its last create."""
ENDED_BADLY: Final = (Outcome.IN_DOUBT, Outcome.UNVERIFIED, Outcome.EXHAUSTED, Outcome.REJECTED)


def is_not_lost(one: Target, world: World, last: Run) -> None:
    """It has its backup, or a stand-in that is said to be one, or it is said that it has none."""
    entry = last.entry(one)
    result = last.results[entry.key]
    assert result.outcome in GOOD or result.outcome in ENDED_BADLY
    if result.outcome not in GOOD:
        assert result.reason
        # Where names are told and ends are known, nothing of an instant backup stays open, whatever others do.
        has_failed = any(row.stranger.fails for row in world.rows_of(entry.key))
        # Before names were seen a row without one may have stood in for it, and have gone, or failed, since.
        stood_in = (row := world.row(entry.backup_id)) is not None and row.key != entry.key
        sure = tells_names(world.dialect) and tells_enough(world.dialect) and not has_failed and not stood_in
        assert entry.automatic or not sure, f"{result.outcome}: {result.reason}"
        return
    own = (
        world.plans_of(entry.key)
        if entry.automatic
        else [row for row in world.rows_of(entry.key) if not row.stranger.fails]
    )
    if own:
        return
    stand_in = world.row(result.backup_id)
    assert stand_in is not None, f"{result.outcome}, and there is none"
    assert stand_in.id > entry.before.backup
    assert not stand_in.stranger.fails or entry.automatic
    # A plan has no name, so nothing but its place tells it from another of the same application.
    assert "placed" in f"{result.evidence} {result.reason}" or (entry.automatic and result.evidence is not None)


def extras_are_told(one: Target, world: World, ledger: Ledger, last: Run) -> None:
    """There is at most one extra of an instant backup, and it is said; of a plan, none but for two excuses.

    The API never shows a first backup, and the margin in which it had to has passed. Or somebody else's backup of the
    application of one of our plans came before that plan's first, and was taken for it: so its time was too short.
    """
    entry = last.entry(one)
    if entry.automatic:
        plans = world.plans_of(entry.key)
        never_shows = world.dialect.first_backup_after is None
        spans = [later.made_at - before.made_at for before, later in pairwise(plans)]
        assert all(never_shows and span >= GENEROUS for span in spans), f"made more than once: {plans}"
        return
    made = [row for row in world.rows_of(entry.key) if row.id > entry.before.backup and not row.stranger.fails]
    if len(made) > 1:
        assert len(made) == 2, f"made {len(made)} times"
        result = last.results[entry.key]
        told = ledger.told[entry.key]
        assert "made " in told or " or " in told or result.outcome not in GOOD, told


def nothing_is_shared(last: Run, targets: Sequence[Target]) -> None:
    """No two targets have ended on one row."""
    ids = [row for one in targets if (row := last.results[last.entry(one).key].backup_id) is not None]
    assert len(ids) == len(set(ids)), "two targets have ended on one row"


def tells_names(dialect: Dialect) -> bool:
    """Whether the list shows enough of the name of an instant backup."""
    return dialect.names not in ("null", "absent") and (dialect.names != "cut" or dialect.name_length >= 11)


def tells_enough(dialect: Dialect) -> bool:
    """Whether a backup can be recognised, and its end be told."""
    tells_end = (
        dialect.completed_status == "Completed"
        or dialect.sizes not in ("null", "absent", "zero")
        or dialect.flags not in ("null", "absent")
    )
    # Archives of 0 beside real sizes are doubtful until several rows have shown the same.
    return (
        tells_end and dialect.sizes != "zero" and dialect.first_backup_after in (0.0, 5.0) and dialect.shows_after < 10
    )
