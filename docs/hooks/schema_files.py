"""The JSON Schemas as files of the site; `make fix` writes them."""

from pathlib import Path
from typing import Final

from cli.documents.documents import DOCUMENTS
from cli.documents.schemas import schema_text

FOLDER: Final = Path(__file__).parents[1] / "contract" / "schemas"


def files() -> dict[Path, str]:
    """Every file, and what it must hold."""
    return {FOLDER / f"{name}.schema.json": schema_text(name) for name in DOCUMENTS}


def write() -> None:
    """Write every file."""
    FOLDER.mkdir(exist_ok=True)
    for path, text in files().items():
        path.write_text(text, encoding="utf-8")


if __name__ == "__main__":
    write()
