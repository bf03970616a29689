"""Who can read the file of a ledger."""

import glob
import stat
from contextlib import suppress
from pathlib import Path

from fleet.report.warning import warn_once


def warn_if_open_to_all(database: Path) -> None:
    """Warn about a ledger, or a copy beside it, that every user can read: both show what is not backed up.

    New ones are private. The mode of an older one is its owner's to change: others may read it on purpose.
    """
    with suppress(OSError):
        if not database.parent.stat().st_mode & stat.S_IXOTH:
            return
        files = database.parent.glob(f"{glob.escape(database.name)}*")
        if any(stat.S_ISREG(file.stat().st_mode) and file.stat().st_mode & stat.S_IROTH for file in files):
            warn_once(f"the ledger, or a copy: every user of this machine can read it; run chmod 600 {database}*")
