"""The token is not shown, in whatever form a text of others repeats it."""

import json
from base64 import b64encode, urlsafe_b64encode
from collections.abc import Callable
from html import escape
from urllib.parse import quote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.untrusted.scrubbing import HIDDEN, scrubbed

TOKEN = "12|aB3$xY+z/~W=9q-secret"

FORMS: dict[str, Callable[[str], str]] = {
    "as it is": str,
    "in capitals": str.upper,
    "in small letters": str.lower,
    "in a URL": lambda token: quote(token, safe=""),
    "in a URL, twice": lambda token: quote(quote(token, safe=""), safe=""),
    "in a URL, in part": quote,
    "in a URL, all of it": lambda token: "".join(f"%{ord(letter):02x}" for letter in token),
    "in HTML": escape,
    "in HTML, all of it": lambda token: "".join(f"&#{ord(letter)};" for letter in token),
    "in JSON": lambda token: json.dumps(token)[1:-1],
    "in JSON, all of it": lambda token: "".join(f"\\u{ord(letter):04x}" for letter in token),
    "in hex": lambda token: token.encode().hex(),
    "in hex, in capitals": lambda token: token.encode().hex().upper(),
    "in hex, in pairs": lambda token: token.encode().hex(" "),
    "in hex, with colons": lambda token: token.encode().hex(":"),
    "as bytes": lambda token: "".join(f"\\x{ord(letter):02x}" for letter in token),
}


def base64(token: str, before: str, after: str = "") -> str:
    return b64encode(f"{before}{token}{after}".encode()).decode()


@pytest.mark.parametrize("form", FORMS.values(), ids=FORMS.keys())
def test_no_form_of_the_token_is_left(form: Callable[[str], str]) -> None:
    assert scrubbed(f"refused: {form(TOKEN)} (403)", TOKEN) == f"refused: {HIDDEN} (403)"


@pytest.mark.parametrize("before", ["", "a", "ab", "user:", "Bearer ", "Basic x:"])
@pytest.mark.parametrize("after", ["", "b", "bc", "\n"])
def test_no_base64_is_left_wherever_the_token_begins(before: str, after: str) -> None:
    for packed in (
        base64(TOKEN, before, after),
        urlsafe_b64encode(f"{before}{TOKEN}{after}".encode()).decode(),
        quote(base64(TOKEN, before, after), safe=""),
    ):
        left = scrubbed(f"header {packed} refused", TOKEN)
        assert HIDDEN in left
        kept = "".join(left.removeprefix("header ").removesuffix(" refused").split(HIDDEN))
        assert len(kept) <= len(base64("", before, after)) + 6  # What surrounds it, and letters that hold some of both.


@given(text=st.text())
def test_other_texts_stay_as_they_are(text: str) -> None:
    assert scrubbed(text, TOKEN) == text
    assert scrubbed(text, "") == text


def test_a_short_token_does_not_take_words_apart() -> None:
    assert scrubbed("Backup Process has been started 616263", "abc") == "Backup Process has been started 616263"
