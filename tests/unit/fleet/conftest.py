"""What the tests of `fleet` share."""

import pytest

from tests.unit.fleet.virtual_time import VirtualTimeLoop


@pytest.fixture
def anyio_backend() -> tuple[str, dict[str, object]]:
    """Asynchronous tests run on asyncio, in virtual time."""
    return "asyncio", {"loop_factory": VirtualTimeLoop}
