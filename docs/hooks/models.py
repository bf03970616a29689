"""References of what is pydantic's: settings, the fleet file, the file that lists fleets, and the reports."""

from collections.abc import Iterator
from typing import Any, Final

from pydantic import BaseModel

from docs.hooks.schemas import Schema, anchor, fields, introduction, meanings, shapes, words
from docs.hooks.table import cell, table
from fleet.audit.report import AuditReport
from fleet.doctor.report import DoctorReport
from fleet.fleets.fields import FleetsFile
from fleet.inventory.fleet_file_fields import FleetFile
from fleet.ledger.forgotten import Forgotten
from fleet.plan.preview import Preview
from fleet.report.check_report import CheckReport
from fleet.report.fleets_report import FleetsReport
from fleet.report.report import Report
from fleet.schedules.upcoming import Upcoming
from fleet.settings.settings import Settings

FLEET_FILE: Final = FleetFile
FLEETS_FILE: Final = FleetsFile
REPORTS: Final[dict[str, type[BaseModel]]] = {
    "run": Report,
    "run-of-several-fleets": FleetsReport,
    "audit": AuditReport,
    "plan": Preview,
    "doctor": DoctorReport,
    "check": CheckReport,
    "forget": Forgotten,
    "schedules": Upcoming,
}
"""By the command that prints it."""


def settings() -> str:
    """Every setting by its variable, with its default."""
    schema = Settings.model_json_schema()
    meaning = meanings(schema)
    rows = [
        (f"`{name.upper()}`", words(schema, field, "").removesuffix(" or null"), cell(meaning[name] + _default(field)))
        for name, field in schema["properties"].items()
    ]
    return table(("variable", "value", "meaning"), rows)


def fleet_file() -> str:
    """Every key of the fleet file."""
    return _sections("file", FLEET_FILE.model_json_schema(), with_null=False)


def fleets_file() -> str:
    """Every key of a file that lists fleets."""
    return _sections("fleets", FLEETS_FILE.model_json_schema(), with_null=False)


def reports() -> str:
    """Every field of every report."""
    parts = []
    for command, model in REPORTS.items():
        parts += [f"## {command}", _sections(command, _printed(model), with_null=True)]
    return "\n\n".join(parts)


def undescribed() -> Iterator[str]:
    """Name every setting, key and field of which nothing is written."""
    files = FLEET_FILE.model_json_schema(), FLEETS_FILE.model_json_schema()
    for schema in (Settings.model_json_schema(), *files, *map(_printed, REPORTS.values())):
        for shape in shapes(schema):
            for name, meaning in meanings(shape).items():
                if not meaning:
                    yield f"{shape['title']}.{name} has no description: add it under Attributes in its docstring"


def _printed(model: type[BaseModel]) -> dict[str, Any]:
    return model.model_json_schema(mode="serialization")


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
