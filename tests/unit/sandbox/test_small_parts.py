import pytest

from sandbox.answers.downloads import VALID_SECONDS, Downloads
from sandbox.answers.pages import laravel_page, read_page
from sandbox.world.clock import Clock, api_time, read_start, write_start
from sandbox.world.disk import has_room, megabytes


@pytest.mark.parametrize(("given", "number"), [(None, 1), ("", 1), ("3", 3), ("0", 1), ("-1", 1), ("two", 1), ("²", 1)])
def test_a_page_number(given: str | None, number: int) -> None:
    assert read_page(given, 10).number == number


@pytest.mark.parametrize(
    ("number", "rows", "total", "last", "has_next"),
    [
        (1, 10, 25, 3, True),
        (3, 5, 25, 3, False),
        (4, 0, 25, 3, False),
        (1, 0, 0, 1, False),
        (1, 10, 10, 1, False),
    ],
)
def test_a_page(*, number: int, rows: int, total: int, last: int, has_next: bool) -> None:
    page = laravel_page([{"id": 1}] * rows, total, read_page(str(number), 10), "https://x/l")
    assert (page["current_page"], page["last_page"], page["total"], page["per_page"]) == (
        number,
        last,
        total,
        10,
    )
    assert page["next_page_url"] == (f"https://x/l?page={number + 1}" if has_next else None)
    assert page["from"] == ((number - 1) * 10 + 1 if rows else None)


def test_what_is_not_empty_has_a_size() -> None:
    assert [megabytes(size) for size in (0, 1, 1499, 4_820_000)] == [0, 0.001, 0.001, 4.82]


@pytest.mark.parametrize(
    ("used", "needed", "room"),
    [(11.2, 10**6, True), (39.6, 0, False), (39.0, 10**8, True), (39.0, 10**9, False)],
)
def test_room_on_a_disk_of_40_gb(*, used: float, needed: int, room: bool) -> None:
    assert has_room(40.0, used, needed) is room


def test_a_clock_turned_by_hand_and_one_that_runs_fast() -> None:
    real = [1000.0]
    still, fast = Clock(0.0, real=lambda: real[0]), Clock(60.0, offset=500.0, real=lambda: real[0])
    real[0] += 10
    assert (still.now(), fast.now()) == (1000.0, 2100.0)
    still.advance(3600)
    assert still.now() == 4600.0
    # A restart goes on where it was.
    assert Clock(0.0, still.offset(), lambda: real[0]).now() == still.now()


def test_times_are_utc() -> None:
    assert api_time(1739272342) == "2025-02-11 11:12:22"
    assert write_start(read_start("2025-02-11 11:12")) == "2025-02-11 11:12"
    assert read_start("2025-02-30 11:12") is None


def test_an_address_is_good_for_a_minute(tmp_path_factory: pytest.TempPathFactory) -> None:
    archive, now = tmp_path_factory.getbasetemp(), [0.0]
    downloads = Downloads(lambda: now[0])
    signature = downloads.offer(archive)
    now[0] = VALID_SECONDS - 1
    assert downloads.archive(signature) == archive
    now[0] = VALID_SECONDS
    assert downloads.archive(signature) is None
    assert downloads.archive("") is None
