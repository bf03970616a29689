"""The arguments and options that several commands share."""

from collections.abc import Callable
from typing import Any

import click

from cli.command_line.user_path import UserPath
from cli.output_format import Format
from cli.verbosity import Verbosity, choose

Command = Callable[..., Any]
FILE = UserPath(dir_okay=False)

fleet_argument = click.argument("fleet", type=FILE)
limit_option = click.option(
    "--limit",
    metavar="PATTERN",
    multiple=True,
    help="Only matching servers: name (* and ?), id, tag:x or group:x; !PATTERN excludes. Repeatable.",
)
allow_empty_option = click.option("--allow-empty", is_flag=True, help="Allow `select` rules that match nothing.")
failed_from_option = click.option(
    "--failed-from",
    metavar="REPORT",
    help="Retry only the failures listed in REPORT, or of the `last` run of this fleet file.",
)
resend_plans_option = click.option(
    "--resend-plans",
    metavar="PLAN",
    multiple=True,
    help="Re-create plans even if they may already exist: key, SERVER/APPLICATION or `all`. Repeatable.",
)
update_plans_option = click.option(
    "--update-plans", is_flag=True, help="Update automatic plans that differ from the fleet file."
)
report_option = click.option(
    "--report", "report_file", metavar="FILE", type=FILE, help="Write the JSON report to FILE."
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print the JSON report on standard output.")


def format_options(command: Command) -> Command:
    """Give a command that shows a table the options that print it for programs; of both, the last one counts."""
    as_json = click.option(
        "--json", "form", flag_value=Format.JSON, type=Format, help="Print the JSON report on standard output."
    )
    as_csv = click.option(
        "--csv",
        "form",
        flag_value=Format.CSV,
        type=Format,
        default=Format.TABLE,
        help="Print the table as CSV on standard output.",
    )
    return as_json(as_csv(command))


def quiet_option(command: Command) -> Command:
    """Give a command `-q`."""
    return _chooses(Verbosity.QUIET, "-q", "--quiet", "Show only what is wrong.")(command)


def verbosity_options(command: Command) -> Command:
    """Give a command `-q` and `-v`; of both, the last one counts."""
    verbose = _chooses(Verbosity.VERBOSE, "-v", "--verbose", "Show every row, every target as it ends, every wait.")
    return verbose(quiet_option(command))


def _chooses(verbosity: Verbosity, letter: str, name: str, help_: str) -> Callable[[Command], Command]:
    def note(context: click.Context, _parameter: click.Parameter, is_given: bool) -> None:
        if is_given:
            choose(context, verbosity)

    return click.option(letter, name, is_flag=True, expose_value=False, callback=note, help=help_)


verify_timeout_option = click.option(
    "--verify-timeout",
    metavar="SECONDS",
    type=click.FloatRange(min=0, min_open=True),
    default=3600,
    show_default=True,
    help="Mark incomplete backups unverified after SECONDS.",
)
