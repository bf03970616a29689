"""The ledger talks to threads and sockets, so its tests run in real time, and wait for nothing in it."""

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"
