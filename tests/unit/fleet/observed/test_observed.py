"""How what was observed names a target."""

import pytest

from fleet.inventory.request import BackupRequest
from fleet.observed.observed import Observed
from tests.unit.fleet.builders import instant, target
from tests.unit.fleet.observed.healthy import WELL


@pytest.mark.parametrize(
    ("request_", "server_name", "label"),
    [
        (instant(), "web-0001", "web-0001 · shop"),
        (instant(type="filesystem"), None, "web-0001 · shop (filesystem)"),
        (instant(application_id=1, type="database"), "mine", "mine · application 1 (database)"),
    ],
)
def test_a_target_is_labelled_for_people(request_: BackupRequest, server_name: str | None, label: str) -> None:
    assert Observed({5: WELL}).label(target(request_, server_name=server_name)) == label


def test_a_target_of_which_nothing_is_known_is_labelled_by_its_ids() -> None:
    assert Observed({}).label(target(server_name=None)) == "server 15 · application 4246"
