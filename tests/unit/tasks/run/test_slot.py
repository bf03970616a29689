"""A run does not end because the lease of its slot cannot be renewed."""

import threading
from collections.abc import Iterator
from uuid import UUID

import httpx
import pytest
from prefect.concurrency import _leases
from prefect.exceptions import PrefectHTTPStatusError

from tasks.run import slot

LEASE = UUID(int=1)


def status(code: int) -> PrefectHTTPStatusError:
    request = httpx.Request("POST", "http://127.0.0.1/api")
    return PrefectHTTPStatusError("it", request=request, response=httpx.Response(code, request=request))


class Server:
    """Answers each renewal: with an error, or with None."""

    def __init__(self, *answers: Exception | None) -> None:
        self.answers: Iterator[Exception | None] = iter(answers)

    def renew_concurrency_lease(self, *, lease_id: UUID, lease_duration: float) -> None:
        assert (lease_id, lease_duration) == (LEASE, 300)
        if answer := next(self.answers):
            raise answer


@pytest.fixture(autouse=True)
def _no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slot, "PAUSE_SECONDS", 0.0)


def renewed(server: Server, stop: threading.Event | None = None) -> bool:
    return slot._renew(server, LEASE, 300, stop or threading.Event())  # type: ignore[arg-type]


@pytest.mark.parametrize("error", [status(500), status(503), status(401), httpx.ConnectError("it"), OSError()])
def test_a_server_that_is_away_is_waited_for(error: Exception) -> None:
    assert renewed(Server(*[error] * 50, None))


@pytest.mark.parametrize("code", [404, 410])
def test_without_its_lease_the_run_continues_and_renews_no_more(code: int) -> None:
    assert not renewed(Server(status(500), status(code)))


def test_nothing_is_waited_for_once_the_run_has_ended() -> None:
    stop = threading.Event()
    stop.set()
    assert not renewed(Server(status(500)), stop)


def test_prefect_s_own_loop_renews_this_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(_leases, "_renew_concurrency_lease_with_retries", None)
    slot.hold_patiently()
    assert "_renew_concurrency_lease_with_retries" in _leases._lease_renewal_loop.__code__.co_names
    assert _leases._renew_concurrency_lease_with_retries is slot._renew
