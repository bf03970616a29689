"""Prefect's own `prefect deploy --all`, called in a copy of the project's folder."""

import asyncio
import os
import shutil
import subprocess
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any, Final

import pytest
from prefect.client.orchestration import get_client
from prefect.settings import get_current_settings

from deployments.declaration import read_declarations
from deployments.registration.work_pool import ensure_pool

pytestmark = pytest.mark.anyio
ROOT: Final = Path(__file__).parents[2]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    folder = tmp_path / "project"
    for package in ("fleet", "tasks", "flows", "deployments"):
        shutil.copytree(ROOT / package, folder / package, ignore=shutil.ignore_patterns("__pycache__"))
    shutil.copy(ROOT / "prefect.yaml", folder)
    return folder


@pytest.fixture(autouse=True)
async def nothing_stays() -> AsyncIterator[None]:
    yield
    async with get_client() as client:
        for each in await client.read_deployments():
            await client.delete_deployment(each.id)


async def deploy_all(project: Path) -> None:
    settings = get_current_settings()
    environment = {**os.environ, "PREFECT_API_URL": str(settings.api.url), "PREFECT_HOME": str(settings.home)}
    line = [sys.executable, "-m", "prefect", "--no-prompt", "deploy", "--all"]
    ended = await asyncio.to_thread(
        subprocess.run, line, cwd=project, env=environment, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr


async def deployments() -> dict[str, Any]:
    async with get_client() as client:
        return {each.name: unstamped(each.model_dump(mode="json")) for each in await client.read_deployments()}


def unstamped(value: Any) -> Any:
    """Without the time of the last change, which each deploy of Prefect's sets anew, changed or not."""
    if isinstance(value, dict):
        return {name: unstamped(part) for name, part in value.items() if name != "updated"}
    return [unstamped(part) for part in value] if isinstance(value, list) else value


async def test_a_second_deploy_of_all_changes_nothing_but_the_time_of_the_last_change(project: Path) -> None:
    """That each entrypoint is a flow is tested in `tests/unit/deployments`."""
    await ensure_pool("fleet-backup")
    await deploy_all(project)
    first = await deployments()
    assert first.keys() == {one.name for one in read_declarations(project / "prefect.yaml")}
    await deploy_all(project)
    assert await deployments() == first
