"""How well processes of one account share its limit: `python -m benchmarks.budget` prints a table.

The processes read as fast as they may from a sandbox with a fixed window, all at once: with the ledger's shared
budget, with each its own, and with Prefect's global concurrency limit (`rate_limit()`), whose bucket is filled evenly
or holds a whole window. Windows are shortened, so that it ends within two minutes (docs/decisions/0009-one-budget.md).
"""

import argparse
import asyncio
import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from deployments.server.local_server import local_server
from fleet.ledger.budget.grants import SharedBudget
from fleet.ledger.store import Ledger
from fleet.serveravatar.account import Account
from fleet.serveravatar.client import Client
from fleet.serveravatar.wire import list_backups

LIMIT: Final = 30
WINDOW: Final = 4.0
REQUESTS: Final = 60
"""Of each of the processes."""
PROCESSES: Final = 2
CONCURRENCY: Final = 10
ORGANIZATION: Final = 5
ROOT: Final = Path(__file__).parents[1]
ACCOUNT_WORDS: Final = "sandbox-token"
LIMITS: Final = {"rate-even": 1, "rate-burst": LIMIT}
"""How much Prefect's bucket holds at most, by the way it is used; either is filled at the account's rate."""


@dataclass(frozen=True, slots=True)
class Case:
    """One row of the table: how the processes share the limit, and whether the API tells of it."""

    name: str
    way: str
    headers: bool = True


CASES: Final = (
    Case("shared budget, headers", "shared"),
    Case("shared budget, no headers", "shared", headers=False),
    Case("each its own budget, headers", "own"),
    Case("each its own budget, no headers", "own", headers=False),
    Case("Prefect rate_limit(), bucket of 1", "rate-even"),
    Case(f"Prefect rate_limit(), bucket of {LIMIT}", "rate-burst"),
)


async def send_all(way: str, url: str, ledger: str) -> None:
    """Send a process's requests the given way."""
    account = Account(url, ACCOUNT_WORDS, requests_per_minute=LIMIT, window=WINDOW, share=1.0)
    if way in LIMITS:
        await _send_by_prefect(way, account)
        return
    budget = SharedBudget(ledger, account, time.monotonic) if way == "shared" else None
    async with Client(account, CONCURRENCY, budget=budget) as client:
        await asyncio.gather(*(client.send(list_backups(ORGANIZATION)) for _ in range(REQUESTS)))


async def _send_by_prefect(way: str, account: Account) -> None:
    """A slot of the global limit before each request; a 429 is waited for."""
    from prefect.concurrency.asyncio import rate_limit  # noqa: PLC0415 - only these two ways need Prefect

    places = asyncio.Semaphore(CONCURRENCY)
    async with httpx.AsyncClient(base_url=account.url, headers={"authorization": account.token}) as http:

        async def one() -> None:
            async with places:
                while True:
                    await rate_limit(way, strict=True)
                    answer = await http.get(f"/organizations/{ORGANIZATION}/backups")
                    if answer.status_code != httpx.codes.TOO_MANY_REQUESTS:
                        return
                    await asyncio.sleep(float(answer.headers.get("retry-after", WINDOW)))

        await asyncio.gather(*(one() for _ in range(REQUESTS)))


def measure(case: Case, folder: Path) -> str:
    """Run one case; returns its row."""
    ledger = f"sqlite:///{folder / 'ledger.sqlite'}"
    asyncio.run(_make(ledger))
    with _sandbox(folder / "world", headers=case.headers) as url:
        command = [sys.executable, "-m", "benchmarks.budget", "--send", case.way, "--url", url, "--ledger", ledger]
        senders = [subprocess.Popen(command, cwd=ROOT) for _ in range(PROCESSES)]  # noqa: S603 - this module
        if sum(sender.wait() != 0 for sender in senders):
            raise RuntimeError(f"{case.name}: a process failed")
        seen = httpx.get(f"{url}/_sandbox/requests", timeout=30, trust_env=False).json()["log"]
    return _row(case, seen)


def _row(case: Case, seen: list[dict[str, Any]]) -> str:
    taken = sorted(row["time"] for row in seen if row["status"] == httpx.codes.OK)
    refused = sum(row["status"] == httpx.codes.TOO_MANY_REQUESTS for row in seen)
    least = (PROCESSES * REQUESTS / LIMIT - 1) * WINDOW
    most = max(sum(begin <= at < begin + WINDOW for at in taken) for begin in taken)
    span = taken[-1] - taken[0]
    return f"| {case.name} | {len(taken)} | {span:.1f} s | {span / least:.2f} | {most} | {refused} |"


async def _make(ledger: str) -> None:
    async with Ledger(ledger):
        pass


@contextmanager
def _sandbox(folder: Path, *, headers: bool) -> Iterator[str]:
    options = ["--folder", str(folder), "--requests-per-minute", str(LIMIT), "--window-seconds", str(WINDOW)]
    options += ["--end-with-parent", *([] if headers else ["--no-rate-limit-headers"])]
    command = [sys.executable, "-m", "sandbox", *options]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as sandbox:  # noqa: S603 - our own module
        if sandbox.stdout is None:
            raise RuntimeError("the sandbox has no output")
        try:
            yield json.loads(sandbox.stdout.readline())["url"]
        finally:
            sandbox.terminate()


async def _make_limits() -> None:
    from prefect.client.orchestration import get_client  # noqa: PLC0415 - only the parent of these two ways needs it

    async with get_client() as client:
        for name, limit in LIMITS.items():
            await client.upsert_global_concurrency_limit_by_name(name, limit, slot_decay_per_second=LIMIT / WINDOW)


def main() -> None:
    """Measure all cases and print the table; or send, as a child of the first."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--send", help=argparse.SUPPRESS)
    parser.add_argument("--url", help=argparse.SUPPRESS)
    parser.add_argument("--ledger", help=argparse.SUPPRESS)
    parser.add_argument("--no-prefect", action="store_true", help="leave Prefect's limit out")
    options = parser.parse_args()
    if options.send:
        asyncio.run(send_all(options.send, options.url, options.ledger))
        return
    print(f"{PROCESSES} processes of {REQUESTS} requests each; {LIMIT} requests a window of {WINDOW:.0f} s\n")
    print("| way | taken | span | over the least | most in any window's length | 429s |")
    print("| --- | ---: | ---: | ---: | ---: | ---: |", flush=True)
    with tempfile.TemporaryDirectory() as folder:
        for number, case in enumerate(CASES):
            if case.way not in LIMITS:
                print(measure(case, Path(folder) / str(number)), flush=True)
        if not options.no_prefect:
            with local_server(Path(folder) / "prefect") as url:
                os.environ["PREFECT_API_URL"] = url
                asyncio.run(_make_limits())
                for number, case in enumerate(CASES):
                    if case.way in LIMITS:
                        print(measure(case, Path(folder) / str(number)), flush=True)


if __name__ == "__main__":
    main()
