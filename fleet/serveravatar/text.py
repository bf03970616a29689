"""Text from others, made fit for databases, JSON and terminals, and for a line that a person reads."""

from urllib.parse import urlsplit, urlunsplit


def well_formed(text: str) -> str:
    """Remove what neither JSON nor a database can hold: half characters, as in a cut-off message, and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")


def one_line(text: str) -> str:
    """Put a text on one line, without control and invisible characters."""
    return " ".join("".join(letter if letter.isprintable() else " " for letter in well_formed(text)).split())


def lines(text: str) -> str:
    """The same for a text of several lines, such as a mistake each; empty ones are left out."""
    return "\n".join(filter(None, map(one_line, text.splitlines())))


def shown_url(text: str) -> str:
    """Show a URL of somebody else without its user, password, query and fragment.

    Returns:
        Scheme, host and path; empty if they cannot be told apart.
    """
    try:
        parts = urlsplit(one_line(text))
        _ = parts.port  # What is not a number there may be a password.
    except ValueError:
        return ""
    path = parts.path.partition(";")[0]
    if "@" in path:
        path = ""
    return urlunsplit((parts.scheme, parts.netloc.rpartition("@")[2], path, "", ""))
