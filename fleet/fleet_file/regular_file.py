"""Files that the user names, read whole: only regular ones, since a pipe may never end and a device may act."""

import os
import stat
from pathlib import Path


class IrregularFileError(ValueError):
    """Something that is read as no file; the text says what it is."""


def read_regular(path: Path, largest: int) -> bytes:
    """Read a regular file; nothing waits, whatever the path leads to.

    Args:
        path: of the file.
        largest: bytes; of a larger file, one byte more is returned.

    Raises:
        IrregularFileError: it is a folder, a pipe or a device, or not a path.
        OSError: it cannot be read.
    """
    try:
        _refuse_irregular(path.stat())  # Before it is opened: that alone may wait, or rewind a tape.
        # Not blocking, in case a pipe has taken its place.
        with os.fdopen(os.open(path, os.O_RDONLY | os.O_NONBLOCK | os.O_CLOEXEC), "rb") as file:
            _refuse_irregular(os.fstat(file.fileno()))
            return file.read(largest + 1)
    except IrregularFileError:
        raise
    except ValueError:
        raise IrregularFileError("is not a file path") from None


def _refuse_irregular(status: os.stat_result) -> None:
    if not stat.S_ISREG(status.st_mode):
        is_folder = stat.S_ISDIR(status.st_mode)
        raise IrregularFileError("is a folder" if is_folder else "is not a regular file but a pipe or a device")
