"""The page is written whole or not at all, and takes the place of nothing but a page."""

import os
from datetime import UTC, datetime
from pathlib import Path

import pytest

from fleet.ledger.days.reading import DayReader
from fleet.status.page import Page
from tasks.telling.status_page.write_page import PageError, write_page, write_page_or_warn
from tests.status_ledger import failed, fine, make_ledger

pytestmark = pytest.mark.anyio
NOW = datetime(2026, 11, 29, 9, tzinfo=UTC)


@pytest.fixture
def url(tmp_path: Path) -> str:
    # In the fixture, so that its event loop is not within that of a test.
    return make_ledger(tmp_path / "ledger.sqlite", [fine(1), failed(2, nights=3), fine(3, fleet="other")], NOW)


def files(folder: Path) -> list[str]:
    return sorted(str(each.relative_to(folder)) for each in folder.rglob("*"))


async def test_it_is_one_folder_with_an_index(url: str, tmp_path: Path) -> None:
    site = tmp_path / "new" / "site"
    sentence = await write_page(site, url, NOW)
    assert sentence == "2 of 3 sites have a good backup younger than 26 h; 1 does not."
    data = "data-20261129T090000000000"
    assert files(site) == [data, f"{data}/history-0.js", f"{data}/sizes.js", "index.html"]
    assert sentence in (site / "index.html").read_text("utf-8")
    assert {each.stat().st_mode & 0o777 for each in site.rglob("*") if each.is_file()} == {0o644}


async def test_a_web_server_may_read_it_whatever_the_umask(url: str, tmp_path: Path) -> None:
    before = os.umask(0o077)
    try:
        await write_page(tmp_path / "site", url, NOW)
    finally:
        os.umask(before)
    modes = {each.stat().st_mode & 0o777 for each in [tmp_path / "site", *(tmp_path / "site").iterdir()]}
    assert modes == {0o755, 0o644}


async def test_of_one_fleet(url: str, tmp_path: Path) -> None:
    assert (
        await write_page(tmp_path / "site", url, NOW, "other") == "The only site has a good backup younger than 26 h."
    )
    with pytest.raises(PageError, match="nothing to show: no run or audit of fleet third is in the ledger"):
        await write_page(tmp_path / "none", url, NOW, "third")
    with pytest.raises(PageError, match="no run or audit of any fleet"):
        await write_page(tmp_path / "none", f"sqlite:///{tmp_path / 'missing.sqlite'}", NOW)
    assert not (tmp_path / "none").exists()


async def test_a_page_that_cannot_be_finished_leaves_the_one_before(
    url: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await write_page(tmp_path / "site", url, NOW)
    before = files(tmp_path / "site"), (tmp_path / "site" / "index.html").read_text("utf-8")

    def fails(*_: object) -> str:
        raise OSError("no space left on device")

    later = NOW.replace(minute=1)
    for what in ("index", "sizes", "history"):
        with monkeypatch.context() as broken:
            broken.setattr(Page, what, fails)
            with pytest.raises(OSError, match="no space"):
                await write_page(tmp_path / "site", url, later)
    monkeypatch.setattr(DayReader, "days", fails)
    with pytest.raises(OSError, match="no space"):
        await write_page(tmp_path / "site", url, later)
    assert (files(tmp_path / "site"), (tmp_path / "site" / "index.html").read_text("utf-8")) == before


async def test_the_files_of_older_pages_go_once_nobody_can_be_looking_at_them(url: str, tmp_path: Path) -> None:
    site = tmp_path / "site"
    (site / "data-of-somebody").mkdir(parents=True)
    await write_page(site, url, NOW)
    await write_page(site, url, NOW.replace(minute=1))
    folders = sorted(each.name for each in site.iterdir() if each.is_dir())
    assert folders == ["data-20261129T090000000000", "data-20261129T090100000000", "data-of-somebody"]
    for folder in folders:
        os.utime(site / folder, (1.0, 1.0))
    await write_page(site, url, NOW.replace(minute=2))
    assert sorted(each.name for each in site.iterdir() if each.is_dir()) == [
        "data-20261129T090200000000",
        "data-of-somebody",
    ]


async def test_an_index_of_somebody_else_stays(url: str, tmp_path: Path) -> None:
    (tmp_path / "index.html").write_text("<h1>My site</h1>", "utf-8")
    with pytest.raises(PageError, match="is not a status page; choose another folder"):
        await write_page(tmp_path, url, NOW)
    told: list[str] = []
    await write_page_or_warn(tmp_path, url, told.append)
    assert (tmp_path / "index.html").read_text("utf-8") == "<h1>My site</h1>"
    assert len(told) == 1
    assert told[0].startswith("FLEET_BACKUP_PAGE_FOLDER: the status page was not written: ")
    (tmp_path / "file").touch()
    await write_page_or_warn(tmp_path / "file", url, told.append)
    assert "\n" not in told[1]
