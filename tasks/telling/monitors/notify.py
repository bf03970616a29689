"""Notifies people through Apprise; its addresses stay secret, also from its own log."""

import asyncio
import logging
from collections.abc import Sequence
from typing import Final

from fleet.monitoring.events import Ending
from fleet.monitoring.notification import Destination

SECONDS: Final = 20.0
"""Longest wait for all of them."""
LONGEST: Final = 4000
"""Letters of a message; services cut or refuse longer ones."""
_TALKATIVE: Final = ("apprise", "urllib3")
"""Their logs show addresses."""


async def notify(
    destinations: Sequence[Destination],
    title: str,
    text: str,
    ending: Ending = Ending.FAILED,
    seconds: float = SECONDS,
) -> list[str]:
    """Send a message to each destination, all at once.

    Args:
        destinations: whom to notify.
        title: the subject.
        text: the message.
        ending: how what it is about ended.
        seconds: longest wait for a destination.

    Returns:
        A line for each that did not take it, without its address.
    """
    told = await asyncio.gather(*(_notify(each, title, text, ending, seconds) for each in destinations))
    return [problem for problem in told if problem]


async def _notify(destination: Destination, title: str, text: str, ending: Ending, seconds: float) -> str:
    name = f"FLEET_BACKUP_NOTIFY_URLS: address {destination.number}"
    try:
        async with asyncio.timeout(seconds):
            return f"{name} {problem}" if (problem := await _sent(destination, title, text, ending)) else ""
    except TimeoutError:
        return f"{name} was not notified: no response within {seconds:.0f} s"
    except Exception as error:  # noqa: BLE001 - a service of a hundred; what it says may show the address
        return f"{name} was not notified: {type(error).__name__}"


async def _sent(destination: Destination, title: str, text: str, ending: Ending) -> str:
    """Send; return why it was not sent, empty if it was."""
    from apprise import Apprise, NotifyType  # noqa: PLC0415 - it takes a moment, and most runs notify nobody so

    for logger in _TALKATIVE:
        logging.getLogger(logger).setLevel(logging.CRITICAL + 1)
    kinds = {Ending.COMPLETED: NotifyType.SUCCESS, Ending.WITH_WARNINGS: NotifyType.WARNING}
    service = Apprise()
    if not service.add(destination.url):
        return "is none that Apprise knows; nobody was notified there"
    kind = kinds.get(ending, NotifyType.FAILURE)
    is_sent = await service.async_notify(title=title, body=text[:LONGEST], notify_type=kind)
    return "" if is_sent else "was not notified: the service did not take the message"
