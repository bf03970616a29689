"""YAML with comments, as a person would write it."""

import io
import json
import re
from collections.abc import Iterable
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.comments import CommentedMap, CommentedSeq
from ruamel.yaml.emitter import Emitter
from ruamel.yaml.scalarstring import DoubleQuotedScalarString

LONGEST: Final = 100
"""Characters of a text that are kept in a comment."""
_WORDS: Final = re.compile(r"[^\W\d_][\w.-]*(?: [\w.-]+)*")
"""What every reader of YAML takes for the same text without quotes."""
_NO_TEXT: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that are a flag, or nothing, for some reader."""


class _Emitter(Emitter):
    """Writes what stands in quotes on one line, and what cannot be seen as an escape."""

    def write_double_quoted(self, text: str, split: bool = True) -> None:  # noqa: ARG002 - overrides
        """Write a text in double quotes."""
        quoted = json.dumps(text, ensure_ascii=False)
        self.write_indicator("".join(map(_visible, quoted)), need_whitespace=True)


def _visible(letter: str) -> str:
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"  # noqa: PLR2004 - four digits


def exact(text: str) -> str:
    """A text as a value that every reader of YAML reads as the same text: in quotes, unless it is plain words."""
    is_plain = _WORDS.fullmatch(text) and text.casefold() not in _NO_TEXT
    return text if is_plain else DoubleQuotedScalarString(text)


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
    yaml.Emitter = _Emitter
    yaml.width = 10**6
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(file, stream)
    return stream.getvalue()
