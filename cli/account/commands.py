"""Declares `discover` and `doctor`."""

from pathlib import Path

import click

from cli.command_line.options import FILE, format_options, verbosity_options, verify_timeout_option
from cli.output_format import Format


@click.command()
@click.option("--organization", metavar="ID", type=click.IntRange(min=1), help="Only this organization. Default: all.")
@click.option("--output", metavar="FILE", type=FILE, help="Write to a new FILE. Default: standard output.")
@verbosity_options
def discover(organization: int | None, output: Path | None) -> int:
    """Write a fleet file of everything in the account.

    Comments mark what the API does not show, such as which database belongs to an
    application. With --output, the schema that editors use is written beside FILE.
    """
    from cli.account.discover import discover_fleet

    return discover_fleet(organization, output)


@click.command()
@click.argument("fleet", type=FILE, required=False)
@click.option(
    "--prove",
    metavar="APPLICATION",
    help="Create one real instant backup of APPLICATION (ID or SERVER/ID) and watch it to its end.",
)
@click.option("--yes", is_flag=True, help="Do not ask before --prove.")
@verify_timeout_option
@format_options
@verbosity_options
def doctor(fleet: Path | None, prove: str | None, yes: bool, verify_timeout: float, form: Format) -> int:
    """Compare the API with its documentation.

    Examines the organizations of the FLEET file, or else the account's, with at most 12
    read requests. The report holds nothing private.

    Exit code 0: all as assumed; 7: something differs.
    """
    from cli.account.doctor import examine_api
    from cli.account.wanted import Wanted

    return examine_api(Wanted(fleet, prove, yes, verify_timeout), form)
