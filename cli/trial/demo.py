"""`fleet-backup demo`: the main job from nothing, on the sandbox, with proof."""

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
from cli.trial.demo_fleet import PASSING_FAULTS, write_fleet_file
from fleet.report.outcome import Exit, Outcome
from sandbox.backups.inspection import ArchiveInspection, inspect_archives
from sandbox.world.world import build_demo_world

TOKEN: Final = "demo-token-of-the-sandbox"  # noqa: S105 - the sandbox's own, good for nothing else
MARK: Final = ".fleet-backup-demo"
UNREACHABLE: Final = frozenset({"web-0002", "web-0008"})
"""The servers of the demo's world that have a full disk and a dead agent."""


def run_demo(folder: Path) -> int:
    """Back up a fleet of real files and databases on the sandbox, open the archives, and say what was found.

    Args:
        folder: where everything is put; made anew unless it is somebody else's.

    Returns:
        0 when everything went as it should, refusals of the two unreachable servers included; 1 otherwise.

    Raises:
        OutputError: the folder holds something that no demo has put there.
    """
    console = Console(file=sys.stderr, highlight=False)
    folder = folder.resolve()
    sandbox = _prepare(folder)
    fleet = folder / "fleet.yaml"
    write_fleet_file(sandbox, fleet)
    console.print(Text(f"A fleet of 9 servers with real files and databases stands in {_shown(sandbox)}."))
    console.print(Text("Its API fails now and then; one server has a full disk, one is disconnected."))
    with _serve(sandbox, folder) as url:
        console.print(Text(f"\n$ fleet-backup run {_shown(fleet)}", style="bold"))
        _run(folder, url)
    console.print(Text("\nOpening the archives ...", style="bold"))
    found = inspect_archives(sandbox, sample=5)
    wrong = [*_unexpected(json.loads((folder / "report.json").read_text("utf-8"))), *_damaged(found)]
    for line in _findings(found, folder):
        console.print(Text(line))
    for line in wrong:
        console.print(Text(f"not as expected: {line}", style="red"))
    if not wrong:
        console.print(Text("All is as expected, the refusals of web-0002 and web-0008 too.", style="green"))
    return int(Exit.UNEXPECTED if wrong else Exit.DONE)


def _prepare(folder: Path) -> Path:
    """Make the folder and the sandbox's world in it; Prefect's database of an earlier demo is kept, it saves time."""
    if folder.exists() and any(folder.iterdir()) and not (folder / MARK).exists():
        raise OutputError(f"--folder {folder}: is not empty and not of an earlier demo; choose another")
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
    """Serve the sandbox in a child process for the time of the context; it ends with this process, too."""
    token_file = folder / "token"
    token_file.touch(mode=0o600)
    token_file.write_text(TOKEN, "utf-8")
    faults = [word for fault in PASSING_FAULTS for word in ("--fault", json.dumps(fault))]
    options = ["--folder", str(sandbox), "--token-file", str(token_file), "--end-with-parent", *faults]
    server = subprocess.Popen([sys.executable, "-m", "sandbox", *options], stdout=subprocess.PIPE)  # noqa: S603 - ours
    try:
        if server.stdout is None or not (line := server.stdout.readline()):
            raise OutputError("the sandbox did not start")
        yield json.loads(line)["url"]
    finally:
        server.terminate()
        server.wait()
        token_file.unlink()


def _run(folder: Path, url: str) -> None:
    """Run the main job as a user would: in the demo's folder, with the demo's settings and nobody else's."""
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
    command = [sys.executable, "-m", "cli", "run", "fleet.yaml", "--report", "report.json"]
    ended = subprocess.run(command, cwd=folder, env=others | ours, check=False)  # noqa: S603 - ours
    if ended.returncode not in (Exit.DONE, Exit.SOME_FAILED):
        raise OutputError(f"the run ended with exit code {ended.returncode}")


def _unexpected(report: dict[str, list[dict[str, str]]]) -> list[str]:
    """What ended otherwise than it should: refused where nothing is wrong, or accepted where it cannot be."""
    good = {Outcome.VERIFIED, Outcome.ADOPTED, Outcome.CREATED}
    return [
        f"{target['server']} · {target['application']}: {target['outcome']} {target['reason']}"
        for target in report["targets"]
        if (target["server"] in UNREACHABLE) == (target["outcome"] in good)
    ]


def _damaged(found: list[ArchiveInspection]) -> list[str]:
    problems = [f"backup {it.backup_id} of {it.server} · {it.application}: {it.problem}" for it in found if it.problem]
    return problems if found else ["there is no archive at all"]


def _findings(found: list[ArchiveInspection], folder: Path) -> list[str]:
    names = [it.name for it in found if it.name]
    twice = len(names) - len(set(names))
    archives, size = sum(len(it.archives) for it in found), sum(it.bytes for it in found) / 1e6
    files, compared = sum(it.files for it in found), sum(it.files_compared for it in found)
    tables, rows = sum(it.tables for it in found), sum(it.rows for it in found)
    return [
        f"  {archives} archives of {len(found)} backups opened, {size:.1f} MB; {twice} made twice",
        f"  {files} files in them, {compared} compared with their source byte by byte",
        f"  {tables} tables restored from the dumps, {rows} rows, as many as in the source",
        f"The archives lie in {_shown(folder / 'sandbox' / 'storage')}; report: {_shown(folder / 'report.json')}.",
        "To look at the run in the Prefect UI, at http://127.0.0.1:4200:",
        f"  PREFECT_HOME={_shown(folder / 'prefect')} {_shown(Path(sys.executable).parent / 'prefect')} server start",
    ]


def _shown(path: Path) -> str:
    """A path as people type it: relative where it lies below the working folder."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)
