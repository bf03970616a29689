"""What a run may say and do at any moment, measured by what is true in the world."""

from typing import Final

from fleet.dialect.dialect import Dialect
from fleet.ledger.entry import Entry
from fleet.proof.proof import Completion, Proof
from tests.property.world import World

UNKNOWN_ZONE: Final = 29 * 3600.0


def is_true(world: World, proof: Proof, since: float, known: Dialect) -> None:
    """What is said to be complete is complete, at some moment of the look that began at `since`."""
    if proof.completion is Completion.COMPLETE:
        row = world.row(proof.backup_id)
        # In a zone that nobody knows, what has expired counts as such once it has everywhere.
        spared = UNKNOWN_ZONE if known.offset is None else 0.0
        assert row is not None, proof
        assert row.was_complete(since, world.now, spared), f"not complete: {proof}, {row}"


def is_not_sent_in_vain(world: World, before: Entry, after: Entry, looked_at: float) -> None:
    """What was done, and showed in the list when it was looked at, is never sent again."""
    shown = [
        row.id
        for row in world.rows_of(after.key)
        if row.id > after.before.backup and row.shows_at <= looked_at < row.gone_at
    ]
    assert not before.doubtful or not shown, f"sent again, though it is there: {shown}"
