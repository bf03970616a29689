"""The deployments of a file that lists fleets: none overwrites another fleet's, and each has what its fleet says."""

from pathlib import Path
from typing import Any

import pytest
from prefect.flows import load_flow_from_entrypoint

from deployments.choices import Choices
from deployments.declaration import Declaration, DeclarationError, shipped_file
from deployments.fleets import declarations_of

THREE = """
defaults: {zone: Europe/Berlin, pool: agency, nightly_at: "02:00"}
fleets:
  - {name: acme, file: acme/fleet.yaml, credentials: acme}
  - {name: globex, file: globex/fleet.yaml, credentials: globex, zone: America/New_York, plans_at: "04:00",
     audit_at: "09:00", hourly: tag:vip, pool: east, queue: night, max_running_per_server: 2}
  - {name: ours, file: ours.yaml, nightly_every: Every 2 Days}
"""
OF_A_FLEET = ("nightly", "plans", "hourly", "audit", "one-server")
TOGETHER = "all_fleets: {at: '22:00', zone: Asia/Tokyo}\n"
TWO = "fleets: [{name: a, file: a.yaml}, {name: b, file: b.yaml}]"


def written(folder: Path, text: str, name: str = "fleets.yaml") -> Path:
    file = folder / name
    file.write_text(text, "utf-8")
    return file


def chosen(folder: Path, text: str, **choices: Any) -> dict[str, Declaration]:
    found = declarations_of(shipped_file(), Choices(fleet=written(folder, text), **choices))
    by_name = {one.name: one for one in found}
    assert len(by_name) == len(found)
    return by_name


def test_each_fleet_has_deployments_of_its_name_and_what_belongs_to_none_is_there_once(tmp_path: Path) -> None:
    found = chosen(tmp_path, THREE)
    fleets = {f"{name}-{fleet}" for name in OF_A_FLEET for fleet in ("acme", "globex", "ours")}
    assert set(found) == fleets | {"continue", "create-backup", "all-fleets"}
    for fleet in ("acme", "globex", "ours"):
        assert f"fleet:{fleet}" in found[f"nightly-{fleet}"].tags


def test_each_has_the_file_the_account_the_times_and_the_place_of_its_fleet(tmp_path: Path) -> None:
    found = chosen(tmp_path, THREE)
    acme, globex = found["nightly-acme"], found["nightly-globex"]
    assert acme.parameters == {
        "fleet_file": str(tmp_path / "acme" / "fleet.yaml"),
        "fleet": "acme",
        "credentials": "acme",
        "only": "instant",
    }
    assert globex.parameters["max_running_per_server"] == 2
    assert "max_running_per_server" not in found["audit-globex"].parameters
    assert "credentials" not in found["nightly-ours"].parameters

    def when(name: str) -> tuple[str, str]:
        (entry,) = found[name].schedules
        return entry.in_words(), entry.timezone

    assert when("nightly-acme") == ("Every Day at 02:00", "Europe/Berlin")
    assert when("nightly-globex") == ("Every Day at 02:00", "America/New_York")
    assert when("nightly-ours") == ("Every 2 Days at 02:00", "Europe/Berlin")
    assert when("plans-globex") == ("Every Day at 04:00", "America/New_York")
    assert when("audit-globex") == ("Every Day at 09:00", "America/New_York")
    assert (found["hourly-globex"].parameters["limit"], found["hourly-globex"].schedules[0].active) == (
        ["tag:vip"],
        True,
    )
    assert found["hourly-acme"].schedules[0].active is False
    assert (globex.work_pool.name, globex.work_pool.work_queue_name) == ("east", "night")
    assert {found[name].work_pool.name for name in ("nightly-acme", "continue", "create-backup", "all-fleets")} == {
        "agency"
    }


def test_options_fill_what_the_file_leaves_open(tmp_path: Path) -> None:
    found = chosen(tmp_path, THREE, plans_at="05:00", pool="option", credentials="house")
    assert found["plans-acme"].schedules[0].in_words() == "Every Day at 05:00"
    assert found["plans-globex"].schedules[0].in_words() == "Every Day at 04:00"
    assert found["nightly-acme"].work_pool.name == "agency"
    assert [found[f"nightly-{fleet}"].parameters["credentials"] for fleet in ("acme", "ours")] == ["acme", "house"]


def test_backed_up_together_they_have_one_schedule_and_their_own_nights_are_off(tmp_path: Path) -> None:
    found = chosen(tmp_path, TOGETHER + TWO)
    together = found["all-fleets"]
    assert together.parameters == {"fleets": ["a", "b"]}
    (entry,) = together.schedules
    assert (entry.in_words(), entry.timezone) == ("Every Day at 22:00", "Asia/Tokyo")
    assert found["nightly-a"].schedules == found["nightly-b"].schedules == []
    assert found["audit-a"].schedules != []
    assert chosen(tmp_path, TWO)["all-fleets"].schedules == []


def test_one_fleet_file_keeps_the_names_of_its_deployments(tmp_path: Path) -> None:
    fleet = written(tmp_path, "organization: 5", "fleet.yaml")
    names = [one.name for one in declarations_of(shipped_file(), Choices(fleet=fleet))]
    assert names == ["nightly", "plans", "hourly", "audit", "continue", "one-server", "create-backup"]


@pytest.mark.parametrize(
    ("text", "choices", "problem"),
    [
        (
            "fleets: [{name: a, file: a.yaml, token_file: a.token}]",
            {},
            "fleets.yaml: fleet a: token_file is for `run`; a deployment needs `credentials`, a block",
        ),
        (
            "defaults: {zone: UTC}\n" + TWO,
            {"zone": "Asia/Tokyo"},
            "--zone: every fleet of fleets.yaml has its own; change it there",
        ),
        (
            TOGETHER + TWO,
            {"nightly_at": "03:00"},
            "--nightly-at: `all_fleets` in fleets.yaml sets when the nightly runs start",
        ),
    ],
)
def test_what_deployments_cannot_use_or_would_ignore_is_one_line(
    tmp_path: Path, text: str, choices: dict[str, str], problem: str
) -> None:
    with pytest.raises(DeclarationError) as caught:
        chosen(tmp_path, text, **choices)
    assert str(caught.value) == problem


def test_names_that_would_meet_are_refused(tmp_path: Path) -> None:
    own = written(
        tmp_path,
        "deployments: [{name: nightly, entrypoint: &f 'flows/fleet_backup.py:fleet_backup'},"
        " {name: nightly-a, entrypoint: *f}]",
        "prefect.yaml",
    )
    fleets = written(tmp_path, "fleets: [{name: b, file: b.yaml}, {name: a-b, file: ab.yaml}]")
    with pytest.raises(DeclarationError, match="more than one deployment would be called nightly-a-b"):
        declarations_of(own, Choices(fleet=fleets))


def test_without_a_nightly_deployment_there_is_nothing_to_start_together(tmp_path: Path) -> None:
    own = written(tmp_path, "deployments: []", "prefect.yaml")
    with pytest.raises(DeclarationError, match=r"prefect\.yaml has no deployment 'nightly', which 'all-fleets' starts"):
        declarations_of(own, Choices(fleet=written(tmp_path, TWO)))


def test_the_flow_of_all_fleets_loads_and_takes_its_parameters(tmp_path: Path) -> None:
    one = chosen(tmp_path, TWO)["all-fleets"]
    for entrypoint in (one.entrypoint, one.module_entrypoint):
        flow = load_flow_from_entrypoint(entrypoint, use_placeholder_flow=False)  # type: ignore[var-annotated]
        flow.validate_parameters(one.parameters)
