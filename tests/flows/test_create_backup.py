"""The flow for one backup, and mistakes as states."""

import logging
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from prefect.client.schemas.objects import State
from ruamel.yaml import YAML

from fleet.report.outcome import Outcome
from flows.create_backup import create_backup
from flows.fleet_backup import fleet_backup
from tests.flows.conftest import Api, Ear

pytestmark = [
    pytest.mark.anyio,
    # Prefect's clients leave sockets for the garbage collector.
]
StartApi = Callable[..., Api]


def first_of(fleet: Path) -> dict[str, Any]:
    """The first backup of a fleet file as the form would be filled in."""
    file = YAML(typ="safe").load(fleet.read_text("utf-8"))
    server = file["servers"][0]
    backup = {**file.get("defaults", {}), **server.get("defaults", {}), **server["backups"][0]}
    return {"organization": file["organization"], "server": server["id"], "backup": backup}


async def state_of(**parameters: Any) -> State[Any]:
    state: Any = await create_backup(**parameters, return_state=True)
    assert isinstance(state, State)
    return state


async def test_a_form_makes_one_verified_backup(api: StartApi, ear: Ear) -> None:
    state = await state_of(**first_of(api(servers=1, applications=2).fleet))
    assert (state.name, state.message) == ("Completed", "1 verified")
    assert ear.report is not None
    assert ear.report.requests.by_call["create backup"] == 1


async def test_a_mistake_in_the_form_is_the_states_message_and_no_traceback(
    api: StartApi, ear: Ear, caplog: pytest.LogCaptureFixture
) -> None:
    form = first_of(api(servers=1, applications=1).fleet)
    form["backup"] |= {"automatic_backup": True, "start_backup_from_now": False}
    with caplog.at_level(logging.INFO):
        state = await state_of(**form)
    assert state.is_failed()
    assert state.message == "the form: backup.start_backup: required because start_backup_from_now is false"
    assert ear.phases == []
    assert "Traceback" not in caplog.text


async def test_a_plan_that_starts_from_now_and_later_is_refused(api: StartApi, ear: Ear) -> None:
    form = first_of(api(servers=1, applications=1).fleet)
    form["backup"] |= {"automatic_backup": True, "start_backup": "2099-01-01 00:00"}
    state = await state_of(**form)
    assert "switch start_backup_from_now off" in str(state.message)
    assert ear.phases == []


async def test_a_plan_in_doubt_is_settled_in_the_form_and_its_texts_name_no_option_of_a_terminal(
    api: StartApi, ear: Ear
) -> None:
    doubtful = {"kind": "answer", "call": "create", "status": 500, "moment": "before", "first": 1}
    form = first_of(api(doubtful, servers=1, applications=1).fleet)
    form["backup"] |= {
        "automatic_backup": True,
        "schedule": "Every Day",
        "start_backup_from_now": False,
        "start_backup": "2099-01-01 00:00",
    }
    state = await state_of(**form)
    assert state.is_failed()
    assert "its first backup may show until 2099-01-02 02:00 UTC" in str(state.message)
    assert "resend plans" in str(state.message)
    assert "--" not in str(state.message)
    assert outcomes_of(ear) == [Outcome.IN_DOUBT]
    await state_of(**form)
    assert outcomes_of(ear) == [Outcome.IN_DOUBT], "nothing is sent again by itself"
    assert (await state_of(**form, resend_plan=True)).message == "1 created"
    assert outcomes_of(ear) == [Outcome.CREATED]


def outcomes_of(ear: Ear) -> list[Outcome]:
    assert ear.report is not None
    return [target.outcome for target in ear.report.targets]


async def test_mistakes_of_a_fleet_file_are_the_states_message_and_no_traceback(
    api: StartApi, ear: Ear, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    api(servers=1, applications=1)
    (tmp_path / "wrong.yaml").write_text(
        "organization: 5\nservers: [{id: 1, backups: [{application_id: x}]}]\n", "utf-8"
    )
    with caplog.at_level(logging.INFO):
        state: Any = await fleet_backup(tmp_path / "wrong.yaml", return_state=True)
    assert state.is_failed()
    assert "servers[0].backups[0].application_id" in str(state.message)
    assert "Traceback" not in caplog.text
    assert ear.phases == []
