"""`.ci/python`: the Python that `make` sets up with; where there is none, what it says before anything is installed."""

import re
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
ALSO_NEEDED = "Install one, or name it: make PYTHON=/path/to/python3 ..."


def interpreter(folder: Path, name: str, version: str, *, venv: bool = True) -> Path:
    """A program that answers as that Python does."""
    supported = (3, 11, 2) <= tuple(map(int, version.split("."))) < (3, 14)
    file = folder / name
    file.write_text(
        "#!/bin/sh\n"
        f'case "$2" in *python_version*) echo {version};; *version_info*) exit {int(not supported)};;'
        f" *ensurepip*) exit {int(not venv)};; esac\n",
        "utf-8",
    )
    file.chmod(0o755)
    return file


def choose(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    line = ["/bin/sh", str(ROOT / ".ci" / "python"), *arguments]
    return subprocess.run(line, env={"PATH": str(folder)}, capture_output=True, text=True, check=False)


@pytest.mark.parametrize(
    ("pythons", "chosen"),
    [
        ({"python3": "3.11.2"}, "python3"),
        ({"python3": "3.13.9"}, "python3"),
        ({"python3": "3.10.13", "python3.12": "3.12.1"}, "python3.12"),
        ({"python3": "3.14.0", "python3.13": "3.13.0"}, "python3.13"),
        ({"python3": "3.13.5", "python3.11": "3.11.7"}, "python3.11"),
    ],
)
def test_the_first_supported_python_is_chosen(pythons: dict[str, str], chosen: str, tmp_path: Path) -> None:
    for name, version in pythons.items():
        interpreter(tmp_path, name, version)
    assert choose(tmp_path).stdout == f"{tmp_path / chosen}\n"


@pytest.mark.parametrize("version", ["3.9.18", "3.11.1", "3.14.0"])
def test_the_versions_that_are_needed_are_named_with_those_that_were_found(version: str, tmp_path: Path) -> None:
    found = interpreter(tmp_path, "python3", version)
    ended = choose(tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr == f"Python 3.11.2 to 3.13 is needed; {found} is {version}. {ALSO_NEEDED}\n"


def test_without_any_python_the_versions_are_named(tmp_path: Path) -> None:
    assert choose(tmp_path).stderr == f"Python 3.11.2 to 3.13 is needed; no python3 was found. {ALSO_NEEDED}\n"
    assert "no mistyped was found" in choose(tmp_path, "mistyped").stderr


def test_a_shim_that_runs_nothing_is_passed_over(tmp_path: Path) -> None:
    shim = tmp_path / "python3.11"
    shim.write_text("#!/bin/sh\necho 'pyenv: python3.11: command not found' >&2\nexit 127\n", "utf-8")
    shim.chmod(0o755)
    right = interpreter(tmp_path, "python3.12", "3.12.1")
    ended = choose(tmp_path)
    assert (ended.stdout, ended.stderr) == (f"{right}\n", "")


def test_where_the_venv_package_is_missing_it_is_named(tmp_path: Path) -> None:
    bare = interpreter(tmp_path, "python3", "3.11.2", venv=False)
    ended = choose(tmp_path)
    assert (ended.returncode, ended.stdout) == (1, "")
    assert ended.stderr.startswith(f"{bare} cannot make virtual environments. Install python3-venv")
    complete = interpreter(tmp_path, "python3.13", "3.13.0")
    assert choose(tmp_path).stdout == f"{complete}\n"


def test_a_named_interpreter_is_used_and_no_other(tmp_path: Path) -> None:
    interpreter(tmp_path, "python3", "3.11.2")
    old = interpreter(tmp_path, "old", "3.9.18")
    assert choose(tmp_path, str(old)).stderr.startswith("Python 3.11.2 to 3.13 is needed")
    assert choose(tmp_path, sys.executable).stdout == f"{sys.executable}\n"


def test_the_versions_are_those_of_the_project_in_every_place() -> None:
    project = tomllib.loads((ROOT / "pyproject.toml").read_text("utf-8"))["project"]
    assert project["requires-python"] == ">=3.11.2,<3.14"
    language = "Programming Language :: Python :: "
    classified = [entry.removeprefix(language) for entry in project["classifiers"] if entry.startswith(language)]
    assert classified == ["3.11", "3.12", "3.13"]
    script = (ROOT / ".ci" / "python").read_text("utf-8")
    assert "first='3.11.2' last='3.13'" in script
    assert "(3, 11, 2) <= sys.version_info[:3] < (3, 14)" in script
    for page in ("README.md", "docs/first-steps.md"):
        assert re.search(r"Python 3\.11\.2 to 3\.13", (ROOT / page).read_text("utf-8")), page
