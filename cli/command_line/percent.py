"""Shares in percent."""

import click


class Percent(click.ParamType[float]):
    """A share such as `5%`; the sign is optional."""

    name = "percent"

    def convert(self, value: object, param: click.Parameter | None, ctx: click.Context | None) -> float:
        """Read the share as a number from 0 to 100."""
        try:
            share = float(str(value).strip().removesuffix("%"))
        except ValueError:
            share = -1.0
        if not 0 <= share <= 100:  # noqa: PLR2004 - percent
            self.fail(f"{value!r} must be between 0% and 100%", param, ctx)
        return share
