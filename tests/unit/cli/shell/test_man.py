"""The man page: whole, of this version, and nothing in it is taken for an instruction."""

import shutil
import subprocess
from pathlib import Path

import click
import pytest

from cli.command_line.walking import walk
from cli.main import main
from cli.shell.man_page import _MEANINGS, page_of
from fleet.report.outcome import Exit
from fleet.settings.settings import Settings

CONTRACT = Path(__file__).parents[4] / "docs" / "contract" / "index.md"


@pytest.fixture(scope="module")
def program() -> click.Context:
    return click.Context(main, info_name="fleet-backup")


def test_it_holds_every_command_option_setting_and_exit_code(program: click.Context) -> None:
    page = page_of(program).replace(r"\-", "-").replace(r"\&", "")
    for context in walk(program):
        assert f'.SS "{context.command_path}"' in page
        names = [name for each in context.command.params if isinstance(each, click.Option) for name in each.opts]
        section = page.partition(f'.SS "{context.command_path}"')[2].partition("\n.S")[0]
        assert [name for name in names if name not in section] == []
    assert "--log-format FORMAT" in page.partition(".SH COMMANDS")[0]
    assert [name for name in Settings.model_fields if rf"\fB{name.upper()}\fR" not in page] == []
    assert [code for code in Exit if f".TP\n\\fB{code.value}\\fR" not in page] == []


def test_its_exit_codes_mean_what_the_contract_says() -> None:
    rows = CONTRACT.read_text("utf-8")
    for code, meaning in _MEANINGS.items():
        if code is not Exit.TO_DO:  # There the contract says more.
            assert f"| {code.value} | {meaning} |" in rows


def test_a_text_that_looks_like_an_instruction_is_text() -> None:
    @click.command(help=".SH of\n\n'quoted' C:\\new -\"dash\" `code`")
    def it() -> None: ...

    group = click.Group("fleet-backup", {"it": it}, help="All.")
    page = page_of(click.Context(group, info_name="fleet-backup"))
    assert "\n\\&.SH of\n" in page
    assert "\n\\&\\(aqquoted\\(aq C:\\enew \\-\\(dqdash\\(dq \\fBcode\\fR\n" in page


def test_into_a_pipe_it_is_its_source_and_install_says_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    for line in (["man"], ["man", "--install"]):
        with pytest.raises(SystemExit, match="0"):
            main(line)
    streams = capsys.readouterr()
    file = tmp_path / "man" / "man1" / "fleet-backup.1"
    assert file.read_text("utf-8") == streams.out
    assert str(file) in streams.err


def test_groff_finds_nothing_to_warn_about(program: click.Context) -> None:
    groff = shutil.which("groff")
    if groff is None:
        pytest.skip("groff is not installed; .ci/run installs it")
    line = [groff, "-man", "-ww", "-Tutf8", "-rLL=80n"]
    ended = subprocess.run(line, input=page_of(program), capture_output=True, text=True, check=True)
    assert ended.stderr == ""
