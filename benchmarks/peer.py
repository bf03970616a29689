"""The programs that are compared, and how each is started."""

import sys
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from benchmarks.conditions import CONCURRENCY

PEERS: Final = Path(__file__).parent / "peers"
TOOLS: Final = Path(__file__).parents[1] / ".venv-benchmarks" / "bin"
"""Where `make benchmark` installs what only the comparison needs."""
PROJECT: Final = "fleet-backup"
EMPTY: Final = "empty Prefect tasks"

_PYTHON: Final = sys.executable
_QUIET_PREFECT: Final = {"PREFECT_LOGGING_LEVEL": "WARNING"}


@dataclass(frozen=True)
class Peer:
    """One program.

    Attributes:
        name: in tables and plots.
        what: it does; one line.
        command: its command line.
        environment: variables of its own.
        uses_prefect: whether it needs a Prefect server.
        sends: whether it sends requests at all; what sends none is measured without a limit only.
    """

    name: str
    what: str
    command: Callable[[], list[str]]
    environment: Mapping[str, str]
    uses_prefect: bool = False
    sends: bool = True


def _script(name: str) -> Callable[[], list[str]]:
    return lambda: [_PYTHON, str(PEERS / name)]


ALL: Final = (
    Peer(
        PROJECT,
        "this project: checks every precondition in bulk, creates, looks before it resends, verifies every backup",
        lambda: [
            *(_PYTHON, "-m", "cli", "run", "fleet.yaml", "--report", "report.json"),
            *("--concurrency", str(CONCURRENCY)),
        ],
        {},
        uses_prefect=True,
    ),
    Peer(
        "bare httpx loop",
        "the network's floor: bare asyncio, perfect pacing, no checks, no retries; reads the list once to verify",
        _script("bare.py"),
        {},
    ),
    Peer(
        EMPTY,
        "the engine's floor: one empty Prefect task a backup, no request at all",
        _script("empty_prefect.py"),
        _QUIET_PREFECT,
        uses_prefect=True,
        sends=False,
    ),
    Peer(
        "first Prefect pipeline",
        "what a Prefect user writes first: a mapped task for each check (server, application, disk) and each create, "
        "`retries=3`; an accepted create counts as a backup",
        _script("naive_prefect.py"),
        _QUIET_PREFECT,
        uses_prefect=True,
    ),
    Peer(
        "xargs -P curl",
        "creates and nothing else; `curl --retry 3`, which obeys `Retry-After`",
        lambda: ["sh", str(PEERS / "curl.sh")],
        {},
    ),
    Peer(
        "Ansible uri",
        "a host for each server: a check of the server, a loop of creates; `retries: 3`",
        lambda: [
            *(str(TOOLS / "ansible-playbook"), str(PEERS / "ansible" / "playbook.yml")),
            *("--inventory", "inventory.yml", "--forks", str(CONCURRENCY)),
        ],
        {"ANSIBLE_CONFIG": str(PEERS / "ansible" / "ansible.cfg"), "ANSIBLE_HOME": ".ansible"},
    ),
)
"""The project first; the others from the barest to the dearest."""
