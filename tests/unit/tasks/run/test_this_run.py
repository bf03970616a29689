"""The name of a run: made for people, unless somebody gave it one."""

from types import SimpleNamespace

import pytest

from tasks.run import this_run


@pytest.mark.parametrize(
    ("before", "stays"),
    [
        ("copper-lynx", False),
        ("sigma3-balakbal", False),
        ("rho234-cirrus-y", False),
        ("fleet_backup/nightly-acme · all-fleets", False),
        (None, False),
        ("before the move", True),
        ("Friday", True),
        ("acme-2026-11-29", True),
    ],
)
def test_a_name_that_somebody_gave_stays(before: str | None, stays: bool, monkeypatch: pytest.MonkeyPatch) -> None:
    run = SimpleNamespace(name=before, scheduled_start_time=None, parameters={}, tags=[])
    monkeypatch.setattr(this_run, "flow_run", run)
    monkeypatch.setattr(this_run, "deployment", SimpleNamespace(name="nightly"))
    named = this_run.name("back up fleet.yaml")
    assert (named == before) == stays
    assert stays or named.startswith("back up fleet.yaml · nightly · 20")


@pytest.mark.parametrize(
    ("dead", "continuation"),
    [
        ("back up acme · nightly · 2026-11-29 01:30 UTC", "back up acme · nightly · 2026-11-29 01:30 UTC · continued"),
        (
            "back up acme · 2026-11-29 01:30 UTC · all-fleets",
            "back up acme · 2026-11-29 01:30 UTC · continued · all-fleets",
        ),
        ("back up all fleets · all-fleets · 01:30 UTC", "back up all fleets · all-fleets · 01:30 UTC · continued"),
        ("before the move", "before the move · continued"),
        ("copper-lynx", "copper-lynx"),
        ("fleet_backup/nightly-acme · all-fleets", "fleet_backup/nightly-acme · all-fleets"),
    ],
)
def test_a_run_that_continues_another_is_found_by_its_name_however_often(dead: str, continuation: str) -> None:
    assert this_run.name_of_continuation(dead) == continuation
    assert this_run.name_of_continuation(continuation) == continuation
