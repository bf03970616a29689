"""`fleet-backup schema`."""

import json

import click


@click.command()
def schema() -> int:
    """Print the JSON Schema of the fleet file, for editors."""
    from fleet.inventory.fleet_file_fields import FleetFile

    draft = {"$schema": "https://json-schema.org/draft/2020-12/schema"}
    click.echo(json.dumps(draft | FleetFile.model_json_schema(), indent=2))
    return 0
