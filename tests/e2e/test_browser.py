"""What people see: a form is filled in the Prefect UI, its run ends, and its report says what is missing and why.

`make pictures` runs it with a folder for the pictures of README.
"""

import os
from pathlib import Path

import pytest
from playwright.sync_api import expect

from tests.e2e.browser import Ui, chromium
from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, server, world
from tests.e2e.place import USER, WORD, Place
from tests.e2e.processes import FleetBackup

pytestmark = pytest.mark.long


def test_a_run_is_started_in_the_form_and_its_report_is_read(
    fleet_backup: FleetBackup, place: Place, start_stranger: StartStranger
) -> None:
    chromium()
    pictures = os.environ.get("PICTURES")
    fleet = [server(101, 5), server(102, 4), server(103, 1, state="dead"), server(104, 2)]
    stranger = start_stranger(world(fleet))
    client = place.variables("fleet-backup.env") | {
        "FLEET_BACKUP_SETTLE_SECONDS": "0.3",
        "PREFECT_WORKER_QUERY_SECONDS": "1",
    }
    ui_url = place.url.removesuffix("/api")
    asked = fleet_file(fleet)
    deployed = fleet_backup.run("deploy", "FLEET", fleet=asked, own_prefect=True, environment=dict(client))
    assert deployed.exit_code == 0, deployed.stderr
    with (
        place.started("fleet-backup-worker.service", "fleet-backup.env", **client),
        Ui.opened(ui_url, f"{USER}:{WORD}", Path(pictures) if pictures else None) as ui,
    ):
        ui.open("/deployments")
        ui.page.get_by_text("nightly", exact=True).first.click()
        ui.page.wait_for_url("**/deployments/deployment/*")
        ui.page.get_by_role("button", name="Run", exact=True).first.wait_for()
        ui.picture("deployment")
        ui.open(ui.page.url.removeprefix(ui_url).split("?")[0] + "/run")
        ui.field("limit").get_by_role("button", name="Add item").click()
        ui.field("limit").locator("textarea").fill("!web-104")
        ui.field("verify_timeout").locator("input").fill("600")
        ui.picture("form")
        ui.field("credentials").get_by_text("ServerAvatarCredentials").click()
        ui.field("credentials").get_by_role("button", name="Add").click()
        ui.fill("Block Name", "shops")
        ui.fill("API token", stranger.token)
        ui.fill("API URL", stranger.url)
        ui.page.get_by_role("button", name="Create").click()
        expect(ui.field("credentials").get_by_text("shops")).to_be_visible()
        run = ui.submit()
        ui.open(run)
        expect(ui.page.get_by_text("Incomplete").first).to_be_visible()
        ui.picture("run")
        ui.open(ui.artifact(run, "summary"))
        expect(ui.page.get_by_role("cell", name="agent does not respond")).to_be_visible()
        ui.picture("report")
    created = stranger.truth()["backups_by_target"]
    assert sum(created.values()) == 9
