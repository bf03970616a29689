"""Declares `serve`, `deploy`, `schedules` and `automations`."""

from pathlib import Path

import click

from cli.command_line.options import FILE, fleet_argument, json_option
from cli.deployments.options import choice, credentials_option, deployment_options


@click.command()
@fleet_argument
@deployment_options
@credentials_option
def serve(fleet: Path, file: Path | None, **chosen: str | None) -> int:
    """Serve the deployments of the fleet file from this process.

    Schedules run while it serves; start other runs in the Prefect UI. Uses the Prefect
    server of PREFECT_API_URL or your profile, or else starts its own. Ctrl-C or SIGTERM
    ends it.

    Every option can also be set in the environment: FLEET_BACKUP_ZONE and so on.
    """
    from cli.deployments.serve import serve_deployments

    return serve_deployments(file, {"fleet": fleet, **chosen})


@click.command()
@fleet_argument
@deployment_options
@credentials_option
@choice("--pool", "POOL", "Work pool; created if missing. Default: fleet-backup.")
@choice("--queue", "QUEUE", "Work queue of the pool. Default: default.")
def deploy(fleet: Path, file: Path | None, **chosen: str | None) -> int:
    """Deploy to a Prefect server, for the workers of a work pool.

    The fleet file must be at the same path on every worker. Repeating the command changes
    nothing and reports so.

    Every option can also be set in the environment: FLEET_BACKUP_ZONE and so on.
    """
    from cli.deployments.deploy import deploy_all

    return deploy_all(file, {"fleet": fleet, **chosen})


@click.command()
@click.argument("fleet", type=FILE, required=False)
@deployment_options
@click.option("--count", metavar="N", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs to show.")
@json_option
def schedules(fleet: Path | None, file: Path | None, count: int, as_json: bool, **chosen: str | None) -> int:
    """Show the next runs of the deployments; needs no server.

    A FLEET is needed only if it lists several fleets.
    """
    from cli.prefect_server import prepare_for_prefect

    prepare_for_prefect()
    from cli.deployments.schedules import show_schedules

    return show_schedules(file, {"fleet": fleet, **chosen}, count, as_json=as_json)


@click.group()
def automations() -> None:
    """Install or remove the alarms on the Prefect server.

    They report runs that failed, were missed, or are late or stuck.
    """


@automations.command()
@click.option(
    "--notify",
    metavar="BLOCK",
    help="Send notifications through this block, as `prefect block ls` names it. Default: event feed only.",
)
@click.option(
    "--hours",
    metavar="HOURS",
    type=click.FloatRange(0.01, 10_000),
    help="Alarm when no run of a fleet has completed for HOURS. Default: 26.",
)
@click.option("--dry-run", is_flag=True, help="Show what would change, change nothing.")
def install(notify: str | None, hours: float | None, dry_run: bool) -> int:
    """Install or update the alarms; others on the server stay."""
    from cli.deployments.automations import install_alarms

    return install_alarms(notify, hours, dry_run=dry_run)


@automations.command()
@click.option("--dry-run", is_flag=True, help="Show what would be removed, change nothing.")
def remove(dry_run: bool) -> int:
    """Remove the alarms that `install` created."""
    from cli.deployments.automations import remove_alarms

    return remove_alarms(dry_run=dry_run)
