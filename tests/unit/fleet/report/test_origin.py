"""The keys and captions of artifacts: none of one fleet, deployment or dry run takes another's place."""

import re
from dataclasses import replace
from itertools import product

import pytest

from fleet.report.origin import Origin

FLEETS = ("acme", "acme-shops", "acme--shops", "acme-nightly", "Acme.yaml", "füchse.yaml", "fuchse.yaml", "北京", "a!b")
DEPLOYMENTS = (None, "nightly", "shops", "shops-nightly", "dry-run", "Mein Plan")


@pytest.mark.parametrize(
    ("origin", "key"),
    [
        (Origin.of("fleet.yaml", None), "report--fleet"),
        (Origin.of("fleet.yaml", "nightly"), "report--fleet--nightly"),
        (Origin.of("acme", "nightly-acme"), "report--acme--nightly"),
        (Origin.of("acme", "nightly-acme", dry_run=True), "report-dry-run--acme--nightly"),
        (Origin.of("server 15", "create-backup"), "report--server-15--create-backup"),
        (Origin.of("Shops_EU.yaml", None), "report--shops-eu"),
    ],
)
def test_a_key_names_the_fleet_and_the_deployment(origin: Origin, key: str) -> None:
    assert origin.key("report") == key


def test_every_key_is_one_that_prefect_takes_and_no_two_are_equal() -> None:
    made = [Origin.of(fleet, deployment) for fleet, deployment in product([*FLEETS, "x" * 200], DEPLOYMENTS)]
    origins = {replace(origin, dry_run=dry_run) for origin, dry_run in product(made, (False, True))}
    keys = [origin.key("report") for origin in origins]
    assert all(re.fullmatch(r"[a-z0-9-]+", key) for key in keys), keys
    assert len(set(keys)) == len({(each.fleet.lower(), each.deployment, each.dry_run) for each in origins})


def test_a_caption_escapes_what_a_name_brings() -> None:
    origin = Origin.of("a*b", "nightly", dry_run=True)
    assert origin.caption("1 verified") == r"**a\*b · nightly · dry run** · 1 verified"
