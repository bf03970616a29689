"""Texts in the Prefect UI name parameters, as its form does."""

import inspect

import pytest

from fleet.report.parameters import as_parameters
from flows.fleet_backup import fleet_backup


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("--limit web-*: no server has this name", "limit web-*: no server has this name"),
        ("drift: …; --update-plans changes it", "drift: …; update_plans changes it"),
        ("repeat all of it with --run-key monday", "repeat all of it with run_key monday"),
        ("server --limits · a--limit-b", "server --limits · a--limit-b"),
        ("fleet-backup history --outcome open", "fleet-backup history --outcome open"),
    ],
)
def test_options_are_named_as_parameters(text: str, told: str) -> None:
    assert as_parameters(text) == told


@pytest.mark.parametrize("option", ["allow-empty", "approve-above", "failed-from", "limit", "max-failures", "run-key"])
def test_each_of_them_is_a_parameter_of_the_flow(option: str) -> None:
    assert as_parameters(f"--{option}") in inspect.signature(fleet_backup.fn).parameters
