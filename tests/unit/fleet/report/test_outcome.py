"""How targets ended, and the one verdict over all of them."""

import pytest

from fleet.proof.proof import Completion, Proof
from fleet.report.outcome import GOOD, MEANINGS, STARTED, Exit, Halt, Outcome, Result, Verdict, decide
from tests.unit.fleet.builders import result

O = Outcome  # noqa: E741 - the tables are read by their rows
BAD = [O.UNMET, O.REJECTED, O.EXHAUSTED, O.UNVERIFIED, O.NOT_TRIED]


@pytest.mark.parametrize(
    ("outcomes", "code"),
    [
        ([], 0),
        ([O.VERIFIED], 0),
        ([O.CREATED], 0),
        ([O.ADOPTED], 0),
        ([O.PLANNED], 0),
        ([O.VERIFIED, O.CREATED, O.ADOPTED, O.PLANNED], 0),
        *(([O.VERIFIED, bad], 3) for bad in BAD),
        *(([O.CREATED, bad], 3) for bad in BAD),
        *(([O.ADOPTED, bad], 3) for bad in BAD),
        *(([O.PLANNED, bad], 3) for bad in BAD),
        ([O.UNVERIFIED], 3),
        ([O.UNVERIFIED, O.REJECTED], 3),
        *(([bad], 4) for bad in BAD if bad is not O.UNVERIFIED),
        ([O.UNMET, O.REJECTED, O.EXHAUSTED, O.NOT_TRIED], 4),
        ([O.IN_DOUBT], 5),
        ([O.IN_DOUBT, O.VERIFIED], 5),
        ([O.IN_DOUBT, O.UNMET, O.REJECTED], 5),
    ],
)
def test_the_exit_code(outcomes: list[Outcome], code: int) -> None:
    assert decide([result(outcome) for outcome in outcomes]).exit == code


@pytest.mark.parametrize("outcomes", [[], [O.VERIFIED], [O.NOT_TRIED], [O.IN_DOUBT, O.NOT_TRIED], [O.REJECTED]])
def test_an_api_that_cannot_be_used_is_the_gravest(outcomes: list[Outcome]) -> None:
    verdict = decide([result(outcome) for outcome in outcomes], Halt(Exit.API_UNUSABLE, "the API refused the token"))
    assert verdict.exit is Exit.API_UNUSABLE
    assert verdict.text.startswith("the API refused the token")


def test_the_exit_codes_are_the_contracts() -> None:
    assert {code.name: code.value for code in Exit} == {
        "DONE": 0,
        "UNEXPECTED": 1,
        "USAGE": 2,
        "SOME_FAILED": 3,
        "NONE_STARTED": 4,
        "IN_DOUBT": 5,
        "API_UNUSABLE": 6,
        "TO_DO": 7,
        "INTERRUPTED": 130,
    }


def test_every_outcome_of_the_contract_is_good_or_not_and_has_a_meaning() -> None:
    assert {str(outcome) for outcome in Outcome} == {
        "created",
        "verified",
        "adopted",
        "planned",
        "unmet",
        "rejected",
        "exhausted",
        "in_doubt",
        "unverified",
        "not_tried",
        "expired",
    }
    assert MEANINGS.keys() == set(Outcome)
    assert {O.VERIFIED, O.CREATED, O.ADOPTED, O.PLANNED} == GOOD
    assert GOOD | {O.UNVERIFIED, O.IN_DOUBT} == STARTED


def many(outcome: Outcome, count: int) -> list[Result]:
    return [result(outcome, server=f"web-{number:04}") for number in range(count)]


@pytest.mark.parametrize(
    ("results", "problem", "text"),
    [
        (
            [*many(O.VERIFIED, 38), result(O.UNMET, "disk 99 % full", "web-0002"), *many(O.EXHAUSTED, 1)],
            None,
            "38 verified, 1 unmet (web-0002: disk 99 % full), 1 exhausted",
        ),
        (many(O.VERIFIED, 1), None, "1 verified"),
        ([], None, ""),
        (
            [result(O.IN_DOUBT, "the plan may exist or not", "a"), *many(O.CREATED, 2), *many(O.NOT_TRIED, 3)],
            None,
            "2 created, 3 not tried, 1 in doubt (a: the plan may exist or not)",
        ),
        (
            [result(O.REJECTED, "Application not found!", name) for name in "aab"],
            None,
            "3 rejected (a: Application not found!; b: Application not found!)",
        ),
        ([result(O.REJECTED, "no", f"s{n}") for n in range(4)], None, "4 rejected"),
        ([result(O.NOT_TRIED, "the API refused the token")], "the token", "the token (1 not tried)"),
        ([], "the token", "the token"),
        ([result(O.IN_DOUBT, "not proven: the token")], "the token", "the token (1 in doubt)"),
        ([result(O.IN_DOUBT, "lost")], "the token", "the token (1 in doubt (web-0001: lost))"),
    ],
)
def test_the_verdict_says_it_in_words(results: list[Result], problem: str | None, text: str) -> None:
    assert decide(results, Halt(Exit.API_UNUSABLE, problem) if problem else None).text == text


@pytest.mark.parametrize(
    ("results", "unread", "verdict"),
    [
        ([result(O.VERIFIED)], ["web-2: lost"], Verdict(Exit.SOME_FAILED, "1 verified; web-2: lost")),
        ([result(O.VERIFIED)], [*"abcd"], Verdict(Exit.SOME_FAILED, "1 verified; 4 servers could not be read")),
        ([result(O.IN_DOUBT, "?")], ["web-2: lost"], Verdict(Exit.IN_DOUBT, "1 in doubt (web-0001: ?); web-2: lost")),
        ([], ["web-2: lost"], Verdict(Exit.NONE_STARTED, "web-2: lost")),
    ],
)
def test_a_server_that_could_not_be_read_is_never_a_green_run(
    results: list[Result], unread: list[str], verdict: Verdict
) -> None:
    assert decide(results, unread=unread) == verdict


def test_a_verdict_is_a_value() -> None:
    assert decide([]) == Verdict(Exit.DONE, "")


@pytest.mark.parametrize(
    ("outcome", "proof", "after"),
    [
        (O.CREATED, Proof(Completion.COMPLETE, "", 301), (O.VERIFIED, "", 301)),
        (O.ADOPTED, Proof(Completion.COMPLETE, "", 301), (O.ADOPTED, "", 301)),
        (O.CREATED, Proof(Completion.PENDING, "late", 301), (O.UNVERIFIED, "late", 301)),
        (O.CREATED, Proof(Completion.BAD, "empty", 301), (O.UNVERIFIED, "empty", 301)),
        (O.ADOPTED, Proof(Completion.BAD, "empty", 301), (O.UNVERIFIED, "empty", 301)),
        (O.CREATED, Proof(), (O.UNVERIFIED, "no backup found", None)),
        (O.CREATED, None, (O.CREATED, "", None)),
    ],
)
def test_a_proof_decides_how_an_accepted_backup_ended(
    outcome: Outcome, proof: Proof | None, after: tuple[Outcome, str, int | None]
) -> None:
    ended = result(outcome, attempts=2, seconds=1.5).proven(proof)
    assert (ended.outcome, ended.reason, ended.backup_id) == after
    assert (ended.attempts, ended.seconds) == (2, 1.5)
