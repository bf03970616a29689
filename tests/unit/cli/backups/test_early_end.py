"""A run that ends before its flow begins is told to people; one whose flow began is told by the flow."""

import json
from collections.abc import Iterator
from pathlib import Path

import click
import pytest

from cli.backups.early_end import early_end_is_told, note_that_the_flow_begins
from tests.monitor import KEY, Monitor, listening

pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")  # Apprise's, on 3.11.


@pytest.fixture
def service(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Monitor]:
    monkeypatch.chdir(tmp_path)
    with listening() as monitor:
        monkeypatch.setenv("FLEET_BACKUP_NOTIFY_URLS", monitor.url.replace("http://", "json://"))
        yield monitor


def fail(*, dry_run: bool = False, began: bool = False) -> None:
    with click.Context(click.Command("run")), early_end_is_told("shops", dry_run=dry_run):
        if began:
            note_that_the_flow_begins()
        raise ValueError("shops.yaml: servers[0].id: must be a number")


def test_the_error_is_told_and_goes_on(service: Monitor) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        fail()
    ((_, _, body),) = service.told
    message = json.loads(body)
    assert message["title"] == "backup of shops: failed"
    assert message["message"] == "nothing was sent: shops.yaml: servers[0].id: must be a number"


@pytest.mark.parametrize("why", [{"dry_run": True}, {"began": True}])
def test_what_the_flow_tells_and_a_dry_run_are_not_told_here(service: Monitor, why: dict[str, bool]) -> None:
    with pytest.raises(ValueError, match="must be a number"):
        fail(**why)
    assert service.told == []


def test_a_service_that_fails_is_a_warning_beside_the_error(
    service: Monitor, capsys: pytest.CaptureFixture[str]
) -> None:
    service.statuses = [500]
    with pytest.raises(ValueError, match="must be a number"):
        fail()
    shown = capsys.readouterr().err
    assert shown.startswith("warning: FLEET_BACKUP_NOTIFY_URLS: address 1 was not notified")
    assert KEY not in shown


def test_settings_that_cannot_be_read_leave_the_error_alone(service: Monitor, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FLEET_BACKUP_ALARM_AFTER", "never")
    with pytest.raises(ValueError, match="must be a number"):
        fail()
    assert service.told == []
