"""The final state: what is missing is red, unless somebody wants it mild; the rest is what it was."""

from pathlib import Path

import pytest
from prefect.client.schemas.objects import StateType

from fleet.report.outcome import Exit, Verdict
from tasks.telling.announced_run import ending_of
from tasks.telling.final_state import state_of_verdict

COMPLETED, FAILED = StateType.COMPLETED, StateType.FAILED


@pytest.fixture(autouse=True)
def elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)  # No .env of the developer.


@pytest.mark.parametrize("mild", [False, True])
@pytest.mark.parametrize("code", list(Exit))
def test_only_what_is_all_done_is_green_unless_it_is_wanted_mild(
    code: Exit, mild: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    if mild:
        monkeypatch.setenv("FLEET_BACKUP_INCOMPLETE_STATE", "completed")
    state = state_of_verdict(Verdict(code, "3 verified,\n1 rejected"))
    is_green = code is Exit.DONE or (mild and code is Exit.SOME_FAILED)
    assert state.type is (COMPLETED if is_green else FAILED)
    assert state.message == "3 verified, 1 rejected"
    partial = {False: "Incomplete", True: "WithWarnings"}[mild]
    assert state.name == {Exit.DONE: "Completed", Exit.SOME_FAILED: partial}.get(code, "Failed")
    words = {Exit.DONE: "completed", Exit.SOME_FAILED: "with-warnings"}
    assert ending_of(state) == words.get(code, "failed"), "events and monitors hear the same in both"


def test_a_setting_that_cannot_be_read_makes_nothing_green(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_BACKUP_INCOMPLETE_STATE", "green")
    assert state_of_verdict(Verdict(Exit.SOME_FAILED, "1 rejected")).type is FAILED
