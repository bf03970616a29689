"""Whether the process that owns entries still exists, so that nothing waits for a run that died on this machine."""

import os
import socket
from pathlib import Path


def process_space() -> str:
    """What makes a process id unique: host, boot and process namespace.

    Two containers may share a host name and a ledger without seeing each other's processes: without the namespace, one
    would consider the other dead. Empty if the system does not provide it; then only leases decide.
    """
    try:
        boot = Path("/proc/sys/kernel/random/boot_id").read_text("ascii").strip()
        namespace = Path("/proc/self/ns/pid").stat().st_ino
    except OSError:
        return ""
    return f"{socket.gethostname()} {boot} {namespace}"


def is_gone(space: str, pid: int) -> bool:
    """Whether a process is one of this space, and does not exist; of another space nothing is known."""
    return bool(space) and space == process_space() and not is_alive(pid)


def is_alive(pid: int) -> bool:
    """Whether a process of this space exists, whoever owns it."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
