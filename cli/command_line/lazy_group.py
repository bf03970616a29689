"""A click group whose commands are imported when they are needed, and listed in sections."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any, Final

import click
from click.shell_completion import CompletionItem

_LONGEST: Final = 80
"""Letters of a short help; none is longer."""


class WholeHelpGroup(click.Group):
    """A click group whose commands keep their whole short help when a shell completes them."""

    def shell_complete(self, ctx: click.Context, incomplete: str) -> list[CompletionItem]:
        """Offer the commands that begin so, and the options."""
        commands = [
            CompletionItem(name, help=command.get_short_help_str(_LONGEST))
            for name in self.list_commands(ctx)
            if name.startswith(incomplete) and (command := self.get_command(ctx, name))
        ]
        return commands + click.Command.shell_complete(self, ctx, incomplete)


class LazyGroup(WholeHelpGroup):
    """Click's documented pattern for lazy commands, with a section of help for each room.

    Args:
        sections: for each heading, the commands in order: name to `module:attribute`.
    """

    def __init__(self, *arguments: Any, sections: Mapping[str, Mapping[str, str]], **options: Any) -> None:  # noqa: ANN401 - click's own, passed on
        super().__init__(*arguments, **options)
        self._sections = sections
        self._places = {name: place for section in sections.values() for name, place in section.items()}

    def list_commands(self, ctx: click.Context) -> list[str]:  # noqa: ARG002 - click's signature
        """Name the commands in the order of the sections."""
        return list(self._places)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import a command; for an unknown name all of them, so that click can suggest the nearest."""
        for name in [cmd_name] if cmd_name in self._places else self._places:
            if name not in self.commands:
                module, _, attribute = self._places[name].partition(":")
                self.commands[name] = getattr(import_module(module), attribute)
        return super().get_command(ctx, cmd_name)

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Write a section for each heading, with the short help of its commands."""
        column = max(map(len, self._places))
        for heading, names in self._sections.items():
            with formatter.section(heading):
                commands = {name: self.get_command(ctx, name) for name in names}
                formatter.write_dl(
                    [
                        (name.ljust(column), command.get_short_help_str(formatter.width))
                        for name, command in commands.items()
                        if command
                    ]
                )
