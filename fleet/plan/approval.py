"""The question before a large run that a person started creates anything: what it shows, and what an answer covers.

Pure (docs/decisions/0025-approval.md).
"""

import hashlib
import json
from collections import Counter
from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from typing import Final

from fleet.creation.intent import Action, Intent
from fleet.inventory.request import BackupRequest
from fleet.observed.observed import Observed
from fleet.report.markdown_text import plain

LONGEST: Final = 25
"""Rows of the question's table."""


def to_create(intents: Iterable[Intent]) -> list[Intent]:
    """The part of a plan that needs approval: what would be created."""
    return [intent for intent in intents if intent.action is Action.CREATE]


def fingerprint(intent: Intent) -> str:
    """What an approval covers of one create: the target, the run key and the body; 16 hexadecimal digits.

    The start that is chosen within a window is left out: it moves with the day.
    """
    body = dict(intent.body or {})
    if intent.target.start_in_window:
        body.pop("start_backup", None)
    told = json.dumps([intent.target.organization, intent.target.server_id, body], sort_keys=True, default=str)
    return hashlib.sha256(told.encode()).hexdigest()[:16]


def question(wanted: Sequence[Intent], new: Sequence[Intent], observed: Observed, until: datetime) -> str:
    """The text of the dialog, in Markdown; every name in it is text of others.

    Args:
        wanted: all that would be created.
        new: the part of it that no earlier answer covers; all of it if nothing was approved yet.
        observed: what servers and applications are called.
        until: when the question expires.
    """
    if len(new) == len(wanted):
        what = f"**{_counted(len(wanted), 'backup')} would be created**: {_kinds(wanted)}."
    else:
        what = f"**{_counted(len(wanted), 'backup')} would be created, {len(new):,} more than you approved.** New:"
    expires = f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"
    rules = (
        f"Without an answer by **{expires}** the run ends as Failed, and nothing is created. Once approved, it starts "
        "again from the top, and asks again if there is more to create by then."
    )
    table = _by_target(new, observed) if len(new) <= LONGEST else _by_server(new, observed)
    # The table last: Prefect's dialog scrolls.
    return "\n\n".join([what, rules, *table])


def _kinds(intents: Sequence[Intent]) -> str:
    plans = sum(intent.target.request.automatic_backup for intent in intents)
    servers = len({(intent.target.organization, intent.target.server_id) for intent in intents})
    kinds = [(len(intents) - plans, "instant backup"), (plans, "automatic plan")]
    counted = " and ".join(_counted(count, kind) for count, kind in kinds if count)
    return f"{counted} on {_counted(servers, 'server')}"


def _by_target(intents: Sequence[Intent], observed: Observed) -> list[str]:
    rows = [
        f"| {plain(observed.server_name(intent.target))} | {plain(observed.application_name(intent.target))} "
        f"| {plain(_kind(intent.target.request))} | {plain(_storage(intent.target.request))} |"
        for intent in intents
    ]
    return ["\n".join(["| server | application | backup | storage |", "| --- | --- | --- | --- |", *rows])]


def _by_server(intents: Sequence[Intent], observed: Observed) -> list[str]:
    backups = Counter((intent.target.organization, intent.target.server_id) for intent in intents)
    names = {
        (target.organization, target.server_id): observed.server_name(target)
        for target in (intent.target for intent in intents)
    }
    shown = backups.most_common(LONGEST)
    rows = [f"| {plain(names[server])} | {count} |" for server, count in shown]
    parts = ["\n".join(["| server | backups |", "| --- | ---: |", *rows])]
    if rest := len(backups) - len(shown):
        count = len(intents) - sum(count for _, count in shown)
        parts.append(f"… and {_counted(count, 'backup')} on {_counted(rest, 'more server')}.")
    return parts


def _kind(wanted: BackupRequest) -> str:
    return f"{wanted.type}, plan: {wanted.schedule}" if wanted.automatic_backup else f"{wanted.type}, instant"


def _storage(wanted: BackupRequest) -> str:
    return f"{wanted.provider} {wanted.cloud_storage_provider_id or ''}".rstrip()


def _counted(count: int, what: str) -> str:
    return f"{count:,} {what}" + ("" if count == 1 else "s")
