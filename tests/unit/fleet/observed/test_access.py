"""A 403 is about its organization: the others are untouched, unless every one is closed."""

from collections.abc import Collection
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.audit.auditing import audit
from fleet.audit.report import AuditReport, build
from fleet.inventory.inventory import Inventory, InventoryServer
from fleet.inventory.narrowing import Narrowing, Unfinished
from fleet.observed.access import check_access, closed_everywhere, refusal_of, unlisted
from fleet.observed.account_contents import read_contents
from fleet.observed.disk_space import DiskRules
from fleet.observed.observation import observe
from fleet.observed.preconditions import problem_of
from fleet.report.outcome import Exit, decide
from fleet.report.progress import Silence
from fleet.selection.discovery import fleet_file_of
from fleet.selection.living import Resolved, resolve_rules
from fleet.selection.selection import SelectionError, narrowed
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import Call
from tests.unit.fleet.audit.audits import Notebook
from tests.unit.fleet.builders import FakeApi, instant, server_row, target
from tests.unit.fleet.rule_files import inventory

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 24, 12, tzinfo=UTC)
ORGANIZATIONS = (5, 6, 7)
WORDS = "This action is unauthorized."
FORBIDDEN = ApiError(Call.LIST_SERVERS, Meaning.FORBIDDEN, WORDS, 403)
KEY_OR_RIGHTS = r"refuses every organization.*This action is unauthorized\. \(status 403\); the API key was revoked"
NAMED = [
    target(instant(application_id=1, database_id=None, type="filesystem"), organization=number)
    for number in ORGANIZATIONS
]


def account(closed: Collection[int] = (), kind: str = "servers") -> FakeApi:
    """Three organizations with a server 15 and an application 1 each; lists of a kind of some are closed."""
    lists: dict[str, list[dict[str, Any]]] = {"/organizations": [{"id": n, "name": f"Org {n}"} for n in ORGANIZATIONS]}
    site = {"id": 1, "name": "shop", "server_id": 15}
    for number in ORGANIZATIONS:
        base = f"/organizations/{number}"
        lists |= {f"{base}/servers": [server_row(15)], f"{base}/applications": [site], f"{base}/databases": []}
        lists |= {f"{base}/servers/15/applications": [site], f"{base}/servers/15/databases": []}
        lists |= {f"{base}/cloud-storage-providers": [{"id": 10, "provider": "wasabi"}], f"{base}/backups": []}
    api = FakeApi(lists)
    api.answers = {f"/organizations/{number}/{kind}": FORBIDDEN for number in closed}
    return api


def named() -> Inventory:
    return Inventory((InventoryServer(15, "web", (), (), tuple(NAMED)),))


def rules() -> Inventory:
    return inventory(*({"organization": number} for number in ORGANIZATIONS))


async def problems(api: FakeApi) -> list[str | None]:
    observed = await observe(api.send, NAMED, DiskRules())
    return [problem_of(each, observed, DiskRules(), NOW) for each in NAMED]


async def resolved(api: FakeApi, fleet: Inventory | None = None) -> Resolved:
    return await resolve_rules(api.send, fleet or rules(), NOW)


async def audited(api: FakeApi, fleet: Inventory) -> AuditReport:
    return build("shops", NOW, {}, await audit(api.send, fleet, Notebook(), NOW, Silence()))


# One of three: wherever it stands in the fleet file.


@pytest.mark.parametrize("closed", ORGANIZATIONS)
async def test_targets_of_a_closed_organization_are_unmet_and_all_others_go_on(closed: int) -> None:
    expected = dict.fromkeys(ORGANIZATIONS) | {closed: f"organization {closed}: {WORDS}"}
    api = account([closed])
    assert dict(zip(ORGANIZATIONS, await problems(api), strict=True)) == expected
    assert [path for path, _ in api.sent].count(f"/organizations/{closed}/servers") == 1


@pytest.mark.parametrize("closed", ORGANIZATIONS)
async def test_rules_of_a_closed_organization_find_nothing_and_it_is_told(closed: int) -> None:
    fleet = await resolved(account([closed]))
    assert {each.organization for each in fleet.inventory.targets} == set(ORGANIZATIONS) - {closed}
    words = f"organization {closed} could not be read: {WORDS}; rules found nothing there"
    assert fleet.selection.unread_words == [words]
    assert fleet.selection.scope == "part"
    assert words in fleet.selection.lines
    verdict = decide([], unread=fleet.selection.unread_words)
    assert (verdict.exit, verdict.text) == (Exit.NONE_STARTED, words)


@pytest.mark.parametrize("closed", ORGANIZATIONS)
@pytest.mark.parametrize("fleet", [named(), rules()], ids=["named", "rules"])
async def test_an_audit_tells_what_it_could_not_read_and_judges_the_rest(closed: int, fleet: Inventory) -> None:
    api = account([closed])
    report = await audited(api, fleet)
    assert (report.exit_code, len(report.unread)) == (6, 1)
    assert report.unread[0].startswith(f"organization {closed} could not be read: {WORDS}")
    assert {each.organization for each in report.targets if each.place} == set(ORGANIZATIONS) - {closed}
    assert [path for path, _ in api.sent].count(f"/organizations/{closed}/servers") == 1


@pytest.mark.parametrize("kind", ["servers", "cloud-storage-providers"])
async def test_discovery_leaves_a_closed_organization_out_and_says_so(kind: str) -> None:
    text = fleet_file_of(await read_contents(account([6], kind).send, None))
    assert f"# Left out: organization 6 (Org 6): could not be read: {WORDS}" in text
    assert ("organization: 5" in text, "organization: 6" in text, "organization: 7" in text) == (True, False, True)


async def test_what_an_earlier_run_could_not_read_is_left_to_do() -> None:
    unfinished = Unfinished("last", "monday", frozenset(), organizations=frozenset({6}))
    left = await resolved(account(), narrowed(rules(), Narrowing(unfinished=unfinished)))
    assert [each.organization for each in left.inventory.targets] == [6]
    assert [each.organization for each in narrowed(named(), Narrowing(unfinished=unfinished)).targets] == [6]


async def test_an_organization_that_is_open_and_one_that_is_named_beside_closed_rules_keep_a_run_going() -> None:
    api = account([5])
    fleet = inventory({}, servers=[{"id": 15, "organization": 6, "backups": [{"application_id": 1}]}])
    found = await resolved(api, fleet)
    assert [each.organization for each in found.inventory.targets] == [6]
    seen = await observe(api.send, found.inventory.targets, DiskRules(), found.listed)
    assert problem_of(found.inventory.targets[0], seen, DiskRules(), NOW) is None


async def test_a_pattern_that_names_no_server_says_where_nobody_could_look() -> None:
    words = f"--limit web-9: no server has this name, id, tag or group; organization 6 could not be read: {WORDS}"
    with pytest.raises(SelectionError, match=words.replace(".", r"\.")):
        await resolved(account([6]), narrowed(rules(), Narrowing(("web-9",))))


async def test_an_unknown_organization_stays_a_mistake_in_the_rules() -> None:
    api = account()
    api.answers["/organizations/6/servers"] = ApiError("list servers", Meaning.REFUSED, "Organization not found!", 404)
    with pytest.raises(SelectionError, match=r"select\[1\]: organization 6: Organization not found!"):
        await resolved(api)


# Every one: then it is the key.


async def test_where_every_organization_is_closed_the_api_cannot_be_used() -> None:
    for attempt in (problems, resolved):
        with pytest.raises(ApiUnusableError, match=KEY_OR_RIGHTS):
            await attempt(account(ORGANIZATIONS))
    for only in (None, 6):
        for kind in ("servers", "cloud-storage-providers"):
            with pytest.raises(ApiUnusableError, match=KEY_OR_RIGHTS):
                await read_contents(account(ORGANIZATIONS, kind).send, only)
    for fleet in (named(), rules()):
        report = await audited(account(ORGANIZATIONS), fleet)
        assert report.exit_code == 6
        assert report.verdict.startswith("the API refuses every organization asked for")
        assert report.targets == []


async def test_a_fleet_of_one_organization_that_is_closed_is_every_one() -> None:
    with pytest.raises(ApiUnusableError, match=KEY_OR_RIGHTS):
        await observe(account([6]).send, NAMED[1:2], DiskRules())
    with pytest.raises(ApiUnusableError, match=KEY_OR_RIGHTS):
        await resolved(account([5]), inventory({}))


async def test_an_account_whose_organizations_may_not_be_listed_names_both_causes() -> None:
    api = account()
    api.answers["/organizations"] = FORBIDDEN
    with pytest.raises(
        ApiUnusableError, match=r"could not be listed: This action.*API key was revoked.*plan tier or permissions"
    ):
        await read_contents(api.send, None)


# One list of an organization.


@pytest.mark.parametrize("kind", ["cloud-storage-providers", "servers/15/applications", "servers/15/usage"])
async def test_a_closed_list_leaves_its_part_unknown_with_a_warning(kind: str) -> None:
    api = account([6], kind)
    for number in ORGANIZATIONS:
        api.lists[f"/organizations/{number}/servers"] = [server_row(15, latest_monitor_log=None)]
        api.answers.setdefault(f"/organizations/{number}/servers/15/usage", {"disk": {"total": 20, "usage": 1}})
    observed = await observe(api.send, NAMED, DiskRules())
    assert [problem_of(each, observed, DiskRules(), NOW) for each in NAMED] == [None] * 3
    (warning,) = observed.warnings
    assert WORDS in warning


async def test_an_audit_without_the_list_of_backups_of_one_organization_blames_no_key() -> None:
    api = account()
    for number in ORGANIZATIONS:
        error = ApiError(Call.LIST_BACKUPS, Meaning.FORBIDDEN, WORDS, 403)
        api.answers[f"/organizations/{number}/backups"] = error
    report = await audited(api, named())
    assert report.exit_code == 6
    assert [words.partition(":")[0] for words in report.unread] == [
        f"organization {number} could not be read" for number in ORGANIZATIONS
    ]


# What a refusal is.


@pytest.mark.parametrize("meaning", [each for each in Meaning if each not in (Meaning.REFUSED, Meaning.FORBIDDEN)])
def test_what_says_nothing_about_the_organization_is_no_refusal_of_it(meaning: Meaning) -> None:
    with pytest.raises(ApiUnusableError, match="the servers could not be listed: words"):
        refusal_of(ApiError("list servers", meaning, "words", 500), "the servers")


def test_a_route_that_is_not_there_is_about_the_url() -> None:
    error = ApiError("list servers", Meaning.REFUSED, "The route v2/organizations/5/servers could not be found.", 404)
    with pytest.raises(ApiUnusableError, match="SERVERAVATAR_API_URL may be wrong"):
        refusal_of(error, "the servers")
    assert str(unlisted(error, "the organizations")).endswith("SERVERAVATAR_API_URL may be wrong")


@given(asked=st.sets(st.integers(1, 9)), closed=st.sets(st.integers(1, 9)))
def test_it_is_the_key_only_where_all_that_were_asked_for_are_closed(asked: set[int], closed: set[int]) -> None:
    forbidden = {number: f"words {number} {'x' * 500}" for number in closed}
    problem = closed_everywhere(forbidden, asked)
    assert bool(problem) == (bool(asked) and asked <= closed)
    assert len(problem) < 1000
    if problem:
        with pytest.raises(ApiUnusableError):
            check_access(forbidden, asked)
    else:
        check_access(forbidden, asked)
