"""How old backups are, by timestamps that may be missing, wrong or in another time zone. Pure."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from fleet.serveravatar.models import Backup

CLOCK_ERROR: Final = timedelta(minutes=5)
"""A backup dated further in the future than this shows that a clock or its time zone is wrong."""


@dataclass(frozen=True, slots=True)
class Clock:
    """The time that ages are counted to.

    Attributes:
        now: the time.
        skew: how far the API's timestamps are known to be ahead of UTC: its time zone and its clock error.
    """

    now: datetime
    skew: timedelta = timedelta()

    def dated(self, backup: Backup) -> datetime | None:
        """When a backup began, by its row; None if the row shows no time, or an impossible one."""
        try:
            return backup.created_at - self.skew if backup.created_at else None
        except OverflowError:
            return None

    def is_ahead(self, backup: Backup) -> bool:
        """Whether a backup is dated in the future."""
        dated = self.dated(backup)
        return dated is not None and dated > self.now + CLOCK_ERROR

    def began(self, backup: Backup) -> datetime | None:
        """When a backup began; None if its timestamp is missing or in the future."""
        dated = self.dated(backup)
        return None if dated is None or self.is_ahead(backup) else min(dated, self.now)

    def age(self, backup: Backup) -> timedelta | None:
        """How old a backup is; None if its timestamp is missing or in the future."""
        began = self.began(backup)
        return None if began is None else self.now - began

    def age_in_words(self, backup: Backup) -> str:
        """For example `3 h old`, `of unknown age` or `dated 2026-11-24 14:00 UTC, in the future`."""
        age, dated = self.age(backup), self.dated(backup)
        if age is not None:
            return f"{in_words(age)} old"
        return f"dated {dated:%Y-%m-%d %H:%M} UTC, in the future" if dated else "of unknown age"


def in_words(span: timedelta) -> str:
    """For example `3 d 4 h`, `26 h 5 min` or `12 min`."""
    minutes = int(span.total_seconds()) // 60
    hours = minutes // 60
    if hours >= 48:  # noqa: PLR2004 - two days
        whole, rest, units = hours // 24, hours % 24, ("d", "h")
    elif hours:
        whole, rest, units = hours, minutes % 60, ("h", "min")
    else:
        whole, rest, units = minutes, 0, ("min", "")
    return f"{whole} {units[0]}" + (f" {rest} {units[1]}" if rest else "")
