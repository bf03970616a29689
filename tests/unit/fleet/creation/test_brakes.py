"""The brakes: when a run stops sending by itself."""

from itertools import count

import pytest

from fleet.creation.brakes import PROVIDER_REFUSALS, PROVIDER_SERVERS, SAMPLE, SERVER_REFUSALS, Brakes
from fleet.inventory.target import Target
from tests.unit.fleet.builders import instant, target

FULL = "Not enough disk space!"
UNKNOWN_PROVIDER = "Cloud storage provider not found!"


places = count()


def on(server: int, provider: int = 10, organization: int = 5) -> Target:
    """Another target on a server."""
    request = instant(cloud_storage_provider_id=provider)
    return target(request, server_id=server, organization=organization, place=f"backups[{next(places)}]")


def everywhere(number: int) -> Target:
    """A target that shares neither server nor provider with another."""
    return on(number + 1, provider=number + 1)


def after(total: int, failed: int, ended: int, percent: float | None) -> str | None:
    brakes = Brakes(total, percent)
    for number in range(ended):
        if number < failed:
            brakes.failed(everywhere(number), None)
        else:
            brakes.accepted(everywhere(number))
    return brakes.reason_to_stop(everywhere(999))


@pytest.mark.parametrize(
    ("total", "failed", "ended", "percent", "stops"),
    [
        (100, 100, 100, None, False),
        (100, 9, 9, 5, False),  # Too few have ended to judge.
        (100, 5, 10, 5, False),  # Five percent is not more than five percent.
        (100, 6, 10, 5, True),
        (100, 6, 6, 5, False),
        (100, 10, 10, 5, True),
        (100, 1, 10, 0, True),
        (100, 0, 10, 0, False),
        (100, 100, 100, 100, False),
        (1000, 49, 50, 5, False),  # All but one failed so far, but of the fleet it is below five percent.
        (1000, 51, 60, 5, True),
        (4, 1, 4, 50, False),
        (4, 3, 4, 50, True),  # A fleet below the sample is judged when all of it has ended.
        (4, 3, 3, 50, False),
        (3, 2, 3, 66.6, True),
    ],
)
def test_max_failures_counts_over_the_whole_fleet_once_the_sample_has_ended(
    total: int, failed: int, ended: int, percent: float | None, stops: bool
) -> None:
    assert SAMPLE == 10
    reason = after(total, failed, ended, percent)
    assert (reason is not None) is stops
    if reason:
        assert reason == f"stopped: {failed} of {total} creates failed, more than {percent:g} %"


def test_a_run_that_had_nothing_to_send_takes_over_from_another_with_max_failures() -> None:
    assert Brakes(0, 5).reason_to_stop(on(1)) is None


def test_a_server_that_refuses_three_times_in_a_row_is_left_alone_and_no_other() -> None:
    brakes = Brakes(100)
    for number in range(SERVER_REFUSALS):
        assert brakes.reason_to_stop(on(1)) is None
        brakes.failed(on(1, provider=number + 1), FULL)
    assert brakes.reason_to_stop(on(1)) == ("stopped for this server: 3 consecutive refusals (not enough disk space)")
    assert brakes.reason_to_stop(on(2)) is None
    assert brakes.reason_to_stop(on(1, organization=6)) is None


def test_a_storage_provider_that_refuses_on_several_servers_is_left_alone() -> None:
    brakes = Brakes(100)
    for number in range(PROVIDER_REFUSALS):
        assert brakes.reason_to_stop(on(99)) is None
        brakes.failed(on(number % PROVIDER_SERVERS), UNKNOWN_PROVIDER)
    assert str(brakes.reason_to_stop(on(99))).startswith("stopped for this storage provider: 5 consecutive refusals")
    assert brakes.reason_to_stop(on(99, provider=11)) is None


def test_the_same_words_count_however_they_are_written() -> None:
    brakes = Brakes(100)
    for words in ("Server not found!", "server  not found.", "SERVER NOT FOUND"):
        brakes.failed(on(1), words)
    assert brakes.reason_to_stop(on(1)) is not None


def test_a_full_disk_is_no_fault_of_the_storage_provider() -> None:
    """What servers refuse for their own state keeps no other from its backups."""
    brakes = Brakes(100)
    for number in range(3 * PROVIDER_REFUSALS):
        brakes.failed(on(number % 5), FULL)
    assert brakes.reason_to_stop(on(1)) is not None
    assert brakes.reason_to_stop(on(99)) is None


def test_what_one_server_alone_is_refused_is_no_fault_of_the_storage_provider() -> None:
    brakes = Brakes(100)
    for _ in range(3 * PROVIDER_REFUSALS):
        brakes.failed(on(1), UNKNOWN_PROVIDER)
    assert brakes.reason_to_stop(on(2)) is None


@pytest.mark.parametrize("between", ["accepted", "other words"])
def test_a_row_of_refusals_is_broken_by_anything_else(between: str) -> None:
    brakes = Brakes(100)
    brakes.failed(on(1), FULL)
    brakes.failed(on(1), FULL)
    if between == "accepted":
        brakes.accepted(on(1))
    else:
        brakes.failed(on(1), "Invalid schedule!")
    brakes.failed(on(1), FULL)
    assert brakes.reason_to_stop(on(1)) is None


def test_what_failed_without_a_refusal_opens_no_breaker() -> None:
    brakes = Brakes(100)
    for _ in range(20):
        brakes.failed(on(1), None)
    assert brakes.reason_to_stop(on(1)) is None
