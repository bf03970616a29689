"""The name of an instant backup, whatever a list has done to it: ours is known, and another's never taken for it."""

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from fleet.inventory.naming import KEY_DIGITS, LONGEST_NAME, marks_in, named

KEY = "0123456789abcdef"
KEYS = st.text("0123456789abcdef", min_size=KEY_DIGITS, max_size=KEY_DIGITS)
SEPARATORS = st.text(st.sampled_from("-_ .:/#|~\t\u00a0\u2013"), max_size=4)
HOSTILE = st.text() | st.sampled_from(["fb", "fb-", "FB" * 40, "fb-fb-fb-", "fb" + "-" * 5000, "\0\n\r", "ﬁﬂ\ufb00İß"])
NO_MARK = st.text(st.characters(blacklist_characters="bB")) | st.sampled_from(["", "nightly of the shop", "2026-11-28"])
"""Texts without the mark, in whatever case: it holds a `b`."""


@given(KEYS, st.none() | HOSTILE)
def test_a_name_begins_with_the_key_and_is_bounded_whatever_a_person_calls_it(key: str, given_name: str | None) -> None:
    name = named(key, given_name)
    assert name.startswith(f"fb-{key}")
    assert len(name) <= LONGEST_NAME
    assert name == name.strip()
    assert marks_in([name])[0] == key


def test_a_persons_own_name_stands_behind_the_key_and_is_what_a_cut_takes() -> None:
    assert named(KEY, "before the update") == f"fb-{KEY} before the update"
    assert named(KEY, None) == named(KEY, "") == named(KEY, "  ") == f"fb-{KEY}"
    long = named(KEY, "x" * 500)
    assert len(long) == 64
    assert long == f"fb-{KEY} " + "x" * 44


@given(NO_MARK, KEYS)
def test_a_key_without_its_mark_proves_nothing(text: str, key: str) -> None:
    assume("fb" not in f"{text}{key}".casefold())
    assert marks_in([text, key, f"{text} {key}"]) == []


@pytest.mark.parametrize(
    "name",
    ["", "nightly", "fb-", "fb-0123456", "fbx-0123456789abcdef", "f b-0123456789abcdef", "fb-backup 2026", "fb-xyz"],
)
def test_a_name_of_anyone_else_holds_no_key(name: str) -> None:
    assert marks_in([name]) == []


@pytest.mark.parametrize(
    "name",
    [
        f"fb-{KEY}",
        f"nightly fb-{KEY}",
        f"a\tfb-{KEY}",
        f"FB_{KEY.upper()}",
        f"fb{KEY}",
        f"xfb-{KEY} again",
        f"2026-11-28 fb-{KEY}.tar.gz",
        f"fb--{KEY}-nightly-of-the-shop",
    ],
)
def test_the_key_may_stand_anywhere_in_a_name(name: str) -> None:
    assert marks_in([name])[0] == KEY
