"""The ledger talks to threads and sockets, so its tests run in real time, and wait for nothing in it."""

from pathlib import Path

import pytest

from fleet.ledger.database import outage


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


@pytest.fixture(autouse=True)
def unreachable_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    """A database that cannot be reached is not waited for, except where a test is about that."""
    monkeypatch.setattr(outage, "CONTACT_SECONDS", 0.0)
