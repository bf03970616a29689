"""Transactions that are not interrupted by cancellation."""

import asyncio
import contextlib
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import Any, ParamSpec, TypeVar

Parameters = ParamSpec("Parameters")
Result = TypeVar("Result")


def shielded(
    transaction: Callable[Parameters, Coroutine[Any, Any, Result]],
) -> Callable[Parameters, Coroutine[Any, Any, Result]]:
    """Complete a transaction even if its caller is cancelled, once or several times.

    If interrupted, SQLite's connection would keep the write lock until it is garbage-collected, and the next run would
    find its ledger locked. A transaction is short: at most as long as the wait for another program's.
    """

    @wraps(transaction)
    async def to_its_end(*args: Parameters.args, **kwargs: Parameters.kwargs) -> Result:
        work = asyncio.ensure_future(transaction(*args, **kwargs))
        try:
            return await asyncio.shield(work)
        except asyncio.CancelledError:
            while not work.done():
                with contextlib.suppress(asyncio.CancelledError):
                    await asyncio.wait([work])
            raise

    return to_its_end
