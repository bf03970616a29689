"""Whose the rows without a name may be: each row belongs to one target, each target to one row. Pure."""

from collections.abc import Callable

from fleet.proof.recognition import Recognition
from fleet.proof.sought import Sought


def proposed_claims(recognition: Recognition, is_ripe: Callable[[Sought], bool] = lambda _: True) -> dict[int, str]:
    """Propose an owner for rows that nobody has claimed.

    What the API has accepted has a row, so it comes first; what is in doubt gets what is left. Without an exact mark no
    row is known to be newer, so nothing is placed.

    Args:
        recognition: with the rows that were read.
        is_ripe: whether a target may be given a row yet; until then its name is awaited.

    Returns:
        The key that each row is to be claimed for, by the row's id.
    """
    proposed: dict[int, str] = {}
    awaited: set[int] = set()  # Reserved for what is not ripe, so that nobody else takes them meanwhile.
    for each in sorted(recognition.unplaced, key=lambda one: (not one.accepted, one.sent_at or 0)):
        free = (
            row.id
            for row in recognition.candidates_of(each.key)
            if not recognition.is_claimed(row.id) and row.id not in proposed and row.id not in awaited
        )
        if not each.since.exact or (row := next(free, None)) is None:
            continue
        if is_ripe(each):
            proposed[row] = each.key
        else:
            awaited.add(row)
    return proposed


def placement_note(recognition: Recognition, key: str) -> str:
    """What a person should know of rows that were placed without a name; empty if there is nothing to say."""
    rows, each = recognition.rows_of(key), recognition.sought(key)
    if key in recognition.named or not rows:
        return ""
    if each.target.request.automatic_backup:
        # Accepted, or seen with more than one backup, it exists.
        is_sure = each.accepted or len(rows) > 1
        return "" if is_sure else f"placed: backup {rows[0].id} may be its first; a second one will confirm it"
    others = recognition.other_candidates_of(key)
    either = f"backup {rows[0].id}, or {' or '.join(map(str, others))}," if others else f"backup {rows[0].id}"
    return f"placed: {either} shows no name and may be somebody else's of the same site"
