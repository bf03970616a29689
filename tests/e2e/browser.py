"""What a person does in the Prefect UI, in headless Chromium: fill a run's form, and read its state and its report."""

import os
import re
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from ctypes.util import find_library
from pathlib import Path
from typing import Any, Final, Self

import pytest
from playwright.sync_api import Locator, Page, expect, sync_playwright
from playwright.sync_api import TimeoutError as PlaywrightTimeout

MISSING: Final = "Chromium is needed to prove what people see: apt-get install chromium libatomic1"
LOOKS: Final = 6
SLOWEST: Final = 120_000
"""Milliseconds that a page may take on a busy machine; a bound, no expectation."""


def chromium() -> str:
    """Where Chromium is; it, or what Playwright needs, may be missing on a developer's machine, but not in CI."""
    found = shutil.which("chromium") or shutil.which("chromium-browser") or shutil.which("google-chrome")
    if found and find_library("atomic"):
        return found
    return pytest.fail(MISSING) if os.environ.get("CI") else pytest.skip(MISSING)


@contextmanager
def opened_page(height: int = 900, **options: Any) -> Iterator[Page]:
    """An empty page, as wide as a small screen, in a browser of its own."""
    with sync_playwright() as playwright:
        # Chromium's sandbox needs rights that a container seldom has; it shows our own pages alone.
        browser = playwright.chromium.launch(executable_path=chromium(), args=["--no-sandbox"])
        try:
            yield browser.new_page(viewport={"width": 1280, "height": height}, **options)
        finally:
            browser.close()


class Ui:
    """The Prefect UI of one server, as a person has it before them."""

    def __init__(self, page: Page, url: str, pictures: Path | None) -> None:
        self.page = page
        self._url = url
        self._pictures = pictures
        page.set_default_timeout(SLOWEST)
        expect.set_options(timeout=SLOWEST)

    @classmethod
    @contextmanager
    def opened(cls, url: str, word: str, pictures: Path | None) -> Iterator[Self]:
        """Open the UI and say the server's word; pictures of what is seen go into a folder, if there is one."""
        with opened_page() as page:
            ui = cls(page, url, pictures)
            ui._log_in(word)
            yield ui

    def _log_in(self, word: str) -> None:
        self.page.goto(self._url)
        self.page.locator("input[type=password]").fill(word)
        self.page.keyboard.press("Enter")
        expect(self.page.locator("input[type=password]")).to_have_count(0)

    def open(self, path: str) -> None:
        """Go to a page."""
        self.page.goto(f"{self._url}{path}")

    def field(self, name: str) -> Locator:
        """A field of the form of a run."""
        label = self.page.locator(".schema-form-property__label", has_text=re.compile(rf"^{name}\b"))
        return self.page.locator(".schema-form-property", has=label)

    def fill(self, label: str, text: str) -> None:
        """Fill a field of a dialog; in Prefect's, a label does not say whose it is."""
        label_of = self.page.get_by_role("dialog").get_by_text(label, exact=False).first
        label_of.locator("xpath=following::*[self::input or self::textarea][1]").fill(text)

    def submit(self) -> str:
        """Start the run of the form; returns the path of its page."""
        # The message that leads there goes by itself, and the page goes elsewhere, on a busy machine at the same time.
        with self.page.expect_response("**/create_flow_run") as response:
            self.page.get_by_role("button", name="Submit").click()
        return f"/runs/flow-run/{response.value.json()['id']}"

    def artifact(self, run: str, name: str) -> str:
        """Look at what a run has made; returns the path of the page of the artifact with this in its name."""
        # The page asks once: what a busy server refuses it then is not shown, so it is opened again.
        for _ in range(LOOKS):
            self.open(run)
            self.page.get_by_text("Artifacts", exact=True).first.click()
            with suppress(PlaywrightTimeout):
                self.page.get_by_role("heading", name="Task runs").wait_for(timeout=SLOWEST / 4)
                break
        # What is below the window is not in the page: the bar of a run that took some seconds pushes the rest there.
        self.page.mouse.move(640, 700)
        self.page.mouse.wheel(0, 2000)
        link = self.page.locator("a[href^='/artifacts/artifact/']", has_text=name).first
        return link.get_attribute("href") or ""

    def picture(self, name: str) -> None:
        """Keep what is seen now."""
        if self._pictures:
            self.page.wait_for_timeout(1500)  # What moves has come to rest.
            self.page.screenshot(path=self._pictures / f"{name}.png")
