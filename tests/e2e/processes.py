"""The programs of the acceptance as child processes: stranger, Prefect server, and `fleet-backup` itself."""

import contextlib
import io
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self, TypedDict, Unpack
from unittest import mock

import httpx
import pytest

from cli import main
from tests.e2e.run_forks import ForkedRun, RunForks

ROOT = Path(__file__).parents[2]
END_WITHIN_SECONDS = 600.0
PREFECT_SETTINGS = {
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_TASK_RUN_RECORDER_FLUSH_INTERVAL": "1",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_BATCH_SIZE": "200",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_READ_BATCH_SIZE": "100",
    "PREFECT_SERVER_SERVICES_EVENT_PERSISTER_FLUSH_INTERVAL": "1",
}


def wait_until(holds: Callable[[], bool], what: str, seconds: float = 300.0) -> None:
    """Poll until `holds`; a bound keeps a broken run from hanging, it is not an expectation."""
    deadline = time.monotonic() + seconds
    while not holds():
        if time.monotonic() > deadline:
            raise TimeoutError(f"waited {seconds:.0f} s for {what}")
        time.sleep(0.1)


def ask_prefect(method: str, url: str, body: object = None, **options: Any) -> Any:
    """Ask Prefect's API; 503 means that its database is busy, and Prefect's own client sends such a request again."""
    deadline = time.monotonic() + 120.0
    while True:
        response = httpx.request(method, url, json=body, timeout=90, **options)
        if response.status_code != httpx.codes.SERVICE_UNAVAILABLE or time.monotonic() > deadline:
            response.raise_for_status()
            return response.json() if response.content else None
        time.sleep(0.5)


def clean_environment(home: Path, **more: str) -> dict[str, str]:
    """Nothing of this process but the PATH and the one certificate, and a home of its own."""
    return {
        "PATH": os.environ.get("PATH", os.defpath),
        "SSL_CERT_FILE": os.environ["SSL_CERT_FILE"],
        "HOME": str(home),
        "LANG": "C.UTF-8",
        "PREFECT_HOME": str(home / "prefect"),
        "PREFECT_SERVER_ANALYTICS_ENABLED": "false",
        "DO_NOT_TRACK": "1",
        **more,
    }


def end(process: subprocess.Popen[str] | ForkedRun) -> None:
    """End a process of ours by its pid, politely first."""
    if process.poll() is None:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
    process.wait(10)
    if process.stdout:
        process.stdout.close()


def processes_at_home(home: Path) -> list[str]:
    """The command lines of the processes that were started with this HOME (where there is a /proc)."""
    mark = f"HOME={home}".encode()
    found = []
    for process in Path("/proc").glob("[0-9]*"):
        with contextlib.suppress(OSError):
            variables = (process / "environ").read_bytes().split(b"\0")
            if mark in variables:
                found.append((process / "cmdline").read_bytes().replace(b"\0", b" ").decode())
    return found


def files_with(tokens: Iterable[str], *folders: Path) -> list[Path]:
    """The files below these folders that hold one of the tokens."""
    needles = [token.encode() for token in tokens]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    return [path for path in files if any(needle in path.read_bytes() for needle in needles)]


@dataclass
class StrangerProcess:
    """A running stranger: where it serves, the token it wants, and what it knows."""

    url: str
    token: str
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, folder: Path, config: Mapping[str, object]) -> Self:
        token = f"tok-{secrets.token_hex(16)}"
        path = folder / f"stranger-{secrets.token_hex(4)}.json"
        path.write_text(json.dumps({"token": token, **config}), encoding="utf-8")
        command = [sys.executable, "-m", "tests.e2e.stranger", "--config", str(path), "--port", "0"]
        process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
        assert process.stdout is not None
        return cls(json.loads(process.stdout.readline())["url"], str(config.get("token", token)), process)

    def truth(self) -> dict[str, Any]:
        answer: dict[str, Any] = httpx.get(f"{self.url}/_truth", timeout=30).json()
        return answer

    def creates(self) -> int:
        """How many creates have come in."""
        return sum(row["method"] == "POST" for row in self.truth()["requests"])

    def hanging(self, seconds: float) -> int:
        """How many creates wait for their answer now, each for that long in all."""
        waiting = [row for row in self.truth()["requests"] if row["method"] == "POST" and row["status"] is None]
        return sum(row.get("pause") == seconds for row in waiting)

    def change(
        self,
        *,
        run_plans: bool = False,
        states: Mapping[int, str] | None = None,
        applications: Mapping[int, list[dict[str, Any]]] | None = None,
        **config: object,
    ) -> None:
        """Go on with other settings, servers in other states or with other applications, or after the plans ran."""
        of_servers = {"states": states or {}, "applications": applications or {}}
        change = {"config": config, "run_plans": run_plans, **of_servers}
        httpx.post(f"{self.url}/_change", json=change, timeout=30).raise_for_status()


@dataclass
class PrefectServer:
    """A Prefect server for all runs of the session, since each of its own would cost 10 to 20 s."""

    home: Path
    url: str
    process: subprocess.Popen[str]

    @classmethod
    def start(cls, home: Path) -> Self:
        with socket.create_server(("127.0.0.1", 0)) as probe:
            port = probe.getsockname()[1]
        command = [
            sys.executable,
            "-m",
            "prefect",
            "server",
            "start",
            "--host",
            "127.0.0.1",
            "--port",
            str(port),
        ]
        environment = clean_environment(home, **PREFECT_SETTINGS)
        with (home / "server.log").open("w", encoding="utf-8") as log:
            process = subprocess.Popen(command, cwd=home, env=environment, stdout=log, stderr=log, text=True)
        started = cls(home, f"http://127.0.0.1:{port}/api", process)
        try:
            wait_until(started.is_healthy, "the Prefect server")
        except (TimeoutError, RuntimeError):
            end(process)
            raise
        return started

    def is_healthy(self) -> bool:
        if self.process.poll() is not None:
            raise RuntimeError(f"the Prefect server ended: {(self.home / 'server.log').read_text(encoding='utf-8')}")
        try:
            return httpx.get(f"{self.url}/health", timeout=5).status_code == 200
        except httpx.TransportError:
            return False

    def rows(self, kind: str, **conditions: object) -> list[dict[str, Any]]:
        """All that the server knows of `flow_runs`, `task_runs` or `artifacts` under these conditions."""
        found: list[dict[str, Any]] = []
        while True:
            query = {**conditions, "offset": len(found), "limit": 200}
            got = ask_prefect("POST", f"{self.url}/{kind}/filter", query)
            found += got
            if len(got) < 200:
                return found


def exit_code(command: Callable[[], object]) -> int:
    """The code with which a command exits."""
    with pytest.raises(SystemExit) as ended:
        command()
    assert isinstance(ended.value.code, int)
    return ended.value.code


@dataclass(frozen=True)
class Ended:
    """A `fleet-backup` that has ended."""

    exit_code: int
    stdout: str
    stderr: str
    home: Path
    report: dict[str, Any] | None

    @property
    def targets(self) -> list[dict[str, Any]]:
        assert self.report is not None, self.stderr
        targets: list[dict[str, Any]] = self.report["targets"]
        return targets

    def outcomes(self) -> dict[int, str]:
        """Outcome by application id."""
        return {target["application_id"]: target["outcome"] for target in self.targets}


@dataclass
class Running:
    """A `fleet-backup` under way, in a process group of its own, as a terminal would start it."""

    home: Path
    report: Path
    process: subprocess.Popen[str] | ForkedRun

    def kill(self) -> None:
        """What nobody can catch: SIGKILL, as when memory or power is gone."""
        self.process.kill()
        self.process.wait()

    def interrupt(self) -> None:
        """What Ctrl-C does: SIGINT to the whole foreground group."""
        os.killpg(self.process.pid, signal.SIGINT)

    def end(self) -> Ended:
        """Wait for its end and read what it left."""
        try:
            code = self.process.wait(END_WITHIN_SECONDS)
        except subprocess.TimeoutExpired:
            os.killpg(self.process.pid, signal.SIGKILL)
            self.process.wait()
            raise
        out, err = ((self.home / name).read_text(encoding="utf-8") for name in ("stdout", "stderr"))
        written = self.report.read_text(encoding="utf-8") if self.report.exists() else ""
        report = json.loads(written) if written else None
        return Ended(code, out, err, self.home, report)


class Options(TypedDict, total=False):
    """How to start `fleet-backup`; a variable of None is unset."""

    fleet: Mapping[str, object] | str
    stranger: StrangerProcess
    home: Path
    own_prefect: bool
    environment: Mapping[str, str | None]


@dataclass
class FleetBackup:
    """Starts the installed `fleet-backup` in homes of their own below `folder`; with `forks`, `run` is one."""

    program: Path
    folder: Path
    prefect_url: Callable[[], str]
    tokens: set[str]
    forks: RunForks | None = None
    started: list[Running] = field(default_factory=list)
    count: int = 0

    def start(self, *arguments: str, **options: Unpack[Options]) -> Running:
        """Start a command; `FLEET` among the arguments is the fleet file."""
        home, line = self._prepared(arguments, options)
        start = self.forks.start if self.forks and line[:1] == ["run"] else self._from_nothing
        process = start(line, home, self._variables(home, options))
        self.started.append(Running(home, home / "work" / "report.json", process))
        return self.started[-1]

    def _from_nothing(self, line: list[str], home: Path, variables: dict[str, str]) -> subprocess.Popen[str]:
        with (home / "stdout").open("w") as out, (home / "stderr").open("w") as err:
            return subprocess.Popen(
                [str(self.program), *line],
                cwd=home / "work",
                env=variables,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=err,
                start_new_session=True,
                text=True,
            )

    def run(self, *arguments: str, **options: Unpack[Options]) -> Ended:
        """Start a command and wait for its end."""
        return self.start(*arguments, **options).end()

    def run_here(self, *arguments: str, **options: Unpack[Options]) -> Ended:
        """Run a command that needs no Prefect in this process: a process costs more than all that such a command does.

        At least one of its kind is run in a process of its own, too.
        """
        home, line = self._prepared(arguments, options)
        out, err = io.StringIO(), io.StringIO()
        with (
            mock.patch.dict(os.environ, self._variables(home, options), clear=True),
            mock.patch.object(sys, "argv", ["fleet-backup", *line]),
            contextlib.chdir(home / "work"),
            contextlib.redirect_stdout(out),
            contextlib.redirect_stderr(err),
        ):
            code = exit_code(main.main)
        (home / "stdout").write_text(out.getvalue(), encoding="utf-8")
        (home / "stderr").write_text(err.getvalue(), encoding="utf-8")
        return Ended(code, out.getvalue(), err.getvalue(), home, None)

    def _prepared(self, arguments: Iterable[str], options: Options) -> tuple[Path, list[str]]:
        """The home of a command, with its fleet file, and its line."""
        self.count += 1
        home = options.get("home") or self.folder / f"home-{self.count}"
        work = home / "work"
        work.mkdir(parents=True, exist_ok=True)
        if (fleet := options.get("fleet")) is not None:
            text = fleet if isinstance(fleet, str) else json.dumps(fleet, indent=2)
            (work / "fleet.yaml").write_text(text, encoding="utf-8")
        report = work / "report.json"
        report.unlink(missing_ok=True)
        line = [{"FLEET": "fleet.yaml"}.get(argument, argument) for argument in arguments]
        if line[:1] == ["run"] and fleet is not None:
            line += ["--report", str(report)]
        return home, line

    def _variables(self, home: Path, options: Options) -> dict[str, str]:
        quick = {"SERVERAVATAR_REQUESTS_PER_MINUTE": "6000", "FLEET_BACKUP_SETTLE_SECONDS": "0.3"}
        variables = clean_environment(home, **quick)
        if stranger := options.get("stranger"):
            variables |= {"SERVERAVATAR_API_URL": stranger.url, "SERVERAVATAR_API_TOKEN": stranger.token}
        if not options.get("own_prefect"):
            variables["PREFECT_API_URL"] = self.prefect_url()
        for name, value in options.get("environment", {}).items():
            variables.pop(name, None)
            if value is not None:
                variables[name] = value
        self.tokens.update({variables.get("SERVERAVATAR_API_TOKEN", "")} - {""})
        return variables
