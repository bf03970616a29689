"""The options that `serve`, `deploy` and `schedules` share: a user's choices about the deployments."""

from collections.abc import Callable
from functools import reduce
from typing import Any, Final

import click

from cli.command_line.options import FILE

Command = Callable[..., Any]


def choice(name: str, metavar: str, help_: str) -> Command:
    """An option that an environment variable sets, too: `--zone` and FLEET_BACKUP_ZONE."""
    variable = f"FLEET_BACKUP_{name.removeprefix('--').replace('-', '_').upper()}"
    return click.option(name, metavar=metavar, envvar=variable, help=help_)


_OPTIONS: Final = (
    click.option("--file", metavar="FILE", type=FILE, help="Your own copy of prefect.yaml. Default: the shipped one."),
    choice("--zone", "ZONE", "Time zone of every schedule, such as Europe/Berlin. Default: UTC."),
    choice("--nightly-at", "HH:MM", "Time of day of `nightly`. Default: 01:30."),
    choice(
        "--nightly-every",
        "NAME",
        'Schedule of `nightly`, such as "Twice a Month". Default: Every Day.',
    ),
    choice("--plans-at", "HH:MM", "Time of day of `plans`. Default: 00:30."),
    choice("--audit-at", "HH:MM", "Time of day of `audit`. Default: 07:00."),
    choice(
        "--hourly", "PATTERN", "Back up these servers every hour: name, tag:x or group:x. Default: `hourly` is off."
    ),
)
credentials_option = choice(
    "--credentials", "BLOCK", "ServerAvatar Credentials block. Default: the environment of the run."
)


def deployment_options(command: Command) -> Command:
    """Give a command the options that choose."""
    return reduce(lambda inner, option: option(inner), reversed(_OPTIONS), command)
