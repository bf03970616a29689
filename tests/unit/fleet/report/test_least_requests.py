"""How few requests a run could have taken."""

import pytest

from fleet.proof.proof import Evidence
from fleet.report.least_requests import least_requests
from fleet.report.outcome import Outcome, Result
from fleet.report.report import Requests
from tests.unit.fleet.builders import target


def fleet(servers: int, each: int, *, sent: int = 1, evidence: Evidence | None = Evidence.NAMED) -> list[Result]:
    return [
        Result(target(server_id=server), "web", "shop", Outcome.VERIFIED, attempts=sent, evidence=evidence)
        for server in range(servers)
        for _ in range(each)
    ]


@pytest.mark.parametrize(
    ("results", "least"),
    [
        ([], 0),
        (fleet(60, 5), 300 + 30 + 5),
        (fleet(60, 5, sent=3), 300 + 30 + 5),
        (fleet(60, 5, evidence=None), 300 + 5),
        (fleet(1, 11), 11 + 2 + 1),
        (fleet(13, 1, sent=0), 2),
    ],
)
def test_a_create_each_and_the_pages_that_show_backups_and_servers(results: list[Result], least: int) -> None:
    assert least_requests(results) == least


@pytest.mark.parametrize(
    ("total", "least", "words"),
    [
        (345, 335, "345 requests, 10 more than the least possible"),
        (1, 1, "1 request"),
        (1345, None, "1,345 requests"),
        (3, 4, "3 requests"),
    ],
)
def test_the_words_for_people(total: int, least: int | None, words: str) -> None:
    assert Requests(total=total, by_call={}, least=least).words == words
