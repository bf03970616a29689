"""Text as others send it, made fit for databases, JSON and terminals, and for a line that a person reads."""

from urllib.parse import urlsplit, urlunsplit


def well_formed(text: str) -> str:
    """Take out what neither JSON nor a database holds: half of a character, as a cut-off message has it, and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def one_line(text: str) -> str:
    """Put a text on one line, without what a terminal would act on or a person could not see."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in well_formed(text)).split())


def shown_url(text: str) -> str:
    """Show where a URL of somebody else points to: no user, password, query or fragment of it.

    Returns:
        Scheme, host and path; empty where that cannot be told apart.
    """
    try:
        parts = urlsplit(one_line(text))
        _ = parts.port  # What is no number there may be a password.
    except ValueError:
        return ""
    path = parts.path.partition(";")[0]
    if "@" in path:
        path = ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))
