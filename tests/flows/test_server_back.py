"""A deployed run waits at its end for a Prefect server that is away; one that a person started does not."""

import pytest
from prefect.client.orchestration import PrefectClient
from prefect.runtime import deployment

from tasks.telling import server_back
from tasks.telling.server_back import LONGEST_SECONDS, PAUSE_SECONDS, server_is_back

pytestmark = pytest.mark.anyio


class Away:
    """A server that responds after so many questions."""

    def __init__(self, questions: float, monkeypatch: pytest.MonkeyPatch) -> None:
        self.left = questions
        self.waited = 0.0
        self.said: list[str] = []
        away = self

        async def api_healthcheck(_: PrefectClient) -> Exception | None:
            away.left -= 1
            return OSError() if away.left >= 0 else None

        class Logger:
            def warning(self, text: str, *words: object) -> None:
                away.said.append(text % words)

        monkeypatch.setattr(PrefectClient, "api_healthcheck", api_healthcheck)
        monkeypatch.setattr(server_back, "get_run_logger", Logger)

    async def sleep(self, seconds: float) -> None:
        self.waited += seconds


@pytest.mark.parametrize(
    ("questions", "waited"), [(0, 0.0), (1, PAUSE_SECONDS), (40, 40 * PAUSE_SECONDS), (float("inf"), LONGEST_SECONDS)]
)
async def test_a_deployed_run_waits_within_bounds_and_says_so_once(
    monkeypatch: pytest.MonkeyPatch, questions: float, waited: float
) -> None:
    monkeypatch.setattr(deployment, "id", "a deployment", raising=False)
    away = Away(questions, monkeypatch)
    await server_is_back(away.sleep)
    assert away.waited == waited
    assert len(away.said) == bool(questions)


async def test_a_run_at_a_terminal_does_not_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    away = Away(float("inf"), monkeypatch)
    await server_is_back(away.sleep)
    assert away.waited == 0
