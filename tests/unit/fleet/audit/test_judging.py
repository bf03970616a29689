"""The audit: every status, mutes, what is read, and what cannot be read."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from typing import Any

import anyio
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit.auditing import audit
from fleet.audit.finding import Status
from fleet.audit.report import AuditReport, build
from fleet.inventory.expectation import Expectation, Mute, MutedThing
from fleet.inventory.inventory import Inventory, InventoryServer
from fleet.inventory.target import Target
from fleet.proof.sightings import Sightings
from fleet.report.progress import Silence
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tests.unit.fleet.builders import FakeApi, backup_row, instant, plan, server_row, target

NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
BACKUPS = "/organizations/5/backups"
Rows = Sequence[dict[str, Any]]


def row(number: int, hours: float = 3, **changes: Any) -> dict[str, Any]:
    """A good backup of the builders' target that began so many hours ago."""
    fields: dict[str, Any] = {
        "application_id": 4246,
        "database_id": 4223,
        "cloud_storage_provider_id": 10,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
        "application_size": 4.0,
        "database_size": 1.0,
        "created_at": f"{NOW - timedelta(hours=hours):%Y-%m-%d %H:%M:%S}",
    }
    return backup_row(number, None, **(fields | changes))


class Notebook:
    """Remembers like the ledger, and says nothing."""

    def __init__(self) -> None:
        self.kept: dict[int, Sightings] = {}

    async def recall(self, organization: int) -> Sightings | None:
        return self.kept.get(organization)

    async def remember(self, organization: int, before: Sightings | None, after: Sightings) -> None:  # noqa: ARG002 - of the protocol
        self.kept[organization] = after


def inventory(*targets: Target, muted: Sequence[MutedThing] = ()) -> Inventory:
    return Inventory((InventoryServer(15, "web-0001", (), (), targets),), muted=tuple(muted))


def fake(backups: Rows, applications: Sequence[int] = (4246,), databases: Sequence[int] = (4223,)) -> FakeApi:
    return FakeApi(
        {
            "/organizations/5/servers": [server_row(15)],
            "/organizations/5/applications": [{"id": number, "name": f"site-{number}"} for number in applications],
            "/organizations/5/databases": [{"id": number, "server_id": 15} for number in databases],
            BACKUPS: backups,
        }
    )


def audited(api: FakeApi, wanted: Inventory, memory: Notebook | None = None, now: datetime = NOW) -> AuditReport:
    async def run() -> AuditReport:
        return build("shops", now, {}, await audit(api.send, wanted, memory or Notebook(), now, Silence()))

    return anyio.run(run)


def expecting(**expected: Any) -> Target:
    return target(expectation=Expectation(**expected))


NOTHING = "no backup found"
SHRUNK = "80 % less than the median of the 5 good ones before it (5 MB); 50 % is the most"
UNFINISHED = "backup 3, 2 h old: its status is 'In Progress'; the newest good one, 2, is 3 h old"
ALL_FAILED = "backup 3, 2 h old: the backup ended as 'Failed'; there is no good one"
FIRST = "3 h old; there is no good one before it to compare its size with"
IN_11 = "backup 2, 3 h old, lies in storage provider 11, not 10"
OF_1 = "backup 2, 3 h old, holds database 1, not 4223"
FAILED: dict[str, Any] = {"status": "Failed", "application_size": 0, "database_size": 0}
PENDING: dict[str, Any] = {"status": "In Progress", "application_size": 0, "database_size": 0}
FILES: dict[str, Any] = {"database_id": None, "database_extension": None, "database_size": 0}
MOST = "26 h is the most"
WEEKLY = target(plan(schedule="Every Week"))
NIGHTS = [row(8 - night, 27 + 24 * night) for night in range(6)]
SMALL = {"application_size": 0.5, "database_size": 0.5}


@pytest.mark.parametrize(
    ("rows", "wanted", "status", "reason"),
    [
        ([], target(), Status.NEVER, NOTHING),
        ([row(2, 0.2, **PENDING)], target(), Status.NEVER, "its first backup, 2, is still under way"),
        ([row(2)], target(), Status.FINE, "3 h old"),
        ([row(2)], target(plan()), Status.FINE, "3 h old"),
        ([row(3, 0.2, **PENDING), row(2)], target(), Status.FINE, "3 h old"),
        ([row(3, 2, **PENDING), row(2)], target(), Status.UNPROVEN, UNFINISHED),
        ([row(3, 2, **FAILED)], target(), Status.UNPROVEN, ALL_FAILED),
        ([row(3, 2), row(2, 3, **FAILED)], target(), Status.FINE, "2 h old"),
        ([row(2, 27)], target(), Status.STALE, "the newest good one, 2, is 27 h old; 26 h is the most"),
        ([row(2, 27)], expecting(max_age="2d"), Status.FINE, "27 h old"),
        ([row(2, 216)], WEEKLY, Status.STALE, "the newest good one, 2, is 9 d old; 7 d 2 h is the most"),
        ([row(2, created_at=None)], target(), Status.STALE, f"the newest good one, 2, is of unknown age; {MOST}"),
        ([row(2)], expecting(min_size_mb=6), Status.SHRUNK, "backup 2 has 5 MB; 6 MB is the least"),
        ([row(2)], expecting(max_shrink="50%"), Status.FINE, FIRST),
        ([row(9, **SMALL), *NIGHTS], expecting(max_shrink="50%"), Status.SHRUNK, f"backup 9 has 1 MB, {SHRUNK}"),
        ([row(9, **SMALL), *NIGHTS], expecting(max_shrink="80%"), Status.FINE, "3 h old"),
        # Whose backup it is.
        ([row(2, cloud_storage_provider_id=11)], target(), Status.NEVER, f"{NOTHING}; the newest, {IN_11}"),
        ([row(2, **(FAILED | {"cloud_storage_provider_id": 11}))], target(), Status.NEVER, NOTHING),
        ([row(2, cloud_storage_provider_id=11), row(1, 4)], target(), Status.FINE, "4 h old"),
        (
            [row(2, cloud_storage_provider_id=11), row(1, 27)],
            target(),
            Status.STALE,
            f"the newest good one, 1, is 27 h old; {MOST}; a newer one, {IN_11}",
        ),
        ([row(2, database_id=1)], target(), Status.NEVER, f"{NOTHING}; the newest, {OF_1}"),
        ([row(2, 27), row(1, database_id=1)], target(), Status.STALE, f"the newest good one, 2, is 27 h old; {MOST}"),
        ([row(2)], target(instant(type="filesystem", database_id=None)), Status.FINE, "3 h old"),
        ([row(2, application_id=1)], target(instant(type="database")), Status.FINE, "3 h old"),
        ([row(2, application_extension=None, database_extension=None)], target(), Status.FINE, "3 h old"),
    ],
)
def test_every_status_has_its_reason(rows: Rows, wanted: Target, status: Status, reason: str) -> None:
    (found, *_) = [it for it in audited(fake(rows), inventory(wanted)).targets if it.place]
    assert (found.status, found.reason) == (status, reason)


def test_a_mute_is_shown_with_its_reason_and_counts_through_its_last_day() -> None:
    wanted = inventory(expecting(muted=Mute(reason="moves", until=NOW.date())))
    report = audited(fake([]), wanted)
    assert (report.exit_code, report.totals) == (0, {Status.MUTED: 1})
    assert report.targets[0].reason == "moves (until 2026-11-24); never: no backup found"
    report = audited(fake([]), wanted, now=NOW + timedelta(days=1))
    assert (report.exit_code, report.totals) == (7, {Status.NEVER: 1})
    assert report.targets[0].reason.endswith("its mute ended on 2026-11-24 (moves)")


def test_what_nothing_wants_is_uncovered_unless_it_is_muted_at_the_top_of_the_file() -> None:
    gone = {"reason": "r", "until": date(2027, 1, 1), "organization": 5}
    muted = [MutedThing(application_id=2, **gone), MutedThing(database_id=9, **gone)]
    api = fake([row(2)], applications=[4246, 1, 2], databases=[4223, 7])
    report = audited(api, inventory(target(), muted=muted))
    assert [(it.status, it.application_id, it.database_id) for it in report.targets if not it.place] == [
        (Status.UNCOVERED, 1, None),
        (Status.UNCOVERED, None, 7),
        (Status.MUTED, 2, None),
    ]
    assert report.notes == ["muted: the panel lists no database 9"]


def test_naming_a_database_in_a_backup_of_files_does_not_cover_it() -> None:
    report = audited(fake([row(2)]), inventory(target(instant(type="filesystem"))))
    assert [it.reason for it in report.targets if not it.place] == [
        "no backup in the fleet file holds database 4223; it is named in backups of files alone"
    ]


LISTS = ["servers", "applications", "databases", "backups"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "answer",
    [
        ApiError("list", Meaning.IN_DOUBT, "broken", 500),
        ApiUnusableError("the API refused the token"),
        {"hello": "world"},
        {"data": [], "current_page": 1, "last_page": 7},
    ],
)
def test_what_cannot_be_read_is_never_taken_for_what_is_not_there(path: str, answer: Any) -> None:
    api = fake([row(2)])
    api.answers[f"/organizations/5/{path}"] = answer
    memory = Notebook()
    report = audited(api, inventory(target()), memory)
    assert (report.exit_code, report.targets) == (6, [])
    assert report.unread
    assert report.verdict == report.unread[0]
    assert memory.kept == {} or path != "backups"


def test_the_list_is_read_no_further_than_needed_and_then_only_what_is_new() -> None:
    rows = [row(100 - n, 3 + n) for n in range(100)]
    api, memory, wanted = fake(rows), Notebook(), inventory(target())
    pages = [(BACKUPS, number) for number in range(1, 11)]

    def read(*new: dict[str, Any], hours: float = 0) -> list[tuple[str, int]]:
        api.lists[BACKUPS] = [*new, *api.lists[BACKUPS]]
        api.sent.clear()
        audited(api, wanted, memory, NOW + timedelta(hours=hours))
        return [each for each in api.sent if each[0] == BACKUPS]

    assert read() == pages[:1]
    wanted = inventory(target(), target(instant(application_id=1, database_id=None), place="new"))
    assert read() == pages  # Only the whole list can tell that there is no backup of it.
    assert read() == pages[:1]
    others = [row(200 - n, 2, application_id=500 + n, **PENDING) for n in range(15)]
    assert read(*others) == pages[:2]
    assert read(hours=1) == pages[:2]  # These may be complete by now.
    assert read(hours=72) == pages[:2]
    assert read(hours=73) == pages[:1]  # What is unfinished for days is not looked at again.
    assert len(read(hours=24 * 8)) == 12  # Everything anew.


def test_a_remembered_backup_that_was_deleted_is_believed_for_a_week() -> None:
    rows = [row(30 - n, 3 + n, application_id=4246 if n == 25 else 77) for n in range(30)]
    api, memory, wanted = fake(rows), Notebook(), inventory(expecting(max_age="5w"))
    assert audited(api, wanted, memory).exit_code == 0
    del api.lists[BACKUPS][25]
    assert audited(api, wanted, memory, NOW + timedelta(days=6)).exit_code == 0
    assert audited(api, wanted, memory, NOW + timedelta(days=8)).exit_code == 7


def test_a_list_in_another_order_is_read_to_its_end() -> None:
    rows = [row(n, 103 - n, application_id=4246 if n == 100 else 77) for n in range(1, 101)]
    report = audited(fake(rows), inventory(target()))
    assert report.targets[0].newest_good_id == 100


def test_a_backup_from_the_future_shows_that_a_clock_is_wrong() -> None:
    (note,) = audited(fake([row(2, -2)]), inventory(target())).notes
    assert "dated 2026-11-24 14:00 UTC, in the future" in note


@given(st.data())
def test_an_audit_of_a_fleet_whose_every_target_was_just_verified_is_all_fine(data: st.DataObject) -> None:
    count = data.draw(st.integers(1, 12))
    targets: list[Target] = []
    newest: list[dict[str, Any]] = []
    noise: list[tuple[float, dict[str, Any]]] = []
    for number in range(1, count + 1):
        make = data.draw(st.sampled_from([instant, plan]))
        kind = data.draw(st.sampled_from(["application", "filesystem", "database"]))
        expected: dict[str, Any] = {"max_shrink": data.draw(st.sampled_from([None, "0%", "50%"]))}
        expected["min_size_mb"] = data.draw(st.sampled_from([None, 0.5]))
        request = make(application_id=number, database_id=1000 + number, type=kind)
        targets.append(target(request, place=str(number), expectation=Expectation(**expected)))
        of_it = {"application_id": number, "database_id": 1000 + number}
        newest.append(of_it)
        older = st.tuples(st.sampled_from([{}, FAILED, PENDING]), st.floats(2, 400))
        noise += [(hours, of_it | how) for how, hours in data.draw(st.lists(older, max_size=8))]
    dated = [*((data.draw(st.floats(0, 1)), of_it) for of_it in newest), *noise]
    dated.sort(key=lambda each: -each[0])
    rows = [row(number, hours, **of_it) for number, (hours, of_it) in enumerate(dated, start=1)]
    rows = data.draw(st.sampled_from([rows[::-1], rows, data.draw(st.permutations(rows))]))
    numbers = range(1, count + 1)
    report = audited(fake(rows, list(numbers), [1000 + number for number in numbers]), inventory(*targets))
    uncovered = {1000 + n for n in numbers if targets[n - 1].request.type == "filesystem"}
    assert {it.database_id for it in report.targets if it.status is Status.UNCOVERED} == uncovered
    assert {it.status for it in report.targets if it.place} == {Status.FINE}
