"""Installs the automations of this folder on a Prefect server and keeps them as shipped.

`prefect automation create --from-file` creates another of the same name each time. Here an automation is ours by its
tag: ours are created, updated in place and removed; those without the tag are not touched, and one of ours that was
paused stays paused.
"""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from importlib.resources import files
from typing import Any, Final

from prefect.client.orchestration import PrefectClient, get_client
from prefect.events.filters import AutomationFilter, AutomationFilterTags
from prefect.events.schemas.automations import Automation, AutomationCore
from prefect.exceptions import ObjectNotFound
from prefect.settings import get_current_settings
from ruamel.yaml import YAML

from deployments.automations_report import Change
from deployments.server.check import check_server

TAG: Final = "installed-by:fleet-backup"
NO_RUN: Final = "fleet-backup: no run in time"
_PAGE: Final = 100
_SUBJECT: Final = "{{ automation.name }}"
_BODY: Final = """{{ automation.description }}
{% if event.payload.digest %}{{ event.resource.name }}: {{ event.payload.digest }}
{% elif event.payload.verdict %}{{ event.resource.name }}: {{ event.payload.verdict }}
{% endif %}Run: {{ flow_run.name }}, {{ flow_run.state.name }}: {{ flow_run.state.message }}
{{ flow_run|ui_url or '' }}"""


class AutomationsError(RuntimeError):
    """The automations cannot be installed. One line: why, and what to do."""


def shipped(notify: str | None, hours: float | None) -> list[AutomationCore]:
    """The automations of this version.

    Args:
        notify: the id of the block that sends notifications; None: alarms appear in the event feed only.
        hours: without a completed run of a fleet before the alarm; None: as shipped.
    """
    documents = sorted(files("deployments").joinpath("automations").iterdir(), key=lambda file: file.name)
    yaml = YAML(typ="safe")
    read = [yaml.load(file.read_text("utf-8")) for file in documents if file.name.endswith(".yaml")]
    return [_automation(document, notify, hours) for document in read]


def _automation(document: Mapping[str, Any], notify: str | None, hours: float | None) -> AutomationCore:
    fields = {**document, "tags": [TAG], "enabled": True}
    if hours is not None and document["name"] == NO_RUN:
        fields["trigger"] = {**document["trigger"], "within": hours * 3600}
    if notify is not None and document["actions"] == [{"type": "do-nothing"}]:
        notification = {"type": "send-notification", "block_document_id": notify, "subject": _SUBJECT, "body": _BODY}
        fields["actions"] = [notification]
    return AutomationCore.model_validate(fields)


async def install(notify: str | None, hours: float | None, *, dry_run: bool) -> list[Change]:
    """Create what is missing, update what differs, remove ours that are duplicate or no longer shipped.

    Args:
        notify: the block that sends notifications, as `prefect block ls` shows it: `slack-webhook/ops`.
        hours: see `shipped`.
        dry_run: change nothing, and return what would change.

    Raises:
        AutomationsError: there is no server, or it has no such block.
        PrefectServerError: it cannot be used.
    """
    async with _client() as client:
        wanted = shipped(await _block_id(client, notify) if notify else None, hours)
        there = await _ours(client)
        changes = []
        for automation in wanted:
            same_name = [other for other in there if other.name == automation.name]
            changes.append(await _bring(client, automation, same_name[:1], dry_run=dry_run))
            there = [other for other in there if other not in same_name[:1]]
        return changes + await _remove(client, there, dry_run=dry_run)


async def remove(*, dry_run: bool) -> list[Change]:
    """Remove ours.

    Raises:
        AutomationsError: there is no server.
        PrefectServerError: it cannot be used.
    """
    async with _client() as client:
        return await _remove(client, await _ours(client), dry_run=dry_run)


async def _bring(
    client: PrefectClient, wanted: AutomationCore, there: Sequence[Automation], *, dry_run: bool
) -> Change:
    if not there:
        if not dry_run:
            await client.create_automation(wanted)
        return Change(name=wanted.name, done="created")
    wanted.enabled = there[0].enabled
    if _content(there[0]) == _content(wanted):
        return Change(name=wanted.name, done="unchanged")  # An update would restart the timers of its trigger.
    if not dry_run:
        await client.update_automation(there[0].id, wanted)
    return Change(name=wanted.name, done="updated")


async def _remove(client: PrefectClient, there: Sequence[Automation], *, dry_run: bool) -> list[Change]:
    for automation in there:
        if not dry_run:
            await client.delete_automation(automation.id)
    return [Change(name=automation.name, done="removed") for automation in there]


def _content(automation: AutomationCore) -> dict[str, Any]:
    return automation.model_dump(include={"name", "description", "tags", "trigger", "actions"})


async def _ours(client: PrefectClient) -> list[Automation]:
    ours = AutomationFilter(tags=AutomationFilterTags(all_=[TAG]))
    found: list[Automation] = []
    while True:
        page = await client.read_automations(automations=ours, limit=_PAGE, offset=len(found))
        found += page
        if len(page) < _PAGE:
            return found


@asynccontextmanager
async def _client() -> AsyncIterator[PrefectClient]:
    """Connect to the user's Prefect server; without one, Prefect would start one that ends with this command.

    Raises:
        AutomationsError: none is configured.
        PrefectServerError: it does not respond, or refuses us.
    """
    if not get_current_settings().api.url:
        raise AutomationsError(
            "automations need a Prefect server: `prefect server start`, then set "
            "PREFECT_API_URL=http://127.0.0.1:4200/api"
        )
    await check_server()
    async with get_client() as client:
        yield client


async def _block_id(client: PrefectClient, notify: str) -> str:
    """Find the block that sends notifications.

    Raises:
        AutomationsError: no such block, or it cannot send notifications.
    """
    kind, slash, name = notify.partition("/")
    if not (kind and slash and name):
        raise AutomationsError(f"--notify {notify}: must name a block as in `prefect block ls`: slack-webhook/ops")
    try:
        block = await client.read_block_document_by_name(name, kind, include_secrets=False)
    except ObjectNotFound:
        raise AutomationsError(
            f"--notify {notify}: no such block on the Prefect server; `prefect block ls` lists them, "
            "and its UI creates them under Blocks"
        ) from None
    schema = block.block_schema
    if schema is None or "notify" not in schema.capabilities:
        raise AutomationsError(f"--notify {notify}: this block cannot send notifications; name a notification block")
    return str(block.id)
