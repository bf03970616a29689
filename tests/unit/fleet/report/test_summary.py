"""The report for people: problems first, and nothing that breaks a table."""

from datetime import UTC, datetime, timedelta

import pytest

from fleet.report import summary
from fleet.report.outcome import GOOD, NEXT_STEPS, Outcome, Result, decide
from fleet.report.report import Report, build
from fleet.report.selection import Selection, UnreadServer
from fleet.report.summary import caption, markdown, problems_first, table
from tests.unit.fleet.builders import plan, result, target

AGAIN = "`run_key:` `monday`"
BEGAN = datetime(2030, 7, 13, 17, 49, tzinfo=UTC)


def report(*results: Result) -> Report:
    return build("monday", (BEGAN, BEGAN + timedelta(seconds=61.6)), {"list servers": 4}, results, decide(results))


def test_problems_stand_first_and_the_worst_of_them_at_the_top() -> None:
    every = [result(outcome, server=str(place)) for place, outcome in enumerate(Outcome)]
    shuffled = [every[place] for place in (9, 3, 0, 7, 10, 5, 1, 8, 2, 6, 4)]
    assert [row.outcome for row in problems_first(report(*shuffled).targets)] == [
        "in_doubt",
        "unverified",
        "exhausted",
        "rejected",
        "unmet",
        "expired",
        "not_tried",
        "planned",
        "created",
        "adopted",
        "verified",
    ]


def test_within_one_outcome_the_order_is_the_files() -> None:
    rows = table(report(*(result(Outcome.VERIFIED, server=name) for name in "bca")))
    assert [row["server"] for row in rows] == ["b", "c", "a"]


def test_a_row_of_the_table() -> None:
    doubtful = Result(target(plan()), "web-0001", "shop", Outcome.IN_DOUBT, "lost", None, 1, 2.0, "shop.example.com")
    assert table(report(result(Outcome.VERIFIED, backup_id=301, attempts=2, seconds=1.5), doubtful)) == [
        {
            "outcome": "in doubt",
            "server": "web-0001",
            "application": "shop",
            "domain": "https://shop.example.com",
            "type": "application, plan",
            "reason": "lost",
            "backup": "",
            "attempts": 1,
            "seconds": 2.0,
        },
        {
            "outcome": "verified",
            "server": "web-0001",
            "application": "shop",
            "domain": "",
            "type": "application",
            "reason": "",
            "backup": 301,
            "attempts": 2,
            "seconds": 1.5,
        },
    ]


def test_the_summary_of_a_run_with_problems() -> None:
    text = markdown(
        report(
            result(Outcome.VERIFIED),
            result(Outcome.UNMET, "disk 99 % full", "web-0002"),
            result(Outcome.IN_DOUBT, "lost"),
        )
    )
    assert text == (
        "# 1 of 3 targets succeeded\n"
        "\n"
        "| outcome | targets | meaning |\n"
        "| --- | ---: | --- |\n"
        "| in doubt | 1 | may or may not have been created |\n"
        "| unmet | 1 | precondition not met |\n"
        "| verified | 1 | accepted and proven complete |\n"
        "\n"
        "## Problems\n"
        "\n"
        "| server | application | outcome | reason |\n"
        "| --- | --- | --- | --- |\n"
        "| web-0001 | shop | in doubt | lost |\n"
        "| web-0002 | shop | unmet | disk 99 % full |\n"
        "\n"
        "## What to do next\n"
        "\n"
        f"- **in doubt**: {NEXT_STEPS[Outcome.IN_DOUBT].format(again=AGAIN)}\n"
        f"- **unmet**: {NEXT_STEPS[Outcome.UNMET].format(again=AGAIN)}\n"
        "\n"
        "Run key `monday`, 62 s, 4 requests, 3 more than the least possible: 4 list servers."
    )


def test_a_run_without_problems_speaks_of_none() -> None:
    text = markdown(report(result(Outcome.VERIFIED)))
    assert "Problems" not in text
    assert "next" not in text


def test_whatever_ends_badly_there_is_something_to_do() -> None:
    assert set(NEXT_STEPS) == set(Outcome) - GOOD


def test_what_to_do_stands_at_the_end_of_a_long_reason_and_is_shown() -> None:
    reason = (
        "it may exist: " + "its first backup may show later " * 15 + "send it again now: resend plans 6346b34487b38a07"
    )
    told = report(result(Outcome.IN_DOUBT, reason))
    assert f"{reason} |" in markdown(told)
    assert table(told)[0]["reason"] == reason


def test_many_problems_are_listed_in_part_and_counted() -> None:
    text = markdown(report(*(result(Outcome.REJECTED, f"reason {number}") for number in range(53))))
    assert "| reason 49 |" in text
    assert "reason 50" not in text
    assert "… and 3 more in the table and the log." in text


def test_a_large_table_has_what_matters_most_and_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(summary, "TABLE_ROWS", 2)
    told = report(result(Outcome.VERIFIED), result(Outcome.UNMET, "disk 99 % full"), result(Outcome.VERIFIED))
    assert [each["outcome"] for each in table(told)] == ["unmet", "verified"]
    assert caption(told).startswith("2 of 3 targets of run `monday`, problems first: 2 verified, 1 unmet")
    assert "`fleet-backup history --run-key monday`" in caption(told)
    assert len(told.targets) == 3


def test_a_table_of_everything_says_that() -> None:
    assert caption(report(result(Outcome.VERIFIED))) == "Every target of run `monday`: 1 verified"


def test_what_the_api_says_cannot_break_the_table() -> None:
    text = markdown(report(result(Outcome.REJECTED, "a | b\nc", "web|1")))
    assert "| web\\|1 | shop | rejected | a \\| b c |" in text


def test_a_problem_links_to_its_site() -> None:
    text = markdown(report(result(Outcome.REJECTED, domain="shop.example.com")))
    assert "| [shop](https://shop.example.com) |" in text


def test_what_is_no_domain_is_no_link() -> None:
    rejected = report(result(Outcome.REJECTED, domain="x.com) [click](https://evil.example.com"))
    assert "evil" not in markdown(rejected)
    assert table(rejected)[0]["domain"] == ""


def test_what_the_rules_found_and_what_could_not_be_read_is_said() -> None:
    unread = UnreadServer(organization=5, server_id=16, server="web|2", reason="its applications could not be read")
    selection = Selection(scope="part", rules=["select[0]: 3 applications on 2 servers"], unread=[unread])
    text = markdown(report(result(Outcome.VERIFIED)).model_copy(update={"selection": selection}))
    assert "- select\\[0\\]: 3 applications on 2 servers\n" in text
    assert "- web\\|2: its applications could not be read; rules found nothing there\n" in text
    assert "rules" not in markdown(report(result(Outcome.VERIFIED)))


def test_notes_stand_below_the_problems() -> None:
    told = report(result(Outcome.VERIFIED)).model_copy(update={"notes": ["3 backups ran on"]})
    assert "\n3 backups ran on.\n\nRun key" in markdown(told)
