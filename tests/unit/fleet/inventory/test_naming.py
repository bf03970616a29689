"""The name of an instant backup, whatever a list has done to it: ours is known, and another's never taken for it."""

import string

import pytest
from hypothesis import assume, example, given
from hypothesis import strategies as st

from fleet.inventory.naming import KEY_DIGITS, LEAST_DIGITS, LONGEST_NAME, KnownKeys, marks_in, named

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


@given(
    key=KEYS,
    digits=st.integers(LEAST_DIGITS, KEY_DIGITS),
    separators=SEPARATORS,
    before=NO_MARK,
    upper=st.booleans(),
)
def test_what_is_left_of_a_key_is_known_in_any_case_with_any_separators_and_behind_any_text(
    key: str, digits: int, separators: str, before: str, upper: bool
) -> None:
    text = f"{before}fb{separators}{key[:digits]}"
    assert marks_in([text.upper() if upper else text])[0] == key[:digits]
    assert KnownKeys([key]).named_by(marks_in([text])) == (key, digits == KEY_DIGITS)


@given(key=KEYS, behind=HOSTILE, before=NO_MARK)
def test_a_whole_key_is_known_whatever_text_stands_around_it(key: str, before: str, behind: str) -> None:
    assert KnownKeys([key]).named_by(marks_in([f"{before}fb-{key}{behind}"])) == (key, True)


@given(key=KEYS, given_name=HOSTILE, cut=st.integers(3 + LEAST_DIGITS, LONGEST_NAME))
def test_a_name_that_is_cut_to_as_few_as_eight_digits_is_known(key: str, given_name: str, cut: int) -> None:
    found = KnownKeys([key]).named_by(marks_in([named(key, given_name)[:cut]]))
    assert found is not None
    assert found[0] == key


@given(key=KEYS, digits=st.integers(0, LEAST_DIGITS - 1))
def test_fewer_digits_prove_nothing(key: str, digits: int) -> None:
    assert KnownKeys([key]).named_by(marks_in([f"fb-{key[:digits]}"])) is None


@given(NO_MARK, KEYS)
def test_a_key_without_its_mark_proves_nothing(text: str, key: str) -> None:
    assume("fb" not in f"{text}{key}".casefold())
    assert marks_in([text, key, f"{text} {key}"]) == []


@given(st.lists(HOSTILE, max_size=4), st.lists(KEYS, max_size=4))
def test_hostile_texts_name_nobody_but_by_eight_digits_behind_the_mark(texts: list[str], keys: list[str]) -> None:
    marks = marks_in(texts)
    assert all(LEAST_DIGITS <= len(mark) <= KEY_DIGITS and set(mark) <= set(string.hexdigits.lower()) for mark in marks)
    found = KnownKeys(keys).named_by(marks)
    assert found is None or any(found[0].startswith(mark) for mark in marks)


@given(prefix=st.text("0123456789abcdef", min_size=LEAST_DIGITS, max_size=KEY_DIGITS - 1), tails=st.data())
def test_a_prefix_that_two_known_keys_share_proves_nothing_and_the_whole_key_does(
    prefix: str, tails: st.DataObject
) -> None:
    rest = st.text("0123456789abcdef", min_size=KEY_DIGITS - len(prefix), max_size=KEY_DIGITS - len(prefix))
    one, other = tails.draw(rest, "one"), tails.draw(rest, "other")
    assume(one != other)
    known = KnownKeys([prefix + one])
    assert known.named_by([prefix]) == (prefix + one, False)
    known.add([prefix + other])
    assert known.named_by([prefix]) is None
    assert known.named_by([prefix + one]) == (prefix + one, True)
    assert known.named_by([prefix, prefix + other]) == (prefix + other, True), "another text of the row says which"


@example(["a" * 16], ["a" * 15 + "b"])
@given(st.lists(KEYS, max_size=5), st.lists(KEYS, max_size=5))
def test_only_keys_that_are_looked_for_are_found(known: list[str], others: list[str]) -> None:
    keys = KnownKeys(known)
    for key in {*known, *others}:
        assert (keys.named_by([key]) == (key, True)) is (key in known)


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


def test_a_key_that_holds_the_mark_itself_is_known() -> None:
    """Both readings are marks; the first is the key."""
    key = "fb0123456789abcd"
    assert KnownKeys([key]).named_by(marks_in([f"fb-{key}"])) == (key, True)
    assert KnownKeys([key]).named_by(marks_in([f"fb{key}"])) == (key, True)
