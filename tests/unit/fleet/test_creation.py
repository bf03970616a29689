"""The table "The 500s" of design.md, for instant backups and for plans."""

import pickle

import pytest

from fleet.creation import CreateError, Failure, after_failure, reason_of
from fleet.outcome import Outcome
from fleet.serveravatar.catalogue import Meaning, meaning_of
from fleet.serveravatar.errors import ApiError

DISK = "Instant Backup is failed because you do not have enough disk space available on your server."
STOPS = Failure(retry=False, outcome=Outcome.NOT_TRIED, doubtful=False)
REJECTED = Failure(retry=False, outcome=Outcome.REJECTED, doubtful=False)
AGAIN = Failure(retry=True, outcome=Outcome.EXHAUSTED, doubtful=False)
LOOK = Failure(retry=True, outcome=Outcome.EXHAUSTED, doubtful=True)
IN_DOUBT = Failure(retry=False, outcome=Outcome.IN_DOUBT, doubtful=True)


@pytest.mark.parametrize(
    ("status", "message", "instant", "plan"),
    [
        (401, "Unauthenticated.", STOPS, STOPS),
        (403, "This action is unauthorized.", STOPS, STOPS),
        (404, "Application not found!", REJECTED, REJECTED),
        (404, "Server not found.", REJECTED, REJECTED),
        (405, "The POST method is not supported", REJECTED, REJECTED),
        (422, "The provider field is required.", REJECTED, REJECTED),
        (500, "Invalid schedule!", REJECTED, REJECTED),
        (500, "Invalid retention period!", REJECTED, REJECTED),
        (500, "Start from choose future date!", REJECTED, REJECTED),
        (500, DISK, REJECTED, REJECTED),
        (429, "Too Many Attempts.", AGAIN, AGAIN),
        (503, "Service Unavailable", AGAIN, AGAIN),
        (502, "", LOOK, IN_DOUBT),
        (504, "", LOOK, IN_DOUBT),
        (500, "Something went really wrong!", LOOK, IN_DOUBT),
        (500, "anything else", LOOK, IN_DOUBT),
        (500, "", LOOK, IN_DOUBT),
        (507, "", LOOK, IN_DOUBT),
        (520, "Web server is returning an unknown error", LOOK, IN_DOUBT),
    ],
)
def test_what_follows_from_an_answer(status: int, message: str, instant: Failure, plan: Failure) -> None:
    meaning = meaning_of(status, message)
    assert after_failure(meaning, automatic_backup=False) == instant
    assert after_failure(meaning, automatic_backup=True) == plan


@pytest.mark.parametrize(
    ("meaning", "instant", "plan"), [(Meaning.UNAVAILABLE, AGAIN, AGAIN), (Meaning.IN_DOUBT, LOOK, IN_DOUBT)]
)
def test_what_follows_from_no_answer(meaning: Meaning, instant: Failure, plan: Failure) -> None:
    assert after_failure(meaning, automatic_backup=False) == instant
    assert after_failure(meaning, automatic_backup=True) == plan


@pytest.mark.parametrize("meaning", sorted(set(Meaning) - {Meaning.ACCEPTED}))
def test_nothing_that_may_have_been_applied_is_resent_for_a_plan(meaning: Meaning) -> None:
    after = after_failure(meaning, automatic_backup=True)
    assert not (after.retry and after.doubtful)


def test_the_apis_own_words_are_the_reason() -> None:
    error = ApiError("create backup", Meaning.REFUSED, "Invalid schedule!", 500)
    assert reason_of(error, REJECTED, automatic_backup=True) == "Invalid schedule!"
    assert reason_of(error, LOOK, automatic_backup=False) == "Invalid schedule!"


def test_a_plan_in_doubt_says_what_a_person_can_do() -> None:
    error = ApiError("create backup", Meaning.IN_DOUBT, "Something went really wrong!", 500)
    assert reason_of(error, IN_DOUBT, automatic_backup=True) == (
        "Something went really wrong!; the plan may exist or not, look for it in the panel before creating it again"
    )


def test_an_error_keeps_what_it_says_when_prefect_stores_it() -> None:
    error = pickle.loads(pickle.dumps(CreateError(Outcome.EXHAUSTED, "no answer", retry=True)))  # noqa: S301 - our own
    assert (error.outcome, error.reason, error.retry, str(error)) == (Outcome.EXHAUSTED, "no answer", True, "no answer")
