"""`fleet-backup schema`."""

import json

import click


@click.command()
@click.option("--fleets", is_flag=True, help="Of a file that lists several fleets instead.")
def schema(fleets: bool) -> int:
    """Print the JSON Schema of the fleet file, for editors."""
    from fleet.fleets.fields import FleetsFile
    from fleet.inventory.fleet_file_fields import FleetFile

    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    model = FleetsFile if fleets else FleetFile
    click.echo(json.dumps(draft | model.model_json_schema(), indent=2))
    return 0
