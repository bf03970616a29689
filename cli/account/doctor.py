"""`fleet-backup doctor`: where the API differs from its documentation; and the Prefect server's leases."""

import asyncio
import os
import sys
from datetime import UTC, datetime

import click

from cli import log
from cli.account.doctor_table import show
from cli.account.examination import Examination
from cli.account.wanted import Wanted
from cli.errors import UsageProblem
from cli.output_format import Format
from cli.prefect_server import prepare_for_prefect
from cli.terminal.printing import print_report
from cli.terminal.terminal import Terminal
from fleet.doctor.prove.target_choice import chosen
from fleet.inventory.inventory import Inventory
from fleet.selection.loading import load_inventory
from fleet.settings import settings as environment


def examine_api(wanted: Wanted, form: Format) -> int:
    """Examine the API, show the findings and record them in the ledger.

    Returns:
        The exit code: 0 all as assumed, 7 something differs; with `--prove` also 3, 4 and 5 as of a run.

    Raises:
        FleetFileError: with every mistake of the fleet file; nothing was sent.
        SettingsError: there is no usable token or another setting is wrong.
        UsageProblem: `--prove` without a fleet file or without consent.
        ChoiceError: `--prove` names no target, or more than one.
        ApiUnusableError: nothing could be read.
    """
    now, settings = datetime.now(UTC), environment.load()
    if wanted.prove and wanted.fleet is None:
        raise UsageProblem("--prove needs the FLEET file that asks for the backup")
    account, url = settings.account(), settings.ledger_url()
    inventory = asyncio.run(load_inventory(wanted.fleet, [], now, None, url))[0] if wanted.fleet else None
    if wanted.prove and inventory:
        _confirm(wanted, inventory, now)
    with Terminal() as terminal:
        report = asyncio.run(Examination(wanted, settings, inventory, terminal, now).of(account))
    show(report, terminal)
    if os.environ.get("PREFECT_API_URL"):  # Importing Prefect takes seconds.
        _check_prefect_server()
    print_report(report, form, "findings")
    return report.exit_code


def _check_prefect_server() -> None:
    """Warn about a Prefect server on which a restart ends healthy runs; one that does not answer is no finding."""
    prepare_for_prefect()
    from deployments.server.leases import lease_warning

    if warning := asyncio.run(lease_warning()):
        log.write(warning, "warning")


def _confirm(wanted: Wanted, inventory: Inventory, now: datetime) -> None:
    """Check that `--prove` names one target, as far as that is known before anything is sent, and ask."""
    if wanted.prove and not inventory.rules:
        chosen(inventory.targets, wanted.prove, now)
    if wanted.yes:
        return
    if not sys.stdin.isatty():
        raise UsageProblem("--prove creates one real backup: confirm with --yes")
    if not click.confirm("This creates one real instant backup, which stays in the storage. Continue?", err=True):
        raise UsageProblem("nothing was sent")
