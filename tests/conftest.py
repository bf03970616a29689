"""What tests of more than one kind share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from tests.monitor import Monitor, listening
from tests.postgresql import new_database, postgresql_server

# CI judges the change it is given, not the luck of the draw; everywhere else each run draws anew.
settings.register_profile("ci", derandomize=True, deadline=None)
settings.register_profile("default", settings(deadline=None))
settings.load_profile("ci" if os.environ.get("CI") else "default")


@pytest.fixture
def anyio_backend() -> str:
    """Asynchronous tests run on asyncio, as the product does."""
    return "asyncio"


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a private PostgreSQL server; it is started by the first test that asks."""
    with postgresql_server() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """The URL of an empty database of this test's own."""
    return new_database(postgresql)


@pytest.fixture
def monitor() -> Iterator[Monitor]:
    """Somebody who waits for heartbeats."""
    with listening() as server:
        yield server
