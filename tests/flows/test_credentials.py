"""Credentials as a block: whose account a run uses, and that the token is nowhere, however the run fails."""

from collections.abc import AsyncIterator, Callable
from pathlib import Path
from typing import Any

import click
import pytest
from prefect.client.orchestration import get_client
from prefect.client.schemas.filters import LogFilter, LogFilterFlowRunId
from prefect.client.schemas.objects import State
from prefect.settings import get_current_settings
from prefect.utilities.callables import parameter_schema
from pydantic import SecretStr

from cli.main import main
from deployments.server.recorded import until_logged
from fleet.report.progress import listener
from fleet.settings.settings import load
from flows.fleet_backup import fleet_backup
from tasks.run.credentials import ServerAvatarCredentials, account_of
from tests.flows.conftest import TOKEN, Api, Ear

pytestmark = pytest.mark.anyio
StartApi = Callable[..., Api]
BLOCK_TOKEN = "block-token-that-nobody-may-see-0815"


async def run(fleet: Path, **parameters: object) -> State[Any]:
    state = await fleet_backup(fleet, return_state=True, verify=False, **parameters)
    assert isinstance(state, State)
    return state


async def save(name: str, **fields: Any) -> None:
    block = ServerAvatarCredentials(**{"token": SecretStr(TOKEN), **fields})
    await block.asave(name, overwrite=True)


async def log_of(state: State[Any]) -> str:
    await until_logged()
    run_id = state.state_details.flow_run_id
    async with get_client() as client:
        logs = await client.read_logs(log_filter=LogFilter(flow_run_id=LogFilterFlowRunId(any_=[run_id])))
    return "\n".join(line.message for line in logs)


def ledger_in(folder: Path) -> bytes:
    found = b"".join(file.read_bytes() for file in folder.glob("ledger.sqlite*"))
    assert found
    return found


@pytest.fixture(autouse=True)
async def nothing_stored_holds_a_token(prefect_home: Path) -> AsyncIterator[None]:
    """After each test: no file of the server (database, its log, results) and no result in clear."""
    yield
    await until_logged()
    folders = [prefect_home, Path(get_current_settings().results.local_storage_path)]
    files = [path for folder in folders for path in folder.rglob("*") if path.is_file()]
    assert any(path.suffix == ".db" for path in files)
    for path in files:
        content = path.read_bytes()
        assert TOKEN.encode() not in content, path
        assert BLOCK_TOKEN.encode() not in content, path


async def test_a_run_uses_the_account_of_the_block_it_names_and_not_that_of_the_environment(
    api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=1, applications=1)
    monkeypatch.delenv("SERVERAVATAR_API_TOKEN")
    monkeypatch.setenv("SERVERAVATAR_API_URL", "http://127.0.0.1:9")
    await save("shops", url=sandbox.url, requests_per_minute=100_000)
    assert (await run(sandbox.fleet, credentials="shops")).message == "1 created"


async def chosen(name: str) -> dict[str, Any]:
    """What Prefect's form sends for a block that was chosen."""
    async with get_client() as client:
        document = await client.read_block_document_by_name(name, "serveravatar-credentials")
    return {"$ref": {"block_document_id": str(document.id)}}


async def test_a_block_that_is_chosen_in_the_form_is_the_one_of_its_name(
    api: StartApi, monkeypatch: pytest.MonkeyPatch
) -> None:
    sandbox = api(servers=1, applications=1)
    monkeypatch.delenv("SERVERAVATAR_API_TOKEN")
    await save("shops", url=sandbox.url, requests_per_minute=100_000)
    form = parameter_schema(fleet_backup).model_dump()
    (block, name) = form["properties"]["credentials"]["anyOf"]
    assert form["definitions"][block["$ref"].rpartition("/")[2]]["block_type_slug"] == "serveravatar-credentials"
    assert name["type"] == "string"
    state = await run(sandbox.fleet, credentials=await chosen("shops"))
    assert state.message == "1 created"
    run_id = state.state_details.flow_run_id
    assert run_id
    async with get_client() as client:
        stored = await client.read_flow_run(run_id)
    assert "block_document_id" in str(stored.parameters["credentials"])
    assert (await account_of(await ServerAvatarCredentials.aload("shops"), load())).source == "the block shops"


TYPED = "typed-in-the-form-4711"


@pytest.mark.parametrize(
    "typed",
    [
        *({"token": TYPED, **wrong} for wrong in ({}, {"requests_per_minute": 0}, {"url": 5}, {"token": f"{TYPED} x"})),
        {TYPED: 1},
        [TYPED],
    ],
    ids=str,
)
async def test_what_is_typed_in_place_of_a_block_is_refused_and_not_quoted(
    api: StartApi, typed: object, caplog: pytest.LogCaptureFixture
) -> None:
    state = await run(api(servers=1, applications=1).fleet, credentials=typed)
    assert state.is_failed()
    assert (state.message or "").startswith(
        "credentials: choose a ServerAvatar Credentials block, and replace the token"
    )
    assert TYPED not in f"{caplog.text}{await log_of(state)}"


@pytest.mark.parametrize("token", [f"1|{TYPED}", TYPED.upper(), f"{TYPED} x", "0123456789abcdef" * 4, "x" * 5000])
async def test_a_token_that_is_typed_as_the_name_of_a_block_is_not_quoted(
    api: StartApi, token: str, caplog: pytest.LogCaptureFixture
) -> None:
    state = await run(api(servers=1, applications=1).fleet, credentials=token)
    assert state.is_failed()
    assert (state.message or "").startswith("credentials: ")
    assert token not in f"{state.message}{caplog.text}{await log_of(state)}"


async def test_the_page_of_the_block_shows_a_command_that_exists() -> None:
    example = ServerAvatarCredentials.get_code_example() or ""
    (line,) = [line for line in example.splitlines() if line.startswith("fleet-backup ")]
    _, command, *arguments = line.split()
    assert isinstance(main, click.Group)
    found = main.get_command(click.Context(main), command)
    assert found
    context = found.make_context(command, arguments)
    assert context.params["credentials"] == "BLOCK_NAME"


async def test_several_accounts_stand_side_by_side(api: StartApi) -> None:
    api(servers=1, applications=1)
    await save("one", url="https://one.example", scheme="bearer", requests_per_minute=210)
    await save("two", token=SecretStr(BLOCK_TOKEN))
    one, two = await account_of("one", load()), await account_of("two", load())
    assert (one.url, one.authorization, one.requests_per_minute) == ("https://one.example", f"Bearer {TOKEN}", 210)
    assert (two.url, two.authorization) == ("https://api.serveravatar.com", BLOCK_TOKEN)
    assert BLOCK_TOKEN not in f"{two!r}{await ServerAvatarCredentials.aload('two')!r}"


async def test_a_block_that_is_not_there_is_one_clear_line(api: StartApi) -> None:
    sandbox = api(servers=1, applications=1)
    state = await run(sandbox.fleet, credentials="no-such-block")
    assert state.is_failed()
    assert state.message == (
        "credentials: block 'no-such-block' of the type ServerAvatar Credentials does not exist; "
        "create it in the Prefect UI (Blocks), or leave `credentials` empty"
    )
    assert "Traceback" not in await log_of(state)


async def test_a_block_that_was_filled_in_wrongly_says_what_is_wrong_and_not_the_value(api: StartApi) -> None:
    """As the UI saves it: past every validator of ours."""
    sandbox = api(servers=1, applications=1)
    await save("typo")
    async with get_client() as client:
        document = await client.read_block_document_by_name("typo", "serveravatar-credentials")
        wrong = {"token": f"{BLOCK_TOKEN} x", "url": "http://elsewhere.example", "requests_per_minute": 0}
        changed = {"data": wrong, "merge_existing_data": True}
        await client.request("PATCH", "/block_documents/{id}", path_params={"id": document.id}, json=changed)
    for given in ("typo", await chosen("typo")):
        state = await run(sandbox.fleet, credentials=given)
        assert state.is_failed()
        assert state.message == (
            "credentials: block 'typo' of the type ServerAvatar Credentials cannot be used: "
            "token: an API token has no spaces, line breaks or special characters; "
            "url: plain http would send the token in clear text; use https; "
            "requests_per_minute: Input should be greater than or equal to 1"
        )
        assert "Traceback" not in await log_of(state)


async def test_the_kind_of_failure_never_shows_the_token(api: StartApi, ear: Ear, tmp_path: Path) -> None:
    """A refused token, an API out of reach, a fleet file with mistakes; the fixture looks at what was stored."""
    listener.set(ear)
    sandbox = api(servers=1, applications=1)
    await save("refused", token=SecretStr(BLOCK_TOKEN), url=sandbox.url)
    await save("unreachable", url="http://127.0.0.1:9")
    bad = tmp_path / "bad.yaml"
    bad.write_text("organization: 5\nservers: []\n", "utf-8")
    states = [
        await run(sandbox.fleet, credentials="refused"),
        await run(sandbox.fleet, credentials="unreachable"),
        await run(bad, credentials="refused"),
    ]
    for state in states:
        assert state.is_failed()
        shown = f"{state.message}{await log_of(state)}{ear.report}"
        assert TOKEN not in shown
        assert BLOCK_TOKEN not in shown


@pytest.mark.parametrize(
    "fault",
    [
        {"call": "create", "status": 422},
        {"call": "create", "status": 500, "moment": "after", "first": 2},
        {"call": "create", "status": 401},
        {"call": "reading", "status": 404},
    ],
    ids=str,
)
async def test_an_api_that_says_the_token_in_its_errors_is_not_quoted(
    api: StartApi, ear: Ear, tmp_path: Path, fault: dict[str, Any]
) -> None:
    """Not in the run, its log, its report, the ledger; the fixture looks at what Prefect stored."""
    listener.set(ear)  # The fixture has set it where this test does not run.
    sandbox = api({"kind": "answer", "moment": "before", "every": 1, "message": f"no {TOKEN} here", **fault}, servers=1)
    state = await run(sandbox.fleet)
    assert ear.report
    shown = f"{state}{state.message}{await log_of(state)}{ear.report.model_dump_json()}"
    assert "no ********** here" in shown
    assert TOKEN not in shown
    assert TOKEN.encode() not in ledger_in(tmp_path)


async def test_a_block_is_checked_as_the_environment_is() -> None:
    with pytest.raises(ValueError, match="has no spaces") as caught:
        ServerAvatarCredentials(token=SecretStr(f"{BLOCK_TOKEN} x"))
    assert BLOCK_TOKEN not in str(caught.value)
    with pytest.raises(ValueError, match="is empty"):
        ServerAvatarCredentials(token=SecretStr(" "))


async def test_a_token_file_that_everybody_can_read_is_a_warning_in_the_log_of_the_run(
    api: StartApi, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fleet = api(servers=1, applications=1).fleet
    token = tmp_path / "open.token"
    token.write_text(TOKEN, "utf-8")
    token.chmod(0o644)
    monkeypatch.delenv("SERVERAVATAR_API_TOKEN")
    monkeypatch.setenv("SERVERAVATAR_API_TOKEN_FILE", str(token))
    state = await run(fleet)
    assert state.is_completed()
    words = f"warning: SERVERAVATAR_API_TOKEN_FILE: every user of this machine can read it; run chmod 600 {token}"
    assert (await log_of(state)).splitlines().count(words) == 1
