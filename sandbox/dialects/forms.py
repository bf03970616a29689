"""How a dialect writes flags, sizes, ids and times."""

from collections.abc import Callable
from datetime import UTC, datetime

from sandbox.dialects.dialect import Dialect, SizeStyle
from sandbox.dialects.kinds import zone_of
from sandbox.world.disk import megabytes

ABSENT = object()
"""In place of a value: the field is left out."""

_PAIRS: dict[str, tuple[object, object]] = {
    "number": (0, 1),
    "string": ("0", "1"),
    "boolean": (False, True),
    "yes-no": ("no", "yes"),
    "on-off": ("off", "on"),
    "y-n": ("n", "y"),
}
_SIZES: dict[SizeStyle, Callable[[int], object]] = {
    "number": megabytes,
    "zero": megabytes,
    "string": lambda size: str(megabytes(size)),
    "unit": lambda size: f"{megabytes(size)} MB",
    "bytes": lambda size: f"{size} B",
    "comma": lambda size: f"{megabytes(size):,}",
    "null": lambda _size: None,
    "absent": lambda _size: ABSENT,
}


def write_flag(value: str | int, dialect: Dialect) -> object:
    """A flag that is documented as this value; `null` and `absent` apply to some flags only (see `spoken`)."""
    pair = _PAIRS.get(dialect.flags)
    return value if pair is None else pair[int(value) == 1]


def write_size(size: int, dialect: Dialect) -> object:
    """A size of `size` bytes."""
    return _SIZES[dialect.sizes](size)


def write_id(value: object, dialect: Dialect) -> object:
    """An id, or whatever replaces it."""
    return str(value) if dialect.ids == "string" and isinstance(value, int) else value


def write_stamp(seconds: float | None, dialect: Dialect) -> object:
    """A time in seconds since the epoch; `absent` applies to some times only (see `spoken`)."""
    if seconds is None:
        return None
    moment = datetime.fromtimestamp(int(seconds), zone_of(dialect.zone))
    match dialect.stamps:
        case "iso":
            return moment.isoformat()
        case "z":
            return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.000000Z")
        case "epoch":
            return int(seconds)
        case _:
            return moment.strftime("%Y-%m-%d %H:%M:%S")
