"""Declares `demo` and `sandbox`."""

from pathlib import Path

import click

from cli.command_line.user_path import UserPath

_FOLDER = UserPath(file_okay=False)


@click.command()
@click.option(
    "--folder",
    metavar="FOLDER",
    type=_FOLDER,
    default=Path(".demo"),
    show_default=True,
    help="Holds everything the demo makes.",
)
def demo(folder: Path) -> int:
    """Back up a demo fleet on the sandbox and open the archives."""
    from cli.sandbox.demo import run_demo

    return run_demo(folder)


@click.command()
@click.option(
    "--folder",
    metavar="FOLDER",
    type=_FOLDER,
    default=Path(".sandbox"),
    show_default=True,
    help="Holds its servers, state and archives.",
)
@click.option(
    "--port",
    metavar="PORT",
    type=click.IntRange(0, 65535),
    default=8099,
    show_default=True,
    help="Port on this machine; 0 picks a free one.",
)
@click.option("--token", metavar="TOKEN", default="sandbox-token", show_default=True, help="Token the sandbox accepts.")
@click.option(
    "--requests-per-minute",
    metavar="N",
    type=click.IntRange(min=1),
    default=210,
    show_default=True,
    help="Rate limit.",
)
@click.option(
    "--dialect",
    "dialects",
    metavar="DIALECT",
    multiple=True,
    help="How the API differs from its documentation: nameless,shows_after=8. Repeatable; `list` shows all.",
)
def sandbox(folder: Path, port: int, token: str, requests_per_minute: int, dialects: tuple[str, ...]) -> int:
    """Serve a ServerAvatar API with real backups on this machine."""
    from cli.sandbox.sandbox import list_dialects, serve_sandbox

    return list_dialects() if "list" in dialects else serve_sandbox(folder, port, token, requests_per_minute, dialects)
