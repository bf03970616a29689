"""The recipe of the container image: what holds without building it (`.ci/container` builds and starts it)."""

import json
import re
import tomllib
from pathlib import Path
from typing import Any

import click

from cli.main import main
from tests.operations import services

ROOT = Path(__file__).parents[3]
RECIPE = re.sub(r"\\\n\s*", "", (ROOT / "Containerfile").read_text("utf-8"))
BUILD, FINAL = (stage.splitlines() for stage in RECIPE.split("\nFROM ")[1:])
PROJECT: dict[str, Any] = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))
WHEEL = PROJECT["tool"]["hatch"]["build"]["targets"]["wheel"]
HOME = "/var/lib/fleet-backup"


def lines(stage: list[str], instruction: str) -> list[str]:
    """What follows this instruction, each time."""
    return [line.removeprefix(f"{instruction} ") for line in stage if line.startswith(f"{instruction} ")]


def words(instruction: str) -> list[str]:
    """Of a command of the image."""
    (line,) = lines(FINAL, instruction)
    return [str(word) for word in json.loads(line)]


def copied() -> set[str]:
    """What the first stage takes from the repository."""
    return {name for line in lines(BUILD, "COPY") for name in line.split()[:-1]}


def test_it_takes_all_of_the_wheel_and_nothing_that_may_hold_a_secret() -> None:
    sources = {*WHEEL["packages"], *WHEEL["force-include"], PROJECT["project"]["readme"], "pyproject.toml"}
    assert copied() == {*sources, "requirements.txt", "requirements-dev.txt"}
    ignored = (ROOT / ".dockerignore").read_text("utf-8").splitlines()
    assert [line for line in ignored if not line.startswith(("!", "#"))] == ["*", "**/__pycache__"]
    assert {line.removeprefix("!") for line in ignored if line.startswith("!")} == copied()
    assert all((ROOT / name).exists() for name in copied())


def test_all_that_it_installs_is_locked() -> None:
    commands = re.split(r"&&|\n", "\n".join(lines(BUILD, "RUN")))
    installs = [line for line in commands if re.search(r"/pip .*(install|wheel) ", line)]
    assert len(installs) == 4
    assert all(("--require-hashes" in line) != ("--no-index" in line) for line in installs), installs
    wanted = re.findall(r"\^\(([\w|-]+)\)==", RECIPE)[0].split("|")
    locked = (ROOT / "requirements-dev.txt").read_text("utf-8")
    assert all(f"\n{name}==" in locked for name in wanted)


def test_it_runs_without_privileges_and_writes_to_its_volume_alone() -> None:
    (user,) = lines(FINAL, "USER")
    assert user == "1000:1000"
    assert f"--uid 1000 --create-home --home-dir {HOME} " in "\n".join(lines(FINAL, "RUN"))
    assert (lines(FINAL, "VOLUME"), lines(FINAL, "WORKDIR")) == ([HOME], [HOME])
    assert f"HOME={HOME}" in lines(FINAL, "ENV")[0].split()
    assert "--chown" not in RECIPE


def test_it_starts_serve_on_the_port_that_it_shows() -> None:
    (program,), line = (words(instruction) for instruction in ("ENTRYPOINT", "CMD"))
    assert program in PROJECT["project"]["scripts"]
    command = main.get_command(click.Context(main), line[0])
    assert command
    assert command.make_context(line[0], line[1:]).params["fleet"] == Path("/etc/fleet-backup/fleet.yaml")
    assert f"PREFECT_SERVER_API_PORT={lines(FINAL, 'EXPOSE')[0]}" in lines(FINAL, "ENV")[0].split()


def test_compose_builds_the_same_image_and_keeps_its_home() -> None:
    for name in ("prefect-server", "worker"):
        service = services()[name]
        assert service["build"] == {"context": "../..", "dockerfile": "Containerfile"}
        assert service["entrypoint"] == []
    assert services()["prefect-server"]["volumes"] == [f"prefect:{HOME}"]


def test_its_base_can_be_another_and_names_no_registry() -> None:
    assert RECIPE.count("FROM ${BASE}") == 2
    assert re.findall(r"^ARG BASE=(.*)$", RECIPE, re.MULTILINE) == ["debian:trixie-slim"]
