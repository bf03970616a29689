"""The API's address, and the account that calls it."""

from dataclasses import dataclass, field
from hashlib import sha256
from ipaddress import ip_address
from typing import Literal
from urllib.parse import urlsplit

from fleet.serveravatar.untrusted.scrubbing import scrubbed


@dataclass(frozen=True, slots=True)
class Account:
    """The API's address and the account that calls it.

    Attributes:
        url: without a slash at its end, for example `https://api.serveravatar.com`.
        token: the API token; never shown.
        scheme: how it is sent: bare (`token`) or as `Bearer <token>`.
        requests_per_minute: the account's limit, until the API's headers say otherwise.
        window: length of the limit's window in seconds.
        share: the part of the limit that this program uses.
        source: what holds the token, for people.
    """

    url: str
    token: str = field(repr=False)
    scheme: Literal["token", "bearer"] = "token"
    requests_per_minute: int = 60
    window: float = 60.0
    share: float = 0.9
    source: str = "SERVERAVATAR_API_TOKEN"

    @property
    def authorization(self) -> str:
        """The value of the `Authorization` header."""
        return f"Bearer {self.token}" if self.scheme == "bearer" else self.token

    @property
    def digest(self) -> str:
        """The account's name in every process that uses it; it does not reveal the token."""
        return sha256(f"{self.url}\n{self.token}".encode()).hexdigest()[:32]

    def scrubbed(self, text: str) -> str:
        """Take the token out of a text of the API or the network."""
        return scrubbed(text, self.token)


def is_this_machine(url: str) -> bool:
    """Whether a URL's host is a loopback address, the only kind for which plain http is allowed.

    Raises:
        ValueError: it is not a URL.
    """
    host = urlsplit(url).hostname or ""
    try:
        return ip_address(host).is_loopback
    except ValueError:
        return host == "localhost"


def checked_url(value: str) -> str:
    """Check a URL that the token is sent to, and drop a slash at its end.

    Raises:
        ValueError: it is not a URL, contains a password, or would send the token in clear text.
    """
    url = value.strip().rstrip("/")
    scheme, _, rest = url.partition("://")
    if scheme not in ("http", "https") or rest[:1] in ("", "/") or "@" in rest:
        raise ValueError("must be a URL such as https://api.serveravatar.com")
    if scheme == "http" and not is_this_machine(url):
        raise ValueError("plain http would send the token in clear text; use https")
    return url


def checked_token(value: str) -> str:
    """Check that a token can be sent in a header, and strip white space around it; empty stays empty.

    Raises:
        ValueError: it cannot be a token; the message does not show it.
    """
    token = value.strip()
    if not token.isascii() or (token and not token.isprintable()) or " " in token:
        raise ValueError("an API token has no spaces, line breaks or special characters")
    return token
