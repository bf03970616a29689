"""References of what is pydantic's: settings, the fleet file, the file that lists fleets, and the reports."""

from collections.abc import Iterator
from typing import Final

from cli.documents.documents import FILES, FLEET_FILE, FLEETS_FILE, REPORTS
from cli.documents.schemas import described, schema_of
from docs.hooks.schemas import Schema, anchor, fields, introduction, meanings, shapes, words
from docs.hooks.table import cell, table
from fleet.settings.settings import Settings

SCHEMAS: Final = {name: schema_of(name) for name in (*FILES, *REPORTS)}
_SETTINGS: Final = described(Settings.model_json_schema())


def settings() -> str:
    """Every setting by its variable, with its default."""
    schema = _SETTINGS
    meaning = meanings(schema)
    rows = [
        (f"`{name.upper()}`", words(schema, field, "").removesuffix(" or null"), cell(meaning[name] + _default(field)))
        for name, field in schema["properties"].items()
    ]
    return table(("variable", "value", "meaning"), rows)


def fleet_file() -> str:
    """Every key of the fleet file."""
    return _sections("file", SCHEMAS[FLEET_FILE], with_null=False)


def fleets_file() -> str:
    """Every key of a file that lists fleets."""
    return _sections("fleets", SCHEMAS[FLEETS_FILE], with_null=False)


def reports() -> str:
    """Every field of every report."""
    parts = []
    for command in REPORTS:
        link = f"JSON Schema: [{command}.schema.json](schemas/{command}.schema.json)"
        parts += [f"## {command}", link, _sections(command, SCHEMAS[command], with_null=True)]
    return "\n\n".join(parts)


def undescribed() -> Iterator[str]:
    """Name every setting, key and field of which nothing is written."""
    for schema in (_SETTINGS, *SCHEMAS.values()):
        for shape in shapes(schema):
            for name, meaning in meanings(shape).items():
                if not meaning:
                    yield f"{shape['title']}.{name} has no description: add it under Attributes in its docstring"


def _sections(prefix: str, schema: Schema, *, with_null: bool) -> str:
    parts = []
    for shape in shapes(schema):
        parts += [
            f"### {shape['title']} {{#{anchor(prefix, shape)}}}",
            introduction(shape),
            fields(schema, shape, prefix, with_null=with_null),
        ]
    return "\n\n".join(part for part in parts if part)


def _default(field: Schema) -> str:
    default = field.get("default")
    return (
        ""
        if default is None
        else f" Default: `{default:g}`."
        if isinstance(default, float)
        else f" Default: `{default}`."
    )
