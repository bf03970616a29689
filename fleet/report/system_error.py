"""What the system refuses: a port in use, a folder without write access, a full disk. Nobody's fault in the program."""

import errno
from collections.abc import Mapping
from typing import Final

from fleet.serveravatar.text import one_line

_ELSEWHERE: Final = "choose another place, or change who may write there"
_WHAT_TO_DO: Final[Mapping[int, str]] = {
    errno.EACCES: _ELSEWHERE,
    errno.EPERM: _ELSEWHERE,
    errno.EROFS: "choose another place",
    errno.ENOSPC: "make room, or choose another place",
    errno.EDQUOT: "make room, or choose another place",
    errno.ENOENT: "choose a folder that exists",
    errno.ENOTDIR: "choose another place: a part of the path is not a folder",
    errno.EISDIR: "choose a file: this is a folder",
    errno.EEXIST: "choose another place: something is already there",
    errno.ELOOP: "choose another place: its symbolic links lead nowhere",
    errno.ENAMETOOLONG: "choose a shorter path",
    errno.EIO: "check the disk",
    errno.EMFILE: "raise the limit of open files (ulimit -n)",
    errno.ENFILE: "close other programs: the machine has no files left to open",
    errno.ENOMEM: "free some memory",
    errno.EADDRINUSE: "choose another port, or end the program that uses it",
    errno.EADDRNOTAVAIL: "choose an address of this machine",
}


def in_words(error: BaseException) -> str | None:
    """An error of the system in one line: where, what is wrong, what to do.

    Returns:
        None for every other error: it is a fault of the program.
    """
    what_to_do = _WHAT_TO_DO.get(error.errno or 0) if isinstance(error, OSError) else None
    if not isinstance(error, OSError) or what_to_do is None:
        return None
    where = f"{error.filename}: " if error.filename else ""
    return one_line(f"{where}{error.strerror}; {what_to_do}")
