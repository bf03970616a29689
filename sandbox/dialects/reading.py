"""Reads a dialect: from `--dialect`, or from JSON."""

import json
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from textwrap import wrap
from typing import Any

from sandbox.dialects.dialect import Dialect
from sandbox.dialects.kinds import TEXT, kinds_of
from sandbox.dialects.presets import PRESETS

LIST = "list"
"""The word that lists all dialects."""


def read_dialect(given: Iterable[object], spoken: Dialect | None = None) -> Dialect:
    """Apply changes to a dialect, in order.

    Args:
        given: texts such as `nameless,shows_after=8` (or a JSON object as text), and objects of points.
        spoken: the dialect to change; None for the documented one.

    Raises:
        ValueError: one line with what is wrong and what is allowed.
    """
    dialect = Dialect() if spoken is None else spoken
    for each in given:
        for points in _changes(each):
            dialect = replace(dialect, **_known(points))
    return dialect


def listing() -> list[str]:
    """Every preset and every point with what it takes, for people: lines of at most 80 columns."""
    points = {
        name: f"{kind.allowed} (default: {kind.write(getattr(Dialect(), name))})"
        for name, kind in kinds_of(Dialect).items()
    }
    presets = {name: preset.line for name, preset in PRESETS.items()}
    return ["Presets:", *_column(presets), "Points, as point=value:", *_column(points)]


def _column(texts: Mapping[str, str]) -> Iterator[str]:
    wide = max(map(len, texts)) + 4
    for name, text in texts.items():
        yield from wrap(f"  {name:<{wide - 2}}{text}", 80, subsequent_indent=" " * wide, break_on_hyphens=False)


def _changes(given: object) -> list[Mapping[str, Any]]:
    if isinstance(given, Mapping):
        return [given]
    if not isinstance(given, str):
        raise ValueError("a dialect must be text or an object of points")  # noqa: TRY004 - what was sent is wrong
    if given.lstrip().startswith("{"):
        return [_object(given)]
    return [_change(word) for word in given.split(",")]


def _object(text: str) -> Mapping[str, Any]:
    try:
        points: Mapping[str, Any] = json.loads(text)
    except ValueError as error:
        raise ValueError(f"invalid JSON: {error}") from None
    return points


def _change(word: str) -> Mapping[str, Any]:
    """The change that one word names: a preset, or `point=value`."""
    name, equals, value = word.partition("=")
    name = name.strip()
    if not equals:
        if name not in PRESETS:
            raise ValueError(f"unknown dialect {name!r} (presets: {', '.join(PRESETS)}; or point=value)")
        return PRESETS[name].points
    kind = kinds_of(Dialect).get(name)
    if kind is None:
        return {name: value}
    try:
        return {name: kind.read(value if kind is TEXT else value.strip())}
    except ValueError:
        raise ValueError(f"{name} must be {kind.allowed}, not {value!r}") from None


def _known(points: Mapping[str, Any]) -> Mapping[str, Any]:
    known = kinds_of(Dialect)
    if unknown := sorted(set(points) - known.keys()):
        raise ValueError(f"unknown dialect point: {', '.join(map(repr, unknown))} (known: {', '.join(known)})")
    return points
