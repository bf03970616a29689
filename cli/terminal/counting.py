"""Numbers of things in words."""


def counted(count: int, thing: str) -> str:
    """For example `1 request`, `2 requests`."""
    return f"{count} {thing}" if count == 1 else f"{count} {thing}s"
