"""`fleet-backup automations`: the alarms on the Prefect server."""

import click

from cli.errors import UsageProblem

_SHOWN = {"created": "create", "updated": "update", "removed": "remove"}


@click.group()
def automations() -> None:
    """The alarms on the Prefect server: runs that failed, were missed, are late or stuck."""


@automations.command()
@click.option(
    "--notify", metavar="BLOCK", help="Notify this block, such as slack-webhook/ops. Default: the event feed alone."
)
@click.option("--hours", type=float, help="Alarm when no run of a fleet ended for so long. Default: 26.")
@click.option("--dry-run", is_flag=True, help="Tell what would be changed, change nothing.")
def install(notify: str | None, hours: float | None, dry_run: bool) -> int:
    """Install or update the alarms; others on the server are left alone."""
    import asyncio

    if hours is not None and not 0.01 <= hours <= 10_000:  # noqa: PLR2004 - 36 s, a year
        raise UsageProblem(f"--hours {hours:g}: must be between 0.01 and 10000")
    _quiet()
    from deployments.install_automations import install as install_automations

    changes = asyncio.run(install_automations(notify, hours, dry_run=dry_run))
    _show([(change.name, change.done) for change in changes], dry_run=dry_run)
    if notify is None:
        click.echo("Nobody is notified: alarms show in the event feed alone. Name a block with --notify.", err=True)
    return 0


@automations.command()
@click.option("--dry-run", is_flag=True, help="Tell what would be removed, change nothing.")
def remove(dry_run: bool) -> int:
    """Remove the alarms that `install` has made."""
    import asyncio

    _quiet()
    from deployments.install_automations import remove as remove_automations

    changes = asyncio.run(remove_automations(dry_run=dry_run))
    _show([(change.name, change.done) for change in changes], dry_run=dry_run)
    return 0


def _quiet() -> None:
    """Leave the terminal to our own words."""
    import os

    os.environ.setdefault("PREFECT_LOGGING_HANDLERS_CONSOLE_LEVEL", "CRITICAL")


def _show(changes: list[tuple[str, str]], *, dry_run: bool) -> None:
    for name, done in changes:
        words = f"would {_SHOWN[done]}" if dry_run and done in _SHOWN else done
        click.echo(f"{words}: {name}", err=True)
    if not changes:
        click.echo("nothing to remove", err=True)
