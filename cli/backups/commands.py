"""Declares `check`, `plan`, `run` and `audit`."""

from pathlib import Path
from typing import Any

import click

from cli.command_line.options import (
    allow_empty_option,
    failed_from_option,
    fleet_argument,
    format_options,
    limit_option,
    report_option,
    resend_plans_option,
    update_plans_option,
    verbosity_options,
    verify_timeout_option,
)
from cli.command_line.percent import Percent
from cli.output_format import Format
from fleet.creation.concurrency import LARGEST_CONCURRENCY, USUAL_CONCURRENCY

_RUN_KEY_HELP = "Idempotency key: runs with the same key create each backup once. Default: a new key."


@click.command()
@fleet_argument
@limit_option
@allow_empty_option
@format_options
@verbosity_options
def check(fleet: Path, limit: tuple[str, ...], allow_empty: bool, form: Format) -> int:
    """Check the fleet file and every precondition; create nothing."""
    from cli.backups.check import check_fleet

    return check_fleet(fleet, limit, allow_empty=allow_empty, form=form)


@click.command()
@fleet_argument
@limit_option
@click.option("--run-key", metavar="KEY", help=_RUN_KEY_HELP)
@failed_from_option
@resend_plans_option
@update_plans_option
@allow_empty_option
@format_options
@verbosity_options
def plan(form: Format, **wanted: Any) -> int:  # noqa: ANN401 - the options above, as `Wanted` has them
    """Show what a run would do and which plans have drifted.

    Changes nothing. Exit code 0: nothing to do; 7: something to do.
    """
    from cli.backups.plan import plan_fleet
    from cli.backups.wanted import Wanted

    return plan_fleet(Wanted(**wanted), form)


@click.command()
@fleet_argument
@click.option("--dry-run", is_flag=True, help="Check everything, create nothing.")
@limit_option
@click.option("--run-key", metavar="KEY", help=_RUN_KEY_HELP)
@report_option
@format_options
@verbosity_options
@failed_from_option
@click.option(
    "--max-failures",
    metavar="N%",
    type=Percent(),
    help="Stop sending when more than N% of the creates have failed. Default: never stop.",
)
@resend_plans_option
@update_plans_option
@allow_empty_option
@click.option(
    "--concurrency",
    metavar="N",
    type=click.IntRange(1, LARGEST_CONCURRENCY),
    default=USUAL_CONCURRENCY,
    show_default=True,
    help="Maximum concurrent requests.",
)
@click.option("--no-verify", is_flag=True, help="Do not wait until backups are proven complete.")
@verify_timeout_option
def run(report_file: Path | None, form: Format, no_verify: bool, **wanted: Any) -> int:  # noqa: ANN401 - the options above, as `WantedRun` has them
    """Back up every target of the fleet file and prove it.

    A file that lists several fleets: one after another; --limit fleet:NAME chooses.
    """
    from cli.backups.early_end import early_end_is_told
    from cli.backups.run import run_fleet
    from cli.backups.run_fleets import run_fleets
    from cli.backups.wanted import WantedRun
    from fleet.fleet_file.reading import lists_fleets

    asked = WantedRun(verify=not no_verify, **wanted)
    with early_end_is_told(asked.fleet.stem, dry_run=asked.dry_run):
        return (run_fleets if lists_fleets(asked.fleet) else run_fleet)(asked, report_file, form=form)


@click.command()
@fleet_argument
@limit_option
@allow_empty_option
@report_option
@format_options
@verbosity_options
def audit(fleet: Path, limit: tuple[str, ...], allow_empty: bool, report_file: Path | None, form: Format) -> int:
    """Check that everything is backed up as the fleet file expects.

    Creates nothing. Exit code 0: all fine or muted; 7: something is not; 6: something
    could not be read.
    """
    from cli.backups.audit import audit_fleet

    return audit_fleet(fleet, limit, report_file, allow_empty=allow_empty, form=form)
