"""A second night asks only what is not known; what has gone since costs one create, and nothing else."""

from collections import Counter
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

import httpx
import pytest
from ruamel.yaml import YAML

from fleet.observed import trust
from fleet.report.outcome import Exit, Outcome
from fleet.report.report import Report, ReportedTarget
from flows import back_up
from flows.fleet_backup import fleet_backup
from tests.flows.conftest import Api, Ear

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
LISTS = ("list applications", "list databases", "list storage providers")


class Nights:
    """A run each night, of the same fleet."""

    def __init__(self, sandbox: Api, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> None:
        self.sandbox, self.ear = sandbox, ear
        self.now = datetime(2030, 1, 10, 3, 59, tzinfo=UTC)
        monkeypatch.setattr(back_up, "wall_clock", lambda: self.now)
        monkeypatch.setattr(trust, "turn_of", lambda *_: datetime(2030, 1, 9, tzinfo=UTC).timestamp())

    async def next(self, **parameters: object) -> Report:
        self.ear.report = None
        self.now += timedelta(days=1)
        await fleet_backup(self.sandbox.fleet, return_state=True, **parameters)
        report: Report | None = self.ear.report
        assert report is not None
        return report

    def panel(self, method: str, path: str, changes: object = None) -> None:
        """What a person does in the panel."""
        url = f"{self.sandbox.url}/_sandbox/{path}"
        httpx.request(method, url, json=changes, trust_env=False).raise_for_status()


@pytest.fixture
def nights(api: StartApi, ear: Ear, monkeypatch: pytest.MonkeyPatch) -> Nights:
    return Nights(api(servers=3, applications=4), ear, monkeypatch)


def looked_up(report: Report) -> int:
    return sum(report.requests.by_call.get(name, 0) for name in LISTS)


def on_first_server(report: Report) -> list[ReportedTarget]:
    return [target for target in report.targets if target.server_id == report.targets[0].server_id]


async def test_the_second_night_looks_nothing_up_and_names_everything_as_before(nights: Nights) -> None:
    first = await nights.next()
    second = await nights.next()
    assert first.totals == second.totals == {Outcome.VERIFIED: 12}
    assert looked_up(first) > 0 == looked_up(second)
    assert second.requests.by_call["create backup"] == 12
    names = [(target.server, target.application, target.domain) for target in first.targets]
    assert [(target.server, target.application, target.domain) for target in second.targets] == names


async def test_a_check_and_a_dry_run_look_everything_up(nights: Nights) -> None:
    first = await nights.next()
    assert looked_up(await nights.next(dry_run=True)) == looked_up(first)


async def test_sites_deleted_in_the_panel_are_unmet_in_the_words_of_the_check_and_stop_nothing(nights: Nights) -> None:
    """Three in a row, on a server with a fourth: the brakes are not for this."""
    gone = on_first_server(await nights.next())[:3]
    for target in gone:
        nights.panel("DELETE", f"applications/{target.application_id}")
    report = await nights.next(concurrency=1)
    assert report.totals == {Outcome.VERIFIED: 9, Outcome.UNMET: 3}
    assert report.exit_code == Exit.SOME_FAILED
    told = on_first_server(report)[:3]
    assert [target.reason for target in told] == [
        f"application {target.application_id} is not on server {target.server_id}" for target in gone
    ]
    assert told[0].sent
    assert [target.sent for target in told] == [target.attempts == 1 for target in told]
    assert report.requests.by_call["create backup"] == 9 + sum(target.sent for target in told)
    after = await nights.next()
    assert after.totals == report.totals
    assert after.requests.by_call["create backup"] == 9
    assert [target.reason for target in on_first_server(after)] == [target.reason for target in on_first_server(report)]


async def test_a_database_moved_to_another_server_is_unmet_likewise(nights: Nights) -> None:
    report = await nights.next()
    moved, elsewhere = report.targets[0], report.targets[-1].server_id
    nights.panel("PATCH", f"applications/{moved.application_id}", {"server_id": elsewhere})
    report = await nights.next()
    assert Counter(target.outcome for target in report.targets) == {Outcome.VERIFIED: 11, Outcome.UNMET: 1}
    assert report.targets[0].reason == f"application {moved.application_id} is not on server {moved.server_id}"
    assert report.requests.by_call["create backup"] == 12


async def test_what_is_new_in_the_fleet_file_is_looked_up_and_nothing_else(nights: Nights) -> None:
    yaml = YAML(typ="safe")
    fleet = yaml.load(nights.sandbox.fleet.read_text("utf-8"))
    held_back = fleet["servers"][0]["backups"].pop()
    with nights.sandbox.fleet.open("w", encoding="utf-8") as file:
        yaml.dump(fleet, file)
    await nights.next()
    fleet["servers"][0]["backups"].append(held_back)
    with nights.sandbox.fleet.open("w", encoding="utf-8") as file:
        yaml.dump(fleet, file)
    report = await nights.next()
    assert report.totals == {Outcome.VERIFIED: 12}
    assert {name: report.requests.by_call.get(name) for name in LISTS} == dict.fromkeys(LISTS, 1)


async def test_a_refusal_in_unknown_words_is_read_by_the_lists_as_well(nights: Nights) -> None:
    """A 500 that says nothing, at every create of it: no retry once the lists show that the application is gone."""
    gone = (await nights.next()).targets[0]
    nights.panel("DELETE", f"applications/{gone.application_id}")
    fault = {"kind": "answer", "call": "create", "status": 500, "moment": "before", "application": gone.application_id}
    nights.panel("POST", "faults", [fault])
    report = await nights.next()
    assert report.targets[0].outcome is Outcome.UNMET
    assert report.targets[0].attempts == 1
