"""What a run knows of its targets beside its report: the age they may have, when they were sent, what is proven."""

from typing import Any, cast

import pytest

from fleet.inventory.request import BackupRequest
from fleet.ledger.days.from_report import Known
from fleet.ledger.entry import Entry
from fleet.report.outcome import Outcome
from tasks.run.entries import Entries
from tasks.run.results import Results
from tasks.telling.status_page.note_days import known_of
from tests.unit.fleet.builders import instant, plan, target

SENT = 1000.0


class Claimed:
    """Entries that were all sent at the same time, or never."""

    def __init__(self, sent_at: float | None) -> None:
        self.entry = Entry("k" * 16, "nightly", automatic=False, sent_at=sent_at)

    def find(self, _: Any) -> Entry:
        return self.entry


def known(request: BackupRequest, outcome: Outcome, sent_at: float | None = SENT, *, verified: bool = True) -> Known:
    results = Results()
    results.targets = (target(request),)
    results.settle(results.targets[0], outcome)
    (found,) = known_of(results, cast("Entries", Claimed(sent_at)), verified=verified).values()
    return found


@pytest.mark.parametrize(
    ("outcome", "verified", "is_proven"),
    [
        (Outcome.VERIFIED, True, True),
        (Outcome.VERIFIED, False, True),
        (Outcome.ADOPTED, True, True),
        (Outcome.ADOPTED, False, False),
        (Outcome.CREATED, True, False),
        (Outcome.UNVERIFIED, True, False),
        (Outcome.REJECTED, True, False),
    ],
)
def test_an_instant_backup_is_proven_where_the_run_has_waited_for_it(
    outcome: Outcome, verified: bool, is_proven: bool
) -> None:
    assert known(instant(), outcome, verified=verified) == Known(26 * 3600, SENT, is_proven)


def test_a_plan_that_exists_proves_no_backup_of_today() -> None:
    daily = plan(schedule="Every Day", start_backup_from_now=True, start_backup_time=None)
    assert known(daily, Outcome.ADOPTED) == Known(26 * 3600, SENT, is_proven=False)
    assert known(daily, Outcome.VERIFIED).is_proven


def test_what_was_never_sent_has_no_time() -> None:
    assert known(instant(), Outcome.UNMET, sent_at=None) == Known(26 * 3600, None, is_proven=False)
