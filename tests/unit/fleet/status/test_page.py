"""The files of the page: small, safe whatever anything is called, and the same every time."""

import base64
import hashlib
import json
import re
from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from fleet.ledger.days.reading import Day, TargetState
from fleet.status.encoding import cut, encoded
from fleet.status.page import Page
from tests.unit.fleet.status.states import HOUR, NOW, state

NIGHT = datetime.fromtimestamp(NOW, UTC)
HOSTILE = "</script><script>alert(1)</script><!-- & \u2028 \" ' \\ <img src=x onerror=alert(2)>"


def made(*states: TargetState, days: dict[str, list[Day]] | None = None) -> dict[str, str]:
    page = Page.of(states, NIGHT)
    written = dict(page.history(number, rows, days or {}) for number, rows in enumerate(page.parts()))
    return {**written, **dict([page.sizes()]), "index.html": page.index()}


def rows_of(index: str) -> dict[str, Any]:
    found = re.search(r'<script type="application/json" id="fleet">(.*?)</script>', index, re.DOTALL)
    assert found
    rows: dict[str, Any] = json.loads(found[1])
    return rows


def test_the_index_holds_what_is_needed_for_the_first_look() -> None:
    index = made(state(1), state(2, good_at=None, status="never", status_reason="no backup found"))["index.html"]
    rows = rows_of(index)
    assert rows["name"].split("\n") == ["site 2", "site 1"]
    assert rows["domain"].split("\n") == ["site-2.example.org", "site-1.example.org"]
    assert rows["good"] == [None, 8 * 60]
    assert rows["limits"] == [[26 * 3600, "26 h"]]
    assert rows["reason"] == {"0": "no backup found"}
    assert len(rows["key"]) == 16
    assert "1 of 2 sites has a good backup younger than 26 h; 1 does not." in index


def test_a_domain_that_begins_with_the_name_is_shortened_and_one_that_looks_shortened_is_not() -> None:
    names = [("shop", "shop.example.org"), ("shop", "~x"), ("shop", ""), ("shop", "shop")]
    index = made(*(state(number, application=name, domain=domain) for number, (name, domain) in enumerate(names)))[
        "index.html"
    ]
    assert rows_of(index)["domain"].split("\n") == ["~.example.org", " ~x", "", "~"]


def test_the_days_of_a_target_are_in_the_file_of_its_part_and_its_sizes_in_another() -> None:
    today = NIGHT.date()
    past = [
        Day(today - timedelta(days=1), "verified", 5.0, good_at=4.0, good_mb=2.5),
        Day(today, "unmet", 9.0, "disk full"),
    ]
    files = made(state(1), days={state(1).key: past})
    index = rows_of(files["index.html"])
    assert index["strips"] == ["." * 28 + "vf"]
    history = json.loads(files["history-0.js"].removeprefix('fleetBackup("history-0.js",').removesuffix(")\n"))
    day, letter, *values = history[0][5][0]
    assert (date.fromisoformat(day), letter, values) == (
        past[0].day,
        "v",
        ["verified", 5, None, None, None, None, 4, 2.5],
    )
    assert history[0][5][1] == [today.isoformat(), "f", "unmet", 9, "disk full"]
    assert files["sizes.js"] == f'fleetBackup("sizes.js","{"." * 28}z")\n'


def test_a_large_fleet_has_several_files() -> None:
    files = made(*(state(number) for number in range(250)))
    assert sorted(files) == ["history-0.js", "history-1.js", "history-2.js", "index.html", "sizes.js"]


@pytest.mark.parametrize("field", ["application", "domain", "server", "fleet", "database", "status_reason"])
def test_nothing_that_anything_is_called_becomes_markup(field: str) -> None:
    files = made(
        state(1, **{"status": "gone", field: HOSTILE}), days={state(1).key: [Day(NIGHT.date(), "unmet", 1.0, HOSTILE)]}
    )
    for text in files.values():
        assert "alert(" not in re.sub(r"&lt;[^<>]*|\\u003c[^<>]*", "", text.replace("&gt;", "").replace("\\u003e", ""))
    index = files["index.html"]
    assert len(re.findall("<script", index)) == 2
    assert rows_of(index)


def test_the_policy_allows_the_two_scripts_and_the_style_of_the_page_and_nothing_else() -> None:
    index = made(state(1))["index.html"]
    policy = re.search(r'http-equiv="Content-Security-Policy" content="([^"]*)"', index)
    assert policy
    for tag in ("style", "script"):
        found = re.search(rf"<{tag}>(.*?)</{tag}>", index, re.DOTALL)
        assert found
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src &#39;sha256-{digest}&#39;" in policy[1] or f"{tag}-src 'sha256-{digest}'" in policy[1]
    assert "default-src 'none'" in policy[1]
    assert "unsafe" not in policy[1]
    assert not re.search(r"https?://(?!www\.w3\.org/2000/svg)", index)


def test_without_scripts_the_problems_are_there() -> None:
    old = {"good_at": NOW - 30 * HOUR, "outcome": "unmet", "outcome_reason": "disk full"}
    index = made(state(0), *(state(number, **old) for number in range(1, 203)))["index.html"]
    shown = index.partition("<noscript>")[2].partition("</noscript>")[0]
    assert shown.count("<td>stale</td>") == 200
    assert "last run: unmet: disk full" in shown
    assert "And 2 more." in shown


def test_ten_thousand_targets_fit_into_a_megabyte() -> None:
    page = Page.of(
        [state(number, server_id=number // 10, server=f"web-{number // 10:04}") for number in range(10_000)], NIGHT
    )
    size = sum(1.03**number for number in range(30))
    days = [Day(NIGHT.date() - timedelta(days=number), "verified", NOW, good_mb=size * number) for number in range(30)]
    for number, rows in enumerate(page.parts()):
        page.history(number, rows, {row.state.key: days for row in rows})
    first_load = len(page.index().encode()) + len(page.sizes()[1].encode())
    assert first_load < 1_000_000


def test_an_empty_ledger_has_a_page_that_says_so() -> None:
    files = made()
    assert "No run or audit is in the ledger yet." in files["index.html"]
    assert rows_of(files["index.html"])["name"] == ""


def test_texts_are_cut_and_encoded() -> None:
    assert cut("x" * 200) == "x" * 119 + "…"
    assert json.loads(encoded(HOSTILE)) == HOSTILE
    assert not set("<>&\u2028\u2029") & set(encoded(HOSTILE))
