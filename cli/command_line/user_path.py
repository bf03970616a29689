"""Paths on the command line."""

from pathlib import Path
from typing import Any

import click

from fleet.fleet_file.home import HomeError, at_home


class UserPath(click.Path):
    """A path in which `~` is the user's home, even where the shell leaves it: `--report=~/report.json`."""

    def __init__(self, *, file_okay: bool = True, dir_okay: bool = True) -> None:
        super().__init__(file_okay=file_okay, dir_okay=dir_okay, path_type=Path)

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> Any:  # noqa: ANN401 - as click has it
        """Put the home in place of `~`; nothing is no path: it would be the working folder."""
        if not str(value).strip():
            self.fail("is empty; give a path", param, ctx)
        try:
            return super().convert(at_home(Path(value)), param, ctx)
        except HomeError as error:
            self.fail(str(error), param, ctx)
