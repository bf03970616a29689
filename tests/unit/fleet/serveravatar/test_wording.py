"""What a message plainly says, and what it does not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.catalogue import CATALOGUE, Meaning, is_acceptance
from fleet.serveravatar.wording import names_no_route, plainly_accepts, refuses_token

NO_ACCEPTANCE = """\
OK
Done
{}
Backup
Sauvegarde créée avec succès
successor
recreated
Backup is in progress
Backup was not created.
No backup was created.
Backup isn't started
Backup isn\N{RIGHT SINGLE QUOTATION MARK}t started
0 backups started
Backup could be created
Backup started but failed
Backup creation failed successfully
Error: backup created
Unable to have the backup created
Unsuccessful
The backup cannot be started.
Backup can't be scheduled
Access denied for updated plan
Backup was created without files
Backup started with warnings
Neither plan was updated
Never started
Backup creation timed out after it was started
The scheduled backup is disabled
Backups of the created kind are not supported
Upgrade to get backups created
You have exceeded the limit of scheduled backups
Backup created, except the database
Something went wrong, success
Backup is missing in updated list
You must have created a plan
Please try again after the plan was created
Backup deleted successfully.
Backup cancelled successfully
Backup restored successfully
Plan removed: success
Backup plan already created
A scheduled plan exists.
Backup stopped successfully
Only 3 of 5 backups started
""".splitlines()

TOKEN_REFUSED = """\
Unauthenticated.
unauthenticated
Unauthorized
Unauthorised!
Unauthorized access
Invalid token
Invalid API key.
The access token is invalid.
Token expired
Your API token has been revoked
Invalid or expired token
token is missing
Missing API token
No API key provided
Unauthenticated: token expired.
You are not authenticated.
Authentication required
Bearer token not found
""".splitlines()

ABOUT_SOMETHING_ELSE = """\
This action is unauthorized.
The token of the storage provider has expired.
Google Drive token expired
Cloud storage key is invalid
Invalid schedule!
Unauthorized to back up this server
Backup created, token revoked
""".splitlines()


@pytest.mark.parametrize(
    "message",
    [
        "Backup Process has been started successfully!",
        "Backup plan created successfully.",
        "Backup plan updated successfully.",
        "Backup queued",
        "Your backup has been scheduled, and will begin shortly.",
        "Instant backup initiated.",
        "BACKUP STARTED",
        "The plan was created. Its first backup begins tonight.",
        "success",
        "Success!",
        "Successful",
        "Job submitted",
        "Backup process has been started, please wait a few minutes.",
    ],
)
def test_words_of_an_acceptance(message: str) -> None:
    assert plainly_accepts(message)


@pytest.mark.parametrize("message", ["", *NO_ACCEPTANCE])
def test_what_does_not_plainly_say_so_is_none(message: str) -> None:
    assert not plainly_accepts(message)


@pytest.mark.parametrize("row", CATALOGUE, ids=lambda row: row.message)
def test_of_what_is_documented_the_acceptances_alone_are_taken_for_such(row: object) -> None:
    assert isinstance(row, type(CATALOGUE[0]))
    assert is_acceptance(row.message) is (row.meaning is Meaning.ACCEPTED)


@given(
    before=st.text(), after=st.text(), negation=st.sampled_from(["not", "failed", "error", "unable", "denied", "no"])
)
def test_a_negation_anywhere_makes_it_none(before: str, after: str, negation: str) -> None:
    assert not plainly_accepts(f"{before} {negation} {after} created successfully")
    assert not plainly_accepts(f"created successfully {before} {negation} {after}")


@pytest.mark.parametrize("message", TOKEN_REFUSED)
def test_a_refused_token(message: str) -> None:
    assert refuses_token(message)


@pytest.mark.parametrize("message", ["", *ABOUT_SOMETHING_ELSE])
def test_what_is_about_something_else_is_no_refused_token(message: str) -> None:
    assert not refuses_token(message)


def test_a_route_that_the_framework_does_not_know() -> None:
    assert names_no_route("The route api/organizations/5/servers could not be found.")
    assert names_no_route("Route [login] not defined.")
    assert not names_no_route("Organization not found!")
    assert not names_no_route("The PUT method is not supported for this route.")
