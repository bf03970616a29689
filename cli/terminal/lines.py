"""Single lines for people, on standard error."""

import click


def warn(text: str) -> None:
    """Print a warning."""
    click.echo(f"warning: {text}", err=True)
