"""`fleet-backup run`: the main job, on the user's Prefect server or one of our own."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cli.backups.early_end import note_that_the_flow_begins
from cli.backups.report_file import check_writable, write_report
from cli.backups.wanted import WantedRun
from cli.errors import OutputError
from cli.interruption import end_at_sigterm_as_at_ctrl_c, exit_without_waiting
from cli.output_format import Format
from cli.prefect_server import prefect_server
from cli.terminal.counting import counted
from cli.terminal.printing import print_report
from cli.terminal.terminal import Terminal
from fleet.fleet_file.home import at_home
from fleet.fleets.fleets import tag_of
from fleet.report.progress import listening
from fleet.report.report import Report
from fleet.selection.loading import load_inventory
from fleet.selection.rerun import LAST
from fleet.settings import settings as environment

CLOSING_SECONDS: Final = 120.0
"""Longest wait for the Prefect server once the report is there."""
_BETWEEN: Final = 2.0
"""Seconds between two questions whether it responds at all."""
_SILENT: Final = 3
"""Consecutive questions without a response after which it is not waited for."""
_PAUSE: Final = 0.5
TAGS: Final = ("fleet-backup", "backups", "command-line")
"""Of the flow runs: those of deployments have the first two, too."""


def run_fleet(wanted: WantedRun, report_file: Path | None, *, form: Format) -> int:
    """Run the flow, show it and write the report.

    Returns:
        The exit code of the verdict.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent or started.
        SelectionError: a pattern names no server.
        SettingsError: there is no usable token or another setting is wrong.
        OutputError: the report cannot be written.
    """
    end_at_sigterm_as_at_ctrl_c()
    settings = environment.load()
    settings.account()
    work = asyncio.run(work_of(wanted, settings.ledger_url()))
    check_writable(report_file)
    unwritten: list[OutputError] = []

    def show_and_write(report: Report) -> None:
        try:
            print_report(report, form, "targets")
            write_report(report, report_file)
        except OutputError as error:
            unwritten.append(error)
        finally:
            show_report(report, terminal)

    with Terminal(show_and_write) as terminal:
        terminal.say(f"{wanted.fleet.name}: {work}")
        with prefect_server(terminal.say, "this run") as url:
            knows_the_end = run_flow(wanted, terminal, url)
    if terminal.report is None:
        raise RuntimeError("the flow ended without a report")
    if unwritten:
        raise unwritten[0]
    if not knows_the_end:
        exit_without_waiting(terminal.report.exit_code)
    return terminal.report.exit_code


async def work_of(wanted: WantedRun, ledger_url: str) -> str:
    """Say what a run is about: read the fleet file and count; the flow reads it again, so nothing of it is kept."""
    inventory, _ = await load_inventory(
        wanted.fleet, list(wanted.limit), datetime.now(UTC), wanted.failed_from, ledger_url, wanted.listed_as
    )
    named = f"{counted(len(inventory.targets), 'backup')} on {counted(len(inventory.servers), 'server')}"
    if not inventory.rules:
        return named
    found = f"the matches of {counted(len(inventory.rules), '`select` rule')}"
    return f"{named}, and {found}" if inventory.servers else found


def show_report(report: Report, terminal: Terminal) -> None:
    """Show the report of a run on standard error."""
    terminal.table(report.targets)
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    for change in report.api_changes:
        terminal.warn(f"the API has changed: {change}")
    for note in report.notes:
        terminal.say(note)
    terminal.say(f"{report.requests.words}; run key {report.run_key}")


def run_flow(wanted: WantedRun, terminal: Terminal, url: str) -> bool:
    """Run the flow in this process; afterwards the terminal has the report, even if the run was interrupted.

    Once it has the report, nothing that happens to the Prefect server changes how the command ends.

    Returns:
        Whether the Prefect server knows how the run ended.
    """
    from prefect import tags
    from prefect.exceptions import TerminationSignal

    from deployments.server.recorded import drain
    from tasks.run.credentials import calling_as

    note_that_the_flow_begins()
    problem = ""
    try:
        listed = [tag_of(wanted.listed_as)] if wanted.listed_as else []
        with listening(terminal), tags(*TAGS, *listed), calling_as(wanted.account):
            problem = asyncio.run(_flow(wanted, terminal, url))
    except (KeyboardInterrupt, asyncio.CancelledError, TerminationSignal):
        if terminal.report is None:
            raise KeyboardInterrupt from None
    except Exception as error:
        if terminal.report is None:
            raise
        problem = type(error).__name__
    finally:
        if not problem:
            drain()
    if problem:
        terminal.warn(f"the Prefect server does not know how the run ended ({problem}); its UI may lack the rest")
    return not problem


async def _flow(wanted: WantedRun, terminal: Terminal, url: str) -> str:
    """Run the flow; return why the Prefect server does not know how it ended, empty if it does."""
    from deployments.server.recorded import until_recorded
    from flows.fleet_backup import fleet_backup

    running = asyncio.ensure_future(
        fleet_backup(
            fleet_file=wanted.fleet.resolve(),
            limit=list(wanted.limit),
            dry_run=wanted.dry_run,
            run_key=wanted.run_key or "",
            verify=wanted.verify,
            verify_timeout=wanted.verify_timeout,
            concurrency=wanted.concurrency,
            max_failures=100.0 if wanted.max_failures is None else wanted.max_failures,
            failed_from=_absolute(wanted.failed_from),
            resend_plans=list(wanted.resend_plans),
            update_plans=wanted.update_plans,
            allow_empty=wanted.allow_empty,
            credentials=wanted.credentials,
            fleet=wanted.listed_as,
            max_running_per_server=wanted.caps.per_server or 0,
            max_running_per_provider=wanted.caps.per_provider or 0,
            return_state=True,
        )
    )
    if problem := await _problem_at_the_end(running, terminal, url):
        running.cancel()
        await asyncio.wait({running}, timeout=_PAUSE)
        return problem
    state = await running
    run_id = state.state_details.flow_run_id
    if run_id and not await until_recorded(run_id, terminal.acted):
        terminal.say("The Prefect server has not recorded every task run yet; its UI may show some as running")
    if terminal.report is None:
        await state.aresult()  # Raises what ended the flow.
    return ""


async def _problem_at_the_end(running: asyncio.Future[Any], terminal: Terminal, url: str) -> str:
    """Wait for the flow; once it has reported, no longer than the Prefect server responds, and not for ever.

    Returns:
        Why the flow is not waited for; empty if it has ended.
    """
    from deployments.server.local_server import is_healthy

    while terminal.report is None and not running.done():
        await asyncio.wait({running}, timeout=_PAUSE)
    silent = 0
    for _ in range(int(CLOSING_SECONDS / _BETWEEN)):
        done, _ = await asyncio.wait({running}, timeout=_BETWEEN)
        if done:
            return ""
        silent = 0 if await asyncio.to_thread(is_healthy, url) else silent + 1
        if silent >= _SILENT:
            return "it does not respond"
    return f"no response within {CLOSING_SECONDS:.0f} s"


def _absolute(failed_from: str | None) -> str:
    """The absolute path of a report: a flow run may have another working folder."""
    if failed_from in (None, LAST):
        return failed_from or ""
    return str(at_home(Path(str(failed_from))).resolve())
