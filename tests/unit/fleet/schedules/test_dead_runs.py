"""What becomes of a run of which nothing was heard: a table of what Prefect and the ledger show."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.schedules.dead_runs import (
    EXPIRED_SECONDS,
    GRACE_SECONDS,
    MOST_CONTINUATIONS,
    Fate,
    Life,
    ShownAs,
    SilentRun,
    fate_of,
)

ALIVE, DEAD = Life("monday", is_alive=True), Life("monday", is_alive=False)
RUNNING = SilentRun(ShownAs.RUNNING, seconds=600.0, expired_seconds=60.0, life=DEAD)
GONE = Life("monday", is_alive=False, is_gone=True)
RUNS = st.builds(
    SilentRun,
    shown=st.sampled_from(ShownAs),
    seconds=st.floats(0, 10_000),
    expired_seconds=st.sampled_from([0.0, 29.0, 30.0, 1000.0]),
    life=st.sampled_from([ALIVE, DEAD, GONE, None]),
    has_verdict=st.booleans(),
    is_deployed=st.booleans(),
    continues=st.integers(0, 5),
    replaced_by=st.sampled_from(["", "missed"]),
)


@pytest.mark.parametrize(
    ("run", "fate"),
    [
        (RUNNING, Fate.CONTINUE),
        (replace(RUNNING, expired_seconds=EXPIRED_SECONDS - 1), Fate.WAIT),
        (replace(RUNNING, expired_seconds=0.0, life=GONE), Fate.CONTINUE),
        (replace(RUNNING, shown=ShownAs.STARTING), Fate.CONTINUE),
        (replace(RUNNING, shown=ShownAs.STARTING, life=None), Fate.START),
        (replace(RUNNING, shown=ShownAs.CANCELLING), Fate.CANCELLED),
        (replace(RUNNING, shown=ShownAs.CANCELLING, life=None), Fate.CANCELLED),
        (replace(RUNNING, has_verdict=True), Fate.VERDICT),
        (replace(RUNNING, has_verdict=True, life=None), Fate.VERDICT),
        (replace(RUNNING, life=None), Fate.CRASHED),
        (replace(RUNNING, life=None, seconds=GRACE_SECONDS - 1), Fate.WAIT),
        (replace(RUNNING, replaced_by="missed: the run of today runs instead"), Fate.CRASHED),
        (replace(RUNNING, is_deployed=False), Fate.CRASHED),
        (replace(RUNNING, continues=MOST_CONTINUATIONS), Fate.CRASHED),
        (replace(RUNNING, continues=MOST_CONTINUATIONS - 1), Fate.CONTINUE),
    ],
)
def test_what_becomes_of_a_silent_run(run: SilentRun, fate: Fate) -> None:
    assert fate_of(run)[0] is fate


def test_a_run_that_nobody_continues_says_how_a_person_does() -> None:
    _, why = fate_of(replace(RUNNING, is_deployed=False))
    assert why.endswith("it has no deployment; use fleet-backup run FLEET --run-key 'monday'")


@given(RUNS)
def test_a_run_that_is_alive_is_never_ended(run: SilentRun) -> None:
    alive = replace(run, life=ALIVE)
    assert fate_of(alive)[0] in (Fate.WAIT, Fate.LEAVE)


@given(RUNS)
def test_what_has_ended_or_has_not_begun_is_left_alone(run: SilentRun) -> None:
    for shown in (ShownAs.ENDED, ShownAs.WAITING):
        assert fate_of(replace(run, shown=shown))[0] is Fate.LEAVE


@given(RUNS)
def test_only_what_this_ledger_knows_is_continued(run: SilentRun) -> None:
    """Another ledger may hold what was sent: without it, a second run would send it again."""
    if fate_of(run)[0] is Fate.CONTINUE:
        assert run.life in (DEAD, GONE)
        assert run.is_deployed
        assert not run.has_verdict
        assert not run.replaced_by


@given(RUNS)
def test_a_verdict_is_not_thrown_away(run: SilentRun) -> None:
    if run.has_verdict:
        assert fate_of(run)[0] in (Fate.VERDICT, Fate.LEAVE, Fate.WAIT, Fate.CANCELLED)
