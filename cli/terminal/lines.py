"""Single lines for people, on standard error."""

from cli import log


def warn(text: str) -> None:
    """Print a warning."""
    log.write(text if log.is_json() else f"warning: {text}", "warning")
