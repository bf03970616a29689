"""`fleet-backup completion`: click's own completion script, and where each shell looks for it."""

import os
from pathlib import Path
from typing import Final

import click
from click.shell_completion import get_completion_class

from cli.errors import UsageProblem
from cli.shell.user_file import append_once, user_folder, write
from fleet.fleet_file.home import at_home

_PROGRAM: Final = "fleet-backup"
_VARIABLE: Final = "_FLEET_BACKUP_COMPLETE"
"""Click answers to it before any command; it follows from the program's name."""


def script_of(program: click.Command, shell: str) -> str:
    """The script that makes a shell complete a program.

    Raises:
        UsageProblem: the installed bash is too old for it.
    """
    kind = get_completion_class(shell)
    if kind is None:
        raise UsageProblem(f"{shell}: this version of click does not complete for it")
    try:
        return kind(program, {}, _PROGRAM, _VARIABLE).source()
    except RuntimeError as error:
        raise UsageProblem(f"{shell}: {error}") from None


def install_completion(shell: str, script: str) -> None:
    """Write the script where a new shell finds it, and print where that is.

    Raises:
        OutputError: it cannot be written.
        HomeError: the user has no home.
    """
    file = file_of(shell)
    write(file, script)
    click.echo(f"{file}: written; new shells complete {_PROGRAM}", err=True)
    if shell == "zsh":
        settings = at_home(Path(os.environ.get("ZDOTDIR") or "~")) / ".zshrc"
        if append_once(settings, _zsh_lines(file.parent)):
            click.echo(f"{settings}: two lines added, since zsh looks in no folder of the user's", err=True)
    elif shell == "bash":
        click.echo(f'Without the package bash-completion, add to ~/.bashrc: source "{file}"', err=True)


def file_of(shell: str) -> Path:
    """Where a shell looks for the completion of a command.

    Raises:
        HomeError: the user has no home.
    """
    if shell == "fish":
        return user_folder("XDG_CONFIG_HOME", "~/.config") / "fish" / "completions" / f"{_PROGRAM}.fish"
    data = user_folder("XDG_DATA_HOME", "~/.local/share")
    if shell == "zsh":
        return data / "zsh" / "site-functions" / f"_{_PROGRAM}"
    chosen = os.environ.get("BASH_COMPLETION_USER_DIR", "")
    return (Path(chosen) if chosen else data / "bash-completion") / "completions" / _PROGRAM


def _zsh_lines(folder: Path) -> str:
    return f'# Completion of {_PROGRAM}.\nfpath=("{folder}" $fpath); autoload -Uz compinit && compinit\n'
