"""Who is notified by Apprise when a run or an audit ends, and of what. Nothing is sent here.

The addresses are Apprise's: a hundred services, each with a scheme of its own (https://github.com/caronc/apprise). An
address contains a key, so no text shows it.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from fleet.monitoring.events import Ending
from fleet.monitoring.label import label

_BETWEEN: Final = re.compile(r"[\s,]+(?=[A-Za-z][A-Za-z0-9+.-]*://)")
"""An address may contain commas and, in a list of recipients, none of a scheme's."""
_ADDRESS: Final = re.compile(r"[A-Za-z][A-Za-z0-9+.-]*://\S+")


class NotifyOn(StrEnum):
    """Of what to notify."""

    TROUBLE = "trouble"
    """Of runs and audits that did not end well, and of targets that have recovered."""
    ALWAYS = "always"
    """Of every run and audit."""


@dataclass(frozen=True, slots=True)
class Destination:
    """One address.

    Attributes:
        number: its position in the setting, from 1; its name in every text.
        url: the address; it contains a key.
    """

    number: int
    url: str = field(repr=False)


def parse(text: str) -> tuple[Destination, ...]:
    """Read the setting: addresses, separated by white space or commas.

    Raises:
        ValueError: one is not an address; the text names it by its number.
    """
    words = _BETWEEN.split(text.strip(" \t\r\n,"))
    for number, word in enumerate(words, 1):
        if word and not _ADDRESS.fullmatch(word):
            raise ValueError(f"address {number} must be one of Apprise's, as mailto://... (its value is not shown)")
    return tuple(Destination(number, word) for number, word in enumerate(words, 1) if word)


def is_worth_it(on: NotifyOn, ending: Ending, *, recovered: bool = False) -> bool:
    """Whether to notify.

    Args:
        on: of what.
        ending: how a run or audit ended.
        recovered: whether targets that had an alarm are well again.
    """
    return on is NotifyOn.ALWAYS or ending is not Ending.COMPLETED or recovered


def title(what: str, fleet: str, ending: Ending) -> str:
    """The subject of a message: `backup of shops: failed`."""
    words = {Ending.COMPLETED: "all is well", Ending.WITH_WARNINGS: "not all is well", Ending.FAILED: "failed"}
    return f"{what} of {label(fleet)}: {words[ending]}"
