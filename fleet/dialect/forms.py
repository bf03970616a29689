"""How an API writes flags, sizes, ids and timestamps: a name for each form, read off raw rows."""

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final

_KINDS: Final[Mapping[str, tuple[str, ...]]] = {
    "flag": ("application_available_in_cloudstorage", "database_available_in_cloudstorage"),
    "size": ("application_size", "database_size"),
    "id": ("id", "application_id", "server_id", "cloud_storage_provider_id", "backup_config_id"),
    "stamp": ("created_at", "expires_at"),
}
DOCUMENTED: Final[Mapping[str, frozenset[str]]] = {
    "flag": frozenset({"number"}),
    "size": frozenset({"number"}),
    "id": frozenset({"number"}),
    "stamp": frozenset({"Y-m-d H:i:s"}),
}
"""The forms of the vendor's examples; null stands beside each of them there, so other points cover it."""
_NAIVE: Final = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d(:\d\d)?")
_ISO: Final = re.compile(r"\d{4}-\d\d-\d\dT[\d:.]+(Z|[+-]\d\d:?\d\d)?")


def forms_of(rows: Iterable[object]) -> dict[str, set[str]]:
    """The forms that rows use, by kind."""
    forms: defaultdict[str, set[str]] = defaultdict(set)
    for row in rows:
        if isinstance(row, Mapping):
            for kind, fields in _KINDS.items():
                forms[kind] |= {form for field in fields if (form := form_of(kind, row.get(field)))}
    return dict(forms)


def form_of(kind: str, value: object) -> str:
    """Name the form of one value; empty for null and empty text."""
    match value:
        case None | "":
            return ""
        case bool():
            return "true or false"
        case int() | float():
            return "number"
        case str() if kind == "stamp":
            return _form_of_stamp(value)
        case str():
            return "number in quotes" if re.fullmatch(r"[+-]?\d+(\.\d+)?", value) else "words"
        case _:
            return "another kind of value"


def _form_of_stamp(text: str) -> str:
    if _NAIVE.fullmatch(text):
        return "Y-m-d H:i:s"
    if iso := _ISO.fullmatch(text):
        return "ISO 8601 with its zone" if iso.group(1) else "ISO 8601 without a zone"
    return "words"
