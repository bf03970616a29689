"""What the results of a run say about its targets to the next one."""

import pytest

from fleet.observed.observed import Observed
from fleet.observed.trust import LastGood, digest_of
from fleet.report.outcome import Outcome
from fleet.report.seen_good import no_longer_good, seen_good
from tests.unit.fleet.builders import plan, result, target
from tests.unit.fleet.observed.healthy import WELL

OBSERVED = Observed({5: WELL})
KEY = target().key("")
GOOD = (Outcome.VERIFIED, Outcome.ADOPTED)
SAYS_NOTHING = (Outcome.NOT_TRIED, Outcome.EXPIRED, Outcome.PLANNED, Outcome.CREATED)


@pytest.mark.parametrize("outcome", list(Outcome))
def test_every_outcome_says_good_no_longer_good_or_nothing(outcome: Outcome) -> None:
    ended = [result(outcome)]
    assert (KEY in seen_good(ended, OBSERVED, 1.0, {})) == (outcome in GOOD)
    assert (KEY in no_longer_good(ended)) == (outcome not in (*GOOD, *SAYS_NOTHING))


@pytest.mark.parametrize(("shown", "size_mb"), [(None, 1500.0), (1700.0, 1700.0)])
def test_the_size_is_what_the_backup_shows_else_what_the_lists_have_shown(shown: float | None, size_mb: float) -> None:
    ended = [result(Outcome.VERIFIED, total_mb=shown, domain="shop.example")]
    expected = LastGood(digest_of(target()), 1.0, size_mb, "shop", "shop.example")
    assert seen_good(ended, OBSERVED, 1.0, {}) == {KEY: expected}


def test_a_plan_is_never_trusted() -> None:
    automatic = result(Outcome.VERIFIED)
    automatic = type(automatic)(target(plan()), "web-0001", "shop", Outcome.VERIFIED)
    assert seen_good([automatic], OBSERVED, 1.0, {}) == {}


def test_how_long_a_backup_took_stays_known_where_nobody_watched_it() -> None:
    ended = [result(Outcome.VERIFIED)]
    before = Observed({5: WELL}, trusted={target().place: LastGood(digest_of(target()), 0.0, seconds=40.0)})
    assert seen_good(ended, before, 1.0, {})[KEY].seconds == 40.0
    assert seen_good(ended, before, 1.0, {target().place: 25.0})[KEY].seconds == 25.0
