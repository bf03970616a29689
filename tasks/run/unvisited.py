"""Large arguments of tasks."""

from typing import TypeVar, cast

from prefect.utilities.annotations import opaque

Value = TypeVar("Value")


def unvisited(value: Value) -> Value:
    """Hand a value to a task without having Prefect visit everything in it, looking for futures, three times over."""
    return cast("Value", opaque(value))
