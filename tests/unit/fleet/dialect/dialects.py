"""Dialects for tests."""

from typing import Any, Final

from hypothesis import strategies as st

from fleet.dialect.dialect import Dialect, Names, Order

FULL: Final = Dialect(
    names=Names.SHOWN,
    key_digits=12,
    order=Order.OLDEST_FIRST,
    page_size=10,
    totals=True,
    statuses={"completed": "complete", "queued": "pending", "broken down": "bad"},
    sizes=True,
    flags=False,
    shows_status=True,
    zeros=True,
    forms={"flag": ["number"], "stamp": ["Y-m-d H:i:s"]},
    patterns={"finished|sizes|storage": 3},
    offsets=[19800, 19801, 19802],
    clock_error=1.5,
    shown_within=[0.5, 1.0, 2.0],
    shows_after=8.0,
    first_backup_after=60.0,
    first_backups_seen=3,
    first_backups_missed=2,
    limit_headers=True,
)
"""Every point known, and none by its default."""
_WORDS: Final = st.sampled_from(["completed", "done", "queued", "odd"])
_FACTS: Final[dict[str, st.SearchStrategy[Any]]] = {
    "names": st.sampled_from(Names),
    "order": st.sampled_from(Order),
    "page_size": st.none() | st.integers(1, 100),
    "totals": st.none() | st.booleans(),
    "statuses": st.dictionaries(_WORDS, st.sampled_from(["complete", "pending", "bad", "unknown"])),
    "sizes": st.none() | st.booleans(),
    "flags": st.none() | st.booleans(),
    "shows_status": st.none() | st.booleans(),
    "forms": st.dictionaries(
        st.sampled_from(["flag", "size"]), st.lists(st.sampled_from(["number", "words"]), unique=True).map(sorted)
    ),
    "patterns": st.dictionaries(st.sampled_from(["done|sizes|", "odd||storage"]), st.integers(1, 9)),
    "offsets": st.lists(st.integers(-50_000, 50_000), max_size=9),
    "clock_error": st.none() | st.floats(-300, 300),
    "shown_within": st.lists(st.floats(0, 100), max_size=3).map(sorted),
    "shows_after": st.floats(0, 100),
    "first_backup_after": st.none() | st.floats(0, 1000),
    "first_backups_seen": st.integers(0, 5),
    "first_backups_missed": st.integers(0, 5),
    "limit_headers": st.none() | st.booleans(),
}
DIALECTS: Final = st.builds(Dialect, **_FACTS)
