"""`--dialect`: presets, points and JSON, one after the other."""

from dataclasses import asdict
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from sandbox.dialects.dialect import Dialect
from sandbox.dialects.kinds import kinds_of
from sandbox.dialects.presets import DOCUMENTED, PRESETS
from sandbox.dialects.reading import listing, read_dialect


@pytest.mark.parametrize(
    ("given_", "dialect"),
    [
        ([], Dialect()),
        (["documented"], Dialect()),
        (["nameless"], Dialect(names="null")),
        (["nameless,shows_after=8"], Dialect(names="null", shows_after=8)),
        (["nameless", "names=top , ids=string"], Dialect(names="top", ids="string")),
        (["nameless", "documented", "oldest-first"], Dialect(order="oldest")),
        (["plain_lists=true,monitor_logs=no"], Dialect(plain_lists=True, monitor_logs=False)),
        (["zone=Asia/Kolkata"], Dialect(zone="Asia/Kolkata")),
        (["zone=-90"], Dialect(zone=-90)),
        (["first_backup_after=never,expires_after=0.5"], Dialect(first_backup_after=None, expires_after=0.5)),
        (["expires_after=retention,clock_error=-3"], Dialect(clock_error=-3)),
        (["completed_status=All Done = yes"], Dialect(completed_status="All Done = yes")),
        (
            ['{"null_server_ids": true, "first_backup_after": null}'],
            Dialect(null_server_ids=True, first_backup_after=None),
        ),
        ([{"failed_status": "a, b"}, "cut-names"], Dialect(failed_status="a, b", names="cut")),
    ],
)
def test_what_is_read(given_: list[object], dialect: Dialect) -> None:
    assert read_dialect(given_) == dialect


@pytest.mark.parametrize(
    ("given_", "said"),
    [
        ("nameles", "unknown dialect 'nameles' .presets: documented, nameless, .*or point=value"),
        ("", "unknown dialect ''"),
        ("colour=blue", "unknown dialect point: 'colour' .known: full_application_rows, "),
        ("order=upwards", "order must be one of newest, oldest, shuffled, not 'upwards'"),
        ("plain_lists=maybe", "plain_lists must be true or false, not 'maybe'"),
        ("page_size=0", "page_size must be a whole number above 0, not 0"),
        ("page_size=1.5", "page_size must be a whole number above 0, not '1.5'"),
        ("shows_after=-1", "shows_after must be a number of seconds, 0 or more, not -1"),
        ("clock_error=nan", "clock_error must be a number of seconds, not nan"),
        ("first_backup_after=soon", "first_backup_after must be a number of seconds, 0 or more, or never, not 'soon'"),
        ("zone=Mars/Base", "zone must be an IANA time zone or an offset from UTC in minutes, not 'Mars/Base'"),
        ("zone=99999", "zone must be an IANA time zone"),
        ("zone=../../etc/passwd", "zone must be an IANA time zone"),
        ("completed_status=", "completed_status must be text"),
        ("{", "invalid JSON"),
        ({"page_size": True}, "page_size must be a whole number"),
        ({"plain_lists": 1}, "plain_lists must be true or false"),
        ({"sizes": ["unit"]}, "sizes must be one of"),
        (5, "a dialect must be text or an object of points"),
        (None, "a dialect must be text or an object of points"),
    ],
)
def test_what_is_no_dialect_is_one_line_with_what_is_allowed(given_: object, said: str) -> None:
    with pytest.raises(ValueError, match=said) as caught:
        read_dialect([given_])
    assert "\n" not in str(caught.value)


@given(st.lists(st.one_of(st.text(max_size=20), st.dictionaries(st.text(max_size=8), st.integers(), max_size=2))))
def test_anything_is_a_dialect_or_refused_in_one_line(given_: list[object]) -> None:
    said = ""
    try:
        read_dialect(given_)
    except ValueError as error:
        said = str(error)
    assert "\n" not in said


def test_what_is_written_is_read() -> None:
    words: list[object] = [f"{name}={kind.write(getattr(Dialect(), name))}" for name, kind in kinds_of(Dialect).items()]
    assert read_dialect(words) == Dialect()
    assert read_dialect([asdict(Dialect(names="cut", zone=330))]) == Dialect(names="cut", zone=330)


@pytest.mark.parametrize("name", sorted(PRESETS.keys() - {DOCUMENTED, "other-words"}))
def test_a_preset_differs_in_one_or_two_points(name: str) -> None:
    spoken, documented = asdict(read_dialect([name])), asdict(Dialect())
    differs: dict[str, Any] = {point: value for point, value in spoken.items() if value != documented[point]}
    assert 1 <= len(differs) <= 2


def test_the_listing_names_every_preset_and_every_point() -> None:
    lines = [line.split()[0] for line in listing()]
    assert set(lines) >= PRESETS.keys() | kinds_of(Dialect).keys()
    assert all(len(line) <= 80 for line in listing())
