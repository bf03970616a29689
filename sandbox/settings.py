"""What a sandbox is started with."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.dialects.dialect import Dialect
from sandbox.faults.faults import FaultRule

__all__ = ["Dialect", "SandboxSettings"]


@dataclass(frozen=True)
class SandboxSettings:
    """Everything that one sandbox needs to know.

    Attributes:
        folder: where the world, the state and the archives lie; an empty one gets the demo world.
        host: address to listen on.
        port: port to listen on; 0 takes a free one.
        token: the only token that is let in; it is kept in memory only.
        requests_per_minute: requests in one window, whatever its length; None for no limit.
        window_seconds: length of the rate limit's window.
        rate_limit_headers: send the `X-RateLimit-*` headers and `Retry-After`.
        backup_seconds: least duration of one backup, in seconds, so that one can see it in progress.
        restore_seconds: how long a restore stays in progress after its work, in seconds.
        clock_factor: how many seconds pass in the sandbox in one second; 0 stands still until turned by hand.
        seed: decides every random choice.
        packing_threads: how many backups are packed at once.
        dialect: how it speaks where the documentation leaves it open, until it is changed while it runs.
        faults: fault rules that are in force from the start.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    token: str = field(default="sandbox-token", repr=False)
    requests_per_minute: int | None = 210
    window_seconds: float = 60.0
    rate_limit_headers: bool = True
    backup_seconds: float = 0.3
    restore_seconds: float = 0.3
    clock_factor: float = 1.0
    seed: int = 1
    packing_threads: int = 2
    dialect: Dialect = field(default_factory=Dialect)
    faults: tuple[FaultRule, ...] = ()
