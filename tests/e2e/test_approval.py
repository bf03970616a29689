"""A large run of a deployment with a concurrency limit waits for its approval: without its slot, without a process."""

from collections import Counter
from pathlib import Path

from tests.e2e.conftest import StartStranger
from tests.e2e.fleets import fleet_file, servers, world
from tests.e2e.processes import FleetBackup, PrefectServer, ask_prefect, processes_at_home, wait_until
from tests.e2e.test_serve import declared_in, start_run


def test_a_run_that_waits_holds_no_slot_and_no_process_and_creates_what_was_approved(
    fleet_backup: FleetBackup, start_stranger: StartStranger, prefect_server: PrefectServer, tmp_path: Path
) -> None:
    fleet = servers(1, 4)
    stranger = start_stranger(world(fleet))
    often = {"PREFECT_RUNNER_POLL_FREQUENCY": "1"}
    arguments = ("serve", "FLEET", "--file", str(declared_in(tmp_path, "approval")))
    serving = fleet_backup.start(*arguments, fleet=fleet_file(fleet), stranger=stranger, environment=often)
    shown = serving.home / "stderr"
    wait_until(lambda: "The Prefect UI" in shown.read_text() or serving.process.poll() is not None, "serve")

    def state(run: str) -> tuple[str, str]:
        found = ask_prefect("GET", f"{prefect_server.url}/flow_runs/{run}")["state"]
        return found["name"], found["message"]

    def until(run: str, name: str) -> None:
        wait_until(lambda: state(run)[0] == name or serving.process.poll() is not None, name)

    def executing() -> bool:
        return any("prefect.engine" in line for line in processes_at_home(serving.home))

    waiting = start_run(prefect_server.url, "approval", approve_above=2)
    until(waiting, "Suspended")
    wait_until(lambda: not executing(), "its process")
    meanwhile = start_run(prefect_server.url, "approval", dry_run=True)
    until(meanwhile, "Completed")
    assert state(waiting)[0] == "Suspended"
    assert stranger.creates() == 0

    answered = ask_prefect(
        "POST", f"{prefect_server.url}/flow_runs/{waiting}/resume", {"run_input": {"answer": "create these backups"}}
    )
    assert answered["status"] == "ACCEPT", answered
    until(waiting, "Completed")
    assert state(waiting) == ("Completed", "4 verified")
    assert Counter(stranger.truth()["backups_by_target"].values()) == {1: 4}
    wait_until(lambda: not executing(), "its process")
    serving.interrupt()
    assert serving.end().exit_code == 0
    assert "approval" not in shown.read_text().partition("The Prefect UI")[2], "nothing of it is a trouble"
