"""The audit of a living fleet: what the rules find is wanted, and what they cannot be asked about is not uncovered."""

from collections import Counter
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Any

import pytest

from fleet.audit.auditing import audit
from fleet.audit.report import AuditReport, build
from fleet.audit.summary import markdown
from fleet.inventory.inventory import Inventory
from fleet.inventory.narrowing import Narrowing
from fleet.report.progress import Silence
from fleet.selection.selection import SelectionError, narrowed
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tests.unit.fleet.audit.audits import Notebook
from tests.unit.fleet.builders import FakeApi, backup_row, server_row
from tests.unit.fleet.rule_files import MATCH, inventory

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
O = "/organizations/5"  # noqa: E741 - as in the API's description
WORDPRESS = {"applications": {"framework": "wordpress"}}


def panel(applications: Iterable[tuple[int, int, str]], *, backed_up: Iterable[int] = ()) -> FakeApi:
    """Applications as `(id, server, framework)`, and good backups of some of them."""
    rows: list[dict[str, Any]] = [
        {"id": number, "server_id": server, "name": f"site-{number}", "framework": framework}
        for number, server, framework in applications
    ]
    servers = sorted({row["server_id"] for row in rows})
    backups = [
        backup_row(
            number,
            application_id=number,
            application_extension=".tar.gz",
            cloud_storage_provider_id=10,
            created_at="2026-11-24 09:00:00",
        )
        for number in sorted(backed_up, reverse=True)
    ]
    own = {f"{O}/servers/{server}/applications": [r for r in rows if r["server_id"] == server] for server in servers}
    own |= {f"{O}/servers/{server}/databases": [] for server in servers}
    whole = {f"{O}/servers": [server_row(server) for server in servers], f"{O}/applications": rows}
    return FakeApi({**whole, f"{O}/databases": [], f"{O}/backups": backups, **own})


async def audited(api: FakeApi, fleet: Inventory, **options: Any) -> AuditReport:
    return build("shops", NOW, {}, await audit(api.send, fleet, Notebook(), NOW, Silence(), **options))


def found(report: AuditReport) -> dict[str, set[int | None]]:
    by_status: dict[str, set[int | None]] = {}
    for it in report.targets:
        by_status.setdefault(it.status, set()).add(it.application_id)
    return by_status


async def test_a_site_made_yesterday_is_wanted_by_a_rule_and_told_when_it_has_no_backup() -> None:
    api = panel([(1, 15, "wordpress"), (2, 15, "laravel"), (3, 16, "wordpress")], backed_up=[1])
    report = await audited(api, inventory(WORDPRESS))
    assert (report.exit_code, found(report)) == (7, {"uncovered": {2}, "never": {3}, "fine": {1}})
    assert report.selection.rules[0].startswith("select[0]: 2 applications on 2 servers")
    assert markdown(report).startswith("# 1 of 3 are as they should be\n")
    assert [it.place for it in report.targets if it.status == "never"] == ["select[0] server 16 application 3"]


async def test_what_the_rules_have_read_is_not_read_again() -> None:
    api = panel([(number, 15 + number % 40, "wordpress") for number in range(1, 201)])
    await audited(api, inventory(WORDPRESS))
    assert max(Counter(api.sent).values()) == 1


async def test_of_a_part_only_the_servers_of_the_part_are_looked_at() -> None:
    api = panel([(1, 15, "wordpress"), (2, 15, "laravel"), (3, 16, "wordpress"), (4, 16, "laravel")], backed_up=[1])
    report = await audited(api, narrowed(inventory(WORDPRESS), Narrowing(("web-0015",))))
    assert found(report) == {"uncovered": {2}, "fine": {1}}
    assert report.selection.scope == "part"


async def test_on_a_server_that_the_rules_could_not_be_asked_about_nothing_is_called_uncovered() -> None:
    api = panel([(1, 15, "wordpress"), (2, 15, "laravel"), (3, 16, "wordpress"), (4, 16, "laravel")], backed_up=[1])
    # The organization's list does not tell frameworks, so each server's own is read.
    api.lists[f"{O}/applications"] = [{**row, "framework": None} for row in api.lists[f"{O}/applications"]]
    api.answers[f"{O}/servers/16/applications"] = ApiError("list", Meaning.IN_DOUBT, "broken", 500)
    report = await audited(api, inventory(WORDPRESS))
    assert (report.exit_code, found(report)) == (6, {"uncovered": {2}, "fine": {1}})
    assert report.unread == [
        "web-0016: its applications could not be read: broken (list, status 500); rules found nothing there"
    ]
    assert markdown(report).startswith("# web-0016: its applications could not be read")


async def test_rules_that_match_nothing_are_refused_unless_that_is_allowed() -> None:
    api = panel([(1, 15, "laravel")])
    with pytest.raises(SelectionError, match=r"select\[0\]: matches no application"):
        await audited(api, inventory(WORDPRESS))
    report = await audited(panel([(1, 15, "laravel")]), inventory(WORDPRESS), allow_empty=True)
    assert (report.exit_code, found(report)) == (7, {"uncovered": {1}})


async def test_an_api_that_is_down_while_the_rules_are_resolved_is_no_finding() -> None:
    api = panel([(1, 15, "wordpress")])
    api.answers[f"{O}/servers"] = ApiUnusableError("the API refused the token")
    report = await audited(api, inventory(WORDPRESS))
    assert (report.exit_code, report.verdict, report.targets) == (6, "the API refused the token", [])


async def test_a_target_that_no_run_can_back_up_says_why() -> None:
    api = panel([(1, 15, "wordpress")], backed_up=[1])
    api.lists[f"{O}/servers/15/databases"] = [{"id": 7, "name": "site_1_a"}, {"id": 8, "name": "site_1_b"}]
    api.lists[f"{O}/databases"] = [{**row, "server_id": 15} for row in api.lists[f"{O}/servers/15/databases"]]
    report = await audited(api, inventory({"databases": MATCH}))
    (target,) = [it for it in report.targets if it.place]
    assert "; no run backs it up: 2 databases match `databases` of select[0]" in target.reason
