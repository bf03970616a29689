"""YAML with comments, as a person would write it."""

import io
from collections.abc import Iterable
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq

LONGEST: Final = 100
"""Characters of a text that are kept."""


def flow_list(values: Iterable[Any]) -> CommentedSeq:
    """A list on one line: `[a, b]`."""
    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence


def one_line(text: str | None) -> str:
    """A text of the API on one line and without what YAML cannot hold: it must not break out of a comment."""
    words = " ".join((text or "").split())
    return "".join(letter for letter in words if letter.isprintable())[:LONGEST]


def comment(text: str) -> str:
    """Make a comment of every line."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def written(file: CommentedMap) -> str:
    """Write a mapping down, with no line broken where it was not."""
    yaml, stream = YAML(), io.StringIO()
    yaml.width = 10**6
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(file, stream)
    return stream.getvalue()
