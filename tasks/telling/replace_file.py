"""Replaces a file in one step: a reader finds the old one or the whole new one."""

import os
import tempfile
from pathlib import Path


def replace_file(file: Path, text: str, mode: int) -> None:
    """Write a file beside it, which then takes its place; if that fails, the old one stays and nothing else does.

    Args:
        file: the file; it need not exist.
        text: its new content.
        mode: its permissions.

    Raises:
        OSError: it cannot be written.
    """
    with tempfile.NamedTemporaryFile("w", encoding="utf-8", dir=file.parent, prefix=".", delete=False) as beside:
        try:
            beside.write(text)
            beside.flush()
            os.fchmod(beside.fileno(), mode)
            Path(beside.name).replace(file)
        except OSError:
            Path(beside.name).unlink(missing_ok=True)
            raise
