"""Counts requests and keeps the latest, without headers or bodies."""

import time
from collections import Counter, deque
from typing import Any

_KEPT = 10_000


class RequestLog:
    """The requests since the start."""

    def __init__(self) -> None:
        self._by_call: Counter[str] = Counter()
        self._by_status: Counter[str] = Counter()
        self._by_account: Counter[int] = Counter()
        self._last: deque[dict[str, Any]] = deque(maxlen=_KEPT)

    def add(self, call: str, method: str, path: str, status: int | None, account: int | None) -> None:
        """Record one request and its answer.

        Args:
            call: the name of the call.
            method: of the request.
            path: of the request.
            status: None for a connection that was closed without an answer.
            account: whose token it was, counted from 1; None for no account's.
        """
        if account is not None:
            self._by_account[account] += 1
        self._by_call[call] += 1
        self._by_status["dropped" if status is None else str(status)] += 1
        self._last.append({"time": time.time(), "call": call, "method": method, "path": path, "status": status})

    def described(self) -> dict[str, Any]:
        """Counts, and the latest requests in order."""
        return {
            "total": self._by_call.total(),
            "by_call": dict(self._by_call),
            "by_status": dict(self._by_status),
            "by_account": dict(self._by_account),
            "log": list(self._last),
        }

    def clear(self) -> None:
        """Reset the counts and the log."""
        self._by_call.clear()
        self._by_status.clear()
        self._by_account.clear()
        self._last.clear()
