"""The Prefect server that a command uses: the user's, or one of its own."""

import asyncio
import logging
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager


def keep_prefect_off_the_terminal() -> None:
    """Leave the terminal to our own lines; Prefect's go to its UI. To be called before Prefect is imported."""
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    logging.raiseExceptions = False  # Else each log line that does not reach the server prints a traceback.


@contextmanager
def prefect_server(say: Callable[[str], None], purpose: str, *, keep: bool = False) -> Iterator[str]:
    """Use the Prefect server of the user's profile or environment, or start one for the time of the context.

    Args:
        say: prints a line for people.
        purpose: what a server of our own is for.
        keep: start one of our own again when it ends by itself.

    Yields:
        The URL of its API.

    Raises:
        PrefectServerError: the user's server cannot be used.
        ServerStartError: one of our own did not start.
    """
    keep_prefect_off_the_terminal()
    from prefect.settings import PREFECT_API_URL, get_current_settings, temporary_settings

    from deployments.server.check import check_server
    from deployments.server.local_server import local_server

    settings = get_current_settings()
    if settings.api.url:
        asyncio.run(check_server())
        yield settings.api.url
        return
    say(f"Starting a Prefect server for {purpose} (PREFECT_API_URL is not set) ...")
    with local_server(settings.home, say if keep else None) as url, temporary_settings({PREFECT_API_URL: url}):
        yield url
