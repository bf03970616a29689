"""The generated references: everything that people can say or read is in them, with a meaning."""

import re
import tomllib
from pathlib import Path

import click
import pytest

from cli.documents.documents import FLEETS_FILE, REPORTS
from docs.hooks import commands, house, models, site
from docs.hooks.links import problems
from docs.hooks.schemas import meanings, shapes
from fleet.report.outcome import Exit
from fleet.settings.settings import Settings

DOCS = site.ROOT / "docs"
WALKED = commands.contexts()


def _section(path: str) -> str:
    return commands.reference().partition(f"## {path}\n")[2].partition("\n## ")[0]


@pytest.mark.parametrize("context", WALKED, ids=lambda it: it.command_path.replace(" ", "-"))
def test_a_command_stands_with_its_help_and_every_option(context: click.Context) -> None:
    section = _section(context.command_path)
    assert (context.command.help or "").split("\n")[0] in section
    assert context.command.collect_usage_pieces(context)[-1] in section
    named = [
        name for parameter in context.command.params if parameter.param_type_name == "option" for name in parameter.opts
    ]
    assert [name for name in named if f"`{name}" not in section and f", {name}" not in section] == []


def test_the_commands_of_groups_are_commands_and_groups_are_not() -> None:
    paths = {context.command_path for context in WALKED}
    assert {"fleet-backup run", "fleet-backup automations install"} <= paths
    assert "fleet-backup automations" not in paths


def test_a_default_and_a_variable_are_shown() -> None:
    assert re.search(r"\| `--verify-timeout SECONDS` \| .*Default: `3600`\. \|", _section("fleet-backup run"))
    assert "Environment: `FLEET_BACKUP_ZONE`." in _section("fleet-backup serve")
    assert "Environment: `FLEET_BACKUP_LOG_FORMAT`." in _section("fleet-backup")
    assert re.search(
        r"\| `--limit PATTERN` \| .*(Repeatable|May be given more than once)\. \|", _section("fleet-backup run")
    )


def test_every_setting_stands_with_its_default() -> None:
    text = models.settings()
    assert [name for name in Settings.model_fields if f"| `{name.upper()}` |" not in text] == []
    assert re.search(r"\| `SERVERAVATAR_API_URL` \| text \| .*Default: `https://api.serveravatar.com`\. \|", text)
    assert "`Bearer <token>`" in text


def test_every_key_of_the_fleet_file_stands() -> None:
    text = models.fleet_file()
    keys = {key for shape in shapes(models.SCHEMAS["fleet-file"]) for key in meanings(shape)}
    assert {"organization", "backups", "not", "muted", "window", "cloud_storage_provider_id"} <= keys
    assert [key for key in keys if f"| `{key}` |" not in text] == []


def test_every_key_of_a_file_that_lists_fleets_stands() -> None:
    text = models.fleets_file()
    keys = {key for shape in shapes(models.SCHEMAS[FLEETS_FILE]) for key in meanings(shape)}
    assert {"defaults", "all_fleets", "fleets", "name", "credentials"} <= keys
    assert [key for key in keys if f"| `{key}` |" not in text] == []


@pytest.mark.parametrize("command", REPORTS)
def test_every_field_of_a_report_stands_whatever_it_lies_in(command: str) -> None:
    section = models.reports().partition(f"## {command}\n")[2].partition("\n## ")[0]
    fields = {name for shape in shapes(models.SCHEMAS[command]) for name in meanings(shape)}
    assert "schema" in fields
    assert [name for name in fields if f"| `{name}` |" not in section] == []


def test_everything_has_a_meaning() -> None:
    assert list(models.undescribed()) == []


def _values(name: str) -> list[str]:
    """Of an enumeration, from the reports that show it."""
    schemas = [schema["$defs"] for schema in models.SCHEMAS.values() if "$defs" in schema]
    return next(definitions[name]["enum"] for definitions in schemas if "enum" in definitions.get(name, {}))


@pytest.mark.parametrize(
    ("page", "name"),
    [
        ("contract/index.md", "Outcome"),
        ("audit.md", "Status"),
        ("plan.md", "Action"),
        ("plan.md", "Kind"),
        ("reliability.md", "Evidence"),
    ],
)
def test_a_page_explains_every_word_of_the_contract(page: str, name: str) -> None:
    text = (DOCS / page).read_text("utf-8")
    assert [word for word in _values(name) if f"| `{word}` |" not in text] == []


def test_every_exit_code_is_explained() -> None:
    text = (DOCS / "contract" / "index.md").read_text("utf-8")
    assert [code for code in Exit if f"| {code.value} |" not in text] == []


def test_contributing_lists_the_rooms_of_fleet_from_the_ground_up() -> None:
    contracts = tomllib.loads((site.ROOT / "pyproject.toml").read_text("utf-8"))["tool"]["importlinter"]["contracts"]
    listed = re.findall(r"^\| `(\w+)` \|", (site.ROOT / "CONTRIBUTING.md").read_text("utf-8"), re.MULTILINE)
    assert listed == house.ordered(contracts, "fleet")


def test_every_room_of_the_house_says_what_it_is() -> None:
    text = house.rooms(site.ROOT)
    folders = [path.parent for package in house.PACKAGES for path in (site.ROOT / package).glob("*/__init__.py")]
    assert [folder for folder in folders if not house.meaning(folder) or f"| `{folder.name}` |" not in text] == []


def test_every_marker_in_a_page_is_known_and_every_reference_is_used() -> None:
    used = {
        name
        for file in DOCS.rglob("*.md")
        for name in re.findall(r"<!-- generated: ([a-z-]+) -->", file.read_text("utf-8"))
    }
    assert used == set(site.GENERATED)


def test_the_front_page_is_short() -> None:
    assert len((site.ROOT / "README.md").read_text("utf-8").splitlines()) <= 150


def test_what_docs_and_readme_name_exists() -> None:
    assert list(problems(site.ROOT)) == []


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("[a](docs/b.md)", "README.md: docs/b.md does not exist"),
        ("[a](docs/a.md#three)", "README.md: docs/a.md has no heading #three"),
        ("[a](docs/a.md#one-two)", None),
        ("[a](#here)", None),
        ("[a](https://example.org/docs/b.md)", None),
        ('<img src="docs/a.png">', "README.md: docs/a.png does not exist"),
        ("`fleet/gone.py`", "README.md: `fleet/gone.py` does not exist"),
        ("`fleet/*/here.py`", None),
        ("`test_gone`", "README.md: no test is called `test_gone`"),
        ("`test_gone.py`", "README.md: no test is called `test_gone`"),
        ("`test_that_is_there` in `test_here.py`", None),
        ("```\n[a](docs/b.md) `fleet/gone.py`\n```", None),
    ],
)
def test_what_is_named_and_does_not_exist_is_a_problem(tmp_path: Path, text: str, problem: str | None) -> None:
    files = {
        "README.md": f"# Here\n{text}\n",
        "CONTRIBUTING.md": "",
        "CHANGELOG.md": "",
        "docs/a.md": "## `One`, two\n",
        "fleet/room/here.py": "",
        "tests/test_here.py": "def test_that_is_there() -> None: ...\n",
    }
    for name, content in files.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(content, "utf-8")
    assert list(problems(tmp_path)) == ([problem] if problem else [])


@pytest.mark.parametrize(
    ("html", "loaded"),
    [
        ('<script src="https://example.org/a.js">', "https://example.org/a.js"),
        ("<link rel=stylesheet href=//example.org/a.css>", "//example.org/a.css"),
        ('<img alt="a" src="http://example.org/a.png">', "http://example.org/a.png"),
        ('<script src="../assets/a.js">', None),
        ('<a href="https://example.org">', None),
    ],
)
def test_what_a_page_would_load_from_the_web_is_seen(html: str, loaded: str | None) -> None:
    found = site.FOREIGN.search(html)
    assert (found[1] if found else None) == loaded
