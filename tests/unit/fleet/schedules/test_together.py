"""How long the runs of several fleets are waited for."""

from fleet.schedules.together import LONGEST_SECONDS, START_SECONDS, FleetRun, Patience, Stage

WAITING = FleetRun("acme", Stage.WAITING, "Scheduled")
LATE = FleetRun("acme", Stage.WAITING, "Late")
RUNNING = FleetRun("globex", Stage.RUNNING, "Running")
DONE = FleetRun("globex", Stage.ENDED, "Completed")


def over_at(patience: Patience, runs: list[FleetRun], since: float) -> list[bool]:
    """Whether it is over just before and just after nothing has happened for too long."""
    return [patience.is_over(runs, since + seconds) for seconds in (START_SECONDS - 1, START_SECONDS)]


def test_what_does_not_begin_is_waited_for_as_long_as_anything_happens() -> None:
    patience = Patience(0.0)
    assert not patience.is_over([WAITING, RUNNING], 0.0)
    assert not patience.is_over([WAITING, RUNNING], 5 * START_SECONDS)
    assert not patience.is_over([WAITING, DONE], 6 * START_SECONDS)
    assert not patience.is_over([LATE, DONE], 6 * START_SECONDS + 60)
    assert over_at(patience, [LATE, DONE], 6 * START_SECONDS + 60) == [False, True]


def test_the_time_in_which_the_server_did_not_answer_does_not_count() -> None:
    patience = Patience(0.0)
    assert not patience.is_over([WAITING], 0.0)
    patience.heard_nothing(10 * START_SECONDS)
    assert over_at(patience, [WAITING], 10 * START_SECONDS) == [False, True]


def test_what_does_not_end_is_not_waited_for_for_ever() -> None:
    patience = Patience(0.0)
    assert not patience.is_over([RUNNING], LONGEST_SECONDS - 1)
    assert patience.is_over([RUNNING], LONGEST_SECONDS)
