"""The status page as a person reads it, in headless Chromium, from a folder: ten thousand sites, and hostile names.

`make pictures` runs it with a folder for the picture of README.
"""

import asyncio
import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, Final, Literal

from axe_playwright_python.sync_playwright import Axe  # type: ignore[import-untyped] # it has no types
from playwright.sync_api import Page, expect

from tasks.telling.status_page.write_page import write_page
from tests.e2e.browser import opened_page
from tests.e2e.processes import FleetBackup
from tests.status_ledger import Story, failed, fine, found, make_ledger

NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)
HOSTILE = "<img src=x onerror=\"document.title='stolen'\"></script><script>document.title='stolen'</script>"
MANY = 10_000
SCHEMES: Final[tuple[Literal["light", "dark"], ...]] = ("light", "dark")


def problems() -> list[Story]:
    gone = found(2, "gone", "application 10002 is on web-0400 now, not on web-0000")
    return [
        failed(0, nights=3),
        failed(1, nights=9, reason="application 10001 not found", outcome="rejected"),
        gone,
        found(3, "never", "no backup found"),
        found(4, "uncovered", "nothing in the fleet file wants application 10004 (site-00004.example.org)"),
        found(5, "shrunk", "backup 344 has 0.66 MB, 88 % less than the median of the 5 good ones before it (5.5 MB)"),
        found(6, "muted", "moves to another panel (until 2027-01-31); never: no backup found"),
    ]


def named(story: Story, name: str) -> Story:
    return replace(story, target=replace(story.target, application=name, domain=name, server=name), reason=name)


def written(folder: Path, stories: Sequence[Story]) -> tuple[str, str]:
    """The page's first line, and its address."""
    url = make_ledger(folder / "ledger.sqlite", stories, NOW)
    sentence = asyncio.run(write_page(folder / "site", url, NOW))
    return sentence, (folder / "site" / "index.html").as_uri()


@contextmanager
def looking(**options: Any) -> Iterator[Page]:
    """A browser in which it is `NOW`, and in which nothing may be reported on the console."""
    with opened_page(**options) as opened:
        told: list[str] = []
        opened.on("console", lambda message: told.append(message.text))
        opened.on("pageerror", lambda error: told.append(str(error)))
        opened.on("dialog", lambda dialog: told.append(dialog.message))
        opened.clock.set_fixed_time(NOW)
        yield opened
        assert told == []


def test_ten_thousand_sites_are_found_read_and_judged_by_the_time_at_which_they_are_looked_at(tmp_path: Path) -> None:
    plan = fine(MANY - 2, automatic=True)
    others = [fine(number) for number in range(7, MANY - 3)]
    sentence, address = written(
        tmp_path, [*problems(), *others, failed(MANY - 3, nights=1), plan, named(failed(MANY - 1, 2), HOSTILE)]
    )
    with looking() as page:
        page.goto(address)
        heading, rows = page.get_by_role("heading", level=1), page.locator("#rows tr")
        expect(heading).to_have_text(sentence)
        assert sentence.startswith("9,993 of 9,999 sites have a good backup younger than 26 h; 6 do not.")
        expect(rows.first).to_contain_text("uncovered")
        expect(rows).to_have_count(100)
        # Two keystrokes and a word.
        page.keyboard.press("/")
        expect(page.get_by_label("Filter")).to_be_focused()
        page.keyboard.type("site-04711")
        expect(rows).to_have_count(1)
        expect(rows.get_by_role("img")).to_have_accessible_name("Last 30 days: 30 verified")
        page.keyboard.press("Enter")
        expect(page.get_by_role("heading", level=2)).to_have_text("site-04711")
        expect(page.locator("#target tbody tr")).to_have_count(30)
        expect(page.locator("#target tbody tr").first).to_contain_text("2026-11-29")
        # Its server: another place, so the filter is over.
        page.get_by_role("link", name="web-0471").click()
        expect(page.get_by_role("heading", level=2)).to_have_text("Server web-0471")
        expect(rows).to_have_count(10)
        page.get_by_role("link", name="All sites").click()
        # What failed, and why.
        page.get_by_role("button", name="4 stale").click()
        expect(rows.filter(has_text="last run: rejected: application 10001 not found")).to_have_count(1)
        names = [row.get_by_role("img").get_attribute("aria-label") or "" for row in rows.all()]
        assert any("9 run failed" in name and "21 verified" in name for name in names)
        # A name is a text.
        expect(rows.filter(has_text=HOSTILE)).to_have_count(1)
        rows.filter(has_text=HOSTILE).get_by_role("link").first.click()
        expect(page.get_by_role("heading", level=2)).to_have_text(HOSTILE)
        assert page.title() != "stolen"
        # A page that nobody has written since yesterday does not stay green.
        page.clock.set_fixed_time(NOW + timedelta(hours=27))
        page.goto(address.replace("index.html", "index.html?later"))
        expect(heading).to_have_text(
            "0 of 9,999 sites have a good backup younger than 26 h; 9,999 do not. 1 muted site is not counted."
        )
        expect(page.locator("#written")).to_have_class("old")


def test_everybody_can_read_it(tmp_path: Path) -> None:
    """By axe: contrast, labels, roles, names; and by its keys. In the light and in the dark, and with another fleet."""
    stories = [*problems(), *(fine(number, fleet="agency" if number < 1000 else "shops") for number in range(7, 1209))]
    sentence, address = written(tmp_path, stories)
    with looking() as page:
        page.goto(address)
        rows = page.locator("#rows tr")
        expect(page.get_by_role("heading", level=1)).to_have_text(sentence)
        expect(page.locator("#rows svg").first).to_be_visible()
        if folder := os.environ.get("PICTURES"):
            page.set_viewport_size({"width": 1280, "height": 640})
            page.screenshot(path=Path(folder) / "status-page.png")
        page.get_by_text("What the words and signs mean").click()
        assert_accessible(page)
        page.get_by_label("Fleet").select_option("shops")
        expect(page.get_by_role("status")).to_have_text("1 to 100 of 209")
        page.get_by_role("button", name="Next").click()
        expect(page.get_by_role("status")).to_have_text("101 to 200 of 209")
        by_size = page.get_by_role("columnheader", name="Size")
        by_size.get_by_role("button").press("Enter")
        expect(by_size).to_have_attribute("aria-sort", "ascending")
        expect(by_size.get_by_role("button")).to_be_focused()
        page.get_by_label("Fleet").select_option("agency")
        page.get_by_role("columnheader", name="State").get_by_role("button").click()
        rows.get_by_role("link", name="site-00001").click()
        expect(page.get_by_role("heading", level=2)).to_be_focused()
        assert_accessible(page)
        page.get_by_role("link", name="All sites").click()
        page.evaluate("dispatchEvent(new Event('beforeprint'))")
        expect(rows).to_have_count(1000)
        page.emulate_media(media="print")
        expect(page.locator(".controls")).to_be_hidden()


def assert_accessible(page: Page) -> None:
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme)
        found = Axe().run(page)
        assert found.violations_count == 0, found.generate_report()


def test_the_installed_program_writes_it_and_without_scripts_it_names_the_problems(
    fleet_backup: FleetBackup, tmp_path: Path
) -> None:
    url = make_ledger(tmp_path / "ledger.sqlite", problems(), datetime.now(UTC))
    ended = fleet_backup.run("page", "--output", "site", own_prefect=True, environment={"FLEET_BACKUP_LEDGER_URL": url})
    assert ended.exit_code == 0, ended.stderr
    index = ended.home / "work" / ended.stdout.strip()
    with looking(java_script_enabled=False) as page:
        page.goto(index.as_uri())
        expect(page.get_by_role("heading", level=1)).to_have_text(ended.stderr.strip())
        expect(page.get_by_role("row", name="no backup found")).to_be_visible()
