"""Calling the heartbeat addresses: retries that may help, none that cannot, and no address in any text."""

import pytest

from fleet.monitoring.heartbeat import Beat, Moment, Ping, parse
from tasks.telling.monitors.heartbeats import begin, send, until_done
from tests.monitor import KEY, Monitor

pytestmark = pytest.mark.anyio


def test_a_ping_with_a_body_is_posted(monitor: Monitor) -> None:
    assert send(Ping(f"{monitor.url}/start?rid=1", b"6 verified")) is None
    assert send(Ping(monitor.url)) is None
    assert monitor.told == [("POST", f"/{KEY}/start?rid=1", b"6 verified"), ("GET", f"/{KEY}", b"")]


@pytest.mark.parametrize(
    ("statuses", "sent", "problem"),
    [
        ([503, 429], 3, None),
        ([500, 502, 503], 3, "it answered 503"),
        ([404], 1, "it answered 404"),
        ([400], 1, "it answered 400"),
    ],
)
def test_what_may_pass_is_tried_again_and_nothing_else(
    monitor: Monitor, statuses: list[int], sent: int, problem: str | None
) -> None:
    monitor.statuses = [*statuses]
    pauses: list[float] = []
    assert send(Ping(monitor.url), sleep=pauses.append) == problem
    assert len(monitor.told) == sent
    assert pauses == [1.0, 2.0][: sent - 1]


@pytest.mark.parametrize(
    "address", ["http://127.0.0.1:1/KEY", "http://no-such-host.invalid/KEY", "http://127.0.0.1/K\n"]
)
def test_what_cannot_be_reached_is_named_without_its_address(address: str) -> None:
    problem = send(Ping(address), pauses=())
    assert problem
    assert "KEY" not in problem
    assert "127.0.0.1" not in problem


async def test_all_are_told_at_once_and_each_that_failed_has_a_line(monitor: Monitor) -> None:
    monitor.statuses = [404]
    beat = Beat(Moment.FAIL, "shops", "run-1", "1 rejected")
    (line,) = await until_done(begin(parse(monitor.url), beat), 20)
    assert line == "heartbeat 1 (healthchecks) was not notified: it answered 404"
    assert monitor.told == [("POST", f"/{KEY}/fail?rid=run-1", b"1 rejected")]
    assert await until_done(begin(parse(f"{monitor.url}/api/push/x"), Beat(Moment.START, "shops", "run-1")), 20) == []


async def test_a_monitor_that_does_not_answer_holds_nobody_up(monitor: Monitor) -> None:
    monitor.answers.clear()
    calls = begin(parse(monitor.url), Beat(Moment.SUCCESS, "shops", "run-1"))
    (line,) = await until_done(calls, 0.01)
    assert line == "heartbeat 1 (healthchecks) was not notified: no response in time"
    monitor.answers.set()
    assert calls[0].answer.result(20) is None
