"""Archives of the sandbox are made and restored by every Python that is supported."""

import tarfile
from pathlib import Path

import pytest

from sandbox.backups.packing import pack_application, unpack_application


def restored(tmp_path: Path) -> dict[str, str]:
    """What a folder holds after it was packed, damaged, and restored."""
    folder = tmp_path / "site"
    (folder / "uploads" / "2026").mkdir(parents=True)
    (folder / "index.php").write_text("<?php", "utf-8")
    (folder / "uploads" / "2026" / "one.txt").write_text("one", "utf-8")
    archive = tmp_path / "site.tar.gz"
    pack_application(folder, archive)
    (folder / "index.php").write_text("defaced", "utf-8")
    (folder / "new").touch()
    unpack_application(archive, folder)
    return {str(path.relative_to(folder)): path.read_text("utf-8") for path in folder.rglob("*") if path.is_file()}


def test_a_folder_is_restored_from_its_archive(tmp_path: Path) -> None:
    assert restored(tmp_path) == {"index.php": "<?php", "uploads/2026/one.txt": "one"}


@pytest.mark.filterwarnings("ignore:Python 3.14 will:DeprecationWarning")  # of Pythons that have filters
def test_python_3_11_2_of_debian_12_has_no_filters_of_tarfile(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(tarfile, "data_filter", raising=False)
    as_it_was = tarfile.TarFile.extractall

    def extractall(self: tarfile.TarFile, path: Path) -> None:
        as_it_was(self, path)

    monkeypatch.setattr(tarfile.TarFile, "extractall", extractall)
    assert restored(tmp_path) == {"index.php": "<?php", "uploads/2026/one.txt": "one"}
