"""Declares `history`, `page` and `forget`."""

from pathlib import Path

import click

from cli.command_line.options import FILE, format_options, json_option, quiet_option
from cli.command_line.user_path import UserPath
from cli.output_format import Format


@click.command()
@click.option("--server", metavar="PATTERN", help="Only servers with this name (* and ?) or id.")
@click.option("--outcome", metavar="OUTCOME", help="Only this outcome; `open` for entries without one.")
@click.option("--run-key", metavar="KEY", help="Only this run.")
@click.option(
    "--since", metavar="TIME", help="Only since TIME: 2026-11-23, 2026-11-23T01:00 (UTC), or an age such as 36h or 7d."
)
@click.option("--fleet", metavar="NAME", help="Only this fleet's ended runs: its name, or its fleet file's.")
@format_options
def history(form: Format, **asked: str | None) -> int:
    """Show the entries of the ledger, newest first."""
    from cli.ledger.history import show_history

    return show_history(**asked, form=form)


@click.command()
@click.argument("fleet", type=FILE, required=False)
@click.option("--output", metavar="DIR", type=UserPath(file_okay=False), required=True, help="Write the page into DIR.")
@click.option(
    "--days",
    metavar="N",
    type=click.IntRange(30, 3660),
    default=30,
    show_default=True,
    help="Days of history of each target.",
)
@quiet_option
def page(fleet: Path | None, output: Path, days: int) -> int:
    """Write the status page: is everything backed up?

    One static site from the ledger, of all fleets or of FLEET (its file or its name); no
    request is sent. Open index.html in a browser, or put DIR on a web server.
    """
    from cli.ledger.page import write_status_page

    return write_status_page(output, fleet, days)


@click.command()
@click.argument("keys", metavar="KEY...", nargs=-1, required=True)
@json_option
@quiet_option
def forget(keys: tuple[str, ...], as_json: bool) -> int:
    """Remove deleted plans from the ledger.

    Delete the plans in the panel first; `plan` shows their KEYs. If the fleet file still
    wants a plan, the next run creates it again.
    """
    from cli.ledger.forget import forget_all

    return forget_all(keys, as_json=as_json)
