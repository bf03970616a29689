"""Faults on demand, as data: what goes wrong, where, and how often."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Literal, get_args

from sandbox.dialects.dialect import Order

FaultKind = Literal["answer", "drop", "limit", "slow", "order", "late", "skew", "fail", "empty", "stuck", "pending"]
Moment = Literal["before", "after"]
Form = Literal["message", "html", "list", "object", "nothing"]

ANY_CALL, READING, WRITING, BACKUP = "any", "reading", "writing", "backup"

WRITING_CALLS = frozenset({"create", "update", "destroy", "restore", "restore_elsewhere"})
READING_CALLS = frozenset(
    {
        "organizations",
        "organization",
        "servers",
        "server",
        "usage",
        "summary",
        "server_applications",
        "applications",
        "application",
        "server_databases",
        "databases",
        "cloud_storage_providers",
        "presets",
        "backups",
        "download",
    }
)
# Kinds that describe how things are while the rule stands; the others happen to one request or backup.
STANDING_KINDS = frozenset({"order", "late", "skew"})
BACKUP_KINDS = frozenset({"fail", "empty", "stuck", "pending"})


@dataclass(frozen=True)
class FaultRule:
    """One fault.

    Attributes:
        kind: of one request: `answer` (status and message), `drop` (the connection is closed without an
            answer), `limit` (429 for `seconds`), `slow` (answers `seconds` later); standing: `order` (of the
            list of backups), `late` (rows appear in it after `seconds`), `skew` (the API's clock is off by
            `seconds`); of an accepted backup: `fail`, `empty` (it completes with nothing in it), `stuck`
            (it stays in progress), `pending` (it stays pending).
        call: name of a call, `reading`, `writing` or `any`.
        organization: only this organization's requests.
        server: only this server's requests.
        application: only this application's creates and backups.
        probability: share of the requests that it meets, 0 to 1.
        first: it meets the first so many requests of each target.
        every: it meets each so many-th request.
        moment: `before` or `after` the work was done (`answer` and `drop`).
        status: HTTP status of an `answer`.
        message: its message; None says what is usual for the status.
        form: of the body: a `message` (of a 502 or 504 without one a gateway's page), a gateway's or challenge
            page (`html`), `[]` (`list`), `{}` (`object`) or no byte (`nothing`).
        location: where a 3xx leads.
        seconds: of `limit`, `slow`, `late` and `skew`.
        order: of `order`.
    """

    kind: FaultKind
    call: str = ANY_CALL
    organization: int | None = None
    server: int | None = None
    application: int | None = None
    probability: float | None = None
    first: int | None = None
    every: int | None = None
    moment: Moment = "before"
    status: int = 500
    message: str | None = None
    form: Form = "message"
    location: str | None = None
    seconds: float = 0.0
    order: Order = "oldest"

    def __post_init__(self) -> None:
        _check_rule(self)

    def meets(self, occasion: "Occasion") -> bool:
        """Whether the rule is about this call and target at all."""
        if (self.kind in BACKUP_KINDS) != (occasion.call == BACKUP):
            return False
        return (
            self._names(occasion.call)
            and self.organization in (None, occasion.organization)
            and self.server in (None, occasion.server)
            and self.application in (None, occasion.application)
        )

    def _names(self, call: str) -> bool:
        if self.call == READING:
            return call in READING_CALLS
        if self.call == WRITING:
            return call in WRITING_CALLS
        return self.call in (ANY_CALL, call)


@dataclass(frozen=True)
class Occasion:
    """One request, or one backup in the background, that a fault may meet.

    Attributes:
        call: name of the call; `backup` for the work in the background.
        target: what is counted together; creates of the same backup request share it.
        organization: its organization, if it names one.
        server: its server, if it names one.
        application: its application, if it names one.
    """

    call: str
    target: str
    server: int | None = None
    application: int | None = None
    organization: int | None = None


def read_rule(given: object) -> FaultRule:
    """Read a rule from JSON.

    Raises:
        ValueError: with one line that says what is wrong.
    """
    if not isinstance(given, Mapping):
        raise ValueError("a fault rule is an object")  # noqa: TRY004 - a mistake in what was given, not in a call
    known = {field.name for field in fields(FaultRule)}
    if unknown := sorted(set(given) - known):
        raise ValueError(f"unknown in a fault rule: {', '.join(map(str, unknown))} (known: {', '.join(sorted(known))})")
    if "kind" not in given:
        raise ValueError(f"a fault rule needs a kind: {', '.join(get_args(FaultKind))}")
    return FaultRule(**given)


def _check_rule(rule: FaultRule) -> None:
    """Raise ValueError where a rule could never mean anything."""
    _check_choice("kind", rule.kind, get_args(FaultKind))
    _check_choice("moment", rule.moment, get_args(Moment))
    _check_choice("order", rule.order, get_args(Order))
    _check_choice("form", rule.form, get_args(Form))
    calls = sorted(READING_CALLS | WRITING_CALLS | {ANY_CALL, READING, WRITING, BACKUP})
    _check_choice("call", rule.call, calls)
    for name in ("organization", "server", "application", "first", "every", "status"):
        value = getattr(rule, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise ValueError(f"{name} is a whole number above 0, not {value!r}")
    for name in ("probability", "seconds"):
        value = getattr(rule, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{name} is a number, not {value!r}")
    if rule.probability is not None and not 0 <= rule.probability <= 1:
        raise ValueError(f"probability lies between 0 and 1, not at {rule.probability}")
    if rule.kind == "answer" and not 200 <= rule.status <= 599:  # noqa: PLR2004 - HTTP's own numbers
        raise ValueError(f"status of a fault lies between 200 and 599, not at {rule.status}")


def _check_choice(name: str, value: object, choices: "tuple[str, ...] | list[str]") -> None:
    if value not in choices:
        raise ValueError(f"{name} is one of {', '.join(choices)}, not {value!r}")
