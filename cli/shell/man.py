"""`fleet-backup man`: shows or installs the man page."""

import shutil
import subprocess
import sys
from typing import Final

import click

from cli.shell.user_file import user_folder, write

_FILE: Final = "man/man1/fleet-backup.1"


def show_page(page: str) -> None:
    """Show the page through `man`; into a file or a pipe, or without a `man`, print its source."""
    program = shutil.which("man")
    if program and sys.stdout.isatty():
        subprocess.run([program, "--local-file", "-"], input=page, text=True, check=False)  # noqa: S603 - the user's own
    else:
        click.echo(page, nl=False)


def install_page(page: str) -> None:
    """Write the page where `man` finds it for a program in `~/.local/bin`, and print where that is.

    Raises:
        OutputError: it cannot be written.
        HomeError: the user has no home.
    """
    file = user_folder("XDG_DATA_HOME", "~/.local/share") / _FILE
    write(file, page)
    click.echo(
        f"{file}: written; if `man fleet-backup` does not find it: man -M {file.parents[1]} fleet-backup", err=True
    )
