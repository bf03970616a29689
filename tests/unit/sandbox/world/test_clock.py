"""The sandbox's time, and times as text."""

from sandbox.world.clock import Clock, api_time, read_start, write_start


def test_a_clock_advanced_manually_and_one_that_runs_fast() -> None:
    real = [1000.0]
    still, fast = Clock(0.0, real=lambda: real[0]), Clock(60.0, offset=500.0, real=lambda: real[0])
    real[0] += 10
    assert (still.now(), fast.now()) == (1000.0, 2100.0)
    still.advance(3600)
    assert still.now() == 4600.0
    # A restart continues where it was.
    assert Clock(0.0, still.offset(), lambda: real[0]).now() == still.now()


def test_times_are_utc() -> None:
    assert api_time(1739272342) == "2025-02-11 11:12:22"
    assert write_start(read_start("2025-02-11 11:12")) == "2025-02-11 11:12"
    assert read_start("2025-02-30 11:12") is None
