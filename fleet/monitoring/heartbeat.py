"""Heartbeats: which URL of a monitor to call when a run starts and ends, and with what. Nothing is sent here.

A new kind begins in `Kind` and in `ping`. Two exist, distinguished by the URL or by a prefix
(`healthchecks+https://...`, `uptime-kuma+https://...`):
Healthchecks (`<url>/start`, `<url>`, `<url>/fail`, each with `rid=`, the text as body; https://healthchecks.io/docs/http_api/)
and Uptime Kuma (`<url>?status=up|down&msg=&ping=`, nothing at the start). A URL contains a key, so no text shows it.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final, assert_never
from urllib.parse import SplitResult, parse_qsl, urlencode, urlsplit

LONGEST_BODY: Final = 10_000
"""Characters of a body; Healthchecks keeps 100 kB, others less."""
_LONGEST_MESSAGE: Final = 200
"""Characters of a message in a URL."""
_FLEET: Final = "{fleet}"


class Kind(StrEnum):
    """The monitoring service."""

    HEALTHCHECKS = "healthchecks"
    UPTIME_KUMA = "uptime-kuma"


class Moment(StrEnum):
    """What a heartbeat reports."""

    START = "start"
    SUCCESS = "success"
    FAIL = "fail"


@dataclass(frozen=True, slots=True)
class Heartbeat:
    """One URL to call.

    Attributes:
        number: its position in the setting, from 1; its name in every text.
        kind: how it is called.
        url: the URL; it contains a key.
    """

    number: int
    kind: Kind
    url: str = field(repr=False)

    @property
    def label(self) -> str:
        """Its name for people, without its URL."""
        return f"heartbeat {self.number} ({self.kind})"


@dataclass(frozen=True, slots=True)
class Beat:
    """What to send to every URL.

    Attributes:
        moment: of the run.
        fleet: the name of the fleet; it replaces `{fleet}` in a URL.
        run_id: of the flow run, a UUID; a retry of the run has the same one.
        text: the verdict.
        seconds: how long the run took.
    """

    moment: Moment
    fleet: str
    run_id: str
    text: str = ""
    seconds: float = 0.0


@dataclass(frozen=True, slots=True)
class Ping:
    """One request: POST if it has a body, otherwise GET."""

    url: str = field(repr=False)
    body: bytes | None = None


def parse(text: str) -> tuple[Heartbeat, ...]:
    """Read the setting: URLs, separated by white space or commas.

    Raises:
        ValueError: one is not a URL; the text names it by its number.
    """
    return tuple(_parse_one(number, word) for number, word in enumerate(re.split(r"[\s,]+", text.strip()), 1) if word)


def _parse_one(number: int, word: str) -> Heartbeat:
    problem = ValueError(f"address {number} must be a URL such as https://hc-ping.com/<key> (its value is not shown)")
    prefix, plus, rest = word.partition("+http")
    url = f"http{rest}" if plus else word
    if plus and prefix not in list(Kind):
        raise ValueError(f"address {number}: the kind before + must be one of: {', '.join(Kind)}")
    try:
        parts = urlsplit(url)
        usable = parts.scheme in ("http", "https") and bool(parts.hostname) and (parts.port is None or parts.port > 0)
    except ValueError:
        raise problem from None
    if not usable or "@" in parts.netloc or not url.isascii() or not url.isprintable():
        raise problem
    recognized = Kind.UPTIME_KUMA if "/api/push/" in parts.path else Kind.HEALTHCHECKS
    return Heartbeat(number, Kind(prefix) if plus else recognized, url)


def ping(heartbeat: Heartbeat, beat: Beat) -> Ping | None:
    """Decide what to call; None if the kind has no call for this moment."""
    parts = urlsplit(heartbeat.url.replace(_FLEET, slug(beat.fleet)))
    query = dict(parse_qsl(parts.query, keep_blank_values=True))
    match heartbeat.kind:
        case Kind.UPTIME_KUMA:
            return _uptime_kuma(parts, query, beat)
        case Kind.HEALTHCHECKS:
            return _healthchecks(parts, query, beat)
        case _:
            assert_never(heartbeat.kind)


def _healthchecks(parts: SplitResult, query: dict[str, str], beat: Beat) -> Ping:
    ending = {Moment.START: "/start", Moment.SUCCESS: "", Moment.FAIL: "/fail"}[beat.moment]
    query["rid"] = beat.run_id
    return Ping(_joined(parts, parts.path.rstrip("/") + ending, query), beat.text[:LONGEST_BODY].encode())


def _uptime_kuma(parts: SplitResult, query: dict[str, str], beat: Beat) -> Ping | None:
    if beat.moment is Moment.START:
        return None
    query["status"] = "up" if beat.moment is Moment.SUCCESS else "down"
    query["msg"] = f"{beat.text[:_LONGEST_MESSAGE]} (run {beat.run_id})"
    query["ping"] = str(round(beat.seconds * 1000))
    return Ping(_joined(parts, parts.path, query))


def _joined(parts: SplitResult, path: str, query: dict[str, str]) -> str:
    return parts._replace(path=path, query=urlencode(query), fragment="").geturl()


def slug(fleet: str) -> str:
    """A fleet's name as Healthchecks wants it in a URL: lower-case letters, digits, `-` and `_`."""
    return re.sub(r"[^a-z0-9_-]+", "-", fleet.lower()).strip("-") or "fleet"
