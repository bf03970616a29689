"""`fleet-backup`: the table of its commands, and how every one of them ends.

`--help` imports nothing but click: rooms declare their commands in `commands.py`, and each command imports the rest.
"""

import sys
from typing import Any, NoReturn

import click

from cli import log
from cli.command_line.lazy_group import LazyGroup
from cli.errors import exit_code_of

COMMANDS = {
    "Backups": {
        "check": "cli.backups.commands:check",
        "plan": "cli.backups.commands:plan",
        "run": "cli.backups.commands:run",
        "audit": "cli.backups.commands:audit",
    },
    "Account": {
        "discover": "cli.account.commands:discover",
        "doctor": "cli.account.commands:doctor",
    },
    "Fleet file": {
        "schema": "cli.documents.commands:schema",
    },
    "Ledger": {
        "history": "cli.ledger.commands:history",
        "page": "cli.ledger.commands:page",
        "forget": "cli.ledger.commands:forget",
    },
    "Deployments": {
        "serve": "cli.deployments.commands:serve",
        "deploy": "cli.deployments.commands:deploy",
        "schedules": "cli.deployments.commands:schedules",
        "automations": "cli.deployments.commands:automations",
        "monitoring": "cli.deployments.commands:monitoring",
    },
    "Shell": {
        "completion": "cli.shell.commands:completion",
        "man": "cli.shell.commands:man",
    },
    "Sandbox": {
        "demo": "cli.sandbox.commands:demo",
        "sandbox": "cli.sandbox.commands:sandbox",
    },
}
"""The sections of `--help`: the name of each command, and where it is declared."""


class FleetBackup(LazyGroup):
    """The program: an error a person can fix is one line on standard error and an exit code of the contract."""

    def main(self, *arguments: Any, **options: Any) -> NoReturn:  # noqa: ANN401 - click's own, passed on
        """Run a command and exit."""
        options |= {"prog_name": "fleet-backup", "standalone_mode": False}
        log.use(log.LogFormat.TEXT)  # Until the command line is read.
        try:
            code = super().main(*arguments, **options)
        except BaseException as error:  # noqa: BLE001 - every way to end has an exit code
            code = exit_code_of(error)
        sys.exit(code)


@click.group(cls=FleetBackup, sections=COMMANDS, context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(package_name="fleet-backup")
@click.option(
    "--log-format",
    type=click.Choice([each.value for each in log.LogFormat]),
    default=log.LogFormat.TEXT.value,
    show_default=True,
    envvar="FLEET_BACKUP_LOG_FORMAT",
    metavar="FORMAT",
    is_eager=True,  # A mistake in the rest of the command line is written so, too.
    expose_value=False,
    callback=lambda _context, _option, chosen: log.use(log.LogFormat(chosen)),
    help="What standard error shows: text, or a JSON object for each line.",
)
def main() -> None:
    """Proven backups for a whole fleet of ServerAvatar-managed servers."""
