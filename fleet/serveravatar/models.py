"""What the API's reading calls return, read tolerantly: unknown fields are ignored, `"1"` is 1, null is unknown.

Source: the vendor's reading calls (servers, applications, databases, cloud storage providers, backups).
"""

import math
import re
from datetime import UTC, datetime
from typing import Annotated, Final

from pydantic import BeforeValidator, Field
from pydantic.dataclasses import dataclass

from fleet.serveravatar.text import well_formed
from fleet.serveravatar.untrusted.numbers import HIGHEST

FLAGS: Final = {
    **dict.fromkeys(("1", "true", "yes", "y", "on"), True),
    **dict.fromkeys(("0", "false", "no", "n", "off"), False),
}
"""The words for a flag; only 1, 0, true and false are documented."""
_MEGABYTES: Final = {"b": 1 / 1024**2, "k": 1 / 1024, "m": 1.0, "g": 1024.0, "t": 1024.0**2}
_SIZE: Final = re.compile(r"([+-]?[\d.,]+)\s*(bytes?|b|[kmgt]i?b?)?", re.IGNORECASE | re.ASCII)
_LONGEST_YEAR: Final = 8
"""Characters: `20250211` is a day, not a number of seconds."""
_YEARS: Final = range(1970, 9000)
"""Years of which a time can be added to and subtracted from."""
_THOUSANDS: Final = re.compile(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", re.ASCII)


def _tolerant_flag(value: object) -> bool | None:
    """Read `"1"`, 1, true, `yes` and their opposites; anything else is unknown."""
    return FLAGS.get(str(value).strip().casefold())


def _tolerant_number(value: object) -> float | None:
    """Read 12, 12.5 and "12.5"; anything else is unknown."""
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _tolerant_size(value: object) -> float | None:
    """Read a size in MB: a number, or one with its unit as in "12.5 MB", "1,234.5" and "13107200 B"."""
    if not isinstance(value, str) or not (read := _SIZE.fullmatch(value.strip())):
        return _tolerant_number(value)
    digits, unit = read.groups()
    if _THOUSANDS.fullmatch(digits):
        digits = digits.replace(",", "")
    number = _tolerant_number(digits.replace(",", "."))
    if number is None:
        return None
    return _tolerant_number(number * _MEGABYTES[(unit or "m")[0].casefold()])


def _tolerant_identifier(value: object) -> int | None:
    """Read 12 and "12"; anything else is unknown."""
    number = _tolerant_number(value)
    return int(number) if number is not None and number == int(number) and abs(number) <= HIGHEST else None


def _tolerant_time(value: object) -> datetime | None:
    """Read `2025-02-11 11:12:22`, ISO 8601 and epoch seconds, as UTC without a time zone; anything else is unknown."""
    try:
        if (seconds := _tolerant_number(value)) is not None and len(str(value)) > _LONGEST_YEAR:
            time = datetime.fromtimestamp(seconds, UTC)
        else:
            time = datetime.fromisoformat(str(value))
            time = time.replace(tzinfo=UTC) if time.tzinfo is None else time.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return time if time.year in _YEARS else None


def _tolerant_text(value: object) -> str | None:
    return well_formed(value) if isinstance(value, str) else None


def _tolerant_texts(value: object) -> tuple[str, ...]:
    """Read a list of texts, where one such as `2024` may come as a number; anything else is left out."""
    texts = value if isinstance(value, list | tuple) else ()
    return tuple(
        well_formed(str(text)) for text in texts if isinstance(text, str | int | float) and not isinstance(text, bool)
    )


def _tolerant_mapping(value: object) -> object:
    return value if isinstance(value, dict) else None


MaybeFlag = Annotated[bool | None, BeforeValidator(_tolerant_flag)]
MaybeNumber = Annotated[float | None, BeforeValidator(_tolerant_number)]
MaybeSize = Annotated[float | None, BeforeValidator(_tolerant_size)]
MaybeIdentifier = Annotated[int | None, BeforeValidator(_tolerant_identifier)]
MaybeTime = Annotated[datetime | None, BeforeValidator(_tolerant_time)]
MaybeText = Annotated[str | None, BeforeValidator(_tolerant_text)]
Texts = Annotated[tuple[str, ...], BeforeValidator(_tolerant_texts)]


@dataclass(frozen=True, slots=True)
class Entry:
    """An entry of a list: it has an id, whatever else is missing."""

    id: Annotated[int, Field(ge=0, le=HIGHEST)]


@dataclass(frozen=True, slots=True)
class MonitorLog:
    """The newest figures of a server; `disk_usage` in percent."""

    disk_usage: MaybeNumber = None


@dataclass(frozen=True, slots=True)
class Organization(Entry):
    """A row of the list of organizations."""

    name: MaybeText = None


@dataclass(frozen=True, slots=True)
class Server(Entry):
    """A row of the list of servers."""

    name: MaybeText = None
    tags: Texts = ()
    agent_status: MaybeFlag = None
    timezone: MaybeText = None
    latest_monitor_log: Annotated[MonitorLog | None, BeforeValidator(_tolerant_mapping)] = None

    @property
    def disk_percent(self) -> float | None:
        """Disk usage in percent, if the list shows it."""
        return self.latest_monitor_log.disk_usage if self.latest_monitor_log else None


@dataclass(frozen=True, slots=True)
class Disk:
    """A server's disk, sizes in GB."""

    total: MaybeNumber = None
    usage: MaybeNumber = None
    usage_in_percentage: MaybeNumber = None


@dataclass(frozen=True, slots=True)
class Application(Entry):
    """A row of a list of applications; `size` in MB, 0 when unknown."""

    name: MaybeText = None
    primary_domain: MaybeText = None
    framework: MaybeText = None
    active: MaybeFlag = None
    server_id: MaybeIdentifier = None
    size: MaybeNumber = None


@dataclass(frozen=True, slots=True)
class Database(Entry):
    """A row of a list of databases; `size` in MB."""

    name: MaybeText = None
    server_id: MaybeIdentifier = None
    size: MaybeNumber = None


@dataclass(frozen=True, slots=True)
class StorageProvider(Entry):
    """A row of the list of cloud storage providers; `provider` is `gdrive`, `wasabi`, ..."""

    name: MaybeText = None
    provider: MaybeText = None


@dataclass(frozen=True, slots=True)
class Backup(Entry):
    """A row of the backup list; sizes in MB of the archive, `total_*` before packing.

    Attributes:
        names: the texts of the row's own name fields (`fleet.serveravatar.backup_rows`).
    """

    backup_config_id: MaybeIdentifier = None
    organization_id: MaybeIdentifier = None
    server_id: MaybeIdentifier = None
    cloud_storage_provider_id: MaybeIdentifier = None
    application_id: MaybeIdentifier = None
    database_id: MaybeIdentifier = None
    application_extension: MaybeText = None
    database_extension: MaybeText = None
    application_size: MaybeSize = None
    database_size: MaybeSize = None
    total_application_size: MaybeSize = None
    total_database_size: MaybeSize = None
    status: MaybeText = None
    application_available_in_cloudstorage: MaybeFlag = None
    database_available_in_cloudstorage: MaybeFlag = None
    created_at: MaybeTime = None
    expires_at: MaybeTime = None
    deleted_at: MaybeTime = None
    names: Texts = ()
