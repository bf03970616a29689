"""What the doctor asks: never more than twelve requests, whatever the account holds and whatever fails."""

import pytest

from fleet.doctor.asking import MOST_REQUESTS
from fleet.doctor.checks.seen import Status
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tests.unit.fleet.doctor.api import DocumentedApi, differing, status_of

pytestmark = pytest.mark.anyio


def error(
    meaning: Meaning = Meaning.FORBIDDEN, message: str = "No entry for shop.example.org", status: int = 403
) -> ApiError:
    return ApiError("list databases", meaning, message, status)


async def test_a_large_account_is_asked_no_more_than_twelve_times_and_what_is_left_out_is_counted() -> None:
    api = DocumentedApi()
    api.organizations = [{"id": number} for number in range(90, 0, -1)]
    api.lists["servers"] = [{"id": number, "agent_status": "1"} for number in range(500)]
    report = await api.report()
    assert len(api.sent) <= MOST_REQUESTS
    assert (report.organizations.looked_at, report.organizations.left_out) == (4, 86)


async def test_the_organization_with_the_most_backups_is_looked_at_closely() -> None:
    api = DocumentedApi()
    api.organizations = [{"id": 4}, {"id": 5}]
    await api.report()
    assert "/organizations/5/servers/15/backups/presets" in api.sent
    assert "/organizations/4/servers" not in api.sent


async def test_the_organizations_of_a_fleet_file_are_not_asked_for() -> None:
    api = DocumentedApi()
    answers = await api.answers((5,))
    assert "/organizations" not in api.sent
    assert answers.organizations is None


async def test_what_cannot_be_read_is_said_without_its_text_and_what_hangs_on_it_is_unknown() -> None:
    api = DocumentedApi()
    api.refused["databases"] = error()
    report = await api.report()
    assert differing(report) == {"reading"}
    assert status_of(report)["servers of databases"] is Status.UNKNOWN
    assert "list databases: answered 403" in report.model_dump_json()
    assert "shop.example.org" not in report.model_dump_json()


async def test_a_message_that_is_documented_is_shown() -> None:
    api = DocumentedApi()
    api.refused["databases"] = error(Meaning.REFUSED, "organization NOT found.", 404)
    [finding] = [each for each in (await api.report()).findings if each.name == "reading"]
    assert finding.seen == "list databases: answered 404, 'Organization not found!'"


async def test_a_list_that_is_none_is_told() -> None:
    api = DocumentedApi()
    api.change_page = lambda page: page.update(data="nothing")
    with pytest.raises(ApiUnusableError, match="nothing could be read"):
        await DocumentedApi.report(_without_organizations(api))


def _without_organizations(api: DocumentedApi) -> DocumentedApi:
    api.refused["organizations"] = error()
    return api


async def test_an_api_that_answers_nothing_cannot_be_used() -> None:
    api = DocumentedApi()
    lost = ApiError("list organizations", Meaning.UNAVAILABLE, "no connection to https://api.example.org")
    api.refused = dict.fromkeys(("organizations", "backups"), lost)
    with pytest.raises(ApiUnusableError, match="no connection"):
        await api.report()
