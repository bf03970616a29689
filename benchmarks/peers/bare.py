"""The network's floor: bare asyncio and httpx; the creates with perfect pacing, then enough reads to verify them all.

It checks nothing, retries nothing and remembers nothing. Exit code 1 if a create was refused or a backup is incomplete.
"""

import asyncio
import json
import os
import sys
import time
from collections.abc import Callable, Coroutine, Iterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any

import httpx

CONCURRENCY = int(os.environ["CONCURRENCY"])
LIMIT = int(os.environ["LIMIT"])
"""Requests in a window; 0 for no limit."""
WINDOW_SECONDS = float(os.environ["WINDOW_SECONDS"])
BACKUP_SECONDS = 0.5
PAGE = 10
"""Backups on a page of the list."""
PATIENCE = 60
"""How often a page is read, half a second apart, until all backups on it are complete."""

Job = Callable[[], Coroutine[Any, Any, httpx.Response]]


class Budget:
    """Sends as many requests as a window takes, then waits until it ends."""

    def __init__(self) -> None:
        self._left = 0
        self._ends = 0.0
        self._slots = asyncio.Semaphore(CONCURRENCY)

    async def send(self, jobs: Sequence[Job]) -> list[httpx.Response]:
        """Send them all; the answers in the same order."""
        answers: list[httpx.Response] = []
        while len(answers) < len(jobs):
            if self._left == 0:
                # The first goes alone: when it is answered, the window has opened.
                await asyncio.sleep(self._ends - time.monotonic())
                answers.append(await jobs[len(answers)]())
                self._left, self._ends = (LIMIT or sys.maxsize) - 1, time.monotonic() + WINDOW_SECONDS
            batch = jobs[len(answers) : len(answers) + self._left]
            self._left -= len(batch)
            answers += await asyncio.gather(*(self._one(job) for job in batch))
        return answers

    async def _one(self, job: Job) -> httpx.Response:
        async with self._slots:
            return await job()


def creates(client: httpx.AsyncClient, fleet: dict[str, Any]) -> Iterator[Job]:
    """One create for each backup of the fleet."""
    for server in fleet["servers"]:
        for backup in server["backups"]:
            body = fleet["defaults"] | backup
            path = f"servers/{server['id']}/backups"
            yield partial(client.post, path, json=body)


async def incomplete(client: httpx.AsyncClient, budget: Budget, targets: int) -> int:
    """Read the list until every page of it is complete; return how many backups are not."""
    pages = list(range(1, -(-targets // PAGE) + 1))
    missing: dict[int, int] = {}
    for _ in range(PATIENCE):
        await asyncio.sleep(BACKUP_SECONDS)
        reads = [partial(client.get, "backups", params={"page": page}) for page in pages]
        answers = await budget.send(reads)
        for page, answer in zip(pages, answers, strict=True):
            rows = answer.json()["data"]
            missing[page] = min(PAGE, targets - PAGE * (page - 1)) - sum(row["status"] == "Completed" for row in rows)
        # A failed backup stays so: only what is still under way is worth another look.
        pages = [page for page, answer in zip(pages, answers, strict=True) if _under_way(answer)]
        if not pages:
            break
    return sum(missing.values())


def _under_way(answer: httpx.Response) -> bool:
    return any(row["status"] in {"Pending", "In Progress"} for row in answer.json()["data"])


async def main(fleet: dict[str, Any]) -> int:
    """Back up a fleet."""
    base = f"{os.environ['API_URL']}/organizations/{fleet['organization']}/"
    headers = {"authorization": os.environ["API_TOKEN"]}
    async with httpx.AsyncClient(base_url=base, headers=headers, timeout=60, trust_env=False) as client:
        budget = Budget()
        jobs = list(creates(client, fleet))
        refused = sum(answer.status_code != httpx.codes.OK for answer in await budget.send(jobs))
        missing = await incomplete(client, budget, len(jobs))
    print(f"{len(jobs)} creates, {refused} refused, {missing} backups not complete")
    return 1 if refused or missing else 0


if __name__ == "__main__":
    sys.exit(asyncio.run(main(json.loads(Path("fleet.yaml").read_text("utf-8")))))
