"""What docs and README name in this repository exists: files that are linked, anchors, paths and tests in backticks.

mkdocs checks the links between the pages of the site; this checks what it does not know of.
"""

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Final

_AT_THE_ROOT: Final = ("README.md", "CONTRIBUTING.md", "CHANGELOG.md")
_LINK: Final = re.compile(r"\]\((?!\w+:)([^)\s]*)\)|src(?:set)?=\"(?!\w+:)([^\"]+)\"")
_PATH: Final = re.compile(r"`((?:fleet|tasks|flows|deployments|cli|sandbox|tests|benchmarks|docs)/[\w./*-]*)`")
_TEST: Final = re.compile(r"`(test_\w+)(\.py)?`")
_HEADING: Final = re.compile(r"^#{1,6} (.+)$", re.MULTILINE)
_FENCE: Final = re.compile(r"^```.*?^```$", re.MULTILINE | re.DOTALL)


def problems(root: Path) -> Iterator[str]:
    """Name what is not there, each with the file that names it.

    Args:
        root: of the repository.
    """
    for name in _AT_THE_ROOT:
        yield from _links(root / name)
    for file in [*(root / name for name in _AT_THE_ROOT), *sorted((root / "docs").rglob("*.md"))]:
        yield from _names(root, file)


def _links(file: Path) -> Iterator[str]:
    for found in _LINK.finditer(_prose(file)):
        path, _, anchor = (found[1] or found[2]).partition("#")
        target = file.parent / path if path else file
        if not target.exists():
            yield f"{file.name}: {path} does not exist"
        elif anchor and target.suffix == ".md" and anchor not in _anchors(target):
            yield f"{file.name}: {path} has no heading #{anchor}"


def _names(root: Path, file: Path) -> Iterator[str]:
    text = _prose(file)
    for path in _PATH.findall(text):
        if not any(root.glob(path.rstrip("/."))):
            yield f"{file.relative_to(root)}: `{path}` does not exist"
    for name, ending in _TEST.findall(text):
        if not (_is_test_file(root, name) if ending else f"def {name}(" in _tests(root)):
            yield f"{file.relative_to(root)}: no test is called `{name}`"


def _prose(file: Path) -> str:
    return _FENCE.sub("", file.read_text("utf-8"))


def _anchors(file: Path) -> set[str]:
    """As the site makes them of headings."""
    words = (re.sub(r"[^\w\s-]", "", heading).strip().lower() for heading in _HEADING.findall(_prose(file)))
    return {re.sub(r"[-\s]+", "-", heading) for heading in words}


def _is_test_file(root: Path, name: str) -> bool:
    return any((root / "tests").rglob(f"{name}.py"))


@cache
def _tests(root: Path) -> str:
    return "\n".join(file.read_text("utf-8") for file in sorted((root / "tests").rglob("test_*.py")))
