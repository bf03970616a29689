"""Whom to notify of what: addresses of Apprise's, shown by their number only."""

import pytest

from fleet.monitoring.events import Ending
from fleet.monitoring.notification import NotifyOn, is_worth_it, parse, title


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("", []),
        ("slack://a/b/c", ["slack://a/b/c"]),
        ("slack://a/b/c,mailto://u:p@x.org\n tgram://1/2 ,", ["slack://a/b/c", "mailto://u:p@x.org", "tgram://1/2"]),
        ("mailto://x.org?to=a@b.org,c@d.org json://h", ["mailto://x.org?to=a@b.org,c@d.org", "json://h"]),
    ],
)
def test_addresses_are_separated_by_spaces_or_commas(text: str, expected: list[str]) -> None:
    found = parse(text)
    assert [each.url for each in found] == expected
    assert [each.number for each in found] == list(range(1, len(expected) + 1))
    assert not any(url in repr(found) for url in expected)


@pytest.mark.parametrize("text", ["secret", "slack://a secret", "secret slack://a", "://secret"])
def test_what_is_no_address_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match=r"address \d must be one of Apprise's") as caught:
        parse(text)
    assert "secret" not in str(caught.value)


@pytest.mark.parametrize(
    ("on", "ending", "recovered", "expected"),
    [
        (NotifyOn.TROUBLE, Ending.COMPLETED, False, False),
        (NotifyOn.TROUBLE, Ending.COMPLETED, True, True),
        (NotifyOn.TROUBLE, Ending.WITH_WARNINGS, False, True),
        (NotifyOn.TROUBLE, Ending.FAILED, False, True),
        (NotifyOn.ALWAYS, Ending.COMPLETED, False, True),
    ],
)
def test_by_default_only_trouble_and_its_end_are_worth_a_message(
    on: NotifyOn, ending: Ending, recovered: bool, expected: bool
) -> None:
    assert is_worth_it(on, ending, recovered=recovered) is expected


def test_the_subject_names_the_fleet_in_one_line() -> None:
    assert title("backup", "sho\nps", Ending.FAILED) == "backup of sho ps: failed"
