"""What is known of an API's undocumented points, as far as judging a row needs it (`fleet.dialect` learns it)."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

WIDEST_ZONE: Final = timedelta(hours=14)
"""No time zone is further from UTC, so a timestamp of unknown zone is off by no more."""

Pattern = tuple[str, bool, bool]
"""The status word of a backup, and whether sizes and storage flags were shown with it: the basis of an inference."""


@dataclass(frozen=True, slots=True)
class KnownApi:
    """What the API is known to show of a backup.

    Attributes:
        sizes: whether any row that may be complete shows the size of its archive; None: no such row was seen yet.
        flags: the same of `..._available_in_cloudstorage`.
        statuses: whether any row shows a status.
        zeros: whether every archive shows size 0, although the site has a size.
        patterns: what was seen complete often enough for one look to suffice.
        offset: how far timestamps without a zone are from UTC; None: unknown.
        now: the time, to decide what has expired; None: expiry is not checked.
    """

    sizes: bool | None = True
    flags: bool | None = True
    statuses: bool | None = True
    zeros: bool = False
    patterns: frozenset[Pattern] = frozenset()
    offset: timedelta | None = None
    now: datetime | None = None


DOCUMENTED: Final = KnownApi()
"""An API that shows what the vendor's example shows."""
