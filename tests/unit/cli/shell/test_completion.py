"""Completion: what Tab offers, and where `--install` puts the script of each shell."""

import subprocess
from pathlib import Path

import click
import pytest
from click.shell_completion import CompletionItem, ShellComplete

from cli.main import main
from cli.shell.completion import script_of

FILES = {
    "bash": ".local/share/bash-completion/completions/fleet-backup",
    "zsh": ".local/share/zsh/site-functions/_fleet-backup",
    "fish": ".config/fish/completions/fleet-backup.fish",
}


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.setenv("HOME", str(tmp_path))
    for name in ("XDG_DATA_HOME", "XDG_CONFIG_HOME", "BASH_COMPLETION_USER_DIR", "ZDOTDIR"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def ended(*line: str) -> object:
    with pytest.raises(SystemExit) as caught:
        main(list(line))
    return caught.value.code


def offered(line: str, incomplete: str) -> list[CompletionItem]:
    return ShellComplete(main, {}, "fleet-backup", "_").get_completions(line.split(), incomplete)


@pytest.mark.parametrize(
    ("line", "incomplete", "expected"),
    [
        ("", "sche", ["schema", "schedules"]),
        ("automations", "", ["install", "remove"]),
        ("run", "--no", ["--no-verify"]),
        ("completion", "", ["bash", "zsh", "fish"]),
        ("schema", "f", ["fleet-file", "fleets-file", "forget"]),
    ],
)
def test_tab_offers_commands_options_and_values(line: str, incomplete: str, expected: list[str]) -> None:
    assert [item.value for item in offered(line, incomplete)] == expected


@pytest.mark.parametrize("line", ["", "automations"])
def test_the_help_beside_a_command_is_whole(line: str) -> None:
    assert not any(item.help is None or "..." in item.help for item in offered(line, ""))


@pytest.mark.parametrize(("shell", "place"), FILES.items())
def test_install_puts_the_script_where_the_shell_looks_and_says_where(
    shell: str, place: str, home: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert ended("completion", shell, "--install") == 0
    streams = capsys.readouterr()
    assert (streams.out, str(home / place) in streams.err) == ("", True)
    assert (home / place).read_text("utf-8") == script_of(main, shell)
    assert ended("completion", shell) == 0
    assert capsys.readouterr().out.rstrip("\n") == script_of(main, shell).rstrip("\n")


def test_zsh_is_told_of_the_folder_once_and_keeps_what_it_had(home: Path) -> None:
    (home / ".zshrc").write_text("alias l=ls", "utf-8")
    for _ in range(2):
        assert ended("completion", "zsh", "--install") == 0
    first, comment, lines = (home / ".zshrc").read_text("utf-8").splitlines()
    assert (first, comment) == ("alias l=ls", "# Completion of fleet-backup.")
    assert str(home / FILES["zsh"]).removesuffix("/_fleet-backup") in lines


def test_the_users_own_folders_count(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_CONFIG_HOME", str(home / "configuration"))
    monkeypatch.setenv("BASH_COMPLETION_USER_DIR", str(home / "bash"))
    monkeypatch.setenv("XDG_DATA_HOME", "not/absolute")
    for shell in FILES:
        assert ended("completion", shell, "--install") == 0
    assert (home / "configuration/fish/completions/fleet-backup.fish").exists()
    assert (home / "bash/completions/fleet-backup").exists()
    assert (home / FILES["zsh"]).exists()


def test_a_folder_that_cannot_be_written_is_one_line(home: Path, capsys: pytest.CaptureFixture[str]) -> None:
    (home / ".local").write_text("a file", "utf-8")
    assert ended("completion", "bash", "--install") == 1
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("fleet-backup: --install: ")
    assert line.endswith("cannot be written: Not a directory")


def test_bash_understands_the_script() -> None:
    subprocess.run(["bash", "-n"], input=script_of(main, "bash"), text=True, check=True)  # noqa: S607


def test_another_shell_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert ended("completion", "csh") == 2
    assert "bash" in capsys.readouterr().err
    with pytest.raises(ValueError, match="csh: this version of click does not complete for it"):
        script_of(click.Command("x"), "csh")
