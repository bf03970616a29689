"""Lines on standard error: as text for people, or each as a JSON object for programs that collect logs."""

import json
import logging
from contextvars import ContextVar
from datetime import UTC, datetime
from enum import StrEnum
from typing import Final, Literal

import click

Level = Literal["info", "warning", "error"]


class LogFormat(StrEnum):
    """How a line is written."""

    TEXT = "text"
    JSON = "json"


_format: ContextVar[LogFormat] = ContextVar("log_format", default=LogFormat.TEXT)


class _OurWarnings(logging.Handler):
    """What the rooms below log where nobody listens, such as a token file that everybody can read."""

    def emit(self, record: logging.LogRecord) -> None:
        """Write it as a line."""
        write(record.getMessage(), "warning")


_HANDLER: Final = _OurWarnings()


def use(log_format: LogFormat) -> None:
    """Choose the format for the running program."""
    _format.set(log_format)
    ours = logging.getLogger("fleet_backup")
    ours.removeHandler(_HANDLER)
    if log_format is LogFormat.JSON:
        ours.addHandler(_HANDLER)


def is_json() -> bool:
    """Whether each line is a JSON object."""
    return _format.get() is LogFormat.JSON


def write(text: str, level: Level = "info", **fields: object) -> None:
    """Write a line.

    Args:
        text: for people; in JSON the `message`.
        level: how bad it is; people read that from the text.
        fields: more about it, for programs; in JSON only.
    """
    click.echo(as_json(text, level, **fields) if is_json() else text, err=True)


def as_json(text: str, level: Level, **fields: object) -> str:
    """The JSON object of a line; times are UTC."""
    time = datetime.now(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return json.dumps({"time": time, "level": level, "message": text, **fields}, ensure_ascii=False)
