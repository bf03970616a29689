"""Keeps a run alive when the lease of its deployment's slot cannot be renewed.

Prefect's engine renews the lease every 225 s and ends the run when three attempts fail: a Prefect server that is away
for half a minute, or that lost its leases in a restart, would end a healthy run. The slot only keeps two runs of a
deployment from running at once; the ledger sees to it that each backup is made once.
"""

import threading
from http import HTTPStatus
from typing import Final
from uuid import UUID

from prefect.client.orchestration import SyncPrefectClient
from prefect.concurrency import _leases
from prefect.exceptions import PrefectHTTPStatusError
from prefect.logging import get_logger

PAUSE_SECONDS: Final = 10.0
_LOST: Final = (HTTPStatus.NOT_FOUND, HTTPStatus.GONE)
"""The server does not know the lease any more."""


def hold_patiently() -> None:
    """Renew the leases of this process's runs without ending a run when that fails."""
    _leases._renew_concurrency_lease_with_retries = _renew  # noqa: SLF001 - there is no setting for it


def _renew(client: SyncPrefectClient, lease_id: UUID, lease_duration: float, stop_event: threading.Event) -> bool:
    """Renew a lease, however long the server is away.

    Returns:
        Whether it is to be renewed again: not if the run has ended, or the lease is lost.
    """
    while True:
        try:
            client.renew_concurrency_lease(lease_id=lease_id, lease_duration=lease_duration)
        except PrefectHTTPStatusError as error:
            if error.response.status_code in _LOST:
                get_logger("concurrency").warning("the run continues without its slot, whose lease is lost")
                return False
        except Exception:  # noqa: BLE001, S110 - whatever keeps the server away, the run goes on
            pass
        else:
            return True
        if stop_event.wait(PAUSE_SECONDS):
            return False
