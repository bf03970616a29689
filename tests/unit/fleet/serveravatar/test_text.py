"""What others have written, as it is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.text import one_line, shown_url


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (" a\n b\r\n\tc ", "a b c"),
        ("\x1b[31mred\x1b[0m", "[31mred [0m"),
        ("left\u202eright", "left right"),
        ("zero\u200bwidth", "zero width"),
        ("half \ud800", "half ?"),
        ("NUL\0", "NUL"),
        ("Größe: 12 ✓", "Größe: 12 ✓"),
    ],
)
def test_a_text_on_one_line(text: str, shown: str) -> None:
    assert one_line(text) == shown


@given(text=st.text())
def test_nothing_is_left_that_a_terminal_would_act_on(text: str) -> None:
    assert one_line(text).isprintable()
    assert one_line(one_line(text)) == one_line(text)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example.org/a/b", "https://api.example.org/a/b"),
        ("http://me:word@api.example.org:8080/a?b=c#d", "http://api.example.org:8080/a"),
        ("https://api.example.org/a;session=1", "https://api.example.org/a"),
        ("https://api.example.org/me:word@else", "https://api.example.org"),
        ("https:\\\\me:word@api.example.org", "https://"),
        ("/login?token=1", "/login"),
        ("https://me:word/x@api.example.org", ""),
        ("https://[1", ""),
        ("", ""),
    ],
)
def test_a_url_without_what_is_secret_in_it(url: str, shown: str) -> None:
    assert shown_url(url) == shown


@given(url=st.text() | st.text().map("https://me:word@x.org/{}?word=word".format))
def test_a_url_is_printable(url: str) -> None:
    assert shown_url(url).isprintable()
