"""A list that moves while it is read: before each request, what a test draws is added to it and deleted from it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from fleet.serveravatar.wire import Page, Request, list_backups, read_page
from tests.unit.fleet.builders import FakeApi

BACKUPS = "/organizations/5/backups"
Row = dict[str, Any]


@dataclass
class Dialect:
    """How a list is told."""

    order: str = "newest"
    size: int = 3
    totals: bool = True
    lasts: bool = True

    def ordered(self, rows: Sequence[Row]) -> list[Row]:
        keys: dict[str, Callable[[Row], int]] = {
            "newest": lambda row: -row["id"],
            "oldest": lambda row: row["id"],
            "shuffled": lambda row: row["id"] * 2654435761 % 4294967296,
        }
        return sorted(rows, key=keys[self.order])

    def answer(self, rows: Sequence[Row], number: int) -> dict[str, Any]:
        shown = self.ordered(rows)
        last = max(1, -(-len(shown) // self.size))
        told: dict[str, Any] = {
            "data": shown[(number - 1) * self.size : number * self.size],
            "next_page_url": "https://api.example.org/next" if number < last else None,
        }
        if self.totals:
            told["total"] = len(shown)
            told["per_page"] = self.size
        return told | ({"last_page": last} if self.lasts else {})


class MovingApi(FakeApi):
    """The API with a list of backups that moves.

    Attributes:
        moments: the rows of the list, as they were at each moment since the first request.
        movement: what becomes of the rows before each request but the first; nothing when it is used up.
    """

    def __init__(
        self, lists: dict[str, Any], dialect: Dialect, movement: Sequence[Callable[[list[Row]], list[Row]]]
    ) -> None:
        super().__init__(lists)
        self.dialect = dialect
        self.movement = list(movement)
        self.moments: list[list[Row]] = [[dict(row) for row in self.lists[BACKUPS]]]

    async def send(self, request: Request) -> Any:
        if request.path != BACKUPS:
            return await super().send(request)
        return self.shown(request)

    def shown(self, request: Request) -> Any:
        if self.pages and self.movement:
            self.moments.append(self.movement.pop(0)(list(self.moments[-1])))
        number = request.query["page"]
        self.sent.append((BACKUPS, number))
        return self.dialect.answer(self.moments[-1], number)

    @property
    def pages(self) -> list[int]:
        return [page for path, page in self.sent if path == BACKUPS]

    def page(self, number: int) -> Page:
        request = list_backups(5, number)
        return read_page(request, self.shown(request))


@dataclass
class Moves:
    """Some additions and deletions, the oldest of them first."""

    added: list[Row] = field(default_factory=list)
    deleted: list[int] = field(default_factory=list)

    def __call__(self, rows: list[Row]) -> list[Row]:
        for place in self.deleted:
            if rows:
                rows.pop(place % len(rows))
        return [*rows, *self.added]
