"""What a dialect shows of an assumption, be it what is seen now or what earlier runs have seen. Pure."""

from collections.abc import Iterable, Mapping
from types import MappingProxyType
from typing import Final

from fleet.dialect.clock import utc_offset
from fleet.dialect.dialect import Dialect, Names, Order
from fleet.dialect.forms import DOCUMENTED
from fleet.doctor.checks.seen import Seen, as_assumed, differs, unknown
from fleet.doctor.redaction import public_word
from fleet.inventory.naming import KEY_DIGITS
from fleet.proof.absence import Rules
from fleet.proof.status_words import StatusMeaning, meaning_of

CLOCK_MAY_DIFFER: Final = 120.0
"""Seconds that two clocks may differ without any consequence."""
_ZONED: Final = frozenset({"ISO 8601 with its zone", "number"})
"""The forms of timestamps that include their time zone."""


def names(dialect: Dialect) -> Seen:
    """Whether the list shows the names of instant backups."""
    if dialect.names is Names.HIDDEN:
        return differs("not shown")
    if dialect.names is Names.UNKNOWN:
        return unknown("no backup of this tool was seen")
    if dialect.key_digits < KEY_DIGITS:
        return differs(f"shown, cut to {dialect.key_digits} of the {KEY_DIGITS} digits of the key")
    return as_assumed("shown")


def order(dialect: Dialect) -> Seen:
    """How the backup list is sorted."""
    if dialect.order is Order.UNKNOWN:
        return unknown("too few backups")
    if dialect.order is Order.OTHER:
        return differs("not ordered by id")
    return (as_assumed if dialect.order is Order.NEWEST_FIRST else differs)(str(dialect.order))


def totals(dialect: Dialect) -> Seen:
    """Whether pages show how many rows the list has."""
    if dialect.totals is None:
        return unknown("the list was not read")
    return as_assumed("shown") if dialect.totals else differs("not shown")


def words(dialect: Dialect, spelled: Mapping[str, str] = MappingProxyType({})) -> Seen:
    """Which status words were seen.

    Args:
        dialect: has them in lower case.
        spelled: their spelling in the list.
    """
    if dialect.shows_status is False:
        return differs("backups show no status")
    shown = {word: public_word(spelled.get(word, word)) for word in sorted(dialect.statuses)}
    strange = [word for word in shown if meaning_of(word) is StatusMeaning.UNKNOWN]
    if strange:
        return differs(_listed(f"{shown[word]}{_end(dialect.statuses[word])}" for word in strange))
    if not any(meaning_of(word) is StatusMeaning.DONE for word in shown):
        return unknown("no complete backup")
    return as_assumed(_listed(shown.values()))


def _listed(words: Iterable[str]) -> str:
    return ", ".join(dict.fromkeys(words))


def _end(end: str) -> str:
    return {"complete": " (seen complete)", "bad": " (seen failed)"}.get(end, "")


def sizes(dialect: Dialect) -> Seen:
    """Whether backups show the size of their archive."""
    return _is_shown(dialect.sizes)


def flags(dialect: Dialect) -> Seen:
    """Whether backups show that they are in the storage."""
    return _is_shown(dialect.flags)


def _is_shown(point: bool | None) -> Seen:
    if point is None:
        return unknown("no complete backup")
    return as_assumed("shown") if point else differs("not shown")


def zeros(dialect: Dialect) -> Seen:
    """Whether archives show size 0 although the site has a size."""
    if dialect.zeros:
        return differs("archives show as 0")
    return unknown("no size was seen") if dialect.sizes is not True else as_assumed("no archive shows as 0")


def form_of_flags(dialect: Dialect) -> Seen:
    """How flags are written."""
    return _form(dialect, "flag")


def form_of_sizes(dialect: Dialect) -> Seen:
    """How sizes are written."""
    return _form(dialect, "size")


def form_of_ids(dialect: Dialect) -> Seen:
    """How ids are written."""
    return _form(dialect, "id")


def form_of_timestamps(dialect: Dialect) -> Seen:
    """How times are written."""
    return _form(dialect, "stamp")


def _form(dialect: Dialect, kind: str) -> Seen:
    forms = dialect.forms.get(kind, [])
    if not forms:
        return unknown("none was seen")
    text = ", ".join(forms)
    return as_assumed(text) if set(forms) <= DOCUMENTED[kind] else differs(text)


def zone(dialect: Dialect) -> Seen:
    """The time zone of timestamps that show none."""
    forms = set(dialect.forms.get("stamp", []))
    if forms and forms <= _ZONED:
        return as_assumed("each shows its zone")
    if dialect.zone is None:
        return unknown("a timestamp alone does not show it")
    return differs(utc_offset(dialect.zone)) if dialect.zone else as_assumed("UTC")


def clock(dialect: Dialect) -> Seen:
    """How far the API's clock is ahead of this machine's."""
    error = dialect.clock_error
    if error is None:
        return unknown("responses have no Date")
    if abs(error) <= CLOCK_MAY_DIFFER:
        return as_assumed(f"within {abs(error):.0f} s")
    return differs(f"{abs(error):.0f} s {'ahead of' if error > 0 else 'behind'} this machine's")


def delay(dialect: Dialect) -> Seen:
    """How soon the list shows a new backup."""
    settle = Rules().settle_seconds
    if dialect.shows_after > settle:
        return differs(f"up to {dialect.shows_after:.0f} s after it was sent")
    if dialect.shown_within or dialect.shows_after:
        return as_assumed(f"within {settle:.0f} s")
    return unknown("no new backup was watched")


def first_backups(dialect: Dialect) -> Seen:
    """Whether a plan that starts now makes its first backup."""
    if dialect.first_backup_after is None:
        missed = dialect.first_backups_missed
        shown_none = f"{missed} plan{'s have' if missed > 1 else ' has'} shown none"
        return differs(shown_none) if missed else unknown("no new plan was watched")
    return as_assumed(f"shown within {dialect.first_backup_after:.0f} s")
