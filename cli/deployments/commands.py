"""Declares `serve`, `deploy`, `schedules`, `automations` and `monitoring`."""

from pathlib import Path
from typing import Final

import click
from click.core import ParameterSource

from cli.command_line.lazy_group import WholeHelpGroup
from cli.command_line.options import FILE, fleet_argument, format_options, json_option, quiet_option
from cli.deployments.options import choice, credentials_option, deployment_options
from cli.output_format import Format

MONITORING: Final = {"grafana": "grafana-dashboard.json", "prometheus": "prometheus-rules.yaml"}
"""What is shipped for other programs, by the program."""


@click.command()
@fleet_argument
@deployment_options
@credentials_option
def serve(fleet: Path, file: Path | None, **chosen: str | None) -> int:
    """Serve the deployments of the fleet file from this process.

    Schedules run while it serves; start other runs in the Prefect UI. Uses the Prefect
    server of PREFECT_API_URL or your profile, or else starts its own. Ctrl-C or SIGTERM
    ends it.

    Its own server listens on PREFECT_SERVER_API_HOST and PREFECT_SERVER_API_PORT, by default
    a free port of this machine. It refuses to listen beyond this machine without a password,
    PREFECT_SERVER_API_AUTH_STRING.

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
@json_option
@quiet_option
def deploy(fleet: Path, file: Path | None, as_json: bool, **chosen: str | None) -> int:
    """Deploy to a Prefect server, for the workers of a work pool.

    The fleet file must be at the same path on every worker. Repeating the command changes
    nothing and reports so.

    Every option can also be set in the environment: FLEET_BACKUP_ZONE and so on.
    """
    from cli.deployments.deploy import deploy_all

    return deploy_all(file, {"fleet": fleet, **chosen}, as_json=as_json)


@click.command()
@click.argument("fleet", type=FILE, required=False)
@deployment_options
@click.option("--count", metavar="N", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs to show.")
@click.option("--served", is_flag=True, help="Show what is on the Prefect server, with all that was changed there.")
@format_options
@click.pass_context
def schedules(
    context: click.Context,
    /,
    fleet: Path | None,
    file: Path | None,
    count: int,
    served: bool,
    form: Format,
    **chosen: str | None,
) -> int:
    """Show the next runs of the deployments.

    Needs no server and shows what the other options mean: with those of `serve` or
    `deploy`, or the same environment, what they start. --served asks the Prefect server.
    A FLEET is needed only if it lists several fleets.
    """
    from cli.prefect_server import prepare_for_prefect

    prepare_for_prefect()
    from cli.deployments.schedules import show_schedules, show_served

    if not served:
        return show_schedules(file, {"fleet": fleet, **chosen}, count, form)
    for name in ("fleet", "file", *chosen):
        if context.get_parameter_source(name) is ParameterSource.COMMANDLINE:
            option = "FLEET" if name == "fleet" else f"--{name.replace('_', '-')}"
            raise click.UsageError(f"{option} does not apply to what is --served", context)
    return show_served(count, form)


@click.command()
@click.argument("program", type=click.Choice(list(MONITORING)), metavar="PROGRAM")
def monitoring(program: str) -> int:
    """Print a dashboard for Grafana or alert rules for Prometheus.

    PROGRAM is grafana or prometheus. Both are about the metrics that runs and audits write.
    """
    from importlib.resources import files

    text = files("deployments").joinpath("monitoring", MONITORING[program]).read_text("utf-8")
    click.echo(text, nl=False)
    return 0


@click.group(cls=WholeHelpGroup)
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
@json_option
@quiet_option
def install(notify: str | None, hours: float | None, dry_run: bool, as_json: bool) -> int:
    """Install or update the alarms; others on the server stay."""
    from cli.deployments.automations import install_alarms

    return install_alarms(notify, hours, dry_run=dry_run, as_json=as_json)


@automations.command()
@click.option("--dry-run", is_flag=True, help="Show what would be removed, change nothing.")
@json_option
@quiet_option
def remove(dry_run: bool, as_json: bool) -> int:
    """Remove the alarms that `install` created."""
    from cli.deployments.automations import remove_alarms

    return remove_alarms(dry_run=dry_run, as_json=as_json)
