"""Which texts of an API anybody may see."""

import pytest

from fleet.doctor.redaction import HIDDEN_WORD, public_word
from tests.unit.fleet.doctor.test_report import SECRETS


@pytest.mark.parametrize("word", ["Completed", "In Progress", "in_progress", "Fertig", "完了", "almost-done"])
def test_a_word_of_status_is_shown(word: str) -> None:
    assert public_word(f" {word} ") == f"`{word}`"


@pytest.mark.parametrize(
    "word", [*SECRETS, "", "a" * 41, "one two three four five", "done!", "shop 7", "x\ny", "\x1b[31mred"]
)
def test_what_is_no_word_is_not(word: str) -> None:
    assert public_word(word) == HIDDEN_WORD
