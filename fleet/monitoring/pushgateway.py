"""A Prometheus Pushgateway: where metrics go that no node_exporter on this machine collects. Nothing is sent here."""

from dataclasses import dataclass, field
from typing import Final
from urllib.parse import unquote, urlsplit

_PROBLEM: Final = "must be a URL such as http://pushgateway:9091 (its value is not shown)"


@dataclass(frozen=True, slots=True)
class Pushgateway:
    """Where to push.

    Attributes:
        url: without name and password.
        user: for basic authentication; empty without it.
        password: the same.
    """

    url: str = field(repr=False)
    user: str = ""
    password: str = field(default="", repr=False)


def parse(text: str) -> Pushgateway:
    """Read the setting.

    Raises:
        ValueError: it is not a URL; the text does not show it.
    """
    try:
        parts = urlsplit(text.strip())
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError(_PROBLEM) from None
    if not usable or not text.isascii() or not text.isprintable() or parts.query or parts.fragment:
        raise ValueError(_PROBLEM)
    url = parts._replace(netloc=parts.netloc.rpartition("@")[2]).geturl().rstrip("/")
    return Pushgateway(url, unquote(parts.username or ""), unquote(parts.password or ""))
