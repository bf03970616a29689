"""Sizes, and room on a disk."""

import pytest

from sandbox.world.disk import has_room, megabytes


def test_what_is_not_empty_has_a_size() -> None:
    assert [megabytes(size) for size in (0, 1, 1499, 4_820_000)] == [0, 0.001, 0.001, 4.82]


@pytest.mark.parametrize(
    ("used", "needed", "room"),
    [(11.2, 10**6, True), (39.6, 0, False), (39.0, 10**8, True), (39.0, 10**9, False)],
)
def test_room_on_a_disk_of_40_gb(*, used: float, needed: int, room: bool) -> None:
    assert has_room(40.0, used, needed) is room
