"""Temporary URLs of archives."""

import pytest

from sandbox.answers.downloads import VALID_SECONDS, Downloads


def test_a_url_expires_after_a_minute(tmp_path_factory: pytest.TempPathFactory) -> None:
    archive, now = tmp_path_factory.getbasetemp(), [0.0]
    downloads = Downloads(lambda: now[0])
    signature = downloads.offer(archive)
    now[0] = VALID_SECONDS - 1
    assert downloads.archive(signature) == archive
    now[0] = VALID_SECONDS
    assert downloads.archive(signature) is None
    assert downloads.archive("") is None
