"""Declares `schema`."""

import click

from cli.documents.documents import DOCUMENTS, FLEET_FILE


@click.command()
@click.argument("document", type=click.Choice(list(DOCUMENTS)), default=FLEET_FILE, metavar="[DOCUMENT]")
def schema(document: str) -> int:
    """Print the JSON Schema of the fleet file or of a report.

    DOCUMENT is the name of a command: the schema of what it prints with --json; that of
    `run` of several fleets is run-fleets. Editors use the schema of the fleet file, which
    is the default, and fleets-file, of a file that lists fleets.
    """
    from cli.documents.schemas import schema_text

    click.echo(schema_text(document), nl=False)
    return 0
