"""What raw rows of the backup list show of an assumption. Pure."""

from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise
from typing import Final

from fleet.dialect.dialect import Names
from fleet.doctor.answers import Answers
from fleet.doctor.checks import dialect_checks
from fleet.doctor.checks.seen import Seen, Status, as_assumed, differs, unknown
from fleet.doctor.checks.shown_names import WHOLE, counted, how_shown
from fleet.inventory.naming import marks_in
from fleet.proof.known_api import WIDEST_ZONE
from fleet.proof.status_words import StatusMeaning, meaning_of, normalized
from fleet.serveravatar.backup_rows import names_in

_CLOCKS_CHANGE: Final = timedelta(hours=1, minutes=2)
"""How far timestamps without a zone may go back in the night in which clocks do."""


def names(answers: Answers) -> Seen:
    """Whether, where and how completely the names of instant backups are shown."""
    if answers.proven and answers.proven.name:
        return (as_assumed if answers.proven.name == WHOLE else differs)(answers.proven.name)
    shown = counted(way for row in answers.rows if (way := how_shown(row, _sent(row, answers.sent_names))))
    if shown:
        text = "; ".join(f"{_rows(count)} {way}" for way, count in shown.items())
        return as_assumed(text) if set(shown) == {WHOLE} else differs(text)
    named = sum(any(True for _ in names_in(row)) for row in answers.rows)
    if answers.now.names is not Names.UNKNOWN:
        return dialect_checks.names(answers.now)
    if named:
        return as_assumed(f"{named} of {_rows(len(answers.rows))} {'shows' if named == 1 else 'show'} a name")
    return unknown(f"none of {_rows(len(answers.rows))} shows a name: they may be of plans, which have none")


def _sent(row: Mapping[str, object], sent_names: Mapping[str, str]) -> str:
    marks = marks_in(names_in(row))
    return next((sent_names[mark] for mark in marks if mark in sent_names), "")


def _rows(count: int) -> str:
    return f"{count} row{'' if count == 1 else 's'}"


def words(answers: Answers) -> Seen:
    """Which status words were seen, as spelled in the list."""
    rows = [row for rows in answers.read_rows.values() for row in rows]
    return dialect_checks.words(
        answers.now, {normalized(row.status): row.status for row in reversed(rows) if row.status}
    )


def sizes(answers: Answers) -> Seen:
    """Whether backups show the size of their archive, even if 0."""
    rows = [row for rows in answers.read_rows.values() for row in rows]
    shown = sum((row.application_size, row.database_size) != (None, None) for row in rows)
    return as_assumed(f"in {shown} of {_rows(len(rows))}") if shown else dialect_checks.sizes(answers.now)


def zeros(answers: Answers) -> Seen:
    """How many complete backups show an archive of size 0."""
    rows = [
        row
        for rows in answers.read_rows.values()
        for row in rows
        if meaning_of(row.status) is not StatusMeaning.FAILURE
    ]
    sized = [row for row in rows if (row.application_size, row.database_size) != (None, None)]
    empty = [
        row
        for row in sized
        if max(row.application_size or 0, row.database_size or 0) <= 0
        and max(row.total_application_size or 0, row.total_database_size or 0) > 0
        and meaning_of(row.status) is not StatusMeaning.WAITING
    ]
    if empty:
        return differs(f"{len(empty)} of {_rows(len(sized))} with a size: 0 in the archive, more before packing")
    return as_assumed(f"none of {_rows(len(sized))} with a size") if sized else unknown("no size was seen")


def zone(answers: Answers) -> Seen:
    """The time zone of timestamps, as far as reading shows it: one in the future cannot be UTC."""
    seen = dialect_checks.zone(answers.now)
    if seen.status is not Status.UNKNOWN:
        return seen
    stamps = [row.created_at for rows in answers.read_rows.values() for row in rows if row.created_at]
    ahead = (max(stamps) - answers.at).total_seconds() - (answers.now.clock_error or 0.0) if stamps else 0.0
    if ahead > dialect_checks.CLOCK_MAY_DIFFER:
        return differs("ahead of UTC: the newest backup is dated in the future")
    return seen


def ids(answers: Answers) -> Seen:
    """Whether every row has an id, and newer rows have higher ones."""
    if not answers.rows:
        return unknown("no backup in the list")
    nameless = len(answers.rows) - sum(map(len, answers.read_rows.values()))
    if nameless:
        return differs(f"{nameless} of {_rows(len(answers.rows))} without an id")
    for rows in answers.read_rows.values():
        dated = sorted((row.id, row.created_at) for row in rows if row.created_at is not None)
        if any(later[1] < earlier[1] - _CLOCKS_CHANGE for earlier, later in pairwise(dated)):
            return differs("a row with a higher id is dated before one with a lower")
    return as_assumed(f"{_rows(len(answers.rows))}, in the order of their dates")


def organizations(answers: Answers) -> Seen:
    """Whether a list holds only what is of its organization."""
    named = [(row, of) for of, rows in answers.read_rows.items() for row in rows if row.organization_id is not None]
    if not named:
        return unknown("no row names its organization")
    others = sum(row.organization_id != of for row, of in named)
    return differs(f"{others} of {_rows(len(named))} of another one") if others else as_assumed(_rows(len(named)))


def gone(answers: Answers) -> Seen:
    """How many rows are of backups that have expired, or were deleted."""
    rows = [row for rows in answers.read_rows.values() for row in rows]
    everywhere = answers.at - WIDEST_ZONE
    expired = sum(row.expires_at is not None and row.expires_at <= everywhere for row in rows)
    deleted = sum(row.deleted_at is not None for row in rows)
    if not expired and not deleted:
        return unknown(f"none among {_rows(len(rows))}")
    return as_assumed(f"{expired} expired and {deleted} deleted among {_rows(len(rows))}")
