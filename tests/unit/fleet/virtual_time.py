"""An event loop whose clock jumps over every wait: nothing sleeps for real, and every wait has its exact length."""

import asyncio
import selectors
from typing import Any


class _Selector(selectors.DefaultSelector):
    """Never waits: what the loop would have waited for is added to its clock."""

    def __init__(self) -> None:
        super().__init__()
        self.now = 0.0

    def select(self, timeout: float | None = None) -> list[tuple[selectors.SelectorKey, int]]:
        ready = super().select(0)
        if not ready and timeout is None:
            raise AssertionError("everything waits, and for nothing that has a time")
        if not ready and timeout:
            self.now += timeout
        return ready


class VirtualTimeLoop(asyncio.SelectorEventLoop):
    """An event loop in virtual time."""

    def __init__(self, *_: Any) -> None:
        self._virtual = _Selector()
        super().__init__(self._virtual)

    def time(self) -> float:
        return self._virtual.now
