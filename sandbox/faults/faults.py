"""Faults on demand as data: what fails, where, and how often."""

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
# Kinds that apply as long as the rule is in force; the others happen to one request or backup.
STANDING_KINDS = frozenset({"order", "late", "skew"})
BACKUP_KINDS = frozenset({"fail", "empty", "stuck", "pending"})


@dataclass(frozen=True)
class FaultRule:
    """One fault.

    Attributes:
        kind: of one request: `answer` (status and message), `drop` (closes the connection without an
            answer), `limit` (429 for `seconds`), `slow` (answers `seconds` later); standing: `order` (of the
            backup list), `late` (rows appear in it after `seconds`), `skew` (the API's clock is off by
            `seconds`); of an accepted backup: `fail`, `empty` (completes without content), `stuck`
            (stays in progress), `pending` (stays pending).
        call: name of a call, `reading`, `writing` or `any`.
        organization: only this organization's requests.
        server: only this server's requests.
        application: only this application's creates and backups.
        probability: share of the matching requests, 0 to 1.
        first: only the first N requests of each target.
        every: only every Nth request.
        moment: `before` or `after` the work (`answer` and `drop`).
        status: HTTP status of an `answer`.
        message: its message; None for the usual one of the status.
        form: of the body: a `message` (a 502 or 504 without one is a gateway's page), a gateway's or challenge
            page (`html`), `[]` (`list`), `{}` (`object`) or empty (`nothing`).
        location: target of a 3xx.
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
        """Whether the rule matches this call and target."""
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
    """One request, or one backup in the background, that a fault may affect.

    Attributes:
        call: name of the call; `backup` for work in the background.
        target: what is counted together, such as creates of the same backup request.
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
        ValueError: one line with what is wrong.
    """
    if not isinstance(given, Mapping):
        raise ValueError("a fault rule must be an object")  # noqa: TRY004 - a mistake in what was given, not in a call
    known = {field.name for field in fields(FaultRule)}
    if unknown := sorted(set(given) - known):
        raise ValueError(
            f"unknown fields of a fault rule: {', '.join(map(str, unknown))} (known: {', '.join(sorted(known))})"
        )
    if "kind" not in given:
        raise ValueError(f"a fault rule needs a kind: {', '.join(get_args(FaultKind))}")
    return FaultRule(**given)


def _check_rule(rule: FaultRule) -> None:
    """Raise ValueError for a rule that makes no sense."""
    _check_choice("kind", rule.kind, get_args(FaultKind))
    _check_choice("moment", rule.moment, get_args(Moment))
    _check_choice("order", rule.order, get_args(Order))
    _check_choice("form", rule.form, get_args(Form))
    calls = sorted(READING_CALLS | WRITING_CALLS | {ANY_CALL, READING, WRITING, BACKUP})
    _check_choice("call", rule.call, calls)
    for name in ("organization", "server", "application", "first", "every", "status"):
        value = getattr(rule, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int) or value < 1):
            raise ValueError(f"{name} must be a whole number above 0, not {value!r}")
    for name in ("probability", "seconds"):
        value = getattr(rule, name)
        if value is not None and (isinstance(value, bool) or not isinstance(value, int | float)):
            raise ValueError(f"{name} must be a number, not {value!r}")
    if rule.probability is not None and not 0 <= rule.probability <= 1:
        raise ValueError(f"probability must be between 0 and 1, not {rule.probability}")
    if rule.kind == "answer" and not 200 <= rule.status <= 599:  # noqa: PLR2004 - HTTP's own numbers
        raise ValueError(f"status must be between 200 and 599, not {rule.status}")


def _check_choice(name: str, value: object, choices: "tuple[str, ...] | list[str]") -> None:
    if value not in choices:
        raise ValueError(f"{name} must be one of {', '.join(choices)}, not {value!r}")
