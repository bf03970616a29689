"""Text as others send it, made fit for databases, JSON and terminals."""


def well_formed(text: str) -> str:
    """Take out what neither JSON nor a database holds: half of a character, as a cut-off message has it, and NUL."""
    return text.encode("utf-8", "replace").decode("utf-8").replace("\0", "")
