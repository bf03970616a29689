"""Tables of fields, from a model's JSON Schema."""

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from docs.hooks.table import cell, table

Schema = Mapping[str, Any]
_FORMATS: Final = {"date-time": "time", "date": "date", "password": "secret", "path": "path"}
_NAMES: Final = {
    "integer": "whole number",
    "boolean": "true or false",
    "string": "text",
    "null": "null",
    "object": "mapping",
}
_BOUNDS: Final = {"minimum": "≥", "exclusiveMinimum": ">", "maximum": "≤", "exclusiveMaximum": "<"}


def shapes(schema: Schema) -> Iterator[Schema]:
    """The schema itself, then every object that it refers to, in the order of the first mention."""
    found = [schema]
    for shape in found:
        yield shape
        for name in re.findall(r"'#/\$defs/(\w+)'", str(shape.get("properties"))):
            other = schema["$defs"][name]
            if "properties" in other and other not in found:
                found.append(other)


def meanings(shape: Schema) -> dict[str, str]:
    """What each field of an object means; empty where nothing is written of it."""
    fields: Mapping[str, Schema] = shape["properties"]
    return {name: field.get("description", "") for name, field in fields.items()}


def introduction(shape: Schema) -> str:
    """What an object is."""
    return str(shape.get("description", ""))


def fields(schema: Schema, shape: Schema, prefix: str, *, with_null: bool) -> str:
    """A table of an object's fields.

    Args:
        schema: holds the definitions.
        shape: the object.
        prefix: of the anchors of the other objects.
        with_null: whether a type says that it may be null.
    """
    meaning = meanings(shape)
    rows = []
    for name, field in shape["properties"].items():
        kind = words(schema, field, prefix).removesuffix("" if with_null else " or null")
        rows.append((f"`{name}`", kind, cell(meaning[name])))
    return table(("field", "value", "meaning"), rows)


def words(schema: Schema, field: Schema, prefix: str) -> str:
    """A type as people read it: `list of text`, `one of ...`, a link to another object."""
    if "$ref" in field:
        target = schema["$defs"][field["$ref"].rpartition("/")[2]]
        return (
            f"[{target['title']}](#{anchor(prefix, target)})"
            if "properties" in target
            else words(schema, target, prefix)
        )
    if "anyOf" in field:
        return " or ".join(dict.fromkeys(words(schema, it, prefix) for it in field["anyOf"]))
    if "enum" in field or "const" in field:
        return ", ".join(f"`{value}`" for value in field.get("enum", [field.get("const")]))
    if field.get("type") == "array":
        return f"list of {words(schema, field.get('items', {}), prefix)}"
    if isinstance(field.get("additionalProperties"), Mapping):
        return f"mapping to {words(schema, field['additionalProperties'], prefix)}"
    bounds = [f"{sign} {field[key]:g}" for key, sign in _BOUNDS.items() if key in field]
    return " ".join([_named(field), *bounds]).replace("<", "&lt;")


def anchor(prefix: str, shape: Schema) -> str:
    """Where an object is described on its page."""
    return f"{prefix}-{shape['title'].lower().replace(' ', '-')}"


def _named(field: Schema) -> str:
    kind = field.get("type", "")
    return _FORMATS.get(field.get("format", "")) or str(_NAMES.get(kind, kind))
