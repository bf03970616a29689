"""`fleet-backup`: the command line of the contract.

Nothing slow is imported before a command is chosen: `--help` answers at once.
"""

import sys
from pathlib import Path

import click

from cli.errors import exit_code_of
from cli.serving.automations import automations
from cli.serving.deployment_options import credentials_option, deployment_options
from cli.user_path import UserPath
from fleet.creation.concurrency import LARGEST_CONCURRENCY, USUAL_CONCURRENCY

FLEET = UserPath(dir_okay=False)


class Percent(click.ParamType[float]):
    """A share such as `5%`; the sign may be left out."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the share as a number from 0 to 100."""
        try:
            share = float(str(value).strip().removesuffix("%"))
        except ValueError:
            share = -1.0
        if not 0 <= share <= 100:  # noqa: PLR2004 - percent
            self.fail(f"{value!r} is no share between 0% and 100%", param, ctx)
        return share


PERCENT = Percent()


json_option = click.option(
    "--json", "as_json", is_flag=True, help="Print the report on standard output, and nothing else there."
)
timeout_option = click.option(
    "--verify-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=3600.0,
    show_default=True,
    help="After so long, a backup that is not complete is overdue.",
)


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(package_name="fleet-backup")
def commands() -> None:
    """Proven backups for a whole fleet of ServerAvatar-managed servers."""


commands.add_command(automations)


@commands.command()
@click.argument("fleet", type=FLEET)
@click.option("--dry-run", is_flag=True, help="Check everything, create nothing.")
@click.option(
    "--limit",
    metavar="PATTERN",
    multiple=True,
    help="Only these servers: name (with * and ?), id, tag:x, group:x. Several; ! in front leaves out.",
)
@click.option("--run-key", metavar="KEY", help="What makes two runs the same run. Default: a new run.")
@click.option("--report", "report_file", type=FLEET, help="Write the report there.")
@json_option
@click.option(
    "--failed-from",
    metavar="REPORT",
    help="Only what did not end well: of this report, or of the `last` run in the ledger.",
)
@click.option(
    "--max-failures",
    metavar="N%",
    type=PERCENT,
    help="Stop sending when more than N percent of the creates have failed.",
)
@click.option(
    "--resend-plans",
    metavar="PLAN",
    multiple=True,
    help="Send an automatic plan again although it may exist: its key, SERVER/APPLICATION, or all. Several.",
)
@click.option("--update-plans", is_flag=True, help="Change automatic plans that differ from the fleet file.")
@click.option("--allow-empty", is_flag=True, help="Let a rule of `select` pass that matches nothing.")
@click.option(
    "--concurrency",
    type=click.IntRange(1, LARGEST_CONCURRENCY),
    default=USUAL_CONCURRENCY,
    show_default=True,
    help="Requests under way at most.",
)
@click.option("--no-verify", is_flag=True, help="Do not wait until the backups are proven complete.")
@timeout_option
def run(  # noqa: PLR0913, PLR0917 - one parameter an option
    fleet: Path,
    dry_run: bool,
    limit: tuple[str, ...],
    run_key: str | None,
    report_file: Path | None,
    as_json: bool,
    failed_from: str | None,
    max_failures: float | None,
    resend_plans: tuple[str, ...],
    update_plans: bool,
    allow_empty: bool,
    concurrency: int,
    no_verify: bool,
    verify_timeout: float,
) -> int:
    """Back up every target of the FLEET file and prove it."""
    from cli.runs.run import Wanted, run_fleet

    wanted = Wanted(
        fleet=fleet,
        limit=limit,
        dry_run=dry_run,
        run_key=run_key,
        verify=not no_verify,
        verify_timeout=verify_timeout,
        concurrency=concurrency,
        failed_from=failed_from,
        max_failures=max_failures,
        resend_plans=resend_plans,
        update_plans=update_plans,
        allow_empty=allow_empty,
    )
    return run_fleet(wanted, report_file, as_json=as_json)


@commands.command()
@click.option("--server", metavar="PATTERN", help="Only servers of this name (with * and ?) or id.")
@click.option("--outcome", metavar="OUTCOME", help="Only targets that ended so; `open` for those without an end.")
@click.option("--run-key", metavar="KEY", help="Only of this run.")
@click.option("--since", metavar="TIME", help="Only since then: 2026-11-23, 2026-11-23T01:00 (UTC), or 36h, 7d.")
@click.option("--json", "as_json", is_flag=True, help="Print a JSON list on standard output.")
def history(server: str | None, outcome: str | None, run_key: str | None, since: str | None, as_json: bool) -> int:
    """Show what the ledger knows, newest first."""
    from cli.records.history import show_history

    return show_history(server, outcome, run_key, since, as_json=as_json)


@commands.command()
@click.argument("fleet", type=FLEET)
@click.option("--limit", metavar="PATTERN", multiple=True, help="As for `run`.")
@click.option("--allow-empty", is_flag=True, help="As for `run`.")
def check(fleet: Path, limit: tuple[str, ...], allow_empty: bool) -> int:
    """Validate the FLEET file and check every precondition; create nothing."""
    from cli.runs.check import check_fleet

    return check_fleet(fleet, limit, allow_empty=allow_empty)


@commands.command()
@click.option(
    "--organization", metavar="ID", type=click.IntRange(min=1), help="Only this one. Default: every organization."
)
@click.option("--output", metavar="FILE", type=FLEET, help="Write it there. Default: standard output.")
def discover(organization: int | None, output: Path | None) -> int:
    """Print a fleet file of everything that the account has.

    Comments say what the API could not tell, such as which database belongs to an application.
    """
    from cli.account.discover import discover_fleet

    return discover_fleet(organization, output)


@commands.command()
@click.argument("fleet", type=FLEET)
@click.option("--limit", metavar="PATTERN", multiple=True, help="As for `run`.")
@click.option("--run-key", metavar="KEY", help="What the run of this key would do. Default: a new run.")
@click.option("--failed-from", metavar="REPORT", help="As for `run`.")
@click.option("--resend-plans", metavar="PLAN", multiple=True, help="As for `run`.")
@click.option("--update-plans", is_flag=True, help="As for `run`.")
@click.option("--allow-empty", is_flag=True, help="As for `run`.")
@click.option("--json", "as_json", is_flag=True, help="Print it on standard output, and nothing else there.")
def plan(  # noqa: PLR0913, PLR0917 - one parameter an option
    fleet: Path,
    limit: tuple[str, ...],
    run_key: str | None,
    failed_from: str | None,
    resend_plans: tuple[str, ...],
    update_plans: bool,
    allow_empty: bool,
    as_json: bool,
) -> int:
    """Show what a run over the FLEET file would do, and which automatic plans have drifted; change nothing.

    Exit code 0: nothing to do; 7: something to do.
    """
    from cli.runs.plan import Wanted, plan_fleet

    wanted = Wanted(fleet, limit, run_key, failed_from, resend_plans, update_plans, allow_empty)
    return plan_fleet(wanted, as_json=as_json)


@commands.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
def forget(keys: tuple[str, ...]) -> int:
    """Take automatic plans out of the ledger that you have deleted in the panel; `plan` shows their KEYs.

    Where the fleet file wants such a plan, the next run makes it anew.
    """
    from cli.records.forget import forget_all

    return forget_all(keys)


@commands.command()
@click.argument("fleet", type=FLEET)
@click.option("--limit", metavar="PATTERN", multiple=True, help="As for `run`.")
@click.option("--allow-empty", is_flag=True, help="As for `run`.")
@click.option("--report", "report_file", type=FLEET, help="Write the report there.")
@json_option
def audit(fleet: Path, limit: tuple[str, ...], allow_empty: bool, report_file: Path | None, as_json: bool) -> int:
    """Find out whether everything is backed up, and as the FLEET file expects it; create nothing.

    Exit code 0: all is fine or muted; 7: something is not; 6: something could not be read.
    """
    from cli.runs.audit import audit_fleet

    return audit_fleet(fleet, limit, report_file, allow_empty=allow_empty, as_json=as_json)


@commands.command()
@click.argument("fleet", type=FLEET, required=False)
@click.option(
    "--prove",
    metavar="APPLICATION",
    help="Create one real instant backup of this application (id, or SERVER/ID) and watch it to its end.",
)
@click.option("--yes", is_flag=True, help="Do not ask before --prove.")
@timeout_option
@json_option
def doctor(fleet: Path | None, prove: str | None, yes: bool, verify_timeout: float, as_json: bool) -> int:
    """Find out where the API differs from what is documented: of the FLEET file's organizations, or the account's.

    At most 12 reading requests; nothing in the report is private. Exit code 0: all as assumed; 7: something differs.
    """
    from cli.account.doctor import Wanted, examine_api

    return examine_api(Wanted(fleet, prove, yes, verify_timeout), as_json=as_json)


@commands.command()
@click.option("--folder", type=UserPath(file_okay=False), default=Path(".demo"), show_default=True)
def demo(folder: Path) -> int:
    """Back up a fleet of real files and databases on the sandbox, and open the archives."""
    from cli.trial.demo import run_demo

    return run_demo(folder)


@commands.command()
@click.option("--folder", type=UserPath(file_okay=False), default=Path(".sandbox"), show_default=True)
@click.option("--port", type=click.IntRange(0, 65535), default=8099, show_default=True, help="0: any free one.")
@click.option("--token", default="sandbox-token", show_default=True, help="Token the sandbox accepts.")
@click.option("--requests-per-minute", type=click.IntRange(min=1), default=210, show_default=True)
@click.option(
    "--dialect",
    "dialects",
    metavar="DIALECT",
    multiple=True,
    help="How the API differs from its documentation: nameless,shows_after=8. Repeatable. `list` shows all.",
)
def sandbox(folder: Path, port: int, token: str, requests_per_minute: int, dialects: tuple[str, ...]) -> int:
    """Serve a ServerAvatar API on this machine, with servers, sites and real backups."""
    from cli.trial.sandbox import list_dialects, serve_sandbox

    return list_dialects() if "list" in dialects else serve_sandbox(folder, port, token, requests_per_minute, dialects)


@commands.command()
@click.argument("fleet", type=FLEET)
@deployment_options
@credentials_option
def serve(fleet: Path, file: Path | None, credentials: str | None, **chosen: str | None) -> int:
    """Serve the deployments of the FLEET file from this process: nothing else to set up.

    Their schedules run while it does, and runs are started in the Prefect UI. Without a Prefect server in
    PREFECT_API_URL or your profile it starts its own. Ctrl-C and SIGTERM end it. Every option can be set by the
    environment, too: FLEET_BACKUP_ZONE and so on.
    """
    from cli.serving.serve import serve_deployments

    return serve_deployments(file, {"fleet": fleet, "credentials": credentials, **chosen})


@commands.command()
@click.argument("fleet", type=FLEET)
@deployment_options
@credentials_option
@click.option("--pool", metavar="POOL", envvar="FLEET_BACKUP_POOL", help="The work pool; made where it is missing.")
@click.option("--queue", metavar="QUEUE", envvar="FLEET_BACKUP_QUEUE", help="The pool's work queue.")
def deploy(fleet: Path, file: Path | None, **chosen: str | None) -> int:
    """Bring the deployments of the FLEET file to a Prefect server, for the workers of a work pool.

    The FLEET file must lie at the same path on every worker. A second time it changes nothing and says so. Every
    option can be set by the environment, too: FLEET_BACKUP_ZONE and so on.
    """
    from cli.serving.deploy import deploy_all

    return deploy_all(file, {"fleet": fleet, **chosen})


@commands.command()
@deployment_options
@click.option("--count", metavar="N", type=click.IntRange(1, 100), default=3, show_default=True, help="Runs to show.")
def schedules(file: Path | None, count: int, **chosen: str | None) -> int:
    """Show the next runs of the deployments, from prefect.yaml and without a server."""
    from cli.serving.schedules import show_schedules

    return show_schedules(file, chosen, count)


@commands.command()
def schema() -> int:
    """Print the JSON Schema of the fleet file, for editors."""
    from cli.schema import print_schema

    return print_schema()


def main() -> None:
    """Run a command; every error a person can make is one line on standard error, and an exit code of the contract."""
    try:
        code = commands.main(standalone_mode=False, prog_name="fleet-backup")
    except BaseException as error:  # noqa: BLE001 - every way to end has an exit code
        code = exit_code_of(error)
    sys.exit(code)
