"""The man page, in roff, from the commands and settings themselves; so it is always that of the installed version."""

import re
from collections.abc import Iterator
from importlib.metadata import version
from inspect import cleandoc
from typing import Final

import click

from cli.command_line.walking import walk
from cli.documents.schemas import described
from fleet.report.outcome import Exit
from fleet.settings.settings import Settings

_MEANINGS: Final = {
    Exit.DONE: "everything that was asked for is done",
    Exit.UNEXPECTED: "unexpected error",
    Exit.USAGE: "bad command line, settings or fleet file; nothing was sent",
    Exit.SOME_FAILED: "some targets failed, or were backed up twice",
    Exit.NONE_STARTED: "no target could be started",
    Exit.IN_DOUBT: "something is in doubt",
    Exit.API_UNUSABLE: "the API cannot be used: token, URL, network, rate limit",
    Exit.TO_DO: "plan, audit, doctor: something differs",
    Exit.INTERRUPTED: "interrupted",
}
_CODE: Final = re.compile(r"`([^`]*)`")


def page_of(program: click.Context) -> str:
    """The page.

    Args:
        program: the context of the whole program.
    """
    lines = [
        f'.TH FLEET-BACKUP 1 "" "fleet-backup {version("fleet-backup")}" "User commands"',
        ".SH NAME",
        rf"fleet\-backup \- {_text(_first_line(program.command))}",
        ".SH SYNOPSIS",
        r"\fBfleet\-backup\fR \fICOMMAND\fR [\fIOPTIONS\fR] [\fIARGUMENTS\fR]",
        ".SH OPTIONS",
        *_options(program),
        ".SH COMMANDS",
        *(line for context in walk(program) for line in _command(context)),
        ".SH EXIT STATUS",
        *(line for code, meaning in _MEANINGS.items() for line in _item(str(int(code)), meaning)),
        ".SH ENVIRONMENT",
        _text("Variables may stand in the file .env of the working directory, too."),
        *_settings(),
    ]
    return "\n".join(lines) + "\n"


def _command(context: click.Context) -> Iterator[str]:
    yield f".SS {_quoted(context.command_path)}"
    usage = " ".join([context.command_path, *context.command.collect_usage_pieces(context)])
    yield rf"\fB{_text(usage)}\fR"
    for paragraph in cleandoc(context.command.help or "").split("\n\n"):
        yield from (".PP", _text(paragraph))
    yield from _options(context)


def _options(context: click.Context) -> Iterator[str]:
    for option in context.command.params:
        if isinstance(option, click.Option) and (record := option.get_help_record(context)):
            yield from _item(*record)


def _settings() -> Iterator[str]:
    schema = described(Settings.model_json_schema())
    for name, field in schema["properties"].items():
        yield from _item(name.upper(), field["description"])


def _item(name: str, meaning: str) -> tuple[str, str, str]:
    return ".TP", rf"\fB{_text(name)}\fR", _text(meaning)


def _first_line(command: click.Command) -> str:
    return cleandoc(command.help or "").partition("\n")[0].removesuffix(".")


def _quoted(text: str) -> str:
    return f'"{_escaped(text)}"'


def _text(text: str) -> str:
    """A text in which nothing is an instruction: one line, code in bold."""
    return _CODE.sub(r"\\fB\1\\fR", rf"\&{_escaped(' '.join(text.split()))}")


def _escaped(text: str) -> str:
    return text.replace("\\", r"\e").replace("-", r"\-").replace('"', r"\(dq").replace("'", r"\(aq")
