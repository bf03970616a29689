"""What the site's build adds to the pages: generated references, pages kept at the root, and checks that end it.

A line `<!-- generated: NAME -->` is replaced when the site is built, so a reference cannot differ from the code.
"""

import logging
import re
from collections.abc import Callable
from pathlib import Path
from typing import Final

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.structure.pages import Page

from docs.hooks import commands, house, models
from docs.hooks.links import problems

ROOT: Final = Path(__file__).parents[2]
_LOG: Final = logging.getLogger("mkdocs.hooks.site")
_MARKER: Final = re.compile(r"^<!-- generated: ([a-z-]+) -->$", re.MULTILINE)
_PICTURE: Final = re.compile(
    r'<picture>\s*<source media="[^"]*" srcset="([^"]+)">\s*<img alt="([^"]*)" src="([^"]+)">\s*</picture>'
)
FOREIGN: Final = re.compile(
    r"""<(?:script|link|img|source|iframe)\b[^>]*\s(?:src|srcset|href)=["']?((?:https?:)?//[^"'\s>]+)"""
)
_AT_THE_ROOT: Final = {"contributing.md": "CONTRIBUTING.md", "changelog.md": "CHANGELOG.md"}


def on_config(config: MkDocsConfig) -> MkDocsConfig:
    """Put every decision into the navigation."""
    pages = sorted(file.name for file in (ROOT / "docs" / "decisions").glob("0*.md"))
    config.nav = [*(config.nav or []), {"Decisions": ["decisions/index.md", *(f"decisions/{name}" for name in pages)]}]
    return config


def on_pre_build(config: MkDocsConfig) -> None:  # noqa: ARG001 - as mkdocs calls it
    """Warn of what mkdocs does not check itself; `--strict` then ends the build."""
    for problem in [*problems(ROOT), *models.undescribed()]:
        _LOG.warning(problem)


def on_page_markdown(markdown: str, page: Page, **_: object) -> str:
    """Replace what is generated, and pictures for light and dark by those that follow the site's own switch."""
    at_the_root = _AT_THE_ROOT.get(page.file.src_uri)
    if at_the_root:
        return _from_docs((ROOT / at_the_root).read_text("utf-8"))
    return _PICTURE.sub(r"![\2](\3#only-light)\n![\2](\1#only-dark)", _MARKER.sub(_generated, markdown))


def on_post_page(output: str, page: Page, **_: object) -> str:
    """Warn of anything that a page would load from the web: the site works offline."""
    for found in FOREIGN.finditer(output):
        _LOG.warning(f"{page.file.src_uri} loads {found[1]}")
    return output


def decisions() -> str:
    """A list of all decisions by their titles."""
    files = sorted((ROOT / "docs" / "decisions").glob("0*.md"))
    titles = [(file, file.read_text("utf-8").partition("\n")[0].removeprefix("# ")) for file in files]
    return "\n".join(f"- [{title.replace('. ', ' · ', 1)}]({file.name})" for file, title in titles)


GENERATED: Final[dict[str, Callable[[], str]]] = {
    "commands": commands.reference,
    "decisions": decisions,
    "fleet-file": models.fleet_file,
    "fleets-file": models.fleets_file,
    "reports": models.reports,
    "rooms": lambda: house.rooms(ROOT),
    "settings": models.settings,
}


def _generated(found: re.Match[str]) -> str:
    return GENERATED[found[1]]()


def _from_docs(text: str) -> str:
    """Turn links from the root of the repository into links from `docs`."""
    for page, file in _AT_THE_ROOT.items():
        text = text.replace(f"]({file}", f"]({page}")
    return text.replace("](docs/", "](").replace("](README.md", "](index.md")
