"""What an answer is worth: tables over status, body and call; and nothing of it is shown as it came."""

import json
from typing import Any

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.serveravatar.answer import LONGEST_DETAILS, LONGEST_MESSAGE, read_answer
from fleet.serveravatar.catalogue import CATALOGUE, REFUSALS, Meaning, normalized
from fleet.serveravatar.errors import ApiError, UnexpectedAnswerError
from fleet.serveravatar.wire import REPEATABLE, Call

M = Meaning
HTML = b"<!DOCTYPE html><title>Just a moment...</title>"
LISTS, WRITES = Call.LIST_SERVERS, (Call.CREATE_BACKUP, Call.UPDATE_PLAN)
STARTED, PLANNED = "Backup Process has been started successfully!", "Backup plan created successfully."
FORBIDDEN = "This action is unauthorized."
NOT_JSON = "the API answered 200 with something that is not JSON; SERVERAVATAR_API_URL may be wrong"


def answered(status: int, content: object, call: Call = LISTS, **more: Any) -> Any:
    body = content if isinstance(content, bytes) else json.dumps(content).encode()
    return read_answer(call, status, body, **more)


def failure(status: int, content: object, call: Call = LISTS, **more: Any) -> ApiError:
    with pytest.raises(ApiError) as caught:
        answered(status, content, call, **more)
    assert caught.value.status == status
    return caught.value


def said(message: object, **more: object) -> dict[str, object]:
    return {"message": message, **more}


NOT_THE_APIS: list[object] = [b"", b"null", [], {}, said(""), said(None), {"error": "no"}, b"5"]
WITHOUT_A_MESSAGE: list[object] = [[], {}, [{"id": 1}], {"id": 5}, {"data": []}, {"data": {"id": 5}}]
REMARKS: list[dict[str, object]] = [
    {},
    {"success": True},
    {"status": "success"},
    {"status": 200, "error": None, "errors": []},
    {"data": {}},
]


# What is no success: the same for every call.


@pytest.mark.parametrize("call", [LISTS, *WRITES])
@pytest.mark.parametrize(
    ("status", "content", "meaning"),
    [
        # Whatever stands in the body, the status decides.
        *((status, body, M.TOKEN_REFUSED) for status in (401,) for body in (HTML, b"", said("x"))),
        *((429, body, M.RATE_LIMITED) for body in (HTML, b"", {}, said("Too Many Attempts."), said("x"))),
        *((status, body, M.GATEWAY) for status in (502, 503, 504) for body in (HTML, b"", said("Service Unavailable"))),
        *((status, body, M.IN_DOUBT) for status in (408, 425) for body in (HTML, b"", said("x"))),
        *((status, body, M.MOVED) for status in (300, 301, 302, 303, 304, 307, 308) for body in (HTML, b"", said("x"))),
        *((status, body, M.IN_DOUBT) for status in (100, 101, 199, 600, 999) for body in (said("Invalid schedule!"),)),
        # In the API's form: about this request.
        (403, said(FORBIDDEN), M.FORBIDDEN),
        (403, said("Upgrade your plan to use this feature."), M.FORBIDDEN),
        (403, said("Unauthenticated."), M.FORBIDDEN),
        (404, said("Server not found!"), M.REFUSED),
        *((status, said("no"), M.REFUSED) for status in (400, 402, 404, 405, 409, 410, 413, 415, 418, 419, 422, 423)),
        (422, {"errors": {"type": ["is wrong"]}}, M.REFUSED),
        (500, said("Invalid schedule!"), M.REFUSED),
        (500, said("Your server is not connected."), M.REFUSED_FOR_NOW),
        # Not in the API's form: something else has answered in its place.
        *((status, HTML, M.GATEWAY) for status in (400, 403, 404, 405, 413, 421, 451, 499, 500, 501, 520, 525)),
        *((403, body, M.GATEWAY) for body in NOT_THE_APIS),
        (404, b"404 page not found", M.GATEWAY),
        (422, {"errors": []}, M.GATEWAY),
        # In its form, and unknown.
        (500, said("Something went really wrong!"), M.IN_DOUBT),
        (500, said("Server Error"), M.IN_DOUBT),
        (500, said(STARTED), M.IN_DOUBT),
        (500, said(FORBIDDEN), M.IN_DOUBT),
        (500, said("Unauthenticated."), M.IN_DOUBT),
        (501, said("Invalid schedule!"), M.IN_DOUBT),
        (521, said("Web server is down"), M.IN_DOUBT),
    ],
)  # fmt: skip
def test_an_answer_that_is_no_success_means_what_it_proves(
    call: Call, status: int, content: object, meaning: Meaning
) -> None:
    assert failure(status, content, call).meaning is meaning


# A call that writes is accepted in words alone.


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize("status", [200, 201, 202, 206])
@pytest.mark.parametrize(
    "message", [STARTED, PLANNED, "Backup plan updated successfully.", "Backup queued.", "success"]
)
def test_a_2xx_that_says_so_is_an_acceptance(call: Call, status: int, message: str) -> None:
    for more in REMARKS:
        assert answered(status, said(message, **more), call)["message"] == message


@pytest.mark.parametrize("call", WRITES)
@pytest.mark.parametrize(
    ("content", "meaning"),
    [
        *((said(row.message), M.IN_DOUBT) for row in CATALOGUE if row.meaning in REFUSALS | {M.IN_DOUBT, M.GATEWAY}),
        *((body, M.IN_DOUBT) for body in WITHOUT_A_MESSAGE),
        *((said(nothing), M.IN_DOUBT) for nothing in (None, "", " ", True, 1, [STARTED], {"text": STARTED})),
        *((said("Too Many Attempts."), M.IN_DOUBT), (said("OK"), M.IN_DOUBT), (said("Sauvegarde créée"), M.IN_DOUBT)),
        *(
            (said(STARTED, **denial), M.IN_DOUBT)
            for denial in (
                {"success": False}, {"success": "false"}, {"success": 0}, {"ok": False}, {"error": "no"},
                {"errors": {"type": ["x"]}}, {"status": "error"}, {"status": "Failed"}, {"status": False},
                {"code": 422}, {"error": True}, {"status_code": 500}, {"statusCode": 403}, {"status": 500},
            )
        ),
        *((said(words), M.TOKEN_REFUSED) for words in ("Unauthenticated.", "Unauthorized", "Invalid token")),
        (HTML, M.IN_DOUBT), (b"", M.IN_DOUBT), (b"null", M.IN_DOUBT), (b"[" * 100_000, M.IN_DOUBT),
    ],
)  # fmt: skip
def test_a_2xx_without_the_words_of_an_acceptance_is_in_doubt(call: Call, content: object, meaning: Meaning) -> None:
    assert failure(200, content, call).meaning is meaning


def test_nothing_but_its_message_makes_a_success_without_a_body_an_acceptance() -> None:
    for status in (200, 202, 204, 205):
        assert failure(status, b"", Call.CREATE_BACKUP).meaning is M.IN_DOUBT


def test_what_was_answered_in_place_of_an_acceptance_is_told() -> None:
    error = failure(200, said("Server not found!"), Call.CREATE_BACKUP)
    assert error.message == "the API answered 200: Server not found!"
    assert failure(200, [], Call.CREATE_BACKUP).message == "the API answered 200 without a message"
    assert failure(200, HTML, Call.CREATE_BACKUP).message == NOT_JSON


# A reading call is given data, and a complaint is never an empty list.

PAGE = {"current_page": 1, "data": [], "last_page": 1, "total": 0}
ROWS = {"current_page": 1, "data": [{"id": 15}]}


@pytest.mark.parametrize(
    "value",
    [
        {}, [], [{"id": 1}], PAGE, ROWS, {"servers": PAGE}, {"servers": []}, {"server": {"id": 15}}, {"unknown": 1},
        said("Something went really wrong!", servers=ROWS), said("Server not found!", **ROWS), said(None, servers=[]),
        said("Servers fetched successfully.", servers=PAGE), said("success", data=[]), {"error": None, "servers": []},
        {"success": True, "status": 200, "servers": []}, said("Note", server={"id": 15}), {"code": 200, "data": []},
    ],
)  # fmt: skip
def test_a_reading_call_that_brings_data_or_no_complaint_is_taken_as_it_is(value: object) -> None:
    assert answered(200, value) == value


@pytest.mark.parametrize("around", [{}, {"data": []}, {"servers": []}, {"servers": PAGE}, PAGE, {"success": False}])
@pytest.mark.parametrize(
    ("message", "meaning"),
    [
        ("Server not found!", M.REFUSED),
        ("Organization not found.", M.REFUSED),
        ("Your server is not connected.", M.REFUSED_FOR_NOW),
        (FORBIDDEN, M.FORBIDDEN),
        ("Unauthenticated.", M.TOKEN_REFUSED),
        ("Invalid API token", M.TOKEN_REFUSED),
        ("Something went really wrong!", M.IN_DOUBT),
        ("Service Unavailable", M.GATEWAY),
        ("Too Many Attempts.", M.IN_DOUBT),
        ("No servers found.", M.IN_DOUBT),
        ("anything", M.IN_DOUBT),
    ],
)
def test_a_complaint_in_place_of_data_is_what_it_says(around: dict[str, Any], message: str, meaning: Meaning) -> None:
    for call in sorted(REPEATABLE):
        error = failure(200, said(message, **around), call)
        assert error.meaning is meaning
        assert isinstance(error, UnexpectedAnswerError) is (normalized(message) not in KNOWN and meaning is M.IN_DOUBT)
        assert message in error.message


KNOWN = {normalized(row.message) for row in CATALOGUE}


@pytest.mark.parametrize("denial", [{"success": False}, {"status": "error"}, {"error": "x"}, {"errors": ["x"]}])
def test_a_reading_call_that_is_said_to_have_failed_holds_nothing_whatever_it_shows(denial: dict[str, Any]) -> None:
    error = failure(200, {"servers": ROWS, **denial})
    assert isinstance(error, UnexpectedAnswerError)
    assert error.message == "the API answered 200 without data or a message"


@pytest.mark.parametrize("status", [200, 204])
@pytest.mark.parametrize("content", [b"", HTML, b"null", b'"ok"', b"\xff", b"5"])
def test_a_2xx_that_is_no_json_names_the_url(status: int, content: bytes) -> None:
    error = failure(status, content)
    assert isinstance(error, UnexpectedAnswerError)
    assert error.meaning is M.IN_DOUBT
    assert error.message == NOT_JSON.replace("200", str(status))


# What people are shown.


@pytest.mark.parametrize(
    ("status", "content", "message"),
    [
        (404, said("Server not found!"), "Server not found!"),
        (500, said(" Something  went\nwrong "), "Something went wrong"),
        (502, HTML, "the API answered 502 without a message"),
        (500, said(None), "the API answered 500 without a message"),
        (500, said(["a"]), "['a']"),
        (500, [], "the API answered 500 without a message"),
        (500, b"\xff\xfe", "the API answered 500 without a message"),
        (403, {"error": "key is\nunknown"}, "the API answered 403 without a message (key is unknown)"),
        (404, HTML, "the API answered 404 without a message; SERVERAVATAR_API_URL may be wrong"),
        (302, b"", "the API answered 302 and redirects elsewhere"),
        (
            422,
            said("The given data was invalid.", errors={"type": ["is wrong", "very"], "schedule": ["missing"]}),
            "The given data was invalid. [type: is wrong; schedule: missing]",
        ),
        (422, said("invalid", errors={"type": "is wrong"}), "invalid [type: is wrong]"),
        (422, said("invalid", errors={}), "invalid"),
        (422, said("invalid", errors="none"), "invalid"),
        (422, said("invalid", errors={"type": []}), "invalid [type: []]"),
        (422, {"errors": {"type": ["is wrong"]}}, "the data was refused [type: is wrong]"),
    ],
)
def test_what_people_are_told_of_it(status: int, content: object, message: str) -> None:
    assert failure(status, content).message == message


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://panel.example.org/login", "to https://panel.example.org/login"),
        (
            "https://me:secret@panel.example.org:8443/login?token=secret#secret",
            "to https://panel.example.org:8443/login",
        ),
        ("/login?next=secret", "to /login"),
        ("//elsewhere.example.org/x", "to //elsewhere.example.org/x"),
        ("", "elsewhere"),
        ("https://me:secret", "elsewhere"),
        ("https://[secret", "elsewhere"),
    ],
)
def test_a_redirect_tells_where_it_points_and_no_secret(location: str, shown: str) -> None:
    assert failure(302, b"", location=location).message == f"the API answered 302 and redirects {shown}"


HOSTILE = st.text(st.characters() | st.sampled_from("\n\r\t\0\x1b\x9b\u202e\u200b\u2028\ud800"))
TOKEN = "a-token-of-12|its-secret"


def scrubbed(text: str) -> str:
    return text.replace(TOKEN, "**********")


@example(302, "", "", "", 170, LISTS)
@given(
    status=st.integers(100, 599),
    message=HOSTILE,
    field=HOSTILE,
    location=HOSTILE,
    long=st.integers(0, 2000),
    call=st.sampled_from(Call),
)
def test_whatever_the_api_says_is_shown_on_one_bounded_line_without_the_token(
    status: int, message: str, field: str, location: str, long: int, call: Call
) -> None:
    body = said(f"{message}{'x' * long}{TOKEN}", errors={f"{field}{TOKEN}": [f"{'y' * long}{TOKEN}"]}, error=message)
    error = failure(status, body, call, scrubbed=scrubbed, location=f"https://x.org/{location}{'z' * long}/{TOKEN}")
    assert error.message.isprintable()
    assert TOKEN not in error.message
    assert "its-secret" not in error.message
    assert len(error.message) <= LONGEST_MESSAGE + LONGEST_DETAILS + 100


@given(status=st.integers(100, 599), content=st.binary() | st.text().map(str.encode), call=st.sampled_from(Call))
def test_no_answer_ends_in_anything_but_a_value_or_a_typed_error(status: int, content: bytes, call: Call) -> None:
    try:
        assert isinstance(answered(status, content, call), dict | list)
    except ApiError as error:
        assert error.meaning is not Meaning.ACCEPTED  # noqa: PT017 - either end is right


def test_half_a_character_of_the_api_stops_no_report() -> None:
    assert failure(500, b'{"message": "cut off: \\ud83d"}', Call.CREATE_BACKUP).message == "cut off: ?"
