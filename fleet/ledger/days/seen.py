"""What a run or an audit has seen of one target, as its row and the row of its day keep it."""

import hashlib
from dataclasses import dataclass
from datetime import datetime
from pathlib import PurePath
from typing import Any, Final

from fleet.serveravatar.text import one_line

_LONGEST: Final = 500
"""Characters of a reason or a name that are kept."""


def fleet_name(fleet_file: str) -> str:
    """The name of a fleet: its fleet file's, without the ending, as audits and monitors use it."""
    return PurePath(fleet_file).stem


@dataclass(frozen=True, slots=True, kw_only=True)
class SeenTarget:
    """How one target stood when a run or an audit ended with it.

    Attributes:
        fleet: the name of its fleet.
        organization: its organization's id.
        server_id: its server's id; None where the API does not show it.
        server: its server's name.
        application_id: its application's id; None for a database that nothing wants.
        application: its application's name.
        domain: the application's primary domain; empty if unknown.
        database_id: its database's id; None without one.
        database: its database's name; empty if unknown.
        type: what is backed up; empty where nothing wants it.
        automatic: an automatic plan; otherwise an instant backup.
        standing: its outcome in the run, or its status in the audit.
        reason: why; empty if all is well.
        max_age: how old its newest good backup may be, in seconds; None if unknown.
        good_at: when its newest good backup began; None if there is none, or the run did not prove one.
        good_mb: its size in MB; None if unknown.
        succeeded: whether the run backed it up; of an audit, None.
    """

    fleet: str
    organization: int
    server_id: int | None
    server: str
    application_id: int | None
    application: str
    standing: str
    domain: str = ""
    database_id: int | None = None
    database: str = ""
    type: str = ""
    automatic: bool = False
    reason: str = ""
    max_age: float | None = None
    good_at: datetime | None = None
    good_mb: float | None = None
    succeeded: bool = False

    @property
    def key(self) -> str:
        """Digest what makes it the same target across runs and audits: 16 hexadecimal digits.

        As in a report, the storage is not part of it: a thing that is backed up to two storages is one target.
        """
        place = self.fleet, self.organization, self.server_id, self.application_id, self.database_id
        parts = map(str, (*place, self.type, self.automatic))
        return hashlib.sha256("\x1f".join(parts).encode("utf-8", "replace")).hexdigest()[:16]

    @property
    def identity(self) -> dict[str, Any]:
        """The columns that show what it is, fit for any database."""
        return {
            "key": self.key,
            "fleet": _kept(self.fleet),
            "organization": self.organization,
            "server_id": self.server_id,
            "server": _kept(self.server),
            "application_id": self.application_id,
            "application": _kept(self.application),
            "domain": _kept(self.domain),
            "database_id": self.database_id,
            "database": _kept(self.database),
            "type": self.type,
            "automatic": self.automatic,
            "max_age": self.max_age,
        }

    @property
    def good(self) -> dict[str, float | None]:
        """The columns of its newest good backup."""
        return {"good_at": self.good_at.timestamp() if self.good_at else None, "good_mb": self.good_mb}

    @property
    def kept_reason(self) -> str | None:
        """The reason as it is kept."""
        return _kept(self.reason) or None


def _kept(text: str) -> str:
    return one_line(text)[:_LONGEST]
