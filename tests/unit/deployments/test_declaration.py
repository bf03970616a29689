"""The shipped prefect.yaml, and what a user chooses in it or writes in a copy."""

import os
from pathlib import Path
from typing import Any

import pytest
from prefect.flows import load_flow_from_entrypoint

from deployments.choices import Choices, chosen_declarations
from deployments.declaration import Declaration, DeclarationError, read_declarations, shipped_file
from fleet.inventory.request import Schedule
from fleet.schedules.schedules import NAMES

ROOT = Path(__file__).parents[3]


def chosen(**choices: Any) -> dict[str, Declaration]:
    return {one.name: one for one in chosen_declarations(shipped_file(), Choices(**choices))}


def written(folder: Path, text: str) -> Path:
    file = folder / "prefect.yaml"
    file.write_text(text, "utf-8")
    return file


@pytest.mark.parametrize("one", read_declarations(shipped_file()), ids=lambda one: one.name)
def test_every_entrypoint_loads_without_placeholder_and_takes_its_parameters(
    one: Declaration, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(ROOT)
    for entrypoint in (one.entrypoint, one.module_entrypoint):
        flow = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)  # type: ignore[var-annotated]
        assert set(one.parameters) <= set(flow.parameters.properties)
        form = set(flow.parameters.required or ()) - {"fleet_file"}  # What a person fills in.
        if not form:
            flow.validate_parameters(one.parameters)


def test_a_deployment_of_ones_own_that_names_no_fleet_file_gets_the_one_of_the_command(tmp_path: Path) -> None:
    file = written(tmp_path, "deployments: [{name: often, entrypoint: flows/fleet_backup.py:fleet_backup}]")
    (one,) = chosen_declarations(file, Choices(fleet=tmp_path / "fleet.yaml"))
    assert one.parameters["fleet_file"] == str(tmp_path / "fleet.yaml")


def test_every_deployment_is_described_tagged_and_never_runs_beside_itself() -> None:
    assert set(chosen()) == {"nightly", "plans", "hourly", "audit", "continue", "one-server", "create-backup"}
    for one in chosen().values():
        assert len(one.description) > 60
        assert "fleet-backup" in one.tags
        if one.triggers:
            continue  # Several runs can fall silent at once.
        assert one.concurrency_limit is not None
        assert (one.concurrency_limit.limit, one.concurrency_limit.collision_strategy) == (1, "ENQUEUE")


def test_what_the_user_chooses_is_what_is_deployed(tmp_path: Path) -> None:
    fleet = tmp_path / "fleet.yaml"
    found = chosen(
        fleet=fleet,
        zone="Europe/Berlin",
        nightly_at="02:15",
        nightly_every="Twice a Month",
        hourly="tag:vip",
        credentials="shops",
        pool="mine",
        queue="night",
    )
    assert found.pop("create-backup").parameters.get("fleet_file") is None
    assert found.pop("continue").parameters == {}
    assert {one.parameters["fleet_file"] for one in found.values()} == {str(fleet)}
    assert {one.parameters["credentials"] for one in found.values()} == {"shops"}
    assert {(one.work_pool.name, one.work_pool.work_queue_name) for one in found.values()} == {("mine", "night")}
    (nightly,) = found["nightly"].schedules
    assert (nightly.in_words(), nightly.timezone) == ("Twice a Month at 02:15", "Europe/Berlin")
    assert found["hourly"].parameters["limit"] == ["tag:vip"]
    assert found["hourly"].schedules[0].active


def test_the_audit_has_a_time_of_its_own() -> None:
    (audit,) = chosen(audit_at="08:15", nightly_at="02:00")["audit"].schedules
    assert audit.in_words() == "Every Day at 08:15"


def test_a_rhythm_alone_keeps_the_time_of_day() -> None:
    (nightly,) = chosen(nightly_every="Every 2 Days")["nightly"].schedules
    assert nightly.in_words() == "Every 2 Days at 01:30"


@pytest.mark.parametrize("name", NAMES)
def test_a_schedule_of_ones_own_may_be_any_of_the_twelve(tmp_path: Path, name: Schedule) -> None:
    text = (
        f"deployments: [{{name: a, entrypoint: 'flows/fleet_backup.py:fleet_backup', schedules: [{{every: {name}}}]}}]"
    )
    (one,) = read_declarations(written(tmp_path, text))
    assert one.schedules[0].in_words().startswith(name)


@pytest.mark.parametrize(
    ("choices", "mistake"),
    [
        ({"zone": "Berlin"}, "--zone: 'Berlin' is not a time zone"),
        ({"nightly_at": "25:00"}, "nightly: '25:00' is not a time of day"),
        ({"nightly_every": "Every Fortnight"}, "nightly: every: must be one of: 'Every Hour'"),
    ],
)
def test_a_choice_that_cannot_be_is_one_clear_line(choices: dict[str, str], mistake: str) -> None:
    with pytest.raises(DeclarationError) as caught:
        chosen(**choices)
    assert str(caught.value).startswith(mistake)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("kind", ["pipe", "device", "folder", "endless"])
def test_what_is_no_file_is_refused_at_once(tmp_path: Path, kind: str) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "endless").write_bytes(b"x" * (2 * 1024**2))
    file = {"device": Path("/dev/zero"), "folder": tmp_path}.get(kind, tmp_path / kind)
    with pytest.raises(DeclarationError, match=r"is not a regular file|is a folder|is larger than 1 MB"):
        read_declarations(file)


def test_mistakes_in_a_file_of_ones_own_are_named_with_their_place(tmp_path: Path) -> None:
    file = written(tmp_path, "deployments: [{name: a, entrypoint: elsewhere, schedules: [{every: Often}], tag: x}]")
    with pytest.raises(DeclarationError) as caught:
        read_declarations(file)
    lines = str(caught.value).splitlines()
    assert len(lines) == 3
    assert all(line.startswith(f"{file}: deployments: 0: ") for line in lines)
    with pytest.raises(DeclarationError, match="cannot be read: No such file"):
        read_declarations(tmp_path / "none.yaml")
    with pytest.raises(DeclarationError, match="has no deployment 'hourly'"):
        chosen_declarations(written(tmp_path, "deployments: []"), Choices(hourly="tag:x"))
