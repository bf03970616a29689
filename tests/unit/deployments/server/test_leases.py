"""`serve` and `deploy` warn about a Prefect server that loses its leases when it restarts."""

from typing import Any

import pytest
from prefect.settings import get_current_settings

from deployments.server.leases import warning_of
from deployments.server.local_server import _OWN, LEASES


def test_prefect_s_default_is_warned_about_with_the_setting_that_mends_it() -> None:
    warning = warning_of(get_current_settings().model_dump(mode="json"))
    assert warning is not None
    ((name, value),) = LEASES.items()
    assert f"{name}={value}" in warning


@pytest.mark.parametrize("storage", [*LEASES.values(), "prefect_redis.lease_storage"])
def test_leases_that_survive_are_not_warned_about(storage: str) -> None:
    assert warning_of({"server": {"concurrency": {"lease_storage": storage}}}) is None


@pytest.mark.parametrize("settings", [{}, {"server": {}}, {"detail": "Not Found"}])
def test_a_server_that_does_not_show_it_is_not_warned_about(settings: dict[str, Any]) -> None:
    assert warning_of(settings) is None


def test_a_server_of_our_own_keeps_its_leases() -> None:
    assert LEASES.items() <= _OWN.items()
