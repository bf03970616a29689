"""`fleet-backup run` of a file that lists fleets: one after another in this process, each with its own account."""

import asyncio
from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

from cli.backups.fleet_choice import chosen_fleets
from cli.backups.report_file import check_writable, write_report
from cli.backups.run import run_flow, show_report, work_of
from cli.backups.wanted import WantedRun
from cli.errors import UsageProblem, exit_code_of
from cli.interruption import end_at_sigterm_as_at_ctrl_c, exit_without_waiting
from cli.output_format import Format
from cli.prefect_server import prefect_server
from cli.terminal.printing import print_csv, print_report
from cli.terminal.tables import new_table, shortened
from cli.terminal.terminal import Terminal
from fleet.fleets.fleets import Fleet
from fleet.fleets.reading import read_fleets
from fleet.monitoring.events import Ending
from fleet.report.outcome import Exit
from fleet.report.several.fleets_report import FleetEnding, FleetsReport
from fleet.selection.rerun import LAST
from fleet.selection.selection import NothingLeftError
from fleet.serveravatar.text import one_line
from fleet.settings import settings as environment
from fleet.settings.settings import Settings

_COLUMNS: Final = [name for name in FleetEnding.model_fields if name != "report"]
_NOT_STARTED: Final = "not started: interrupted"


def run_fleets(wanted: WantedRun, report_file: Path | None, *, form: Format) -> int:
    """Run each fleet, show how it ended and write one report; a fleet that is out of order stops no other.

    Returns:
        The exit code of the verdict about all fleets.

    Raises:
        FleetFileError: with every mistake of the file that lists the fleets; nothing was sent or started.
        UsageProblem: the options do not fit several fleets.
        SettingsError: a setting is wrong.
        OutputError: the report cannot be written.
    """
    end_at_sigterm_as_at_ctrl_c()
    settings, began = environment.load(), datetime.now(UTC)
    if wanted.failed_from not in (None, LAST):
        raise UsageProblem(f"--failed-from {wanted.failed_from}: with several fleets only `last`")
    fleets, limit = chosen_fleets(read_fleets(wanted.fleet).fleets, wanted.limit)
    check_writable(report_file)
    screen, runs = Terminal(), _Runs(replace(wanted, limit=limit), settings)
    with prefect_server(screen.say, "these runs") as url:
        endings = list(runs.in_turn(fleets, url))
    report = FleetsReport.of(endings, (began, datetime.now(UTC)))
    _print(report, form)
    try:
        write_report(report, report_file)
    finally:
        _show(report, screen)
        if not wanted.dry_run:
            _notify(report, settings, screen)
    if runs.unrecorded:
        exit_without_waiting(report.exit_code)
    return report.exit_code


class _Runs:
    """The runs of the fleets.

    Attributes:
        unrecorded: whether there is a run of which the Prefect server does not know how it ended.
    """

    def __init__(self, wanted: WantedRun, settings: Settings) -> None:
        self.unrecorded = False
        self._wanted = wanted
        self._settings = settings

    def in_turn(self, fleets: Sequence[Fleet], url: str) -> Iterator[FleetEnding]:
        """Run one fleet after another; after an interruption, none is started any more."""
        is_interrupted = False
        for fleet in fleets:
            ending = _ending(fleet, Exit.INTERRUPTED, _NOT_STARTED)
            if not is_interrupted:
                try:
                    ending = self._one(fleet, url)
                except KeyboardInterrupt as error:
                    exit_code_of(error)
                except Exception as error:  # noqa: BLE001 - whatever it is, the other fleets are run
                    ending = _ending(fleet, exit_code_of(error), str(error) or type(error).__name__)
            is_interrupted = ending.exit_code == Exit.INTERRUPTED
            yield ending

    def _one(self, fleet: Fleet, url: str) -> FleetEnding:
        """Run a fleet.

        Raises:
            Exception: whatever ends it before there is a report.
        """
        from tasks.telling.one_message import told_together

        with Terminal(lambda report: show_report(report, terminal)) as terminal:
            terminal.say(f"\n{fleet.name}: {fleet.file}")
            wanted = _wanted_of(fleet, self._wanted, self._settings)
            try:
                terminal.say(asyncio.run(work_of(wanted, self._settings.ledger_url())))
            except NothingLeftError as nothing:
                terminal.say(str(nothing))
                return _ending(fleet, Exit.DONE, str(nothing))
            with told_together():
                self.unrecorded |= not run_flow(wanted, terminal, url)
        if terminal.report is None:
            raise RuntimeError("the flow ended without a report")
        ending = _ending(fleet, terminal.report.exit_code, terminal.report.verdict)
        return ending.model_copy(update={"report": terminal.report})


def _wanted_of(fleet: Fleet, wanted: WantedRun, settings: Settings) -> WantedRun:
    """What is asked for of one fleet.

    Raises:
        SettingsError: its token, or the environment's if it has none, is not usable.
    """
    has_block = fleet.place.credentials is not None
    return replace(
        wanted,
        fleet=fleet.file,
        run_key=f"{wanted.run_key}-{fleet.name}" if wanted.run_key else None,
        listed_as=fleet.name,
        account=None if has_block else settings.account(fleet.token_file),
        credentials=fleet.place.credentials or "",
        caps=fleet.caps,
    )


def _ending(fleet: Fleet, code: int, verdict: str) -> FleetEnding:
    return FleetEnding(fleet=fleet.name, file=str(fleet.file), exit_code=code, verdict=one_line(verdict))


def _notify(report: FleetsReport, settings: Settings, screen: Terminal) -> None:
    """Send people the one message about all fleets."""
    from tasks.telling.one_message import tell_of_all

    endings = {Exit.DONE: Ending.COMPLETED, Exit.SOME_FAILED: Ending.WITH_WARNINGS}
    ending = endings.get(Exit(report.exit_code), Ending.FAILED)
    for problem in asyncio.run(tell_of_all(settings, ending, report.verdict)):
        screen.warn(problem)


def _print(report: FleetsReport, form: Format) -> None:
    """Print the report, or the table of the fleets as CSV, without the reports within."""
    if form is Format.CSV:
        print_csv(_COLUMNS, [ending.model_dump(include=set(_COLUMNS)) for ending in report.fleets])
    else:
        print_report(report, form, "fleets")


def _show(report: FleetsReport, screen: Terminal) -> None:
    problems_first = sorted(report.fleets, key=lambda each: each.exit_code == Exit.DONE)
    shown, caption = shortened(problems_first, lambda each: each.exit_code != Exit.DONE, screen.verbosity)
    table = new_table("fleet", "exit code", "verdict", caption=caption)
    for ending in shown:
        table.add_row(ending.fleet, str(ending.exit_code), ending.verdict)
    screen.show(table)
    screen.verdict(report.verdict, good=report.exit_code == Exit.DONE)
