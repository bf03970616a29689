"""The command reference, from the command line itself."""

from inspect import cleandoc
from pathlib import Path
from typing import Final

import click

from cli.command_line.walking import walk
from cli.main import main
from docs.hooks.table import cell, table

PROGRAM: Final = "fleet-backup"


def reference() -> str:
    """Describe every command: usage, help, and each option with its default and environment variable."""
    program = click.Context(main, info_name=PROGRAM)
    return "\n\n".join(_section(context) for context in [program, *contexts()])


def contexts() -> list[click.Context]:
    """Every command of the program."""
    return list(walk(click.Context(main, info_name=PROGRAM)))


def _section(context: click.Context) -> str:
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    options = [it for it in context.command.params if isinstance(it, click.Option)]
    rows = [(f"`{_names(option)}`", _meaning(option)) for option in options]
    listed = table(("option", "meaning"), rows) if rows else ""
    parts = [f"## {context.command_path}", f"    {usage}", cleandoc(context.command.help or ""), listed]
    return "\n\n".join(part for part in parts if part)


def _names(option: click.Option) -> str:
    value = "" if option.is_flag else f" {option.make_metavar(click.Context(main))}"
    return ", ".join(option.opts) + value


def _default(option: click.Option) -> str:
    default = option.default
    shown = isinstance(default, int | float | str | Path) and not isinstance(default, bool)
    return f"Default: `{default:g}`." if isinstance(default, float) else f"Default: `{default}`." if shown else ""


def _meaning(option: click.Option) -> str:
    notes = [option.help or "", _default(option)]
    if option.multiple and "repeatable" not in notes[0].lower():
        notes.append("May be given more than once.")
    if option.envvar:
        notes.append(f"Environment: `{option.envvar}`.")
    return cell(" ".join(note for note in notes if note))
