"""Pages of a backup list, and what is learned from them."""

from typing import Any

from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.dialect.learner import Learner
from fleet.serveravatar.wire import Page
from tests.unit.fleet.builders import backup_row


def page(*rows: dict[str, Any], **changes: Any) -> Page:
    return Page(list(rows), **{"total": 30, "size": 10} | changes)


def rows(count: int, **changes: Any) -> list[dict[str, Any]]:
    return [backup_row(number, **changes) for number in range(count, 0, -1)]


def learned(*pages: Page, known: Dialect = UNKNOWN) -> Dialect:
    learner = Learner(known)
    for each in pages:
        learner.take_page(each)
    return learner.dialect
