"""On each of many APIs that differ from the documentation in a point or two, the doctor names that and nothing else."""

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Any

import pytest

from fleet.dialect.dialect import Dialect, Names
from fleet.doctor.checks.seen import Status
from tests.unit.fleet.doctor.api import KEY, DocumentedApi, Row, differing, status_of, unchanged

pytestmark = pytest.mark.anyio
Speak = Callable[[DocumentedApi], None]


def each_name(change: Callable[[str], str]) -> Speak:
    def speak(api: DocumentedApi) -> None:
        def rename(row: Row) -> None:
            name = row["backup_configuration"]["name"]
            row["backup_configuration"]["name"] = name and change(name)

        api.each_backup(rename)

    return speak


def fields(**values: Any) -> Speak:
    return lambda api: api.each_backup(lambda row: row.update(values))


def nameless(api: DocumentedApi) -> None:
    each_name(lambda _: "")(api)
    api.known = {5: Dialect(names=Names.HIDDEN)}


def top_names(api: DocumentedApi) -> None:
    api.each_backup(lambda row: row.update(name=row.pop("backup_configuration")["name"]))


def dated_names(api: DocumentedApi) -> None:
    each_name(lambda name: f"{name} 2026-11-24")(api)
    api.sent_names = {KEY: f"fb-{KEY} nightly"}


def oldest_first(api: DocumentedApi) -> None:
    api.lists["backups"].reverse()


def no_totals(api: DocumentedApi) -> None:
    def change(page: Row) -> None:
        del page["total"], page["last_page"]

    api.change_page = change


def local_time(api: DocumentedApi) -> None:
    def change(row: Row) -> None:
        local = datetime.fromisoformat(row["created_at"]) + timedelta(hours=5, minutes=30)
        row["created_at"] = f"{local:%Y-%m-%d %H:%M:%S}"

    api.each_backup(change)


def iso_stamps(api: DocumentedApi) -> None:
    api.each_backup(lambda row: row.update(created_at=row["created_at"].replace(" ", "T") + "+00:00"))


def late_list(api: DocumentedApi) -> None:
    api.known = {5: Dialect(shows_after=8.0)}


def wrong_clock(api: DocumentedApi) -> None:
    api.ahead = (600.2, 599.8, 600.0)


def foreign_rows(api: DocumentedApi) -> None:
    api.lists["backups"][3]["organization_id"] = 6


def large_pages(api: DocumentedApi) -> None:
    api.page_sizes["backups"] = 25


def silent_servers(api: DocumentedApi) -> None:
    for row in api.lists["servers"]:
        row["agent_status"] = None


def serverless_databases(api: DocumentedApi) -> None:
    del api.lists["databases"][0]["server_id"]


def other_presets(api: DocumentedApi) -> None:
    api.presets["schedules"] = ["Every Day", "Every Blue Moon"]


def other_provider(api: DocumentedApi) -> None:
    api.lists["cloud-storage-providers"][0]["provider"] = "floppy"


def bearer(api: DocumentedApi) -> None:
    api.scheme = "bearer"


def low_limit(api: DocumentedApi) -> None:
    api.limits = frozenset({30})


DIALECTS: dict[str, tuple[Speak, set[str]]] = {
    "documented": (unchanged, set()),
    "nameless": (nameless, {"names"}),
    "cut names": (each_name(lambda name: name[:12]), {"names"}),
    "dated names": (dated_names, {"names"}),
    "slugged names": (each_name(lambda name: name.lower().replace(" ", "-")), {"names"}),
    "top names": (top_names, {"names"}),
    "other words": (fields(status="success"), {"words of status"}),
    "no words": (fields(status=None), {"words of status"}),
    "yes or no": (
        fields(application_available_in_cloudstorage="yes", database_available_in_cloudstorage="yes"),
        {"form of flags"},
    ),
    "no flags": (
        fields(application_available_in_cloudstorage=None, database_available_in_cloudstorage=None),
        {"storage flags"},
    ),
    "sizes with units": (fields(application_size="4.82 MB", database_size="0.61 MB"), {"form of sizes"}),
    "no sizes": (fields(application_size=None, database_size=None), {"sizes"}),
    "empty sizes": (fields(application_size=0, database_size=0), {"empty archives"}),
    "text ids": (lambda api: api.each_backup(lambda row: row.update(id=str(row["id"]))), {"form of ids"}),
    "oldest first": (oldest_first, {"order of backups"}),
    "no totals": (no_totals, {"totals"}),
    "local time": (local_time, {"zone of times"}),
    "ISO stamps": (iso_stamps, {"form of times"}),
    "late list": (late_list, {"delay of the list"}),
    "wrong clock": (wrong_clock, {"clock"}),
    "rows of others": (foreign_rows, {"other organizations"}),
    "large pages": (large_pages, {"page sizes"}),
    "silent servers": (silent_servers, {"servers"}),
    "databases without a server": (serverless_databases, {"servers of databases"}),
    "other presets": (other_presets, {"presets"}),
    "another provider": (other_provider, {"storage providers"}),
    "bearer": (bearer, {"token"}),
    "low limit": (low_limit, {"limit"}),
}


@pytest.mark.parametrize("name", DIALECTS)
async def test_it_names_exactly_what_differs(name: str) -> None:
    speak, expected = DIALECTS[name]
    api = DocumentedApi()
    speak(api)
    report = await api.report()
    assert differing(report) == expected
    assert report.exit_code == (7 if expected else 0)
    assert all(finding.follows for finding in report.findings if finding.status is Status.DIFFERS)


async def test_what_no_reading_shows_is_unknown_and_no_difference() -> None:
    report = await DocumentedApi().report()
    unseen = {name for name, status in status_of(report).items() if status is Status.UNKNOWN}
    by_proof = {"zone of times", "delay of the list", "first backups of plans"}
    assert unseen == by_proof | {"backups that are gone"}
    assert report.exit_code == 0


async def test_an_empty_account_leaves_everything_unknown() -> None:
    api = DocumentedApi()
    api.lists = {name: [] for name in api.lists}
    report = await api.report()
    assert differing(report) == set()
    assert status_of(report)["names"] is Status.UNKNOWN
    assert status_of(report)["reading"] is Status.ASSUMED


async def test_what_earlier_runs_have_seen_stands_beside_what_is_seen_now() -> None:
    api = DocumentedApi()
    api.known = {5: Dialect(names=Names.HIDDEN, offsets=[19800] * 3, totals=True)}
    report = await api.report()
    by_name = {finding.name: finding for finding in report.findings}
    assert (by_name["names"].status, by_name["names"].earlier) == (Status.ASSUMED, "not shown")
    assert (by_name["zone of times"].status, by_name["zone of times"].earlier) == (Status.DIFFERS, "UTC+05:30")
    assert by_name["totals"].earlier == "the same"


async def test_what_has_changed_since_is_told() -> None:
    api = DocumentedApi()
    api.known = {5: Dialect(totals=False, statuses={"success": "complete"})}
    report = await api.report()
    assert len(report.changes) == 2
    assert any("`completed`" in line for line in report.changes)
