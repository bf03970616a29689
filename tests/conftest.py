"""What tests of more than one kind share."""

import os
from collections.abc import Iterator
from pathlib import Path

import certifi
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
def certificate(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One of the hundred certificates that httpx reads for each client, though nothing here speaks TLS."""
    bundle = Path(certifi.where()).read_text("utf-8")
    start, end = bundle.index("-----BEGIN"), bundle.index("-----END CERTIFICATE-----\n")
    one = tmp_path_factory.mktemp("certificate") / "one.pem"
    one.write_text(bundle[start:end] + "-----END CERTIFICATE-----\n", "utf-8")
    return one


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
