"""What two runs have learned of one API, put together: neither forgets what the other has seen."""

from fleet.dialect.dialect import OFTEN, Dialect, Names, Order


def combined(stored: Dialect, learned: Dialect) -> Dialect:
    """Put together what is stored and what a run has learned since it read that; what it has learned wins.

    Args:
        stored: as the ledger has it now.
        learned: as the run has it, which began with what the ledger had then.
    """
    known = learned.model_dump(exclude_none=True)
    if learned.names is Names.UNKNOWN:
        del known["names"]
    if learned.order is Order.UNKNOWN:
        del known["order"]
    forms = {
        kind: sorted({*stored.forms.get(kind, []), *learned.forms.get(kind, [])})
        for kind in {**stored.forms, **learned.forms}
    }
    patterns = {
        text: max(stored.patterns.get(text, 0), learned.patterns.get(text, 0))
        for text in {**stored.patterns, **learned.patterns}
    }
    largest = {
        "shows_after": max(stored.shows_after, learned.shows_after),
        "first_backups_missed": max(stored.first_backups_missed, learned.first_backups_missed),
        "first_backup_after": max(stored.first_backup_after or 0.0, learned.first_backup_after or 0.0) or None,
    }
    within = sorted({*stored.shown_within, *learned.shown_within})[:OFTEN]
    statuses = {**stored.statuses, **learned.statuses}
    together = {"forms": forms, "patterns": patterns, "statuses": statuses, "shown_within": within, **largest}
    return Dialect.model_validate({**stored.model_dump(), **known, **together})
