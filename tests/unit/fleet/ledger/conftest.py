"""The ledger talks to threads and sockets, so its tests run in real time, and wait for nothing in it."""

from pathlib import Path

import pytest


@pytest.fixture
def anyio_backend() -> str:
    return "asyncio"


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    """An empty ledger, once on each of the databases."""
    if request.param == "postgresql":
        fresh: str = request.getfixturevalue("postgresql_url")
        return fresh
    return f"sqlite:///{tmp_path / 'folder' / 'ledger.sqlite'}"
