"""`fleet-backup serve`: the deployments from one process."""

import asyncio
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from cli.deployments.fleet_file_check import check_fleet_file
from cli.interruption import end_at_sigterm_as_at_ctrl_c
from cli.prefect_server import prefect_server

if TYPE_CHECKING:
    from deployments.declaration import Declaration


def serve_deployments(file: Path | None, chosen: Mapping[str, Any]) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Args:
        file: a prefect.yaml; None for the shipped one.
        chosen: what the command line sets, by the names of `deployments.choices.Choices`.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
        FleetFileError: the fleet file has mistakes.
        SettingsError: the environment has no usable token, and no block is named.
        PrefectServerError: the user's Prefect server cannot be used.
        RegistrationError: the Prefect server refuses the deployments.
    """
    end_at_sigterm_as_at_ctrl_c()
    check_fleet_file(chosen)
    with prefect_server(_say, "the deployments") as url:
        from deployments.choices import Choices, chosen_declarations
        from deployments.declaration import shipped_file
        from deployments.recorded import drain
        from deployments.registration import register_block
        from deployments.serving import serve

        declared = chosen_declarations(file or shipped_file(), Choices(**chosen))

        def ready() -> None:
            for line in _greeting(declared, chosen["fleet"], url):
                _say(line)

        async def run() -> None:
            await register_block()
            await serve(declared, ready)

        try:
            asyncio.run(run())
        finally:
            drain()  # While there is a server: one of our own ends with this context.
        _say("Ended. A run that comes due meanwhile is made up once, the next time it serves.")
    return 0


def _greeting(declared: "Sequence[Declaration]", fleet: Path, api_url: str) -> Iterator[str]:
    """What is served and when each deployment runs."""
    yield f"Serving {len(declared)} deployment{'' if len(declared) == 1 else 's'} of {fleet}:"
    for one in declared:
        on = [entry for entry in one.schedules if entry.active is not False]
        words = ", ".join(f"{entry.in_words()} ({entry.timezone})" for entry in on)
        manual = "manual; its schedule is off" if one.schedules else "manual"
        yield f"  {one.name:<13} {words or manual}"
    yield f"The Prefect UI: {ui_of(api_url)}/deployments. Ctrl-C to stop."


def ui_of(api_url: str) -> str:
    """The URL of a Prefect server's UI, from the URL of its API."""
    return api_url.removesuffix("/").removesuffix("/api")


def _say(text: str) -> None:
    click.echo(text, err=True)
