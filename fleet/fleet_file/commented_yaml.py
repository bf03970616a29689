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

from fleet.serveravatar.text import one_line

LONGEST: Final = 100
"""Characters of a text that a comment keeps."""
_WORDS: Final = re.compile(r"[^\W\d_][\w.-]*(?: [\w.-]+)*")
"""Texts that every YAML reader reads as the same text without quotes."""
_NO_TEXT: Final = frozenset({"y", "n", "yes", "no", "on", "off", "true", "false", "null"})
"""Words that some YAML readers take for a boolean or null."""


class _Emitter(Emitter):
    """Writes quoted text on one line, and invisible characters as escapes."""

    def write_double_quoted(self, text: str, split: bool = True) -> None:  # noqa: ARG002 - overrides
        """Write a text in double quotes."""
        quoted = json.dumps(text, ensure_ascii=False)
        self.write_indicator("".join(map(_visible, quoted)), need_whitespace=True)


def _visible(letter: str) -> str:
    if letter.isprintable():
        return letter
    return f"\\u{ord(letter):04x}" if ord(letter) <= 0xFFFF else f"\\U{ord(letter):08x}"  # noqa: PLR2004 - four digits


def exact(text: str) -> str:
    """A value that every YAML reader reads as the same text: in quotes, unless it is plain words."""
    is_plain = _WORDS.fullmatch(text) and text.casefold() not in _NO_TEXT
    return text if is_plain else DoubleQuotedScalarString(text)


def flow_list(values: Iterable[Any]) -> CommentedSeq:
    """A list on one line: `[a, b]`."""
    sequence = CommentedSeq(values)
    sequence.fa.set_flow_style()
    return sequence


def remark(text: str | None) -> str:
    """A text of the API on one line, in part if it is long: it must not break out of a comment."""
    return one_line(text or "")[:LONGEST]


def comment(text: str) -> str:
    """Turn every line into a comment."""
    return "".join(f"# {line}".rstrip() + "\n" for line in text.splitlines())


def written(file: CommentedMap) -> str:
    """A mapping as YAML, without additional line breaks."""
    yaml, stream = YAML(), io.StringIO()
    yaml.Emitter = _Emitter
    yaml.width = 10**6
    yaml.indent(mapping=2, sequence=4, offset=2)
    yaml.dump(file, stream)
    return stream.getvalue()
