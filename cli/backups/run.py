"""`fleet-backup run`: the main job, on the user's Prefect server or one of our own."""

import asyncio
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

from cli.backups.report_file import check_writable, write_report
from cli.backups.wanted import WantedRun
from cli.errors import OutputError
from cli.interruption import end_at_sigterm_as_at_ctrl_c
from cli.prefect_server import prefect_server
from cli.terminal.counting import counted
from cli.terminal.terminal import Terminal
from fleet.fleet_file.home import at_home
from fleet.report.progress import listener
from fleet.report.report import Report
from fleet.selection.loading import load_inventory
from fleet.selection.rerun import LAST
from fleet.settings import settings as environment

CLOSING_SECONDS: Final = 120.0
"""Longest wait for the Prefect server once the report is there."""
_PAUSE: Final = 0.5
_UNTOLD: Final = "warning: the Prefect server does not know how the run ended; its UI may show it as running"


def run_fleet(wanted: WantedRun, report_file: Path | None, *, as_json: bool) -> int:
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
    work = asyncio.run(_work(wanted, settings.ledger_url()))
    check_writable(report_file)
    unwritten: list[OutputError] = []

    def show_and_write(report: Report) -> None:
        try:
            write_report(report, report_file, as_json=as_json)
        except OutputError as error:
            unwritten.append(error)
        _show(report, terminal)

    with Terminal(show_and_write) as terminal:
        terminal.say(f"{wanted.fleet.name}: {work}")
        with prefect_server(terminal.say, "this run"):
            _run_flow(wanted, terminal)
    if unwritten:
        raise unwritten[0]
    if terminal.report is None:
        raise RuntimeError("the flow ended without a report")
    return terminal.report.exit_code


async def _work(wanted: WantedRun, ledger_url: str) -> str:
    """Read the fleet file and count what it asks for; the flow reads it again, so nothing of it is kept."""
    inventory, _ = await load_inventory(
        wanted.fleet, list(wanted.limit), datetime.now(UTC), wanted.failed_from, ledger_url
    )
    named = f"{counted(len(inventory.targets), 'backup')} on {counted(len(inventory.servers), 'server')}"
    if not inventory.rules:
        return named
    found = f"the matches of {counted(len(inventory.rules), '`select` rule')}"
    return f"{named}, and {found}" if inventory.servers else found


def _show(report: Report, terminal: Terminal) -> None:
    terminal.table(report.targets)
    terminal.verdict(report.verdict, good=report.exit_code == 0)
    for change in report.api_changes:
        terminal.say(f"warning: the API has changed: {change}")
    for note in report.notes:
        terminal.say(note)
    terminal.say(f"{counted(report.requests.total, 'request')}, run key {report.run_key}")


def _run_flow(wanted: WantedRun, terminal: Terminal) -> None:
    """Run the flow in this process; afterwards the terminal has the report, even if the run was interrupted.

    Once it has the report, nothing that happens to the Prefect server changes how the command ends.
    """
    from prefect.exceptions import TerminationSignal

    from deployments.recorded import drain

    token = listener.set(terminal)
    try:
        asyncio.run(_flow(wanted, terminal))
    except (KeyboardInterrupt, asyncio.CancelledError, TerminationSignal):
        if terminal.report is None:
            raise KeyboardInterrupt from None
    except Exception as error:
        if terminal.report is None:
            raise
        terminal.say(f"{_UNTOLD} ({type(error).__name__})")
    finally:
        listener.reset(token)
        drain()


async def _flow(wanted: WantedRun, terminal: Terminal) -> None:
    from deployments.recorded import until_recorded
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
            return_state=True,
        )
    )
    if not await _ended(running, terminal):
        terminal.say(f"{_UNTOLD} (no response within {CLOSING_SECONDS:.0f} s)")
        return
    state = await running
    run_id = state.state_details.flow_run_id
    if run_id and not await until_recorded(run_id, terminal.acted):
        terminal.say("The Prefect server has not recorded every task run yet; its UI may show some as running")
    if terminal.report is None:
        await state.aresult()  # Raises what ended the flow.


async def _ended(running: asyncio.Future[Any], terminal: Terminal) -> bool:
    """Wait for the flow; once it has reported, no longer than `CLOSING_SECONDS` for the Prefect server."""
    while terminal.report is None and not running.done():
        await asyncio.wait({running}, timeout=_PAUSE)
    done, _ = await asyncio.wait({running}, timeout=CLOSING_SECONDS)
    if not done:
        running.cancel()
        await asyncio.wait({running}, timeout=_PAUSE)
    return bool(done)


def _absolute(failed_from: str | None) -> str:
    """The absolute path of a report: a flow run may have another working folder."""
    if failed_from in (None, LAST):
        return failed_from or ""
    return str(at_home(Path(str(failed_from))).resolve())
