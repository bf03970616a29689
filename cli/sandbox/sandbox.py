"""`fleet-backup sandbox`."""

from collections.abc import Sequence
from pathlib import Path

import click

from cli.errors import UsageProblem
from cli.sandbox.demo_fleet import write_fleet_file
from sandbox.dialects.reading import listing, read_dialect
from sandbox.serve import serve
from sandbox.settings import SandboxSettings
from sandbox.world.world import build_demo_world


def serve_sandbox(folder: Path, port: int, token: str, requests_per_minute: int, dialects: Sequence[str] = ()) -> int:
    """Serve the sandbox until Ctrl-C; a new folder gets a world and its fleet file first.

    Raises:
        UsageProblem: unknown dialect.
    """
    try:
        dialect = read_dialect(dialects)
    except ValueError as error:
        raise UsageProblem(f"--dialect: {error}") from None
    build_demo_world(folder)
    fleet = folder / "fleet.yaml"
    if not fleet.exists():
        write_fleet_file(folder, fleet)

    def ready(url: str) -> None:
        click.echo(
            f"Sandbox at {url}, serving {folder}; Ctrl-C to stop. In another terminal:\n"
            f"  export SERVERAVATAR_API_URL={url} SERVERAVATAR_API_TOKEN={token}\n"
            f"  fleet-backup check {fleet}",
            err=True,
        )

    serve(
        SandboxSettings(
            folder=folder, port=port, token=token, requests_per_minute=requests_per_minute, dialect=dialect
        ),
        ready,
    )
    return 0


def list_dialects() -> int:
    """Print every dialect of the sandbox."""
    click.echo("\n".join(listing()))
    return 0
