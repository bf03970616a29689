"""Where Prefect writes, if the environment belongs to root or another user was there first."""

import os
import tempfile
from pathlib import Path

import pytest
from prefect.runner import Runner

from deployments.server.user_folders import PACKAGE, temporary_files_in, ui_settings


@pytest.fixture
def of_root(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder that may not be written; by root, who runs tests too, it could be."""
    folder = tmp_path / "package"
    folder.mkdir()
    may_access = os.access
    monkeypatch.setattr(os, "access", lambda path, mode: path != folder and may_access(path, mode))
    return folder


def test_the_ui_is_unpacked_into_the_users_home_where_the_package_cannot_be_written(
    of_root: Path, tmp_path: Path
) -> None:
    home = tmp_path / "home"
    assert ui_settings(home, {}, of_root) == {"PREFECT_SERVER_UI_STATIC_DIRECTORY": str(home / "ui")}
    assert (home / "ui").is_dir()


@pytest.mark.parametrize("name", ["PREFECT_SERVER_UI_STATIC_DIRECTORY", "PREFECT_UI_STATIC_DIRECTORY"])
def test_a_folder_that_the_user_names_is_used(name: str, of_root: Path, tmp_path: Path) -> None:
    assert ui_settings(tmp_path, {name: "/srv/ui"}, of_root) == {}


def test_in_an_environment_of_the_users_own_it_stays_in_the_package(tmp_path: Path) -> None:
    assert ui_settings(tmp_path, {}, tmp_path) == {}
    assert (PACKAGE / "ui").is_dir()


def test_the_runner_of_a_second_user_keeps_out_of_the_folder_of_the_first(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tempfile, "tempdir", "/tmp")  # noqa: S108 - where the first user's folder would be
    with temporary_files_in(tmp_path / "home"):
        runner = Runner(name="second")
    assert runner._tmp_dir.parent == tmp_path / "home" / "runner_storage"
    assert tempfile.gettempdir() == "/tmp"  # noqa: S108
