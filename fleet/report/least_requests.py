"""How few requests a run could have taken, to judge how many it took. Pure."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from math import ceil
from typing import Final

from fleet.report.outcome import Result

BACKUPS_A_PAGE: Final = 10
SERVERS_A_PAGE: Final = 12
"""Rows on a page of either list (the vendor's reading calls)."""


def least_requests(results: Iterable[Result]) -> int:
    """Count one create for each target that was sent, and the pages that show their backups and all servers.

    What nobody can do without: whether a server answers and has room, and whether a backup is complete, shows only
    in these lists. Looking up applications, databases and storage providers comes on top.
    """
    sent = 0
    servers: defaultdict[int, set[int]] = defaultdict(set)
    shown: defaultdict[int, int] = defaultdict(int)
    for result in results:
        organization = result.target.organization
        servers[organization].add(result.target.server_id)
        sent += result.attempts > 0
        shown[organization] += result.attempts > 0 and result.evidence is not None
    return (
        sent + _pages(shown, BACKUPS_A_PAGE) + _pages({of: len(each) for of, each in servers.items()}, SERVERS_A_PAGE)
    )


def _pages(rows: Mapping[int, int], a_page: int) -> int:
    return sum(ceil(count / a_page) for count in rows.values())
