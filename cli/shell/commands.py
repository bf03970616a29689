"""Declares `completion` and `man`."""

import click

from cli.shell.shells import SHELLS


@click.command()
@click.argument("shell", type=click.Choice(SHELLS), metavar="SHELL")
@click.option("--install", is_flag=True, help="Put it where SHELL finds it, for your user.")
@click.pass_context
def completion(context: click.Context, /, shell: str, install: bool) -> int:
    """Complete commands and options with Tab in bash, zsh or fish.

    Prints the script for SHELL. With --install, new shells have it.
    """
    from cli.shell.completion import install_completion, script_of

    script = script_of(context.find_root().command, shell)
    if install:
        install_completion(shell, script)
    else:
        click.echo(script)
    return 0


@click.command()
@click.option("--install", is_flag=True, help="Put it where `man fleet-backup` finds it, for your user.")
@click.pass_context
def man(context: click.Context, /, install: bool) -> int:
    """Show the man page: commands, options, settings, exit codes.

    Into a file or a pipe, prints its source: fleet-backup man > fleet-backup.1
    """
    from cli.shell.man import install_page, show_page
    from cli.shell.man_page import page_of

    page = page_of(context.find_root())
    if install:
        install_page(page)
    else:
        show_page(page)
    return 0
