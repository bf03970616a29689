"""For how long a run has been silent, by the clock of its watcher."""

from fleet.schedules.silence import Silence


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


def test_silence_counts_from_the_watchers_first_look_and_begins_again_with_each_sign() -> None:
    clock = Clock()
    silence = Silence(clock)
    assert silence.heard("running") == 0.0
    clock.now += 50
    assert (silence.heard("running"), silence.is_broken) == (50.0, False)
    assert (silence.heard("running, a heartbeat"), silence.is_broken) == (0.0, True)
    clock.now += 20
    assert (silence.heard("running, a heartbeat"), silence.is_broken) == (20.0, True)


def test_a_lease_that_is_renewed_has_not_expired_for_so_long() -> None:
    clock = Clock()
    silence = Silence(clock)
    assert silence.expired(is_expired=True) == 0.0
    clock.now += 29
    assert silence.expired(is_expired=True) == 29.0
    assert silence.expired(is_expired=False) == 0.0
    clock.now += 29
    assert silence.expired(is_expired=True) == 0.0
