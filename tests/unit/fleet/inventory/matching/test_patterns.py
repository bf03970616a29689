"""Patterns: what matches what, however it is written."""

from typing import Any
from unicodedata import normalize

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.inventory.matching.criteria import ApplicationCriteria, ServerCriteria
from fleet.inventory.matching.database_criteria import DatabaseCriteria
from fleet.inventory.matching.patterns import matches
from fleet.serveravatar.models import Application, Database, Server

COMPOSED, APART = normalize("NFC", "Köln"), normalize("NFD", "Köln")


@pytest.mark.parametrize(
    ("pattern", "text", "does"),
    [
        ("web-*", "web-1", True),
        ("web-*", "web-", True),
        ("web-?", "web-", False),
        ("web-?", "web-12", False),
        ("*", "", True),
        ("*", "a\nb", True),
        ("a?b", "a\nb", True),
        ("WEB", "web", True),
        ("STRASSE", "straße", True),
        ("stra?e", "straße", True),
        ("K?ln", APART, True),
        ("k?LN", COMPOSED, True),
        ("İ*", "i\u0307stanbul", True),
        ("?stanbul", "İstanbul", True),
        (" web ", "web", True),
        ("web", "web\u00a0", True),
        ("web-[12]", "web-1", False),
        ("web-[12]", "WEB-[12]", True),
        ("[!a]", "b", False),
        ("[", "[", True),
        ("a]", "a]", True),
        ("a.c", "abc", False),
        ("a\\*", "a*", False),
        ("a\\*", "a\\b", True),
        ("web", "web-1", False),
        ("", "web", False),
    ],
)
def test_what_a_pattern_stands_for(pattern: str, text: str, does: bool) -> None:
    assert matches(pattern, text) is does


@given(st.text())
def test_every_text_is_named_by_itself_in_either_form_and_case_and_by_stars(text: str) -> None:
    for form in (text, normalize("NFC", text), normalize("NFD", text), text.casefold()):
        assert matches(form, text)
        assert matches(text, form)
    assert matches("*", text)
    assert matches(f"{text.strip()}*", text)


@given(st.text(st.characters(exclude_categories=["C", "Z", "M"]), min_size=1, max_size=8), st.data())
def test_a_question_mark_stands_for_any_one_letter(text: str, data: st.DataObject) -> None:
    composed = normalize("NFC", text)
    place = data.draw(st.integers(0, len(composed) - 1))
    pattern = f"{composed[:place]}?{composed[place + 1 :]}"
    assert matches(pattern, text)
    assert matches(pattern, normalize("NFD", text))


@given(st.text("ab[]-!^\\.+(){}", min_size=1, max_size=6), st.text("ab[]-!^\\.+(){}", min_size=1, max_size=6))
def test_all_but_star_and_question_mark_stand_for_themselves(pattern: str, text: str) -> None:
    assert matches(pattern, text) is (pattern == text)


def test_many_stars_take_no_longer_than_one() -> None:
    assert not matches("*a" * 60 + "*b", "a" * 5000)


def test_rules_compare_texts_as_people_see_them() -> None:
    assert ServerCriteria(name=(COMPOSED,)).match(Server(id=1, name=APART))
    tagged: dict[str, Any] = {"id": 1, "tags": [COMPOSED]}
    assert ServerCriteria(tags=(APART,)).match(Server(**tagged))
    assert ApplicationCriteria(domain=(f"*.{APART}.de",)).match(Application(id=1, primary_domain=f"x.{COMPOSED}.de"))
    assert not ServerCriteria(name=("web-[12]",)).match(Server(id=1, name="web-1"))


@pytest.mark.parametrize(("of_application", "of_database"), [(COMPOSED, APART), (APART, COMPOSED)])
def test_databases_are_found_however_their_accents_are_encoded(of_application: str, of_database: str) -> None:
    applications = [Application(id=1, name=of_application), Application(id=2, name=f"{COMPOSED}_de")]
    databases = [Database(id=7, name=f"{of_database}_db"), Database(id=8, name=f"{of_database}_de_db")]
    found = DatabaseCriteria(match=("{application}_*",)).databases_of(applications, databases)
    assert {number: [row.id for row in rows] for number, rows in found.items()} == {1: [7], 2: [8]}


def test_a_bracket_in_the_name_of_a_database_is_a_letter() -> None:
    criteria = DatabaseCriteria(match=("[old] {application}_?",))
    databases = [Database(id=7, name="[old] shop_1"), Database(id=8, name="o shop_1")]
    assert criteria.databases_of([Application(id=1, name="shop")], databases) == {1: databases[:1]}
