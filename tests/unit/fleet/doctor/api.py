"""An API that answers as the vendor's examples do, but for what a test says of it; and what the doctor finds there."""

from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, Final, get_args

from fleet.dialect.dialect import Dialect
from fleet.doctor.answers import Answers
from fleet.doctor.asking import Asking, Count
from fleet.doctor.checks.seen import Status
from fleet.doctor.examination import examine
from fleet.doctor.report import DoctorReport
from fleet.inventory.request import RetentionPeriod, Schedule
from fleet.serveravatar.account import Account
from fleet.serveravatar.wire import Request

NOW: Final = datetime(2026, 11, 24, 12, tzinfo=UTC)
TOKEN: Final = "secret-token-0123456789"
KEY: Final = "0123456789abcdef"
PAGE_SIZES: Final = {"servers": 12, "applications": 10, "databases": 10, "cloud-storage-providers": 8, "backups": 10}
Row = dict[str, Any]
Change = Callable[[Row], None]


def backup(number: int, name: str | None = None) -> Row:
    """A complete backup, as the vendor's example has it; one a minute, the newest (number 40) 20 minutes ago."""
    return {
        "id": 300 + number,
        "backup_config_id": 71,
        "organization_id": 5,
        "server_id": 15,
        "cloud_storage_provider_id": 10,
        "application_id": 4246,
        "database_id": 4223,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
        "application_size": 4.82,
        "database_size": 0.61,
        "total_application_size": 12.5,
        "total_database_size": 3.25,
        "status": "Completed",
        "application_available_in_cloudstorage": 1,
        "database_available_in_cloudstorage": 1,
        "expires_at": None,
        "created_at": f"{NOW - timedelta(minutes=60 - number):%Y-%m-%d %H:%M:%S}",
        "deleted_at": None,
        "application": {"id": 4246, "name": "shop"},
        "backup_configuration": {"id": 71, "name": name},
    }


def unchanged(_: object) -> None:
    """What the documentation shows."""


class DocumentedApi:
    """Two servers and forty backups, of which half are instant ones of ours.

    Attributes:
        lists: the rows of each list, by the end of its path; of the other organizations there are none.
        change_page: makes of a page what the API shows.
        refused: what is raised instead, by the end of the path.
        headers: of each answer.
    """

    def __init__(self) -> None:
        self.organizations: list[Row] = [{"id": 5, "name": "Demo Hosting"}]
        self.lists: dict[str, list[Row]] = {
            "servers": [
                {
                    "id": number,
                    "organization_id": 5,
                    "name": f"web-{number}",
                    "agent_status": "1",
                    "latest_monitor_log": {"disk_usage": 28},
                }
                for number in (15, 16)
            ],
            "applications": [{"id": 4246, "name": "shop", "server_id": 15}],
            "databases": [{"id": 4223, "name": "shop_db", "server_id": 15, "automatic_backup": 0}],
            "cloud-storage-providers": [{"id": 10, "name": "Wasabi", "provider": "wasabi"}],
            "backups": [backup(number, f"fb-{KEY} nightly" if number % 2 else None) for number in range(40, 0, -1)],
        }
        self.presets: Row = {
            "databases": None,
            "schedules": list(get_args(Schedule)),
            "retentionPeriod": list(get_args(RetentionPeriod)),
        }
        self.page_sizes: dict[str, int] = dict(PAGE_SIZES)
        self.change_page: Change = unchanged
        self.refused: dict[str, Exception] = {}
        self.sent: list[str] = []
        self.known: dict[int, Dialect] = {}
        self.sent_names: dict[str, str] = {}
        self.account = Account("https://api.serveravatar.com", TOKEN)
        self.scheme = "token"
        self.ahead: tuple[float, ...] = (0.4,)
        self.limits = frozenset({60})

    def each_backup(self, change: Change) -> None:
        """Change every row of the backup list."""
        for row in self.lists["backups"]:
            change(row)

    async def send(self, request: Request) -> Any:
        self.sent.append(request.path)
        end = request.path.rsplit("/", 1)[-1]
        if end in self.refused:
            raise self.refused[end]
        if end == "presets":
            return self.presets
        if end == "organizations":
            return {"organizations": self.organizations}
        is_first = request.path.startswith("/organizations/5/")
        return {request.list_key: self._page(self.lists[end] if is_first else [], request.query["page"], end)}

    def _page(self, rows: list[Row], number: int, end: str) -> Row:
        size = self.page_sizes[end]
        last = max(1, -(-len(rows) // size))
        page = {
            "current_page": number,
            "data": rows[(number - 1) * size : number * size],
            "last_page": last,
            "per_page": size,
            "total": len(rows),
            "next_page_url": f"https://api.serveravatar.com/{end}?page={number + 1}" if number < last else None,
        }
        self.change_page(page)
        return page

    async def answers(self, named: tuple[int, ...] = ()) -> Answers:
        """What the doctor is answered."""
        count = Count()

        async def send(request: Request) -> Any:
            await count.before()
            return await self.send(request)

        asked = await Asking(send).ask(named)
        heard = (self.ahead, self.limits, len(self.sent))
        answers = Answers(self.account, self.scheme, NOW, *heard, known=self.known, sent_names=self.sent_names)
        fields = ("organizations", "backups", "servers", "applications", "databases", "providers", "presets")
        return replace(answers, left_out=asked.left_out, **{name: getattr(asked, name) for name in fields})

    async def report(self) -> DoctorReport:
        """What the doctor reports."""
        return examine(await self.answers(), {"all": len(self.sent)})


def status_of(report: DoctorReport) -> Mapping[str, Status]:
    """The status of each finding."""
    return {finding.name: finding.status for finding in report.findings}


def differing(report: DoctorReport) -> set[str]:
    """The names of the findings that differ."""
    return {name for name, status in status_of(report).items() if status is Status.DIFFERS}
