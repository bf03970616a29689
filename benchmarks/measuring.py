"""Runs one program on one fleet of a sandbox of its own and measures it."""

import json
import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final

import httpx

from benchmarks.chaos.api import REQUEST, TOKEN, ChaosApi, application_of, serving
from benchmarks.conditions import APPLICATIONS_PER_SERVER, CONCURRENCY, Conditions
from benchmarks.measurement import Measurement, count_truth
from benchmarks.peer import Peer

SEED: Final = 1
ENDS_WITHIN: Final = 900.0
"""Seconds after which a program is taken for hanging."""
_NO_LIMIT: Final = 1_000_000
_MIB: Final = 1024


def measure(folder: Path, peer: Peer, conditions: Conditions, targets: int, prefect: str) -> Measurement:
    """Measure one program on an untouched fleet.

    Args:
        folder: an empty one; the fleet file lies there, and what the program writes.
        peer: the program.
        conditions: what the API does.
        targets: how many applications are to be backed up.
        prefect: URL of a Prefect server.

    Raises:
        RuntimeError: the program hangs or sent nothing.
    """
    options = ["--requests-per-minute", str(conditions.limit or 0), "--window-seconds", str(conditions.window)]
    options += ["--applications-per-server", str(APPLICATIONS_PER_SERVER)]
    options += ["--servers", str(-(-targets // APPLICATIONS_PER_SERVER))]
    with serving(folder / "api", targets, SEED, *options) as api:
        api.add(conditions.faults)
        wanted = _write_fleet(folder, api, targets)
        with _first_request(api) as first:
            cost = _run(folder, peer, {**_environment(folder, conditions, api.url, prefect), **peer.environment})
        api.settle()
        counted = api.requests()
        duplicates, lost = count_truth(wanted, api.backups())
    if peer.sends and not first:
        raise RuntimeError(f"{peer.name} has sent no request; see {folder / 'output.txt'}")
    return Measurement(
        peer=peer.name,
        conditions=conditions.name,
        targets=targets,
        seconds=round(cost["seconds"], 2),
        api_seconds=round(counted["log"][-1]["time"] - first[0], 2) if first else None,
        memory_mb=round(cost["memory_kib"] / _MIB, 1),
        exit_code=cost["exit_code"],
        requests=counted["total"],
        by_call=counted["by_call"],
        refused=counted["by_status"].get("429", 0),
        duplicates=duplicates,
        lost=lost if peer.sends else 0,
    )


def _write_fleet(folder: Path, api: ChaosApi, targets: int) -> list[int]:
    """Write the same fleet for everybody: a fleet file (JSON is YAML), an Ansible inventory, and bodies for curl."""
    world = api.world()
    rows = world["applications"][:targets]
    backups: dict[int, list[dict[str, int]]] = {}
    for row in rows:
        backups.setdefault(row["server_id"], []).append(application_of(row))
    servers = [{"id": server, "backups": of_server} for server, of_server in backups.items()]
    fleet = {"organization": world["organization"]["id"], "defaults": REQUEST, "servers": servers}
    (folder / "fleet.yaml").write_text(json.dumps(fleet), "utf-8")
    hosts = {f"server-{server}": {"server_id": server, "backups": backups[server]} for server in backups}
    inventory = {"all": {"hosts": hosts, "vars": {"defaults": REQUEST}}}
    (folder / "inventory.yml").write_text(json.dumps(inventory), "utf-8")
    (folder / "bodies").mkdir()
    for row in rows:
        body = json.dumps(REQUEST | application_of(row))
        (folder / "bodies" / f"{row['id']}.json").write_text(body, "utf-8")
    lines = "".join(f"{row['server_id']} bodies/{row['id']}.json\n" for row in rows)
    (folder / "creates.txt").write_text(lines, "utf-8")
    return [row["id"] for row in rows]


@contextmanager
def _first_request(api: ChaosApi) -> Iterator[list[float]]:
    """Watch for the first request, whose time the sandbox's log forgets after 10,000 more.

    Yields:
        A list that holds the time of the first request once there was one.
    """
    seen: list[float] = []
    over = threading.Event()

    def watch() -> None:
        with httpx.Client(base_url=api.url, trust_env=False) as client:
            while not seen:
                if log := client.get("/_sandbox/requests").raise_for_status().json()["log"]:
                    seen.append(log[0]["time"])
                if over.wait(0.2):
                    return

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        yield seen
    finally:
        # It has a last look even at a program that ended within one of its pauses.
        time.sleep(0.5)
        over.set()
        watcher.join()


def _run(folder: Path, peer: Peer, environment: Mapping[str, str]) -> dict[str, Any]:
    """Run a program to its end; what it says goes to `output.txt`."""
    result = folder / "cost.json"
    command = [sys.executable, "-I", "-S", str(Path(__file__).with_name("measure_process.py")), str(result)]
    with (folder / "output.txt").open("wb") as output:
        process = subprocess.Popen(  # noqa: S603 - ours
            [*command, *peer.command()],
            cwd=folder,
            env=dict(environment),
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            start_new_session=True,
        )
    try:
        process.wait(ENDS_WITHIN)
    except BaseException:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        raise
    cost: dict[str, Any] = json.loads(result.read_text("utf-8"))
    return cost


def _environment(folder: Path, conditions: Conditions, api: str, prefect: str) -> dict[str, str]:
    """What every program is told, each in its own words."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "HOME": str(folder),
        "LANG": "C.UTF-8",
        "API_URL": api,
        "API_TOKEN": TOKEN,
        "CONCURRENCY": str(CONCURRENCY),
        "LIMIT": str(conditions.limit or 0),
        "WINDOW_SECONDS": str(conditions.window),
        "SERVERAVATAR_API_URL": api,
        "SERVERAVATAR_API_TOKEN": TOKEN,
        "SERVERAVATAR_REQUESTS_PER_MINUTE": str(conditions.limit or _NO_LIMIT),
        "SERVERAVATAR_WINDOW_SECONDS": str(conditions.window),
        "SERVERAVATAR_BUDGET_SHARE": "1",
        "FLEET_BACKUP_LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite'}",
        "PREFECT_API_URL": prefect,
        "PREFECT_HOME": str(folder / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
    }
