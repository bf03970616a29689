"""What a command prints on standard output."""

from enum import StrEnum


class Format(StrEnum):
    """For whom: people read the table, programs JSON, spreadsheets CSV."""

    TABLE = "table"
    JSON = "json"
    CSV = "csv"
