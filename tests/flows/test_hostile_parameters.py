"""Parameters that nobody sane gives: the state is a line that says what is wrong, and the log stays a log."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId

from deployments.server.recorded import until_logged
from tests.flows.conftest import Api
from tests.flows.started import Started

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
HOSTILE = "a\x1b]8;;http://x\x07\x9b31m\u202e\nERROR forged"
SHOWN = "a ]8;;http://x 31m ERROR forged"
NO_FILE = "the fleet file: no file is named; give its path"


@pytest.fixture(autouse=True)
def no_deployment_stays() -> Iterator[None]:
    yield
    Started.remove_deployments()


@pytest.mark.parametrize(
    ("parameters", "message"),
    [
        ({"fleet_file": ""}, NO_FILE),
        ({"fleet_file": " "}, NO_FILE),
        ({"fleet_file": "."}, NO_FILE),
        ({"fleet_file": f"/nowhere/{HOSTILE}"}, "x 31m ERROR forged: cannot be read: No such file or directory"),
        ({"fleet_file": "x" * 5000}, f"{'x' * 200}: cannot be read: File name too long"),
        ({"fleet_file": "/dev/zero"}, "zero: is not a regular file but a pipe or a device"),
        ({"limit": [HOSTILE]}, f"limit {SHOWN}: no server has this name, id, tag or group"),
        ({"resend_plans": [HOSTILE]}, f"resend_plans {SHOWN}: no such automatic plan in this run"),
        ({"failed_from": HOSTILE}, "failed_from a ]8;;http:/x 31m ERROR forged: cannot be read: No such file"),
        ({"credentials": HOSTILE}, "credentials: this is no name of a block, "),
        ({"credentials": "../prod"}, "credentials: this is no name of a block, "),
        ({"run_key": HOSTILE, "limit": ["nobody"]}, "limit nobody: no server has this name, id, tag or group"),
        ({"only": HOSTILE}, "Validation of flow parameters failed with error: ParameterTypeError"),
        ({HOSTILE: 1}, "Validation of flow parameters failed with error: SignatureMismatchError"),
    ],
    ids=repr,
)
async def test_a_parameter_that_cannot_be_used_is_a_line(
    api: StartApi, parameters: dict[str, Any], message: str
) -> None:
    run = await Started.of(api(servers=1, applications=1), **{"approve_above": 0, **parameters})
    state = await run.executed()
    assert state.is_failed()
    assert state.message is not None
    assert state.message.startswith(message)
    assert "report it" not in state.message
    assert [line for line in await log_of(run) if not line.isprintable()] == []


async def log_of(run: Started) -> list[str]:
    await until_logged()
    async with get_client() as client:
        logs = await client.read_logs(LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run.id])))
    return [log.message for log in logs]
