"""The API of the chaos: the sandbox in a process of its own, its faults, and what is true there."""

import json
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import httpx

from sandbox.world.world import describe

TOKEN: Final = "sandbox-token"  # noqa: S105 - the sandbox's own, good for nothing else
APPLICATIONS_PER_SERVER: Final = 20
LATE_SECONDS: Final = 8.0
"""A backup shows in the list so long after it was made; longer than a killed run needs to come back."""
SETTLE_SECONDS: Final = 12.0
"""What the runs are told: longer than a row is late and a create is slow, together."""

Rule = dict[str, Any]
ORDERS: Final = ("newest", "oldest", "shuffled")
FAULTS: Final[tuple[Rule, ...]] = (
    {"kind": "answer", "call": "create", "status": 500, "moment": "before", "probability": 0.12},
    {"kind": "answer", "call": "create", "status": 500, "moment": "after", "probability": 0.12},
    {"kind": "drop", "call": "create", "moment": "before", "probability": 0.02},
    {"kind": "drop", "call": "create", "moment": "after", "probability": 0.06},
    {"kind": "answer", "call": "create", "status": 503, "moment": "before", "probability": 0.02},
    {"kind": "answer", "call": "create", "status": 502, "moment": "after", "probability": 0.02},
    {"kind": "limit", "call": "create", "probability": 0.01, "seconds": 1.0},
    {"kind": "slow", "call": "create", "probability": 0.05, "seconds": 1.0},
    {"kind": "answer", "call": "reading", "status": 502, "probability": 0.01},
    {"kind": "drop", "call": "reading", "probability": 0.01},
)
"""A bad night."""
STANDING: Final[tuple[Rule, ...]] = (
    {"kind": "late", "seconds": LATE_SECONDS},
    {"kind": "skew", "seconds": -600.0},
    {"kind": "order", "order": "oldest"},
)
"""How the list and the clock are all night, and were before. Later rules turn the order of the list and set the clock
forward (`ChaosApi.turn`)."""
PLAN_FAULTS: Final[tuple[Rule, ...]] = (
    {"kind": "answer", "call": "create", "status": 500, "moment": "after"},
    {"kind": "answer", "call": "reading", "status": 502, "probability": 0.01},
    {"kind": "late", "seconds": LATE_SECONDS},
)
"""Every create fails with `Something went really wrong!` after the plan was made."""


@dataclass(frozen=True)
class ChaosApi:
    """A running sandbox."""

    url: str
    folder: Path

    def world(self) -> dict[str, Any]:
        """Describe its servers and applications, for whoever writes a fleet file about them."""
        return describe(self.folder)

    def add(self, rules: Sequence[Rule]) -> None:
        """Put fault rules in force."""
        self._control("POST", "faults", list(rules))

    def turn(self, number: int) -> None:
        """List in another order from now on, and every fourth time set the API's clock forward by five minutes."""
        self.add([{"kind": "order", "order": ORDERS[number % len(ORDERS)]}])
        if number % 4 == 3:  # noqa: PLR2004 - the fourth
            self.add([{"kind": "skew", "seconds": 300.0}])

    def advance(self, seconds: float) -> None:
        """Turn its clock; what becomes due is started, and has ended on return."""
        self._control("POST", "clock", {"advance_seconds": seconds})
        self.settle()

    def settle(self) -> None:
        """Wait until no backup is under way."""
        self._control("POST", "settle")

    def make_as_people(self, rows: Sequence[Mapping[str, Any]]) -> None:
        """Let people make these backups and plans, beside the runs."""
        self._control("POST", "people", list(rows))

    def backups(self) -> list[dict[str, Any]]:
        """Every backup that was ever made, the oldest first, whatever the list shows of them now."""
        rows: list[dict[str, Any]] = self._control("GET", "backups")["backups"]
        return rows

    def plans(self) -> list[dict[str, Any]]:
        """Every automatic plan, which no call of the API tells."""
        rows: list[dict[str, Any]] = self._control("GET", "plans")["plans"]
        return rows

    def requests(self) -> Mapping[str, Any]:
        """Requests in `total`, `by_call` and `by_status`."""
        counts: Mapping[str, Any] = self._control("GET", "requests")
        return counts

    def count_anew(self) -> None:
        """Count requests from now on."""
        self._control("DELETE", "requests")

    def faults(self) -> Counter[str]:
        """How often each kind of fault was drawn; of those that stand, how many rules were in force."""
        hits: Counter[str] = Counter()
        for rule in self._control("GET", "faults")["faults"]:
            hits[_named(rule)] += rule["fired"] or rule["kind"] in {"late", "skew", "order"}
        return hits

    def make_older_backups(self, count: int) -> int:
        """Fill the list with backups that no run has made, uncounted; returns the highest id of them."""
        world = self.world()
        with httpx.Client(base_url=self.url, headers={"authorization": TOKEN}, timeout=60) as client:
            for row in world["applications"][:count]:
                path = f"/organizations/{world['organization']['id']}/servers/{row['server_id']}/backups"
                client.post(path, json={**REQUEST, **application_of(row), "name": "before"}).raise_for_status()
        self.settle()
        self.count_anew()
        return max(int(row["id"]) for row in self.backups())

    def _control(self, method: str, path: str, body: object = None) -> Any:  # noqa: ANN401 - JSON of any shape
        answer = httpx.request(method, f"{self.url}/_sandbox/{path}", json=body, timeout=120, trust_env=False)
        return answer.raise_for_status().json()


REQUEST: Final[Rule] = {
    "provider": "wasabi",
    "cloud_storage_provider_id": 10,
    "automatic_backup": False,
    "type": "application",
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
}
"""What every backup asks for; the seed's fields."""


def application_of(row: Mapping[str, Any]) -> dict[str, int]:
    """What one backup asks for besides: the application and its database."""
    return {"application_id": row["id"], "database_id": row["database_id"]}


@contextmanager
def serving(folder: Path, targets: int, seed: int, *others: str) -> Iterator[ChaosApi]:
    """Serve a fleet of as many applications for the time of the context; without faults as yet.

    `others` are more options of the sandbox; they outrank these.
    """
    options = ["--folder", str(folder), "--world", "fleet", "--tiny", "--seed", str(seed)]
    options += ["--servers", str(-(-targets // APPLICATIONS_PER_SERVER))]
    options += ["--applications-per-server", str(APPLICATIONS_PER_SERVER)]
    options += ["--requests-per-minute", "0", "--end-with-parent", *others]
    server = subprocess.Popen([sys.executable, "-m", "sandbox", *options], stdout=subprocess.PIPE)  # noqa: S603 - ours
    try:
        if server.stdout is None or not (line := server.stdout.readline()):
            raise RuntimeError("the sandbox did not start")
        yield ChaosApi(json.loads(line)["url"], folder)
    finally:
        server.terminate()
        server.wait()


def _named(rule: Rule) -> str:
    """For example `create: 500 after the work`."""
    what = {
        "answer": f"{rule['status']} {rule['moment']} the work",
        "drop": f"connection lost {rule['moment']} the work",
        "limit": "429 for a second",
        "slow": "answered a second later",
    }
    standing = {
        "late": f"standing: rows appear {rule['seconds']:g} s late",
        "skew": "standing: the clock of the API is set",
        "order": "standing: the order of the list is turned",
    }
    return standing.get(rule["kind"]) or f"{rule['call']}: {what[rule['kind']]}"
