"""What `plan` shows: one table of what to do and what prevents it, problems first, and what a run costs."""

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any, Final

from rich.table import Table
from rich.text import Text

from cli.terminal.counting import counted
from cli.terminal.tables import LONGEST, new_table
from cli.verbosity import Verbosity
from fleet.creation.intent import Action
from fleet.creation.plans import changes
from fleet.plan.preview import Preview, PreviewedTarget, Subject

_ORDER: Final = {action: place for place, action in enumerate(Action)}
_COLOURS: Final = {Action.REFUSE: "red", Action.NOTHING: "yellow"}


def preview_table(preview: Preview, verbosity: Verbosity = Verbosity.NORMAL) -> Table | None:
    """Show what to do, what is refused and what has drifted, problems first; None for nothing."""
    rows = [*_refused(preview), *_drifted(preview)]
    if verbosity is not Verbosity.QUIET:
        rows += _to_do(preview)
    if verbosity is Verbosity.VERBOSE:
        rows += _nothing_to_do(preview)
    if not rows:
        return None
    most = len(rows) if verbosity is Verbosity.VERBOSE else LONGEST
    left_out = len(rows) - most
    caption = f"and {left_out} more; -v shows all, --json too" if left_out > 0 else None
    table = new_table("action", "server", "application", "", caption=caption)
    for row in rows[:most]:
        table.add_row(*row)
    return table


_Row = tuple[Text, Text, Text, Text]


def _refused(preview: Preview) -> Iterator[_Row]:
    for target in preview.targets:
        if target.action is Action.REFUSE:
            yield _row(target, target.action, _COLOURS[target.action], target.reason)


def _drifted(preview: Preview) -> Iterator[_Row]:
    for drift in preview.drift:
        yield _row(drift, f"{drift.kind} plan", "yellow", drift.reason)


def _to_do(preview: Preview) -> Iterator[_Row]:
    for target in sorted(preview.targets, key=lambda target: _ORDER[target.action]):
        if target.action is Action.NOTHING and target.differences:
            yield _row(target, "differs", _COLOURS[target.action], _words(target))
        elif target.action not in (Action.NOTHING, Action.REFUSE):
            yield _row(target, target.action, "green", _words(target))


def _nothing_to_do(preview: Preview) -> Iterator[_Row]:
    for target in preview.targets:
        if target.action is Action.NOTHING and not target.differences:
            yield _row(target, target.action, "dim", _words(target))


def _row(about: Subject, action: str, colour: str, words: str) -> _Row:
    application = about.application if about.type == "application" else f"{about.application} ({about.type})"
    return Text(action, style=colour), Text(about.server), Text(application), Text(words)


CSV_COLUMNS: Final = ("action", *Subject.model_fields, "reason", "differences", "key")
"""Of targets and drifted plans alike; the requests' bodies are in the JSON report."""


def csv_rows(preview: Preview) -> Iterator[dict[str, Any]]:
    """Every target in the order of the fleet file, then what has drifted."""
    for target in preview.targets:
        yield target.model_dump(mode="json")
    for drift in preview.drift:
        yield {**drift.model_dump(mode="json"), "action": f"{drift.kind} plan"}


def _words(target: PreviewedTarget) -> str:
    """For example `plan, Every Day`, `schedule: Every Day -> Every Hour`."""
    what = ""
    if target.action is Action.CREATE and target.body:
        what = f"plan, {target.body.get('schedule')}" if target.automatic_backup else "instant backup"
    differences = changes({name: (each["is"], each["wanted"]) for name, each in target.differences.items()})
    return "; ".join(part for part in (what, differences, target.reason) if part)


def closing_lines(preview: Preview, now: datetime) -> Iterator[str]:
    """What follows the table: what a run costs, how to start the planned one, and what cannot be detected.

    Args:
        preview: what the table shows.
        now: the local time.
    """
    to_do = sum(count for action, count in preview.totals.items() if action not in (Action.NOTHING, Action.REFUSE))
    if to_do:
        requests = counted(preview.requests, "request")
        if preview.windows == 1:
            yield f"A run costs about {requests}, within the current budget"
        else:
            done = now + timedelta(seconds=preview.seconds)
            yield f"A run costs about {requests}, up to {preview.windows} budget windows: done by about {done:%H:%M}"
    if preview.totals.get(Action.CREATE):
        yield f"`run --run-key {preview.run_key}` sends exactly the requests that --json shows"
    if any(target.automatic_backup for target in preview.targets) or preview.drift:
        yield preview.cannot_tell
