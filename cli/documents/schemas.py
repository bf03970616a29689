"""The JSON Schema of a document, from its pydantic model."""

import json
import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any, Final

from pydantic import BaseModel

from cli.documents.documents import DOCUMENTS, FILES

DRAFT: Final = "https://json-schema.org/draft/2020-12/schema"
_ATTRIBUTE: Final = re.compile(r"^    (\w+): (.+(?:\n {8}.+)*)", re.MULTILINE)


def model_of(document: str) -> type[BaseModel]:
    """Import the model of a document."""
    module, _, name = DOCUMENTS[document].partition(":")
    model: type[BaseModel] = getattr(import_module(module), name)
    return model


def schema_of(document: str) -> dict[str, Any]:
    """The JSON Schema of a document, with an `$id` that names it without promising a place on the web."""
    model = model_of(document)
    is_read = document in FILES
    schema = described(model.model_json_schema(mode="validation" if is_read else "serialization"))
    return {"$schema": DRAFT, "$id": f"urn:fleet-backup:{document}:1", **schema}


def schema_text(document: str) -> str:
    """The same as text."""
    return json.dumps(schema_of(document), indent=2, ensure_ascii=False) + "\n"


def described(schema: dict[str, Any]) -> dict[str, Any]:
    """Give each property the meaning that the docstring of its class lists under `Attributes:`."""
    for shape in _shapes(schema):
        text, _, listed = shape.get("description", "").partition("Attributes:\n")
        if text.strip():
            shape["description"] = text.strip()
        for name, meaning in _ATTRIBUTE.findall(listed):
            if name in shape["properties"]:
                shape["properties"][name].setdefault("description", " ".join(meaning.split()))
    return schema


def _shapes(schema: dict[str, Any]) -> Iterator[dict[str, Any]]:
    for shape in (schema, *schema.get("$defs", {}).values()):
        if "properties" in shape:
            yield shape
