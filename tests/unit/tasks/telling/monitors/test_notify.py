"""Messages through Apprise itself, to a service of ours; no address is in any text or log."""

import json
import logging
from collections.abc import Iterator

import pytest

from fleet.monitoring.events import Ending
from fleet.monitoring.notification import parse
from tasks.telling.monitors.notify import LONGEST, notify
from tests.monitor import KEY, Monitor, listening

pytestmark = [
    pytest.mark.anyio,
    pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning"),  # Of Apprise's, on Python 3.11.
]


@pytest.fixture
def service() -> Iterator[Monitor]:
    with listening() as monitor:
        yield monitor


def address(service: Monitor) -> str:
    return service.url.replace("http://", "json://")


@pytest.mark.parametrize(
    ("ending", "kind"),
    [(Ending.COMPLETED, "success"), (Ending.WITH_WARNINGS, "warning"), (Ending.FAILED, "failure")],
)
async def test_everybody_gets_the_message(service: Monitor, ending: Ending, kind: str) -> None:
    twice = parse(f"{address(service)}/1 {address(service)}/2")
    assert await notify(twice, "backup of shops: failed", "3 rejected", ending) == []
    bodies = [json.loads(body) for _, _, body in service.told]
    assert [(body["title"], body["message"], body["type"]) for body in bodies] == [
        ("backup of shops: failed", "3 rejected", kind)
    ] * 2


async def test_what_cannot_be_sent_is_a_line_without_the_address(
    service: Monitor, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.DEBUG)
    service.statuses = [500]
    problems = await notify(parse(f"{address(service)} nosuch://{KEY}"), "title", "text", Ending.FAILED)
    assert problems == [
        "FLEET_BACKUP_NOTIFY_URLS: address 1 was not notified: the service did not take the message",
        "FLEET_BACKUP_NOTIFY_URLS: address 2 is none that Apprise knows; nobody was notified there",
    ]
    assert KEY not in caplog.text


async def test_a_message_is_bounded(service: Monitor) -> None:
    assert await notify(parse(address(service)), "title", "x" * 100_000, Ending.FAILED) == []
    ((_, _, body),) = service.told
    assert len(json.loads(body)["message"]) <= LONGEST
