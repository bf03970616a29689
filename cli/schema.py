"""`fleet-backup schema`."""

import json

import click

from fleet.inventory.fleet_file_fields import FleetFile


def print_schema() -> int:
    """Print the fleet file's JSON Schema (draft 2020-12) on standard output."""
    schema = {"$schema": "https://json-schema.org/draft/2020-12/schema", **FleetFile.model_json_schema()}
    click.echo(json.dumps(schema, indent=2))
    return 0
