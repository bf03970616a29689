"""YAML as plain values, by ruamel's safe loader, with what a file of unknown origin needs on top.

Depth is bounded before anything is composed, since the library's C code overflows its stack. Merges are done on values:
the library copies merged nodes, and a file of a few merges of merges would fill the memory.
"""

from collections.abc import Iterable
from typing import Any, Final

from ruamel.yaml import YAML
from ruamel.yaml.constructor import ConstructorError, SafeConstructor
from ruamel.yaml.error import MarkedYAMLError
from ruamel.yaml.events import CollectionEndEvent, CollectionStartEvent, Event, ScalarEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode
from ruamel.yaml.parser import ParserError
from ruamel.yaml.scanner import ScannerError

from fleet.serveravatar.text import one_line

DEEPEST: Final = 32
"""Levels of nesting; a fleet file has five."""
_STRICTER_THAN_YAML: Final = (
    *("found unexpected ':'", "did not find expected node content"),
    *("did not find expected ',' or ']'", "did not find expected ',' or '}'"),
)
"""How the library's C code refuses `[env:prod, what?]`, which is YAML. Its Python code reads it, several times slower,
and is more lenient than YAML elsewhere."""
_MERGE: Final = "tag:yaml.org,2002:merge"


class TooDeepError(MarkedYAMLError):
    """Nested more than `DEEPEST` levels deep."""


class _PlainConstructor(SafeConstructor):
    """Makes mappings, lists and scalars; refuses any other tag, and what contains itself."""

    def construct_object(self, node: Node, deep: bool = True) -> Any:  # noqa: ANN401 - overrides
        """Make the value of a node; what an alias repeats is one object."""
        if node in self.recursive_objects:
            raise MarkedYAMLError(problem="a value cannot contain itself", problem_mark=node.start_mark)
        try:
            value = super().construct_object(node, deep)
        except (LookupError, ValueError) as error:  # Of a scalar: `!!bool maybe`, 2030-99-99, ten thousand digits.
            problem = f"cannot be read as {str(node.tag).rpartition(':')[2]}: {error}"
            raise MarkedYAMLError(problem=problem, problem_mark=node.start_mark) from None
        return one_line(value) if isinstance(value, str) and not value.isprintable() else value

    def mapping(self, node: Node) -> dict[Any, Any]:
        """Compare keys as values, so that 1 and 0x1 are the same; a merged mapping fills in what is left out."""
        if not isinstance(node, MappingNode):
            raise ConstructorError(problem="expected a mapping", problem_mark=node.start_mark)
        own: dict[Any, Any] = {}
        merged: dict[Any, Any] | None = None
        for key_node, value_node in node.value:
            is_merge = key_node.tag == _MERGE
            key = "<<" if is_merge else self.construct_object(key_node)
            if isinstance(key, list | dict):
                raise MarkedYAMLError(problem="a key must be a word or a number", problem_mark=key_node.start_mark)
            if (is_merge and merged is not None) or (not is_merge and key in own):
                raise MarkedYAMLError(problem=f'duplicate key "{key}"', problem_mark=key_node.start_mark)
            value = self.construct_object(value_node)
            if is_merge:
                merged = _merged(value, value_node)
            else:
                own[key] = value
        return own if merged is None else merged | own

    def sequence(self, node: Node) -> list[Any]:
        """Make a list."""
        if not isinstance(node, SequenceNode):
            raise ConstructorError(problem="expected a list", problem_mark=node.start_mark)
        return [self.construct_object(each) for each in node.value]


_PlainConstructor.add_constructor("tag:yaml.org,2002:map", _PlainConstructor.mapping)
_PlainConstructor.add_constructor("tag:yaml.org,2002:seq", _PlainConstructor.sequence)
for _kind in ("omap", "pairs", "set"):
    _PlainConstructor.add_constructor(f"tag:yaml.org,2002:{_kind}", SafeConstructor.construct_undefined)


def plain_values(text: str) -> Any:  # noqa: ANN401 - whatever the text holds
    """Read one YAML document.

    Args:
        text: of the document.

    Returns:
        Mappings, lists, text, numbers, flags, dates; None for an empty one. What an alias repeats is one object.

    Raises:
        TooDeepError: it is nested too deep.
        YAMLError: it is not YAML, has a duplicate key, or a tag that plain values do not have.
    """
    try:
        return _load(text, YAML(typ="safe"))
    except (ParserError, ScannerError) as refusal:
        if refusal.problem not in _STRICTER_THAN_YAML:
            raise
        try:
            return _load(text, YAML(typ="safe", pure=True))
        except (ParserError, ScannerError):
            raise refusal from None


def _load(text: str, yaml: YAML) -> Any:  # noqa: ANN401 - whatever the text holds
    yaml.Constructor = _PlainConstructor
    _check(yaml.parse(text))
    return yaml.load(text)


def _check(events: Iterable[Event]) -> None:
    """Refuse what must not be composed: deep nesting, and an anchor that would change what an alias means."""
    depth, anchors = 0, set[str]()
    for event in events:
        depth += isinstance(event, CollectionStartEvent) - isinstance(event, CollectionEndEvent)
        if depth > DEEPEST:
            raise TooDeepError(problem=f"is nested more than {DEEPEST} levels deep", problem_mark=event.start_mark)
        if isinstance(event, CollectionStartEvent | ScalarEvent) and event.anchor:
            if event.anchor in anchors:
                raise MarkedYAMLError(problem=f"duplicate anchor {event.anchor!r}", problem_mark=event.start_mark)
            anchors.add(event.anchor)


def _merged(source: object, node: Node) -> dict[Any, Any]:
    """What `<<` brings: a mapping, or several, of which the first that has a key wins."""
    merged: dict[Any, Any] = {}
    for each in source if isinstance(source, list) else [source]:
        if not isinstance(each, dict):
            problem = "expected a mapping or list of mappings for merging"
            raise MarkedYAMLError(problem=problem, problem_mark=node.start_mark)
        merged = each | merged
    return merged
