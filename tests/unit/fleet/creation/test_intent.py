"""What a run would do with a target, case by case: table of what is known, and what follows."""

from dataclasses import replace
from typing import Any

import pytest

from fleet.creation.intent import Action, Asked, Intent, Known, body_of, intent_of, needs_look, needs_plan_id
from fleet.ledger.entry import Entry
from fleet.proof.absence import GENEROUS, LONGEST_WAIT, Looked, Rules
from fleet.proof.sought import Mark
from fleet.report.outcome import Outcome
from tests.unit.fleet.builders import backup, instant, plan, target

ASKED = Asked("monday")
NIGHT = target(instant())
PLAN = target(plan())
HOURLY = target(plan(schedule="Every Hour"))
IN_DOUBT: dict[str, Any] = {"attempts": 1, "doubtful": True, "sent_at": 1.0, "before": Mark(300, 70, exact=True)}
EXISTS = {"attempts": 1, "outcome": Outcome.CREATED}
SEEN = Looked([backup(322, backup_config_id=71)])
TWO = Looked([*SEEN.rows, backup(323, backup_config_id=72)])
MAY_BE_IT = Looked(candidates=(322, 323))
DOES_NOT_SHOW_NAMES = (
    "the run was interrupted while sending it; it may exist: backup 322 or 323 may be it: "
    "the list does not show names; check the panel; a run with another run key creates a new one"
)
NOT_SHOWN = "sent before, but the backup list does not show it"


def entry(of: Any = NIGHT, **changes: Any) -> Entry:
    fresh = Entry(of.key("monday"), "monday", of.request.automatic_backup, request=body_of(of, "monday"))
    return replace(fresh, **changes)


@pytest.mark.parametrize(
    ("known", "action", "reason"),
    [
        (Known(), "create", ""),
        (Known(problem="disk 99 % full"), "refuse", "disk 99 % full"),
        (Known(problem="disk 99 % full", entry=entry(**EXISTS)), "refuse", "disk 99 % full"),
        (Known(entry=entry(), is_taken=True), "nothing", "another run is processing it now"),
        (Known(entry=entry()), "create", ""),  # Claimed by a run that died before it sent.
        (Known(entry=entry(outcome=Outcome.REJECTED, reason="no room")), "create", "again: rejected, no room"),
        (Known(entry=entry(outcome=Outcome.EXHAUSTED)), "create", "again: exhausted"),
        (Known(entry=entry(outcome=Outcome.VERIFIED)), "nothing", "verified"),
        (Known(entry=entry(outcome=Outcome.UNVERIFIED, reason="not complete")), "nothing", "not complete"),
        (
            Known(entry=entry(outcome=Outcome.UNVERIFIED, broken=True, reason="it is empty")),
            "create",
            "again: it is empty",
        ),
        (Known(entry=entry(**IN_DOUBT), looked=SEEN), "adopt", "backup 322 shows that an earlier attempt was applied"),
        (Known(entry=entry(**IN_DOUBT)), "create", NOT_SHOWN),
        (Known(entry=entry(**IN_DOUBT), looked=replace(MAY_BE_IT, names_shown=True)), "create", NOT_SHOWN),
        (
            Known(entry=entry(**IN_DOUBT), looked=MAY_BE_IT),
            "refuse",
            DOES_NOT_SHOW_NAMES,
        ),
        (
            Known(entry=entry(**IN_DOUBT), unread="status 500"),
            "refuse",
            "it may have been created, but the backup list could not be read: status 500",
        ),
    ],
)
def test_an_instant_backup(known: Known, action: str, reason: str) -> None:
    intent = intent_of(NIGHT, ASKED, known)
    assert (intent.action, intent.reason) == (action, reason)
    assert intent.differences == {}
    assert intent.body == (body_of(NIGHT, "monday") if action == "create" else None)


SAID = "the run was interrupted while sending it; it may exist: "
ADVICE = f"if the panel shows no such plan, send it again now: resend plans {PLAN.key('')}"
CUT_OFF = (
    f"{SAID}its first backup may show until 1970-01-02 02:00 UTC; the next run adopts it if it has appeared, "
    f"and a run after that creates it otherwise; {ADVICE}"
)
MAY_BE_ITS = f"{SAID}backup 322, 323 may be its first; the next run adopts it if it has appeared; {ADVICE}"
SILENT = (
    f"{SAID}this API has shown no first backup of an accepted plan either; "
    f"the next run adopts it if it has appeared; {ADVICE}"
)
RESEND = Rules(resend_plans=frozenset({PLAN.key("")}))
SOON = {"now": 2.0}
DIFFERS = {"schedule": ("Every Day", "Every Hour")}


@pytest.mark.parametrize(
    ("wanted", "known", "changes", "action", "reason", "differences"),
    [
        (PLAN, Known(), {}, "create", "", {}),
        (PLAN, Known(entry=entry(PLAN, **EXISTS)), {}, "nothing", "the plan exists", {}),
        (HOURLY, Known(entry=entry(PLAN, **EXISTS)), {}, "nothing", "--update-plans changes it", DIFFERS),
        (
            HOURLY,
            Known(entry=entry(PLAN, **EXISTS, plan_id=71)),
            {"update_plans": True},
            "update",
            "",
            DIFFERS,
        ),
        (HOURLY, Known(entry=entry(PLAN, **EXISTS), looked=SEEN), {"update_plans": True}, "update", "", DIFFERS),
        (
            HOURLY,
            Known(entry=entry(PLAN, **EXISTS)),
            {"update_plans": True},
            "nothing",
            "its id is not known yet: no backup of it has been seen",
            DIFFERS,
        ),
        (
            HOURLY,
            Known(entry=entry(PLAN, **EXISTS), looked=TWO),  # Whose is whose?
            {"update_plans": True},
            "nothing",
            "its id is not known yet: no backup of it has been seen",
            DIFFERS,
        ),
        (
            HOURLY,
            Known(entry=entry(PLAN, **EXISTS), has_unread_pages=True),
            {"update_plans": True},
            "update",
            "if an older backup shows its id",
            DIFFERS,
        ),
        (
            HOURLY,
            Known(entry=entry(PLAN, **EXISTS), unread="status 500"),
            {"update_plans": True},
            "refuse",
            "its id is not known: status 500",
            DIFFERS,
        ),
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT), looked=SEEN), {}, "adopt", None, {}),
        (
            PLAN,
            Known(entry=entry(PLAN, **IN_DOUBT)),
            SOON,
            "refuse",
            CUT_OFF,
            {},
        ),
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT)), {**SOON, "rules": RESEND}, "create", None, {}),
        # Its first backup had to show by now; or will, while the run waits for it.
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT)), {"now": 1 + GENEROUS}, "create", NOT_SHOWN, {}),
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT)), {"now": 1 + GENEROUS - LONGEST_WAIT}, "create", NOT_SHOWN, {}),
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT)), {"now": GENEROUS - LONGEST_WAIT}, "refuse", CUT_OFF, {}),
        (
            PLAN,
            Known(entry=entry(PLAN, **IN_DOUBT)),
            {"now": 1 + GENEROUS, "rules": Rules(first_backups_missed=1)},
            "refuse",
            SILENT,
            {},
        ),
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT), looked=MAY_BE_IT), {}, "refuse", MAY_BE_ITS, {}),
        (PLAN, Known(entry=entry(PLAN, **IN_DOUBT), looked=SEEN), {"rules": RESEND}, "adopt", None, {}),
    ],
)
def test_an_automatic_plan(
    wanted: Any, known: Known, changes: dict[str, Any], action: str, reason: str | None, differences: dict[str, Any]
) -> None:
    intent = intent_of(wanted, replace(ASKED, **changes), known)
    assert intent.action == action
    assert reason is None or intent.reason == reason
    assert intent.differences == differences
    assert intent.body == (wanted.request.body() if action in {"create", "update"} else None)


@pytest.mark.parametrize(
    ("intent", "words", "outcome"),
    [
        (intent_of(NIGHT, ASKED, Known()), "would be created", "planned"),
        (
            intent_of(HOURLY, replace(ASKED, update_plans=True), Known(entry=entry(PLAN, **EXISTS, plan_id=71))),
            "would be updated: schedule: Every Day -> Every Hour",
            "planned",
        ),
        (
            intent_of(HOURLY, ASKED, Known(entry=entry(PLAN, **EXISTS))),
            "nothing to do: schedule: Every Day -> Every Hour; --update-plans changes it",
            "planned",
        ),
        (intent_of(PLAN, ASKED, Known(entry=entry(PLAN, **EXISTS))), "nothing to do: the plan exists", "planned"),
        (intent_of(NIGHT, ASKED, Known(problem="disk 99 % full")), "disk 99 % full", "unmet"),
        (
            intent_of(NIGHT, ASKED, Known(entry=entry(**IN_DOUBT), looked=SEEN)),
            "would be adopted: backup 322 shows that an earlier attempt was applied",
            "planned",
        ),
    ],
)
def test_a_dry_run_says_the_same_in_words(intent: Intent, words: str, outcome: str) -> None:
    assert (intent.words, intent.outcome) == (words, outcome)


def test_a_plan_in_doubt_ends_a_dry_run_as_it_would_end_the_run() -> None:
    assert intent_of(PLAN, Asked("monday", now=2.0), Known(entry=entry(PLAN, **IN_DOUBT))).outcome is Outcome.IN_DOUBT


@pytest.mark.parametrize(
    ("intent", "expected"),
    [
        (intent_of(NIGHT, ASKED, Known()), True),
        (intent_of(NIGHT, ASKED, Known(problem="disk 99 % full")), False),
        (intent_of(PLAN, ASKED, Known(entry=entry(PLAN, **EXISTS))), False),
        (intent_of(HOURLY, ASKED, Known(entry=entry(PLAN, **EXISTS))), True),
    ],
)
def test_what_differs_is_to_do_also_where_this_run_leaves_it(intent: Intent, expected: bool) -> None:
    assert intent.is_to_do is expected


def test_the_list_is_read_for_what_is_in_doubt_and_for_ids_that_an_update_needs_and_for_nothing_else() -> None:
    rules, update = Rules(), replace(ASKED, update_plans=True)
    assert not needs_look(None, rules)
    assert not needs_look(entry(), rules)
    assert needs_look(entry(**IN_DOUBT), rules)
    assert needs_plan_id(HOURLY, entry(PLAN, **EXISTS), update)
    for wanted, known, asked in (
        (HOURLY, entry(PLAN, **EXISTS), ASKED),
        (PLAN, entry(PLAN, **EXISTS), update),
        (HOURLY, entry(PLAN, **EXISTS, plan_id=71), update),
        (HOURLY, entry(PLAN, outcome=Outcome.REJECTED), update),
        (HOURLY, None, update),
    ):
        assert not needs_plan_id(wanted, known, asked)


def test_actions_are_the_contracts_problems_first() -> None:
    assert [str(action) for action in Action] == ["refuse", "create", "update", "adopt", "nothing"]
