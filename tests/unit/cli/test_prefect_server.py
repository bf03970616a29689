"""What is checked before Prefect is imported."""

import pwd

import pytest

from cli.prefect_server import prepare_for_prefect
from fleet.fleet_file.home import HomeError


def test_a_user_without_a_home_is_told_before_prefect_fails_for_it(monkeypatch: pytest.MonkeyPatch) -> None:
    def unknown(uid: int) -> None:
        raise KeyError(uid)

    monkeypatch.delenv("HOME")
    monkeypatch.setattr(pwd, "getpwuid", unknown)
    with pytest.raises(HomeError, match="the user has no home directory, which Prefect needs: set HOME"):
        prepare_for_prefect()
