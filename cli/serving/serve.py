"""`fleet-backup serve`: the deployments from one process."""

import asyncio
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import click

from cli.interruption import end_at_sigterm_as_at_ctrl_c
from cli.prefect_server import prefect_server
from cli.runs.fleet_reading import check_fleet_file


def serve_deployments(file: Path | None, chosen: Mapping[str, Any]) -> int:
    """Serve until Ctrl-C or SIGTERM.

    Raises:
        DeclarationError: prefect.yaml or a choice cannot be used.
        FleetFileError: the fleet file has mistakes.
        SettingsError: the environment has no usable token, and no block is named.
        PrefectServerError: the user's Prefect server cannot be used.
        RegistrationError: the Prefect server does not take the deployments.
    """
    end_at_sigterm_as_at_ctrl_c()
    check_fleet_file(chosen)
    with prefect_server(_say, "the deployments") as url:
        from deployments.choices import Choices, chosen_declarations
        from deployments.declaration import shipped_file
        from deployments.recorded import drain
        from deployments.registration import Prepared, register_block
        from deployments.serving import serve

        declared = chosen_declarations(file or shipped_file(), Choices(**chosen))

        def ready(prepared: Prepared) -> None:
            count = len(prepared.deployments)
            _say(f"Serving {count} {'deployment' if count == 1 else 'deployments'} of {chosen['fleet']}:")
            for one in declared:
                on = [entry for entry in one.schedules if entry.active is not False]
                words = ", ".join(f"{entry.in_words()} ({entry.timezone})" for entry in on)
                by_hand = "by hand; its schedule is off" if one.schedules else "by hand"
                _say(f"  {one.name:<13} {words or by_hand}")
            _say(f"The Prefect UI: {ui_of(url)}/deployments. Ctrl-C ends this.")

        async def run() -> None:
            await register_block()
            await serve(declared, ready)

        try:
            asyncio.run(run())
        finally:
            drain()  # While there is a server: an own one ends with this context.
        _say("Ended. What a schedule was due for meanwhile is made up for, once, when it serves again.")
    return 0


def ui_of(api_url: str) -> str:
    """Where the UI of a Prefect server is, from the URL of its API."""
    return api_url.removesuffix("/").removesuffix("/api")


def _say(text: str) -> None:
    click.echo(text, err=True)
