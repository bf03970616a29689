"""The pipeline that a Prefect user writes first: a task for each check and each create, mapped, `retries=3`.

An accepted create counts as a backup. The waits between retries are as long as the limit's window, so that a 429 is
survived.
"""

import json
import os
import sys
from pathlib import Path
from typing import Any

import httpx
from prefect import flow, task
from prefect.task_runners import ThreadPoolTaskRunner

CONCURRENCY = int(os.environ["CONCURRENCY"])
WINDOW_SECONDS = float(os.environ["WINDOW_SECONDS"])
FREE_MB = 500.0

client = httpx.Client(
    base_url=f"{os.environ['API_URL']}/organizations/5/",
    headers={"authorization": os.environ["API_TOKEN"]},
    limits=httpx.Limits(max_connections=CONCURRENCY),
    timeout=60,
    trust_env=False,
)


def call(method: str, path: str, **options: Any) -> dict[str, Any]:  # noqa: ANN401 - httpx's own options
    """Send a request; an answer that is not 2xx raises."""
    answer: dict[str, Any] = client.request(method, path, **options).raise_for_status().json()
    return answer


@task(retries=3, retry_delay_seconds=WINDOW_SECONDS)
def check_server(backup: dict[str, Any]) -> bool:
    """See that the server exists and its agent answers."""
    server = call("GET", f"servers/{backup['server']}")["server"]
    if str(server["agent_status"]) != "1":
        raise ValueError(f"server {backup['server']} is not connected")
    return True


@task(retries=3, retry_delay_seconds=WINDOW_SECONDS)
def check_application(backup: dict[str, Any]) -> bool:
    """See that the application exists."""
    application = backup["request"]["application_id"]
    return bool(call("GET", f"servers/{backup['server']}/applications/{application}")["application"])


@task(retries=3, retry_delay_seconds=WINDOW_SECONDS)
def check_disk(backup: dict[str, Any]) -> bool:
    """See that the server has room."""
    disk = call("GET", f"servers/{backup['server']}/usage")["disk"]
    if (disk["total"] - disk["usage"]) * 1024 < FREE_MB:
        raise ValueError(f"server {backup['server']} has no room")
    return True


@task(retries=3, retry_delay_seconds=WINDOW_SECONDS)
def create_backup(backup: dict[str, Any], *, server: bool, application: bool, disk: bool) -> str:
    """Create the backup once all checks are good."""
    if not (server and application and disk):
        raise ValueError("a check has failed")
    return str(call("POST", f"servers/{backup['server']}/backups", json=backup["request"])["message"])


@flow(task_runner=ThreadPoolTaskRunner(max_workers=CONCURRENCY))  # type: ignore[arg-type]  # typed as Never
def back_up_fleet(fleet_file: Path) -> int:
    """Check and create every backup; return how many failed."""
    fleet = json.loads(fleet_file.read_text("utf-8"))
    backups = [
        {"server": server["id"], "request": fleet["defaults"] | backup}
        for server in fleet["servers"]
        for backup in server["backups"]
    ]
    servers = check_server.map(backups)
    applications = check_application.map(backups)
    disks = check_disk.map(backups)
    created = create_backup.map(backups, server=servers, application=applications, disk=disks)
    created.wait()
    return sum(not future.state.is_completed() for future in created)


if __name__ == "__main__":
    failed = back_up_fleet(Path("fleet.yaml"))
    print(f"{failed} backups failed")
    sys.exit(1 if failed else 0)
