"""What no backup of the fleet file holds, and what is muted on purpose."""

from datetime import date

from fleet.audit.finding import Status
from fleet.inventory.expectation import MutedThing
from tests.unit.fleet.audit.audits import audited, fake, inventory, row
from tests.unit.fleet.builders import instant, target


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
        "no backup in the fleet file holds database 4223; only backups of files name it"
    ]
