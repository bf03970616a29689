"""What tests of more than one kind share."""

from collections.abc import Iterator

import pytest

from tests.postgresql import new_database, postgresql_server


@pytest.fixture(scope="session")
def postgresql() -> Iterator[str]:
    """The URL of a private PostgreSQL server; it is started by the first test that asks."""
    with postgresql_server() as url:
        yield url


@pytest.fixture
def postgresql_url(postgresql: str) -> str:
    """The URL of an empty database of this test's own."""
    return new_database(postgresql)
