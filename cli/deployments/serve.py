"""`fleet-backup serve`: the deployments from one process."""

import asyncio
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from cli import log
from cli.deployments.fleet_file_check import fleet_problems
from cli.interruption import end_at_sigterm_as_at_ctrl_c
from cli.prefect_server import prefect_server
from cli.terminal.lines import warn

if TYPE_CHECKING:
    from deployments.registration.registration import Prepared


def serve_deployments(file: Path | None, chosen: Mapping[str, Any]) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        file: a prefect.yaml; None for the shipped one.
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
        FleetFileError: the fleet file has mistakes.
        SettingsError: the environment has no usable token, and no block is named; or the Prefect server would be open
            to other machines without a password.
        PrefectServerError: the user's Prefect server cannot be used.
        RegistrationError: the Prefect server refuses the deployments.
    """
    end_at_sigterm_as_at_ctrl_c()
    for problem in fleet_problems(chosen):
        warn(problem)
    with prefect_server(_say, "the deployments", keep=True) as url:
        from deployments.choices import Choices
        from deployments.declaration import shipped_file
        from deployments.fleets import declarations_of
        from deployments.registration.registration import register_block
        from deployments.server.leases import lease_warning
        from deployments.server.recorded import drain
        from deployments.serving.patience import Patience
        from deployments.serving.serving import serve
        from fleet.settings import settings as environment

        declared = declarations_of(file or shipped_file(), Choices(**chosen))

        def ready(prepared: "Prepared") -> None:
            for line in _greeting(prepared, chosen["fleet"], url):
                _say(line)

        async def run() -> None:
            await register_block()
            if warning := await lease_warning():
                _say(warning)
            await serve(declared, Patience(url, _say), environment.load().ledger_url(), ready, _say)

        try:
            asyncio.run(run())
        finally:
            drain()  # While there is a server: one of our own ends with this context.
        _say("Ended. A run that comes due meanwhile is made up once, the next time it serves.")
    return 0


def _greeting(prepared: "Prepared", fleet: Path, api_url: str) -> Iterator[str]:
    """What is served and when each deployment runs."""
    from cli.deployments.states import removals, runs_of

    yield from removals(prepared)
    count = len(prepared.deployments)
    yield f"Serving {count} deployment{'' if count == 1 else 's'} of {fleet}:"
    width = max(13, *(len(one.declared.name) for one in prepared.deployments))
    for one in prepared.deployments:
        yield f"  {one.declared.name:<{width}} {runs_of(one)}"
    yield f"The Prefect UI: {ui_of(api_url)}/deployments. Ctrl-C to stop."


def ui_of(api_url: str) -> str:
    """The URL of a Prefect server's UI, from the URL of its API."""
    return api_url.removesuffix("/").removesuffix("/api")


def _say(text: str) -> None:
    log.write(text)
