"""Plain values from the events of a YAML parser: what was read is at once a value, and no tree of nodes is built.

The nodes of ruamel's own loader, each with two places in the file, occupy more than all that is made of them
(docs/decisions/0011-speed-of-the-engine.md). What a scalar means is still decided by its safe resolver and constructor.
"""

from collections.abc import Iterator
from functools import lru_cache
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.composer import ComposerError
from ruamel.yaml.constructor import ConstructorError
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import (
    AliasEvent,
    CollectionStartEvent,
    DocumentStartEvent,
    Event,
    MappingEndEvent,
    MappingStartEvent,
    ScalarEvent,
    SequenceEndEvent,
    SequenceStartEvent,
)
from ruamel.yaml.nodes import ScalarNode
from ruamel.yaml.parser import ParserError
from ruamel.yaml.scanner import ScannerError

DEEPEST: Final = 32
"""Levels of nesting; a fleet file has five. The YAML library's C code overflows its stack on tens of thousands."""
_REMEMBERED: Final = 1024
"""So many scalars are kept, so that keys and words that stand thousands of times are one object each."""
_STRICTER_THAN_YAML: Final = (
    *("found unexpected ':'", "did not find expected node content"),
    *("did not find expected ',' or ']'", "did not find expected ',' or '}'"),
)
"""How the library's C code refuses `[env:prod, what?]`, which is YAML. Its Python code, 25 times slower, reads it."""
_UNTAGGED: Final = (None, "!")
_PLAIN: Final[dict[type[CollectionStartEvent], str]] = {
    SequenceStartEvent: "tag:yaml.org,2002:seq",
    MappingStartEvent: "tag:yaml.org,2002:map",
}


class TooDeepError(MarkedYAMLError):
    """Nested more than `DEEPEST` levels deep."""


def plain_values(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read one YAML document.

    Args:
        text: of the document.

    Returns:
        Mappings, lists, text, numbers, flags, dates; None for an empty one. What an alias repeats is one object.

    Raises:
        TooDeepError: it is nested too deep.
        YAMLError: it is no YAML, has a key twice, or a tag that plain values have not.
        ValueError: a number has too many digits.
    """
    try:
        return _Reader(text, YAML(typ="safe")).document()
    except (ParserError, ScannerError) as refusal:
        if refusal.problem not in _STRICTER_THAN_YAML:
            raise
        try:
            return _Reader(text, YAML(typ="safe", pure=True)).document()
        except (ParserError, ScannerError):
            raise refusal from None


class _Reader:
    """One pass over the events of one text."""

    def __init__(self, text: str, yaml: YAML) -> None:
        self._events: Iterator[Event] = yaml.parse(text)
        self._resolver, self._constructor = yaml.resolver, yaml.constructor
        self._anchored: dict[str, Any] = {}
        self._depth = 0
        self._constructed = lru_cache(_REMEMBERED)(self._construct)

    def document(self) -> Any:  # noqa: ANN401 - whatever the text holds
        """Read the only document."""
        value = None
        first: DocumentStartEvent | None = None
        for event in self._events:
            if not isinstance(event, DocumentStartEvent):
                continue
            if first is not None:
                words = "expected a single document in the stream", "but found another document"
                raise ComposerError(words[0], first.start_mark, words[1], event.start_mark)
            first, value = event, self._value(next(self._events))
        return value

    def _value(self, event: Event) -> Any:  # noqa: ANN401 - whatever the text holds
        """The value that begins with an event; a part of itself is not known by its anchor yet."""
        if isinstance(event, AliasEvent):
            if event.anchor not in self._anchored:
                raise ComposerError(problem=f"found undefined alias {event.anchor!r}", problem_mark=event.start_mark)
            return self._anchored[event.anchor]
        if isinstance(event, CollectionStartEvent):
            value = self._collection(event)
        elif isinstance(event, ScalarEvent):
            value = self._scalar(event)
        else:
            raise TypeError(f"no value begins with {event!r}")
        if event.anchor in self._anchored:
            raise ComposerError(problem=f"the anchor stands twice: {event.anchor!r}", problem_mark=event.start_mark)
        if event.anchor:
            self._anchored[event.anchor] = value
        return value

    def _collection(self, start: CollectionStartEvent) -> Any:  # noqa: ANN401 - a list or a mapping
        if start.tag not in (*_UNTAGGED, _PLAIN[type(start)]):
            raise _cannot_construct(start)
        self._depth += 1
        if self._depth > DEEPEST:
            raise TooDeepError(problem=f"is nested more than {DEEPEST} levels deep", problem_mark=start.start_mark)
        is_list = isinstance(start, SequenceStartEvent)
        value = [self._value(event) for event in self._until(SequenceEndEvent)] if is_list else self._mapping()
        self._depth -= 1
        return value

    def _until(self, end: type[Event]) -> Iterator[Event]:
        for event in self._events:
            if isinstance(event, end):
                return
            yield event

    def _mapping(self) -> dict[Any, Any]:
        """Keys are compared as values, so that 1 and 0x1 are the same; a merged mapping fills what is left out."""
        own: dict[Any, Any] = {}
        merged: dict[Any, Any] | None = None
        for event in self._until(MappingEndEvent):
            is_merge = isinstance(event, ScalarEvent) and event.value == "<<" and event.implicit[0]
            key = "<<" if is_merge else self._value(event)
            if isinstance(key, list | dict):
                raise MarkedYAMLError(problem="a key must be a word or a number", problem_mark=event.start_mark)
            if (is_merge and merged is not None) or (not is_merge and key in own):
                raise MarkedYAMLError(problem=f'the key stands twice: "{key}"', problem_mark=event.start_mark)
            value_event = next(self._events)
            if is_merge:
                merged = _merged(self._value(value_event), value_event)
            else:
                own[key] = self._value(value_event)
        return own if merged is None else merged | own

    def _scalar(self, event: ScalarEvent) -> Any:  # noqa: ANN401 - text, a number, a flag, a date, None
        try:
            return self._constructed(event.tag, event.implicit, event.value)
        except MarkedYAMLError as error:
            error.problem_mark = event.start_mark
            raise

    def _construct(self, tag: str | None, implicit: tuple[bool, bool], value: str) -> Any:  # noqa: ANN401 - see _scalar
        known = self._resolver.resolve(ScalarNode, value, implicit) if tag in _UNTAGGED else tag
        return self._constructor.construct_document(ScalarNode(known, value))


def _merged(source: object, event: Event) -> dict[Any, Any]:
    """What `<<` brings: a mapping, or several, of which the first that has a key wins."""
    merged: dict[Any, Any] = {}
    for each in source if isinstance(source, list) else [source]:
        if not isinstance(each, dict):
            problem = "expected a mapping or list of mappings for merging"
            raise MarkedYAMLError(problem=problem, problem_mark=event.start_mark)
        merged = each | merged
    return merged


def _cannot_construct(event: CollectionStartEvent) -> ConstructorError:
    problem = f"could not determine a constructor for the tag {event.tag!r}"
    return ConstructorError(problem=problem, problem_mark=event.start_mark)
