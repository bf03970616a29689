"""Outages of the PostgreSQL that has the ledger: restarted, and its connections cut, while the runs go on."""

import signal
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

from benchmarks.chaos.api import ChaosApi
from tests.postgresql import Cluster, ask

RESTARTS: Final = 20
CUTS: Final = 40
DOWN_SECONDS: Final = (0.0, 2.0, 4.0)
"""How long the server stays down at a restart, one after the other."""
POLL_SECONDS: Final = 0.1
ENDS: Final = {"at once": signal.SIGQUIT, "fast": signal.SIGINT}
"""How the server is stopped: as in a crash, or rolling back what is under way (`pg_ctl stop -m`)."""
CUT: Final = "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity WHERE datname LIKE 'ledger_%'"


class Outages:
    """Restarts the server and cuts connections, spread evenly over the creates that the API receives.

    Attributes:
        made: what was done, by kind.
    """

    def __init__(self, cluster: Cluster, api: ChaosApi, targets: int) -> None:
        self._cluster, self._api = cluster, api
        events = RESTARTS + CUTS
        self._every = max(1, targets - targets // 10) / events
        self.made: Counter[str] = Counter()
        self._over = threading.Event()

    def make(self) -> None:
        """Make them all, unless the runs end before."""
        for number in range(RESTARTS + CUTS):
            while self._creates() < (number + 1) * self._every:
                if self._over.wait(POLL_SECONDS):
                    return
            if number % 3 == 0:
                self._restart(number // 3)
            else:
                self._cut()

    def end(self) -> None:
        """Make no more."""
        self._over.set()

    def _creates(self) -> int:
        return int(self._api.requests()["by_call"].get("create", 0))

    def _restart(self, number: int) -> None:
        name = list(ENDS)[number % len(ENDS)]
        self._cluster.stop(ENDS[name])
        time.sleep(DOWN_SECONDS[number % len(DOWN_SECONDS)])
        self._cluster.start()
        self.made[f"PostgreSQL restarted, stopped {name}"] += 1

    def _cut(self) -> None:
        """Cut what there is; between two runs that is nothing, and it is tried again."""
        while not (cut := int(ask(self._cluster.url, CUT))):
            if self._over.wait(POLL_SECONDS):
                return
        self.made["connections to the ledger cut"] += 1
        self.made["... how many at that"] += cut


@contextmanager
def disturbed(cluster: Cluster | None, api: ChaosApi, targets: int) -> Iterator[Counter[str]]:
    """Let the outages happen for the time of the context; none without a cluster."""
    if cluster is None:
        yield Counter()
        return
    outages = Outages(cluster, api, targets)
    thread = threading.Thread(target=outages.make)
    thread.start()
    try:
        yield outages.made
    finally:
        outages.end()
        thread.join()
