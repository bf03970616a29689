"""Whatever an API puts into its answers: nothing of it but counts, forms and words of status is in the report."""

import asyncio
import random
from collections.abc import Callable
from dataclasses import replace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from fleet.doctor.examination import examine
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError
from tests.unit.fleet.doctor.api import TOKEN, DocumentedApi

SECRETS = [
    "client-7.example.org",
    "https://panel.example.org/x?token=1",
    TOKEN,
    "ada@example.org",
    "10.0.0.15",
    "o'Neill2",
    "fb-0123456789abcdef client-7.example.org",
]
"""As texts of an answer: each has something in it that is no letter."""


def _spoil(value: Any, draw: Callable[[], float]) -> Any:
    """Put something private in the place of every text, now and then of an id."""
    if isinstance(value, dict):
        return {name: _spoil(each, draw) if draw() < 0.8 else each for name, each in value.items()}
    if isinstance(value, list):
        return [_spoil(each, draw) for each in value]
    if isinstance(value, str):
        return SECRETS[int(draw() * len(SECRETS))]
    if isinstance(value, int) and not isinstance(value, bool) and draw() < 0.2:
        return 987_654_321
    return value


@given(st.integers(0, 2**32))
@settings(max_examples=60, deadline=None)
def test_no_text_of_an_answer_is_in_the_report(seed: int) -> None:
    report = asyncio.run(_report(random.Random(seed).random))  # noqa: S311 - drawn, not secret
    for secret in (*SECRETS, "987654321", "Demo Hosting", "4246"):
        assert secret not in report


async def _report(draw: Callable[[], float]) -> str:
    api = DocumentedApi()
    api.lists = {name: _spoil(rows, draw) for name, rows in api.lists.items()}
    api.presets = _spoil(api.presets, draw)
    api.refused["applications"] = ApiError("list applications", Meaning.FORBIDDEN, SECRETS[0], 403)
    answers = await api.answers((5,))
    return examine(answers, {"all": len(api.sent)}).model_dump_json()


def test_an_api_that_is_not_the_vendors_is_not_named() -> None:
    api = DocumentedApi()
    answers = asyncio.run(api.answers())
    assert examine(answers, {}).api == "https://api.serveravatar.com"
    elsewhere = replace(answers, account=replace(api.account, url="https://client-7.example.org"))
    assert "client-7" not in examine(elsewhere, {}).model_dump_json()
