"""What is sought, found by what is left of its key, its application or its database."""

import string
from collections.abc import Iterable
from dataclasses import replace

from hypothesis import assume, example, given
from hypothesis import strategies as st

from fleet.inventory.naming import KEY_DIGITS, LEAST_DIGITS, LONGEST_NAME, marks_in, named
from fleet.proof.sought import Sought
from fleet.proof.sought_index import SoughtIndex
from tests.unit.fleet.builders import backup, instant, plan, target
from tests.unit.fleet.inventory.test_naming import HOSTILE, KEYS, NO_MARK, SEPARATORS


def index_of(*keys: str, shared: SoughtIndex | None = None) -> SoughtIndex:
    return SoughtIndex((Sought(key, target()) for key in keys), shared)


def named_by(index: SoughtIndex, marks: Iterable[str]) -> tuple[str, bool] | None:
    found = index.named_by(marks)
    return (found[0].key, found[1]) if found else None


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
    assert named_by(index_of(key), marks_in([text])) == (key, digits == KEY_DIGITS)


@given(key=KEYS, behind=HOSTILE, before=NO_MARK)
def test_a_whole_key_is_known_whatever_text_stands_around_it(key: str, before: str, behind: str) -> None:
    assert named_by(index_of(key), marks_in([f"{before}fb-{key}{behind}"])) == (key, True)


@given(key=KEYS, given_name=HOSTILE, cut=st.integers(3 + LEAST_DIGITS, LONGEST_NAME))
def test_a_name_that_is_cut_to_as_few_as_eight_digits_is_known(key: str, given_name: str, cut: int) -> None:
    found = named_by(index_of(key), marks_in([named(key, given_name)[:cut]]))
    assert found is not None
    assert found[0] == key


@given(key=KEYS, digits=st.integers(0, LEAST_DIGITS - 1))
def test_fewer_digits_prove_nothing(key: str, digits: int) -> None:
    assert named_by(index_of(key), marks_in([f"fb-{key[:digits]}"])) is None


@given(st.lists(HOSTILE, max_size=4), st.lists(KEYS, max_size=4))
def test_hostile_texts_name_nobody_but_by_eight_digits_behind_the_mark(texts: list[str], keys: list[str]) -> None:
    marks = marks_in(texts)
    assert all(LEAST_DIGITS <= len(mark) <= KEY_DIGITS and set(mark) <= set(string.hexdigits.lower()) for mark in marks)
    found = named_by(index_of(*keys), marks)
    assert found is None or any(found[0].startswith(mark) for mark in marks)


@given(prefix=st.text("0123456789abcdef", min_size=LEAST_DIGITS, max_size=KEY_DIGITS - 1), tails=st.data())
def test_a_prefix_that_two_known_keys_share_proves_nothing_and_the_whole_key_does(
    prefix: str, tails: st.DataObject
) -> None:
    rest = st.text("0123456789abcdef", min_size=KEY_DIGITS - len(prefix), max_size=KEY_DIGITS - len(prefix))
    one, other = tails.draw(rest, "one"), tails.draw(rest, "other")
    assume(one != other)
    known = index_of(prefix + one)
    assert named_by(known, [prefix]) == (prefix + one, False)
    known.add(Sought(prefix + other, target()))
    assert named_by(known, [prefix]) is None
    assert named_by(known, [prefix + one]) == (prefix + one, True)
    assert named_by(known, [prefix, prefix + other]) == (prefix + other, True), "another text of the row says which"


@example(["a" * 16], ["a" * 15 + "b"])
@given(st.lists(KEYS, max_size=5), st.lists(KEYS, max_size=5))
def test_only_keys_that_are_looked_for_are_found(known: list[str], others: list[str]) -> None:
    keys = index_of(*known)
    for key in {*known, *others}:
        assert (named_by(keys, [key]) == (key, True)) is (key in known)


def test_a_key_that_holds_the_mark_itself_is_known() -> None:
    """Both readings are marks; the first is the key."""
    key = "fb0123456789abcd"
    assert named_by(index_of(key), marks_in([f"fb-{key}"])) == (key, True)
    assert named_by(index_of(key), marks_in([f"fb{key}"])) == (key, True)


# An index that extends a shared one.

ONE, OTHER, THIRD = "1" * 16, "1" * 15 + "2", "3" * 16


def test_what_is_added_to_a_shared_index_later_is_found_too() -> None:
    shared = index_of(ONE)
    index = index_of(THIRD, shared=shared)
    assert named_by(index, [ONE]) == (ONE, True)
    assert named_by(index, [ONE[:12]]) == (ONE, False)
    shared.add(Sought(OTHER, target()))
    assert named_by(index, [OTHER]) == (OTHER, True)
    assert named_by(index, [ONE[:12]]) is None, "two keys begin like that, whichever index holds them"
    assert [each.key for each in index] == [THIRD, ONE, OTHER]
    assert named_by(shared, [THIRD]) is None


def test_what_an_index_holds_itself_replaces_what_the_shared_one_holds_under_its_key() -> None:
    noted = Sought(ONE, target(), accepted=False)
    asked = replace(noted, accepted=True)
    index = SoughtIndex([asked], SoughtIndex([noted]))
    assert [each.accepted for each in index] == [True]
    assert [each.accepted for each in index.of_same_thing(backup(1, application_id=4246))] == [True]
    found = index.named_by([ONE])
    assert found is not None
    assert found[0].accepted


def test_rows_are_matched_by_application_or_without_one_by_database_and_plans_have_no_name() -> None:
    files, database = target(instant(type="filesystem")), target(instant(type="database"))
    index = SoughtIndex([Sought(ONE, files), Sought(OTHER, database), Sought(THIRD, target(plan(application_id=1)))])
    assert [each.key for each in index.of_same_thing(backup(1, application_id=4246))] == [ONE, OTHER]
    assert [each.key for each in index.of_same_thing(backup(1, application_id=None, database_id=4223))] == [OTHER]
    assert list(index.of_same_thing(backup(1, application_id=None, database_id=None))) == []
    assert index.named_by([THIRD]) is None
