"""Which errors show that a connection to PostgreSQL was lost or not made, so that the same may succeed soon."""

from ssl import SSLCertVerificationError
from typing import Final

import sqlalchemy as sa
from sqlalchemy.exc import DBAPIError

_CONNECTION: Final = "08"
_ENDED: Final = frozenset({"57P01", "57P02"})
"""The server shuts down, or has crashed: it announces that, and only then closes the connection."""
_SOON_AGAIN: Final = frozenset({"57P03", "53300", "40001", "40P01"})
"""The server starts, or has no free connection; the transaction lost against another one."""
_BROKEN: Final = "InternalClientError"
"""What asyncpg raises on a connection whose end was announced."""


def is_lost(error: BaseException) -> bool:
    """Whether the same may succeed soon.

    SQLAlchemy does not wrap what asyncpg raises when connecting.
    """
    state = _state(error)
    return _is_broken(error) or state in _SOON_AGAIN


def invalidate(context: sa.ExceptionContext) -> None:
    """Let SQLAlchemy drop a connection that is lost, although asyncpg has not yet seen it closed.

    Otherwise it would be rolled back, which fails and hides why, or waits for an answer that never comes.
    """
    if _is_broken(context.original_exception):
        context.is_disconnect = True


def _is_broken(error: BaseException) -> bool:
    if isinstance(error, DBAPIError) and error.connection_invalidated:
        return True
    state = _state(error)
    if state is not None:
        return state.startswith(_CONNECTION) or state in _ENDED
    problem = _original(error)
    if type(problem.__cause__ or problem).__name__ == _BROKEN:
        return True
    # Of connecting: refused, reset, timed out, an unknown host.
    return isinstance(problem, OSError) and not isinstance(problem, SSLCertVerificationError)


def _state(error: BaseException) -> str | None:
    state = getattr(_original(error), "sqlstate", None)
    return None if state is None else str(state)


def _original(error: BaseException) -> BaseException:
    return error.orig if isinstance(error, DBAPIError) and error.orig else error
