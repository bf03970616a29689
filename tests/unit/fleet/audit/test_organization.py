"""The audit of one organization: what cannot be read is never taken for missing."""

from typing import Any

import pytest

from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from tests.unit.fleet.audit.audits import Notebook, audited, fake, inventory, row
from tests.unit.fleet.builders import target

LISTS = ["servers", "applications", "databases", "backups"]


@pytest.mark.parametrize("path", LISTS)
@pytest.mark.parametrize(
    "answer",
    [
        ApiError("list", Meaning.IN_DOUBT, "broken", 500),
        ApiUnusableError("the API refused the token"),
        {"hello": "world"},
        {"data": [], "current_page": 1, "last_page": 7},
    ],
)
def test_what_cannot_be_read_is_never_taken_for_what_is_not_there(path: str, answer: Any) -> None:
    api = fake([row(2)])
    api.answers[f"/organizations/5/{path}"] = answer
    memory = Notebook()
    report = audited(api, inventory(target()), memory)
    assert (report.exit_code, report.targets) == (6, [])
    assert report.unread
    assert report.verdict == report.unread[0]
    assert memory.kept == {} or path != "backups"
