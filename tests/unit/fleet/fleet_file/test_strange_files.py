"""A path that leads to something other than a fleet file: nothing waits for it, and nothing of it is shown."""

import os
from pathlib import Path

import pytest

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.reading import read


def test_what_may_never_end_is_not_opened(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")
    (tmp_path / "link").symlink_to("/dev/zero")
    for path in (tmp_path / "pipe", tmp_path / "link", Path("/dev/zero"), Path("/dev/tty")):
        with pytest.raises(FleetFileError, match="is not a regular file but a pipe or a device"):
            read(path)


SECRET = "hunter2"


@pytest.mark.parametrize(
    "content",
    [
        f"root:$y$j9T${SECRET}:19000:0:99999:7:::\ndaemon:*:19000::::::\n",
        f"root:${SECRET}:1:\nroot:${SECRET}:1:\n",
        f"{SECRET}: a\n{SECRET}: b\n",
        f"password: {SECRET}\n",
        f"password: *{SECRET}\n",
        f"password: !{SECRET} x\n",
        f"? [{SECRET}]\n: 1\n",
        f"- &{SECRET} a\n- &{SECRET} b\n",
        f"a: [{SECRET}:x, b\n",
        f"nested: {{{SECRET}: {{servers: {SECRET}}}}}\n",
        f"[section]\nkey = %{SECRET}\n",
        f"-----BEGIN KEY-----\n{SECRET}\n",
        f"{SECRET}\n",
    ],
)
def test_a_file_that_is_no_fleet_file_is_not_quoted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(FleetFileError) as caught:
        read(path)
    assert SECRET not in str(caught.value)


@pytest.mark.parametrize(
    "content", ["organization: 5\nx: *y\n", '{"servers": *y}', "'select' : *y\n", "a: 1\nservers: *y"]
)
def test_a_fleet_file_is_quoted(tmp_path: Path, content: str) -> None:
    path = tmp_path / "fleet.yaml"
    path.write_text(content, "utf-8")
    with pytest.raises(FleetFileError, match=r"column [0-9]+: found undefined alias"):
        read(path)
