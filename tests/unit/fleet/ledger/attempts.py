"""Entries on their way, and what looks show, for the tests of the protocol."""

from dataclasses import replace
from typing import Any

from fleet.ledger.entry import (
    Entry,
    answered,
    sending,
)
from fleet.proof.absence import Looked, Rules
from fleet.proof.sought import Mark
from fleet.serveravatar.catalogue import Meaning

BODY = {"type": "application"}
NOW = 1_000_000.0
MARK = Mark(100, 40, exact=True)
RULES = Rules(settle_seconds=5.0)
KEY = "00000000deadbeef"
RESEND = Rules(settle_seconds=5.0, resend_plans=frozenset({KEY}))
LATER = NOW + 60
NOTHING = Looked()
"""A look that has read the whole list, and shown nothing that may be it."""
INSTANT, PLAN = False, True


def fresh(automatic: bool = INSTANT, **changes: Any) -> Entry:
    return replace(Entry(KEY, "nightly", automatic, request=BODY), **changes)


def sent(automatic: bool = INSTANT) -> Entry:
    return sending(fresh(automatic), NOW, MARK, BODY)


def after(meaning: Meaning, automatic: bool = INSTANT, *, doubtful_before: bool = False) -> Entry:
    return answered(sent(automatic), meaning, "words", NOW + 1, doubtful_before=doubtful_before)
