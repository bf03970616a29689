"""Every command of the program, for what describes them all."""

from collections.abc import Iterator

import click


def walk(context: click.Context) -> Iterator[click.Context]:
    """The context of every command that does something, those of groups included, in the order of the help.

    Args:
        context: of the program, or of a group.
    """
    group = context.command
    if not isinstance(group, click.Group):
        yield context
        return
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command and not command.hidden:
            yield from walk(click.Context(command, info_name=name, parent=context))
