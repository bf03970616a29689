"""Which automatic plans a person wants sent again although they may exist (`--resend-plans`)."""

from collections.abc import Iterable
from fnmatch import fnmatchcase
from typing import Final

from fleet.inventory.target import Target
from fleet.selection.selection import SelectionError
from fleet.serveravatar.text import one_line

ALL: Final = "all"


def plans_to_resend(wanted: Iterable[str], targets: Iterable[Target]) -> frozenset[str]:
    """Find the plans that a person gives.

    Args:
        wanted: each a plan's key, an application (`4246`, or `SERVER/4246` with the server's name or id), or `all`.
        targets: of the run.

    Returns:
        Their keys. A plan with evidence that it exists is still not sent again (`fleet.ledger.next_step`).

    Raises:
        SelectionError: one of them matches no automatic plan of the run.
    """
    plans = [target for target in targets if target.request.automatic_backup]
    keys: set[str] = set()
    for each in wanted:
        named = {plan.key("") for plan in plans if _names(each.strip(), plan)}
        if not named and each.strip() != ALL:
            problem = f"no such automatic plan in this run; give its key, SERVER/APPLICATION, or {ALL}"
            raise SelectionError(f"--resend-plans {one_line(each)}: {problem}")
        keys |= named
    return frozenset(keys)


def _names(wanted: str, plan: Target) -> bool:
    server, _, application = wanted.rpartition("/")
    if wanted == ALL or wanted.casefold() == plan.key(""):
        return True
    if application != str(plan.request.application_id):
        return False
    return not server or server == str(plan.server_id) or fnmatchcase(plan.server_name or "", server)
