"""The end of a run whose report cannot be kept: each mistake is told once."""

from datetime import UTC, datetime
from typing import Any, cast

import pytest

from fleet.ledger.database.engine import LedgerError
from fleet.ledger.store import Ledger
from fleet.report.outcome import Exit, Verdict
from fleet.report.report import Report, build
from tasks.telling.run_report import recorded

pytestmark = pytest.mark.anyio
FULL = "the ledger sqlite:///l.sqlite cannot be used: disk is full. Fix it"
GONE = "the ledger sqlite:///l.sqlite cannot be used: no such table. Fix it"


class Unusable:
    """A ledger that keeps nothing."""

    async def record_run(self, *_: Any) -> None:
        raise LedgerError(GONE)


def ended(exit_code: Exit, verdict: str) -> Report:
    now = datetime.now(UTC)
    return build("night", (now, now), {}, [], Verdict(exit_code, verdict))


@pytest.mark.parametrize(
    ("verdict", "text"),
    [
        (f"{FULL} (3 verified, 2 not tried)", f"{FULL} (3 verified, 2 not tried)"),
        (f"3 verified, 1 in doubt (web-1: {FULL})", f"3 verified, 1 in doubt (web-1: {FULL})"),
        ("3 verified", f"{GONE} (3 verified)"),
    ],
)
async def test_a_verdict_never_nests_itself(verdict: str, text: str) -> None:
    report, at = await recorded(ended(Exit.DONE, verdict), "fleet.yaml", cast("Ledger", Unusable()))
    assert (report.verdict, report.exit_code, at) == (text, Exit.UNEXPECTED, None)
