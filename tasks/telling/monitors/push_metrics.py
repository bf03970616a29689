"""Pushes the metrics of a fleet to a Pushgateway, in place of those of its run or audit before."""

import asyncio
import functools
from collections.abc import Callable
from typing import Final
from urllib.error import HTTPError

from prometheus_client import push_to_gateway
from prometheus_client.exposition import basic_auth_handler, default_handler
from prometheus_client.registry import Collector

from fleet.monitoring.label import label
from fleet.monitoring.pushgateway import Pushgateway

RUNS: Final = "fleet_backup"
AUDITS: Final = "fleet_audit"
_SECONDS: Final = 10.0
"""For the connection and for each answer."""


async def push_metrics(gateway: Pushgateway, job: str, fleet: str, metrics: Collector) -> None:
    """Replace the group of a fleet.

    Args:
        gateway: where to push.
        job: of runs, or of audits: neither touches the metrics of the other.
        fleet: the fleet's name; the group of the job.
        metrics: what to push.

    Raises:
        OSError: it does not answer, or refuses.
    """
    send = functools.partial(
        push_to_gateway,
        gateway.url,
        job=job,
        registry=metrics,
        grouping_key={"fleet": label(fleet)},
        timeout=_SECONDS,
        handler=_handler(gateway),
    )
    try:
        await asyncio.to_thread(send)
    except HTTPError as error:
        error.close()
        raise OSError(f"it answered {error.code}") from None


def _handler(gateway: Pushgateway) -> Callable[..., Callable[[], None]]:
    if not gateway.user:
        return default_handler
    return functools.partial(basic_auth_handler, username=gateway.user, password=gateway.password)
