"""`fleet-backup run`: the main job, on the user's Prefect server or on one of our own."""

import asyncio
import tempfile
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import click

from cli.errors import OutputError
from cli.interruption import end_at_sigterm_as_at_ctrl_c
from cli.prefect_server import prefect_server
from cli.terminal import Terminal
from fleet.creation.concurrency import USUAL_CONCURRENCY
from fleet.fleet_file.home import at_home
from fleet.report.progress import listener
from fleet.selection.loading import load_inventory
from fleet.selection.rerun import LAST
from fleet.settings import settings as environment


@dataclass(frozen=True, slots=True)
class Wanted:
    """What was asked for on the command line; each is a parameter of the flow."""

    fleet: Path
    limit: tuple[str, ...] = ()
    dry_run: bool = False
    run_key: str | None = None
    verify: bool = True
    verify_timeout: float = 3600.0
    concurrency: int = USUAL_CONCURRENCY
    failed_from: str | None = None
    max_failures: float | None = None
    resend_plans: tuple[str, ...] = ()
    update_plans: bool = False
    allow_empty: bool = False


def run_fleet(wanted: Wanted, report_file: Path | None, *, as_json: bool) -> int:
    """Run the flow, show it, and write the report.

    Returns:
        The exit code of the verdict.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent or started.
        SelectionError: a pattern names no server.
        SettingsError: there is no usable token or another setting is wrong.
        OutputError: the report cannot be written where it was asked for.
    """
    end_at_sigterm_as_at_ctrl_c()
    settings = environment.load()
    settings.account()
    work = asyncio.run(_work(wanted, settings.ledger_url()))
    if report_file is not None:
        check_writable(report_file)
    with Terminal() as terminal:
        terminal.say(f"{wanted.fleet.name}: {work}")
        with prefect_server(terminal.say, "this run"):
            _run_flow(wanted, terminal)
    report = terminal.report
    if report is None:
        raise RuntimeError("the flow ended without a report")
    terminal.table(report.targets)
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    for change in report.api_changes:
        terminal.say(f"warning: the API has changed: {change}")
    for note in report.notes:
        terminal.say(note)
    terminal.say(f"{report.requests.total} requests, run key {report.run_key}")
    if report_file is not None:
        report_file.write_text(report.model_dump_json(indent=2) + "\n", "utf-8")
    if as_json:
        click.echo(report.model_dump_json(indent=2))
    return report.exit_code


async def _work(wanted: Wanted, ledger_url: str) -> str:
    """Read the fleet file, and say how much it asks for; the flow reads it again, so nothing of it is kept."""
    inventory, _ = await load_inventory(
        wanted.fleet, list(wanted.limit), datetime.now(UTC), wanted.failed_from, ledger_url
    )
    named = f"{len(inventory.targets)} backups on {len(inventory.servers)} servers"
    if not inventory.rules:
        return named
    found = f"what {len(inventory.rules)} rules of `select` find now"
    found = found.replace(" 1 rules of `select` find", " 1 rule of `select` finds")
    return f"{named}, and {found}" if inventory.servers else found


def check_writable(report_file: Path) -> None:
    """Find out before the run that its report has no place, and take an older report away that would look current."""
    if report_file.exists() and not report_file.is_file():
        return  # A terminal, a pipe.
    try:
        report_file.unlink(missing_ok=True)
        with tempfile.TemporaryFile(dir=report_file.parent):
            pass
    except OSError as error:
        raise OutputError(f"--report {report_file}: cannot be written: {error.strerror}") from None


def _run_flow(wanted: Wanted, terminal: Terminal) -> None:
    """Run the flow in this process; the terminal has the report when it is over, also when it was interrupted."""
    from prefect.exceptions import TerminationSignal

    from deployments.recorded import drain, until_recorded
    from flows.fleet_backup import fleet_backup

    async def run() -> None:
        state = await fleet_backup(
            fleet_file=wanted.fleet.resolve(),
            limit=list(wanted.limit),
            dry_run=wanted.dry_run,
            run_key=wanted.run_key or "",
            verify=wanted.verify,
            verify_timeout=wanted.verify_timeout,
            concurrency=wanted.concurrency,
            max_failures=100.0 if wanted.max_failures is None else wanted.max_failures,
            failed_from=_absolute(wanted.failed_from) or "",
            resend_plans=list(wanted.resend_plans),
            update_plans=wanted.update_plans,
            allow_empty=wanted.allow_empty,
            return_state=True,
        )
        run_id = state.state_details.flow_run_id
        if run_id and not await until_recorded(run_id, terminal.acted):
            terminal.say("The Prefect server has not recorded all task runs yet; its UI may show some as running")
        if terminal.report is None:
            await state.aresult()  # raises what ended the flow

    token = listener.set(terminal)
    try:
        asyncio.run(run())
    except (KeyboardInterrupt, asyncio.CancelledError, TerminationSignal):
        if terminal.report is None:
            raise KeyboardInterrupt from None
    finally:
        listener.reset(token)
        drain()


def _absolute(failed_from: str | None) -> str | None:
    return failed_from if failed_from in (None, LAST) else str(at_home(Path(str(failed_from))).resolve())
