"""The options that `serve`, `deploy` and `schedules` share: what a user sets about the deployments."""

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import click

from cli.user_path import UserPath

Command = Callable[..., Any]
_OPTIONS: Final = (
    click.option(
        "--file",
        type=UserPath(dir_okay=False),
        help="Your own copy of prefect.yaml; by default the one that is part of fleet-backup.",
    ),
    click.option(
        "--zone", metavar="ZONE", envvar="FLEET_BACKUP_ZONE", help="Time zone of the schedules (Europe/Berlin)."
    ),
    click.option("--nightly-at", metavar="HH:MM", envvar="FLEET_BACKUP_NIGHTLY_AT", help="Time of day of `nightly`."),
    click.option(
        "--nightly-every",
        metavar="NAME",
        envvar="FLEET_BACKUP_NIGHTLY_EVERY",
        help='Its rhythm, a schedule of the API: "Every 2 Days", "Twice a Month", "Every 3 Months", ...',
    ),
    click.option("--audit-at", metavar="HH:MM", envvar="FLEET_BACKUP_AUDIT_AT", help="Time of day of `audit`."),
    click.option(
        "--hourly",
        metavar="PATTERN",
        envvar="FLEET_BACKUP_HOURLY",
        help="Servers to back up every hour: group:critical, tag:x, a name. Switches `hourly` on, which is off.",
    ),
)


def deployment_options(command: Command) -> Command:
    """Give a command the options; each has an environment variable, too."""
    return reduce(lambda inner, option: option(inner), reversed(_OPTIONS), command)


def credentials_option(command: Command) -> Command:
    """Give a command the option that names a block."""
    name = "--credentials"
    text = "Name of a ServerAvatar Credentials block to call the API as; by default the environment of the run."
    return click.option(name, metavar="BLOCK", envvar="FLEET_BACKUP_CREDENTIALS", help=text)(command)
