"""A fleet file is read safely, whoever wrote it, and what is wrong is said in one clear line."""

from pathlib import Path

import pytest

from fleet.fleet_file import reading as fleet_file
from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.reading import parse, read
from fleet.fleet_file.safe_yaml import DEEPEST


def refusal(content: bytes | str) -> str:
    with pytest.raises(FleetFileError) as caught:
        parse(content.encode() if isinstance(content, str) else content, "fleet.yaml")
    return one_line(caught.value)


def one_line(error: FleetFileError) -> str:
    text = str(error)
    assert len(error.mistakes) == 1
    assert "\n" not in text
    assert len(text) < 300
    assert text.startswith("fleet.yaml: ")
    return text.removeprefix("fleet.yaml: ")


def test_yaml_and_json_become_plain_values(tmp_path: Path) -> None:
    wanted = {"organization": 5, "servers": [{"id": 15, "backups": [{"application_id": 4246}]}]}
    yaml = "organization: 5\nservers:\n- id: 15\n  backups:\n  - {application_id: 4246}\n"
    json = '{"organization": 5, "servers": [{"id": 15, "backups": [{"application_id": 4246}]}]}'
    assert parse(yaml.encode(), "fleet.yaml") == parse(json.encode(), "fleet.json") == wanted
    path = tmp_path / "fleet.yaml"
    path.write_text("\ufeff" + yaml, "utf-8")
    assert read(path) == wanted
    assert type(read(path)["servers"]) is list


def test_what_people_write_stays_text() -> None:
    values = parse(b'start_backup: "2030-07-13 17:49"\nname: gr\xc3\xbcn\nextension: .tar.gz\n', "fleet.yaml")
    assert values == {"start_backup": "2030-07-13 17:49", "name": "grün", "extension": ".tar.gz"}


@pytest.mark.parametrize("tag", ["env:prod", "10:30", "k::v", "what?", ":a", "-a", "https://x/?y=1:2"])
def test_a_list_on_one_line_holds_whatever_todays_yaml_takes_for_a_text(tag: str) -> None:
    assert parse(f"tags: [a, {tag}, 'b']\n".encode(), "fleet.yaml") == {"tags": ["a", tag, "b"]}
    assert parse(f"tags: [{tag}]\nx: {{a: 1}}\n".encode(), "fleet.yaml") == {"tags": [tag], "x": {"a": 1}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: [x:y, b\n", "found unexpected ':'"),
        ("a: {x:y, x:y}\n", 'duplicate key "x:y"'),
        ("a: [x:y, *z]\n", "found undefined alias 'z'"),
        ("a: [x:y, " + "[" * 99 + "]" * 99 + "]", "nested more than"),
    ],
)
def test_what_is_wrong_behind_such_a_text_is_said_too(content: str, words: str) -> None:
    assert words in refusal(content)


@pytest.mark.parametrize("hidden", ["\u202e", "\u2066", "\u200b"])
def test_what_a_terminal_would_act_on_goes_where_the_file_is_read(hidden: str) -> None:
    text = f'"k{hidden}k": "a{hidden}b"\nescaped: "\\e]52;c;x\\a\\x9b"\nblock: |\n  a\n  b\n'
    values = parse(text.encode(), "fleet.yaml")
    assert all(text.isprintable() for pair in values.items() for text in pair)
    assert values["block"] == "a b"


def test_yes_and_no_are_text_as_in_todays_yaml() -> None:
    assert parse(b"a: true\nb: 1\n", "fleet.yaml") == {"a": True, "b": 1}


@pytest.mark.parametrize(
    "tag",
    [
        "!!python/object/apply:os.system [echo hacked]",
        "!!python/object:fleet.target.Target {}",
        "!!python/name:os.system",
        "!!python/module:os",
        "!command ls",
    ],
)
def test_a_tag_that_could_run_code_is_refused(tag: str) -> None:
    text = refusal(f"organization: 5\nservers: {tag}\n")
    assert text.startswith("line 2, column 10: ")
    assert "(plain YAML only: no tags)" in text


def test_a_key_that_stands_twice_is_refused_with_its_place() -> None:
    assert refusal("organization: 5\nservers: []\norganization: 6\n") == (
        'line 3, column 1: duplicate key "organization"'
    )
    assert "line 3" in refusal("servers:\n- id: 1\n  id: 2\n")


def test_a_merge_fills_what_is_left_out_and_the_first_merged_wins() -> None:
    anchors = "x: &x {b: 1, c: 2}\ny: &y {c: 3, d: 4}\n"
    assert parse(f"{anchors}z: {{b: 9, <<: [*x, *y]}}\n".encode(), "fleet.yaml")["z"] == {"b": 9, "c": 2, "d": 4}
    assert parse(f"{anchors}z: {{<<: *y}}\n".encode(), "fleet.yaml")["z"] == {"c": 3, "d": 4}
    assert parse(b"z: {'<<': 5}", "fleet.yaml") == {"z": {"<<": 5}}


@pytest.mark.parametrize(
    ("content", "words"),
    [
        ("a: 1\nz: {<<: 5}\n", "line 2, column 9: expected a mapping or list of mappings for merging"),
        ("z: {<<: {a: 1}, <<: {b: 1}}\n", 'line 1, column 17: duplicate key "<<"'),
        ("{1: a, 0x1: b}\n", 'line 1, column 8: duplicate key "1"'),
        ("? [a]\n: 1\n", "line 1, column 3: a key must be a word or a number"),
        ("a: &a [*a]\n", "line 1, column 4: a value cannot contain itself"),
        ("defaults: &d {provider: *d}\n", "line 1, column 11: a value cannot contain itself"),
        ("a: &a 1\nb: &a 2\n", "line 2, column 4: duplicate anchor 'a'"),
        ("a: 1\nb: !foo x\n", "line 2, column 4: could not determine a constructor for the tag"),
    ],
)
def test_what_cannot_be_a_plain_value_is_refused_with_its_place(content: str, words: str) -> None:
    assert refusal(content).startswith(words)


def test_a_file_that_is_too_large_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fleet_file, "LARGEST_FILE", 1024**2)
    path = tmp_path / "fleet.yaml"
    path.write_bytes(b"# " + b"x" * 1024**2)
    with pytest.raises(FleetFileError) as caught:
        read(path)
    assert one_line(caught.value) == "is larger than 1 MB: this is not a fleet file"
    path.write_bytes(b"servers: 1 #" + b"x" * (1024**2 - 12))
    assert read(path) == {"servers": 1}


def test_a_tab_is_named(tmp_path: Path) -> None:
    assert refusal("servers:\n\t- id: 1\n") == "line 2, column 1: a tab cannot indent YAML; use spaces"
    path = tmp_path / "fleet.yaml"
    path.write_bytes(b"servers:\n  - id: 1\n\t  name: a\n")
    with pytest.raises(FleetFileError, match="line 3, column 1: a tab cannot indent YAML; use spaces"):
        read(path)


@pytest.mark.parametrize("content", ["", "\n\n", "# nothing but a comment\n", "---\n", "null\n", "~\n"])
def test_an_empty_file_is_refused(content: str) -> None:
    assert refusal(content) == "is empty"


@pytest.mark.parametrize("content", ["- id: 1\n", "servers\n", "5\n", "[]\n", "true\n", '"a: b"\n'])
def test_a_file_that_is_no_mapping_is_refused(content: str) -> None:
    assert refusal(content) == "must be a mapping with the key 'servers' or 'select'"


@pytest.mark.parametrize("content", [b"name: gr\xfcn\n", b"\xff\xfea\x00:\x00", b"\x80"])
def test_what_is_not_utf_8_is_refused(content: bytes) -> None:
    assert "is not UTF-8 text (byte" in refusal(content)


@pytest.mark.parametrize(
    ("content", "place"),
    [
        ("servers: [\n", "line 2"),
        ("servers: [}\n", "line 1"),
        ("a: b: c\n", "line 1"),
        ("servers:\n- id: 1\n name: x\n", "line 3"),
        ("a: *unknown\n", "line 1"),
        ("a: 'open\n", "line"),
        ("%YAML 9\n", "line"),
        ("a: @b\n", "line 1"),
        ("{a: 1\n", "line"),
    ],
)
def test_broken_yaml_is_refused_with_its_place(content: str, place: str) -> None:
    assert refusal(content).startswith(place)


def test_characters_that_yaml_forbids_are_refused() -> None:
    refusal(b"a: \x00\n")
    refusal(b"a: \x07\n")


def test_two_documents_are_refused() -> None:
    assert "another document" in refusal("a: 1\n---\nb: 2\n")


def test_a_file_that_is_missing_or_a_folder_is_refused(tmp_path: Path) -> None:
    for path, reason in [
        (tmp_path / "fleet.yaml", "cannot be read: No such file or directory"),
        (tmp_path / "folder" / "fleet.yaml", "is a folder"),
    ]:
        if "folder" in path.parts:
            path.mkdir(parents=True)
        with pytest.raises(FleetFileError) as caught:
            read(path)
        assert one_line(caught.value) == reason


def test_a_bomb_of_aliases_is_small_in_memory() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 30)]
    values = parse("\n".join(lines).encode(), "fleet.yaml")
    assert values["a29"][0] is values["a29"][8]


def test_a_bomb_of_merges_is_small_in_memory() -> None:
    lines = ["a0: &a0 {x: 1}"]
    lines += [f"a{n}: &a{n} {{<<: [{', '.join([f'*a{n - 1}'] * 9)}]}}" for n in range(1, 30)]
    assert parse("\n".join(lines).encode(), "fleet.yaml")["a29"] == {"x": 1}


@pytest.mark.parametrize(
    "value",
    [
        *("!!bool maybe", "!!int x", "!!float x", "!!int ''", "!!timestamp x", "!!null [1]", "!!str {a: 1}"),
        *("!!map [1, 2]", "!!map ab", "!!seq {a: 1}", "!!set {a}", "!!omap [a: 1]", "!!pairs [a: 1]"),
    ],
)
def test_a_value_that_is_not_of_its_tag_is_refused_with_its_place(value: str) -> None:
    assert refusal(f"organization: 5\na: {value}\n").startswith("line 2, column 4: ")


@pytest.mark.parametrize("depth", [31, 32, 1_000, 100_000])
@pytest.mark.parametrize(("opening", "closing"), ["[]", ("{a: ", "}")])
def test_deep_nesting_is_refused_before_the_library_falls_over_it(opening: str, closing: str, depth: int) -> None:
    content = f"\nservers: {opening * depth}{closing * depth}\n"
    if depth < DEEPEST:
        assert parse(content.encode(), "fleet.yaml").keys() == {"servers"}
    else:
        assert refusal(content) == "line 2: is nested more than 32 levels deep"


def test_deep_nesting_by_indentation_is_refused() -> None:
    refusal("a:\n" + "\n".join(" " * depth + "a:" for depth in range(1, 2_000)))


@pytest.mark.parametrize(
    "content", ["a: 99" + "9" * 5000, "a: 0x", "a: 2030-99-99", "a: 2030-07-13T99:99:99Z", f"a: !!int {'x' * 999}"]
)
def test_odd_scalars_are_values_or_refusals(content: str) -> None:
    try:
        assert parse(content.encode(), "fleet.yaml").keys() == {"a"}
    except FleetFileError as error:
        one_line(error)
