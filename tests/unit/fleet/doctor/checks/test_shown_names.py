"""How a list shows the name of an instant backup."""

from typing import Any

import pytest

from fleet.doctor.checks.shown_names import WHOLE, how_shown
from tests.unit.fleet.doctor.api import KEY

SENT = f"fb-{KEY} fleet-backup doctor"
IN_CONFIGURATION = "in `backup_configuration.name`"


def configured(name: str | None) -> dict[str, Any]:
    return {"id": 1, "backup_configuration": {"id": 2, "name": name}}


@pytest.mark.parametrize(
    ("row", "shown"),
    [
        (configured(SENT), WHOLE),
        (configured(SENT[:12]), f"cut to 9 of the 16 digits of its key, {IN_CONFIGURATION}"),
        (configured(SENT[:25]), f"cut after its key, {IN_CONFIGURATION}"),
        (configured(SENT + " 2026-11-24"), f"text after, {IN_CONFIGURATION}"),
        (configured("Instant backup: " + SENT), f"text before, {IN_CONFIGURATION}"),
        (configured(f"*{SENT}*"), f"text before and text after, {IN_CONFIGURATION}"),
        (configured(SENT.upper().replace(" ", "_")), f"changed, {IN_CONFIGURATION}"),
        ({"id": 1, "name": SENT}, "whole, in `name`"),
        ({"id": 1, "backup_label_7": SENT}, "whole, in another field"),
        (configured(None), ""),
        (configured("nightly"), ""),
        (configured(SENT[:10]), ""),
    ],
)
def test_what_was_made_of_a_name_that_is_known(row: dict[str, Any], shown: str) -> None:
    assert how_shown(row, SENT) == shown


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (f"fb-{KEY}", "whole"),
        (f"fb-{KEY} nightly", "whole"),
        (f"fb-{KEY}-nightly", "changed"),
        (f"FB-{KEY.upper()} NIGHTLY", "changed"),
        (f"Backup fb-{KEY}", "changed"),
        (f"fb-{KEY[:8]}", "cut to 8 of the 16 digits of its key"),
    ],
)
def test_what_was_made_of_a_name_that_is_not_known(name: str, form: str) -> None:
    assert how_shown(configured(name)) == f"{form}, {IN_CONFIGURATION}"
