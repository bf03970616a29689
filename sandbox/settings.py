"""The settings of a sandbox."""

from dataclasses import dataclass, field
from pathlib import Path

from sandbox.dialects.dialect import Dialect
from sandbox.faults.faults import FaultRule

__all__ = ["Dialect", "SandboxSettings"]


@dataclass(frozen=True)
class SandboxSettings:
    """The settings of one sandbox.

    Attributes:
        folder: of the world, the state and the archives; an empty one gets the demo world.
        host: address to listen on.
        port: port to listen on; 0 picks a free one.
        token: the token accepted; kept in memory only.
        other_tokens: of further accounts, each with a rate limit of its own; every account sees everything.
        requests_per_minute: requests per window, whatever its length; None for no limit.
        window_seconds: window of the rate limit.
        rate_limit_headers: send the `X-RateLimit-*` headers and `Retry-After`.
        backup_seconds: minimum duration of a backup, in seconds, so that its progress can be seen.
        restore_seconds: how long a restore stays in progress after its work, in seconds.
        clock_factor: seconds that pass in the sandbox per real second; 0 stops the clock until it is advanced.
        seed: of every random choice.
        packing_threads: backups packed concurrently.
        dialect: how it behaves where the documentation leaves it open; can be changed while it runs.
        faults: fault rules in force from the start.
    """

    folder: Path
    host: str = "127.0.0.1"
    port: int = 0
    token: str = field(default="sandbox-token", repr=False)
    other_tokens: tuple[str, ...] = field(default=(), repr=False)
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
