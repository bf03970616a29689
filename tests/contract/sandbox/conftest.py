"""A sandbox in process, on a small world: two servers with two applications each."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import httpx
import pytest

from sandbox.app import running_app
from sandbox.settings import SandboxSettings
from sandbox.world.world import build_fleet_world

OpenSandbox = Callable[..., AbstractAsyncContextManager[httpx.AsyncClient]]


@pytest.fixture
def open_sandbox(tmp_path: Path) -> OpenSandbox:
    """Open the sandbox of this test's folder, with these settings; opening it again is a restart."""
    build_fleet_world(tmp_path, servers=2, applications_per_server=2)
    plain = SandboxSettings(
        folder=tmp_path, backup_seconds=0.0, restore_seconds=0.0, clock_factor=0.0, requests_per_minute=None
    )

    @asynccontextmanager
    async def opened(**settings: Any) -> AsyncIterator[httpx.AsyncClient]:
        async with (
            running_app(replace(plain, **settings)) as app,
            httpx.AsyncClient(
                transport=httpx.ASGITransport(app=app),
                base_url="https://sandbox.test",
                headers={"Authorization": plain.token},
            ) as client,
        ):
            yield client

    return opened
