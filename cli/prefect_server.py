"""The Prefect server that a command uses: the user's, or one of its own."""

import asyncio
import importlib
import logging
import os
import sys
import warnings
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr
from io import StringIO
from pathlib import Path

from pydantic import ValidationError

from fleet.fleet_file.home import HomeError, at_home
from fleet.settings.settings import SettingsError, mistakes


def prepare_for_prefect() -> None:
    """To be called before Prefect is imported: the terminal is left to our own lines; Prefect's go to its UI.

    Raises:
        HomeError: the user has no home, without which Prefect cannot be imported.
        SettingsError: one of Prefect's own settings is not valid.
    """
    try:
        at_home(Path("~"))
    except HomeError:
        raise HomeError("the user has no home directory, which Prefect needs: set HOME to a folder of yours") from None
    warnings.filterwarnings("ignore", message="Failed to create the Prefect home directory")  # We report it.
    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_LOGGING_INTERNAL_LEVEL", "CRITICAL")
    os.environ.setdefault("PREFECT_FLOWS_HEARTBEAT_FREQUENCY", "30")  # As of a deployed run (prefect.yaml).
    logging.raiseExceptions = False  # Else each log line that does not reach the server prints a traceback.
    _read_prefect_settings()


def _read_prefect_settings() -> None:
    said = StringIO()
    try:
        with redirect_stderr(said):  # It prints what it then raises.
            importlib.import_module("prefect.context")
    except ValidationError as error:
        where = f"a setting of Prefect is not valid ({error.title}: {'; '.join(mistakes(error))})"
        raise SettingsError(
            f"{where}; correct or remove it in the environment (PREFECT_...) or Prefect's profile"
        ) from None
    sys.stderr.write(said.getvalue())


@contextmanager
def prefect_server(say: Callable[[str], None], purpose: str, *, keep: bool = False) -> Iterator[str]:
    """Use the Prefect server of the user's profile or environment, or start one for the time of the context.

    Args:
        say: prints a line for people.
        purpose: what a server of our own is for.
        keep: for longer than a run. One of our own listens where Prefect's settings say, and is started again when it
            ends by itself.

    Yields:
        The URL of its API.

    Raises:
        SettingsError: one of our own would be open to other machines without a password.
        PrefectServerError: the user's server cannot be used.
        ServerStartError: one of our own did not start.
    """
    prepare_for_prefect()
    from prefect.settings import PREFECT_API_AUTH_STRING, PREFECT_API_URL, get_current_settings, temporary_settings

    from deployments.server.address import Address, address_of, password_of
    from deployments.server.check import check_server
    from deployments.server.local_server import local_server

    settings = get_current_settings()
    if settings.api.url:
        asyncio.run(check_server())
        yield settings.api.url
        return
    own = settings.server.api
    address, password = address_of(own) if keep else Address(), password_of(own)
    say(f"Starting a Prefect server for {purpose} (PREFECT_API_URL is not set) ...")
    # We call it with its own password, whatever is set for other servers.
    authentication = {PREFECT_API_AUTH_STRING: password} if password else {}
    with (
        local_server(settings.home, say if keep else None, address, password) as url,
        temporary_settings({PREFECT_API_URL: url, **authentication}),
    ):
        yield url
