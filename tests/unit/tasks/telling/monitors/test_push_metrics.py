"""Metrics on a Pushgateway: a group for each fleet, replaced as a whole; its password is seen by nobody else."""

import base64
from collections.abc import Iterator

import pytest

from fleet.monitoring.metrics import RunMetrics
from fleet.monitoring.pushgateway import parse
from tasks.telling.monitors.push_metrics import RUNS, push_metrics
from tests.monitor import Monitor, listening
from tests.unit.fleet.monitoring.test_metrics import WHOLE

pytestmark = pytest.mark.anyio


@pytest.fixture
def gateway() -> Iterator[Monitor]:
    with listening() as monitor:
        yield monitor


async def push(url: str, fleet: str = "shops") -> None:
    await push_metrics(parse(url), RUNS, fleet, RunMetrics(fleet, WHOLE, []))


@pytest.mark.parametrize(
    ("fleet", "group"),
    [("shops", "fleet/shops"), ("a/b", "fleet@base64/YS9i")],
)
async def test_a_fleet_replaces_its_own_group(gateway: Monitor, fleet: str, group: str) -> None:
    await push(gateway.url, fleet)
    ((method, path, body),) = gateway.told
    assert (method, path.partition("/metrics/")[2]) == ("PUT", f"job/fleet_backup/{group}")
    assert b"fleet_backup_last_run_exit_code{" in body


async def test_name_and_password_go_into_the_header_of_basic_authentication(gateway: Monitor) -> None:
    await push(gateway.url.replace("http://", "http://ops:p%40ss@"))
    assert gateway.authorizations == [f"Basic {base64.b64encode(b'ops:p@ss').decode()}"]


@pytest.mark.parametrize("status", [400, 401, 500])
async def test_a_refusal_is_an_error_that_shows_no_secret(gateway: Monitor, status: int) -> None:
    gateway.statuses = [status]
    with pytest.raises(OSError, match=f"it answered {status}") as caught:
        await push(gateway.url.replace("http://", "http://ops:word@"))
    assert "word" not in repr(caught.value)


async def test_one_that_is_away_is_an_error_that_shows_no_secret() -> None:
    with listening() as monitor:
        url = monitor.url
    with pytest.raises(OSError, match="refused") as caught:
        await push(url.replace("http://", "http://ops:word@"))
    assert "word" not in repr(caught.value)
