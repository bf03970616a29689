"""`--failed-from`: only what did not end well, under the key of the earlier run."""

import json
import os
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from fleet.inventory.inventory import Inventory, InventoryServer
from fleet.inventory.target import Target
from fleet.ledger.store import Ledger
from fleet.report.outcome import Outcome, Result, decide
from fleet.report.report import Report, build
from fleet.selection.rerun import unfinished_in
from fleet.selection.selection import SelectionError, left_of
from tests.unit.fleet.builders import instant, plan, target

pytestmark = pytest.mark.anyio
BEGAN = datetime(2030, 7, 13, 17, 49, tzinfo=UTC)
GOOD = [Outcome.CREATED, Outcome.VERIFIED, Outcome.ADOPTED, Outcome.PLANNED]


@pytest.fixture
def anyio_backend() -> str:
    """In real time: the ledger has a thread."""
    return "asyncio"


TARGETS = (
    target(instant(application_id=1), place="instant"),
    target(plan(application_id=1), place="plan of the same application"),
    target(instant(application_id=1, type="filesystem", database_id=None), place="its files"),
    target(instant(application_id=1), place="another server", server_id=16),
    target(instant(application_id=1), place="another organization", organization=6),
)


def inventory(*targets: Target) -> Inventory:
    return Inventory(tuple(server_of(each) for each in targets))


async def failed_of(fleet: Inventory, failed_from: str, ledger_url: str) -> tuple[Inventory, str]:
    unfinished = await unfinished_in(failed_from, ledger_url, "fleet.yaml")
    return left_of(fleet, unfinished), unfinished.run_key


def server_of(each: Target) -> InventoryServer:
    return InventoryServer(each.server_id, each.server_name, (), (), (each,))


def row(each: Target, outcome: str) -> dict[str, Any]:
    request = each.request
    return {
        "organization": each.organization,
        "server_id": each.server_id,
        "application_id": request.application_id,
        "database_id": request.database_id,
        "type": request.type,
        "automatic_backup": request.automatic_backup,
        "outcome": outcome,
    }


def report(*outcomes: str, run_key: str = "nightly") -> dict[str, Any]:
    return {"run_key": run_key, "targets": [row(*pair) for pair in zip(TARGETS, outcomes, strict=False)]}


def kept_report(run_key: str, *outcomes: Outcome) -> Report:
    """A run's whole report, as the ledger keeps it."""
    results = [Result(each, "web", "shop", outcome) for each, outcome in zip(TARGETS, outcomes, strict=False)]
    return build(run_key, (BEGAN, BEGAN), {}, results, decide(results))


async def left(tmp_path: Path, *outcomes: str) -> list[str]:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report(*outcomes)), "utf-8")
    kept, run_key = await failed_of(inventory(*TARGETS), str(path), "")
    assert run_key == "nightly"
    return [each.place for each in kept.targets]


@pytest.mark.parametrize("outcome", [each for each in Outcome if each not in GOOD])
async def test_what_ended_badly_or_was_not_tried_is_run_again(tmp_path: Path, outcome: Outcome) -> None:
    assert await left(tmp_path, outcome, *["verified"] * 4) == ["instant"]


@pytest.mark.parametrize("number", range(len(TARGETS)))
async def test_targets_of_one_application_are_told_apart(tmp_path: Path, number: int) -> None:
    outcomes = ["verified"] * len(TARGETS)
    outcomes[number] = "exhausted"
    assert await left(tmp_path, *outcomes) == [TARGETS[number].place]


async def test_what_the_report_does_not_know_is_not_run(tmp_path: Path) -> None:
    assert await left(tmp_path, "exhausted") == ["instant"]


async def test_when_nothing_is_left_to_do_that_is_said(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="nothing of run nightly is left to do"):
        await left(tmp_path, *GOOD)


@pytest.mark.parametrize(
    "content",
    [
        "",
        "{",
        "[]",
        "5",
        "null",
        '{"run_key": "x"}',
        '{"run_key": "x", "targets": [5]}',
        '{"run_key": "x", "targets": [{"outcome": "fine"}]}',
        json.dumps({"targets": report("exhausted")["targets"]}),
        json.dumps({"run_key": "x", "targets": [row(TARGETS[0], "splendid")]}),
    ],
)
async def test_what_is_no_report_is_refused_in_one_line(tmp_path: Path, content: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content, "utf-8")
    with pytest.raises(SelectionError, match=r"--failed-from .*report.json") as caught:
        await failed_of(inventory(*TARGETS), str(path), "")
    assert "\n" not in str(caught.value)


async def test_of_a_server_that_could_not_be_read_everything_is_left(tmp_path: Path) -> None:
    unread = {"organization": 5, "server_id": 16, "server": "web-0002", "reason": "its applications could not be read"}
    told = report(*["verified"] * 5) | {"selection": {"scope": "part", "unread": [unread]}}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(told), "utf-8")
    kept, _ = await failed_of(inventory(*TARGETS), str(path), "")
    assert [each.place for each in kept.targets] == ["another server"]


async def test_of_an_organization_that_was_closed_everything_is_left(tmp_path: Path) -> None:
    closed = [{"organization": 6, "reason": "This action is unauthorized."}]
    told = report(*["verified"] * 5) | {"selection": {"scope": "part", "unread_organizations": closed}}
    path = tmp_path / "report.json"
    path.write_text(json.dumps(told), "utf-8")
    kept, _ = await failed_of(inventory(*TARGETS), str(path), "")
    assert {each.organization for each in kept.targets} == {6}


async def test_of_a_run_that_never_knew_its_targets_nobody_can_tell_what_is_left(tmp_path: Path) -> None:
    path = tmp_path / "report.json"
    path.write_text(json.dumps(report() | {"selection": {"scope": "unknown"}}), "utf-8")
    with pytest.raises(SelectionError, match="repeat all of it with --run-key nightly"):
        await failed_of(inventory(*TARGETS), str(path), "")


async def test_a_report_that_is_not_there(tmp_path: Path) -> None:
    with pytest.raises(SelectionError, match="cannot be read"):
        await failed_of(inventory(*TARGETS), str(tmp_path / "nowhere.json"), "")


async def test_the_last_run_is_the_ledgers_of_this_fleet(tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/ledger.sqlite"
    with pytest.raises(SelectionError, match=r"no runs of fleet\.yaml in the ledger"):
        await failed_of(inventory(*TARGETS), "last", url)
    async with Ledger(url) as ledger:
        await ledger.record_run("fleet.yaml", kept_report("older", Outcome.EXHAUSTED, Outcome.EXHAUSTED))
        await ledger.record_run("fleet.yaml", kept_report("newer", Outcome.VERIFIED, Outcome.REJECTED))
        await ledger.record_run("other.yaml", kept_report("of another fleet", Outcome.EXHAUSTED, Outcome.EXHAUSTED))
    kept, run_key = await failed_of(inventory(*TARGETS), "last", url)
    assert run_key == "newer"
    assert [each.place for each in kept.targets] == ["plan of the same application"]


@pytest.mark.parametrize("content", ["[" * 100_000, "9" * 5000, '{"secret'])
async def test_a_strangers_file_is_not_quoted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "report.json"
    path.write_text(content, "utf-8")
    with pytest.raises(SelectionError) as caught:
        await unfinished_in(str(path), f"sqlite:///{tmp_path}/ledger.sqlite", "fleet.yaml")
    assert "secret" not in str(caught.value)
    assert "\n" not in str(caught.value)


async def test_a_pipe_or_a_device_in_place_of_a_report_is_refused_at_once(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    for path in (str(tmp_path / "pipe"), "/dev/zero"):
        with pytest.raises(SelectionError, match="is not a regular file but a pipe or a device"):
            await unfinished_in(path, f"sqlite:///{tmp_path}/ledger.sqlite", "fleet.yaml")
