"""`deploy` on a real Prefect server: what it makes, what it leaves alone, and what it notices."""

import subprocess
from pathlib import Path

import pytest
from prefect.client.orchestration import get_client

from deployments.choices import Choices, chosen_declarations
from deployments.declaration import Declaration, shipped_file
from deployments.registration import Prepared, ensure_pool, prepare, register

pytestmark = pytest.mark.anyio


def declared() -> list[Declaration]:
    return chosen_declarations(shipped_file(), Choices(fleet=Path("/srv/fleet.yaml")))


async def deploy(wanted: list[Declaration]) -> Prepared:
    prepared = await prepare(wanted, on_pool=True)
    await register(prepared)
    return prepared


async def test_a_second_deploy_changes_nothing_and_one_that_left_the_file_is_noticed() -> None:
    await ensure_pool("fleet-backup")
    assert not await ensure_pool("fleet-backup")
    first = await deploy(declared())
    assert [change for _, change in first.deployments] == ["created"] * 6
    assert [change for _, change in (await deploy(declared())).deployments] == ["unchanged"] * 6

    without_hourly = [one for one in declared() if one.name != "hourly"]
    without_hourly[0].parameters["verify"] = False
    third = await deploy(without_hourly)
    assert [change for _, change in third.deployments] == ["changed", *["unchanged"] * 4]
    assert third.orphans == ("fleet_backup/hourly",)


@pytest.fixture
def git_repository(tmp_path: Path) -> Path:
    """An operator's own repository with a remote, from which Prefect would take a deployment's version."""
    for command in (
        ["init", "--quiet"],
        ["remote", "add", "origin", "https://example.com/operations.git"],
        ["-c", "user.name=o", "-c", "user.email=o@example.com", "commit", "--quiet", "--allow-empty", "-m", "first"],
    ):
        subprocess.run(["git", *command], check=True, cwd=tmp_path)  # noqa: S607
    return tmp_path


async def test_the_git_repository_that_deploy_is_called_in_is_no_change(
    git_repository: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    await ensure_pool("fleet-backup")
    monkeypatch.chdir(git_repository)
    await deploy(declared())
    assert [change for _, change in (await deploy(declared())).deployments] == ["unchanged"] * 6


async def test_a_schedule_that_was_switched_off_in_the_ui_stays_off() -> None:
    await ensure_pool("fleet-backup")
    await deploy(declared())
    async with get_client() as client:
        nightly = await client.read_deployment_by_name("fleet_backup/nightly")
        await client.update_deployment_schedule(nightly.id, nightly.schedules[0].id, active=False)
        changed = declared()
        changed[0].parameters["verify"] = True
        await deploy(changed)
        (schedule,) = (await client.read_deployment_by_name("fleet_backup/nightly")).schedules
    assert not schedule.active
