"""Whether the process that owns something is still there: a run that died on this machine need not be waited for."""

import os
import socket
from pathlib import Path


def process_space() -> str:
    """Name what makes a process id unique: host, boot and process namespace.

    Two containers may share a host name and a ledger, and not see each other's processes: without the namespace one
    would take the other for dead. Empty where the system does not tell; then only leases decide.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return f"{socket.gethostname()} {boot} {namespace}"


def is_alive(pid: int) -> bool:
    """Whether a process of this space exists; one that belongs to somebody else does."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
