"""`fleet-backup demo`: the main job from scratch, on the sandbox, with proof."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.text import Text

from cli.errors import OutputError
from cli.sandbox.demo_fleet import PASSING_FAULTS, write_fleet_file
from cli.sandbox.demo_result import findings, problems_in, typed
from fleet.report.outcome import Exit
from sandbox.backups.inspection import inspect_archives
from sandbox.world.world import build_demo_world

TOKEN: Final = "demo-token-of-the-sandbox"  # noqa: S105 - the sandbox's own, good for nothing else
MARK: Final = ".fleet-backup-demo"


def run_demo(folder: Path) -> int:
    """Back up a fleet of real files and databases on the sandbox, open the archives and show what they hold.

    Args:
        folder: holds everything; re-created unless it holds something else.

    Returns:
        0 when everything went as expected, the refusals of the two unreachable servers included; 1 otherwise.

    Raises:
        OutputError: the folder holds something that is not from a demo.
    """
    console = Console(file=sys.stderr, highlight=False)

    def say(line: str, style: str = "") -> None:
        console.print(Text(line, style=style))

    folder = folder.resolve()
    sandbox = _prepare(folder)
    fleet = folder / "fleet.yaml"
    write_fleet_file(sandbox, fleet)
    say(f"Created a fleet of 9 servers with real files and databases in {typed(sandbox)}.")
    say("Its API fails now and then; one server has a full disk, one is disconnected.")
    with _serve(sandbox, folder) as url:
        say(f"\n$ fleet-backup run {typed(fleet)}", "bold")
        _run(folder, url)
    say("\nOpening the archives ...", "bold")
    found = inspect_archives(sandbox, sample=5)
    wrong = problems_in(json.loads((folder / "report.json").read_text("utf-8")), found)
    for line in findings(found, folder):
        say(line)
    for line in wrong:
        say(f"unexpected: {line}", "red")
    if not wrong:
        say("Everything is as expected, including the refusals of web-0002 and web-0008.", "green")
    return int(Exit.UNEXPECTED if wrong else Exit.DONE)


def _prepare(folder: Path) -> Path:
    """Create the folder and the sandbox's world in it; Prefect's database of an earlier demo stays, to save time."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise OutputError(f"--folder {folder}: is not empty and not from an earlier demo; choose another")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / MARK).touch()
    sandbox = folder / "sandbox"
    shutil.rmtree(sandbox, ignore_errors=True)
    for ledger in folder.glob("ledger.sqlite*"):
        ledger.unlink()
    build_demo_world(sandbox)
    return sandbox


@contextmanager
def _serve(sandbox: Path, folder: Path) -> Iterator[str]:
    """Serve the sandbox in a child process for the time of the context; it also ends when this process does."""
    token_file = folder / "token"
    token_file.touch(mode=0o600)
    token_file.write_text(TOKEN, "utf-8")
    faults = [word for fault in PASSING_FAULTS for word in ("--fault", json.dumps(fault))]
    options = ["--folder", str(sandbox), "--token-file", str(token_file), "--end-with-parent", *faults]
    server = subprocess.Popen([sys.executable, "-P", "-m", "sandbox", *options], stdout=subprocess.PIPE)  # noqa: S603 - ours
    try:
        if server.stdout is None or not (line := server.stdout.readline()):
            raise OutputError("the sandbox did not start")
        yield json.loads(line)["url"]
    finally:
        server.terminate()
        server.wait()
        token_file.unlink()


def _run(folder: Path, url: str) -> None:
    """Run the main job as a user would: in the demo's folder, with the demo's settings only."""
    others = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("SERVERAVATAR_", "PREFECT_", "FLEET_"))
    }
    ours = {
        "SERVERAVATAR_API_URL": url,
        "SERVERAVATAR_API_TOKEN_FILE": str(folder / "token"),
        "PREFECT_HOME": str(folder / "prefect"),
        "FLEET_BACKUP_LEDGER_URL": f"sqlite:///{folder / 'ledger.sqlite'}",
    }
    command = [sys.executable, "-P", "-m", "cli", "run", "fleet.yaml", "--report", "report.json"]
    ended = subprocess.run(command, cwd=folder, env=others | ours, check=False)  # noqa: S603 - ours
    if ended.returncode not in (Exit.DONE, Exit.SOME_FAILED):
        raise OutputError(f"the run ended with exit code {ended.returncode}")
