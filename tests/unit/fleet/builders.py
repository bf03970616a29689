"""Targets, rows and answers for tests: whole and ordinary, but for what a test says of them."""

from collections.abc import Mapping, Sequence
from typing import Any

from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.report.outcome import Outcome, Result
from fleet.serveravatar.backup_rows import read_backups
from fleet.serveravatar.models import Backup
from fleet.serveravatar.wire import Call, Request
from tests.create_bodies import INSTANT, PLAN


def instant(**changes: Any) -> BackupRequest:
    """An instant backup request; a change to None leaves the field out."""
    return _request(INSTANT, changes)


def plan(**changes: Any) -> BackupRequest:
    """A request for an automatic plan; a change to None leaves the field out."""
    return _request(PLAN, changes)


def _request(base: Mapping[str, Any], changes: Mapping[str, Any]) -> BackupRequest:
    fields = {**base, **changes}
    return BackupRequest.model_validate({name: value for name, value in fields.items() if value is not None})


def target(request: BackupRequest | None = None, **changes: Any) -> Target:
    fields: dict[str, Any] = {
        "place": "servers[0].backups[0]",
        "organization": 5,
        "server_id": 15,
        "server_name": "web-0001",
        "request": request or instant(),
    }
    return Target(**(fields | changes))


def result(outcome: Outcome, reason: str = "", server: str = "web-0001", **changes: Any) -> Result:
    return Result(target(), server, "shop", outcome, reason, **changes)


def server_row(number: int, **changes: Any) -> dict[str, Any]:
    row = {"id": number, "name": f"web-{number:04}", "agent_status": "1", "latest_monitor_log": {"disk_usage": 28}}
    return row | changes


def backup_row(number: int, name: str | None = None, **changes: Any) -> dict[str, Any]:
    """A row of the list of backups; every one has a configuration of its own, as every instant backup has."""
    row = {
        "id": number,
        "status": "Completed",
        "application_size": 4.82,
        "database_size": 0.61,
        "application_available_in_cloudstorage": 1,
        "database_available_in_cloudstorage": 1,
        "created_at": "2025-02-11 11:12:22",
        "backup_configuration": {"id": 10_000 + number, "name": name},
    }
    return row | changes


def backup(number: int, name: str | None = None, **changes: Any) -> Backup:
    """A row of the list of backups as it is read."""
    (read,) = read_backups([backup_row(number, name, **changes)])
    return read


class FakeApi:
    """In place of the client: serves lists in pages of `per_page` rows, and remembers what was asked for.

    Attributes:
        lists: the rows of each list, by path.
        answers: what is answered (or raised) instead, by path.
        sent: every request, as `(path, page)`.
    """

    def __init__(self, lists: Mapping[str, Sequence[Mapping[str, Any]]], per_page: int = 10) -> None:
        self.lists = {path: list(rows) for path, rows in lists.items()}
        self.answers: dict[str, Any] = {}
        self.sent: list[tuple[str, int]] = []
        self.calls: list[Call] = []
        self._per_page = per_page

    async def send(self, request: Request) -> Any:
        page = request.query.get("page", 1)
        self.sent.append((request.path, page))
        self.calls.append(request.call)
        answer = self.answers.get(request.path)
        if isinstance(answer, Exception):
            raise answer
        if answer is not None:
            return answer
        rows = self.lists[request.path]
        last = max(1, -(-len(rows) // self._per_page))
        content = {
            "current_page": page,
            "data": rows[(page - 1) * self._per_page : page * self._per_page],
            "last_page": last,
            "per_page": self._per_page,
            "total": len(rows),
        }
        return {request.list_key: content}
