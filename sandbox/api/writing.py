"""The calls that change something. A restore is a GET here, as in the API."""

import json
from dataclasses import asdict
from datetime import tzinfo
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.refusal import Refusal
from sandbox.api.reading import ORGANIZATION, SERVER
from sandbox.backups.create_request import CreateRequest, judge_create, read_create
from sandbox.backups.maker import COMPLETED
from sandbox.backups.restoring import NOT_COMPLETED, NOT_CONNECTED
from sandbox.context import Context, context_of
from sandbox.dialects.kinds import zone_of
from sandbox.world.clock import write_start
from sandbox.world.disk import has_room
from sandbox.world.state import Row

# The seed, word for word; the messages of an acceptance are the dialect's.
DISK_FULL = "Instant Backup is failed because you do not have enough disk space available on your server."
# Not documented: whether a second identical plan is accepted, and the message if not.
PLAN_EXISTS = "Backup schedule already exists."
# serveravatar-api.md, "Writing calls".
PLAN_UPDATED = "Backup plan updated successfully."
PLAN_NOT_FOUND = "Backup schedule not found."
PLAN_PROVIDER_NOT_FOUND = "Cloud storage provider not found."
DELETED = "Backup files successfully deleted from your cloud storage provider."
DELETION_FAILED = "Backup deletion process is failed!"
NOT_YOURS = "You can not perform this action!"
RESTORING = "Application backup restored in progress."
RESTORE_NOT_FOUND = "Backup not found."
RESTORE_SERVER_NOT_FOUND = "Server not found."


async def create(request: Request) -> Response:
    """`POST S/backups`: the seed document."""
    context = context_of(request)
    organization, server = _owner(request)
    wanted = read_create(await _body(request), zone_of(context.dialect.start_zone))
    judge_create_targets(context, organization["id"], server, wanted)
    judge_create(wanted, context.maker.api_now())
    if not server["connected"]:
        raise Refusal(500, NOT_CONNECTED)
    if not wanted.automatic_backup and not _room(context, server, wanted):
        raise Refusal(500, DISK_FULL)
    if not _is_duplicate(context, server, wanted):
        context.plans.accept(organization["id"], server["id"], wanted)
    return _message(context.dialect.plan_accepted if wanted.automatic_backup else context.dialect.instant_accepted)


async def update(request: Request) -> Response:
    """`PATCH S/backups/{plan}`: the fields of create; omitted ones stay."""
    context = context_of(request)
    organization, server = _owner(request)
    plan = context.lookup.plan(server["id"], request.path_params["plan"], PLAN_NOT_FOUND)
    zone = zone_of(context.dialect.start_zone)
    wanted = read_create({**_body_of(plan, zone), **await _body(request)}, zone)
    judge_create_targets(context, organization["id"], server, wanted, PLAN_PROVIDER_NOT_FOUND)
    kept_start = CreateRequest(**json.loads(plan["request"])).start == wanted.start
    judge_create(wanted, 0.0 if kept_start else context.maker.api_now())
    context.plans.change(plan, wanted)
    return _message(PLAN_UPDATED)


async def destroy(request: Request) -> Response:
    """`POST O/backups/destroy`: all of the ids or none."""
    context = context_of(request)
    organization = context.lookup.organization(request.path_params["organization"])
    ids = (await _body(request)).get("ids")
    if not isinstance(ids, list) or not ids:
        raise Refusal.unprocessable({"ids": ["The ids field is required."]})
    try:
        found = [context.lookup.backup(organization["id"], str(given), NOT_YOURS) for given in ids]
    except Refusal as refusal:
        raise Refusal(500, refusal.message) from None
    if any(row["status"] not in {COMPLETED, "Failed"} for row in found):
        raise Refusal(500, NOT_COMPLETED)
    for row in found:
        delete_backup(context, row)
    return _message(DELETED)


async def restore(request: Request) -> Response:
    """`GET O/backups/{backup}/restore`: on the same server."""
    context = context_of(request)
    organization = context.lookup.organization(request.path_params["organization"])
    backup = context.lookup.backup(organization["id"], request.path_params["backup"], RESTORE_NOT_FOUND)
    server = context.lookup.server(organization["id"], backup["server_id"], RESTORE_SERVER_NOT_FOUND)
    context.restorer.restore(backup, server)
    return _message(RESTORING)


async def restore_elsewhere(request: Request) -> Response:
    """`POST O/backups/{backup}/restore-to-another-server`."""
    context = context_of(request)
    organization = context.lookup.organization(request.path_params["organization"])
    backup = context.lookup.backup(organization["id"], request.path_params["backup"], RESTORE_NOT_FOUND)
    server_id = (await _body(request)).get("server_id")
    if server_id is None:
        raise Refusal.unprocessable({"server_id": ["The server id field is required."]})
    server = context.lookup.server(organization["id"], str(server_id), RESTORE_SERVER_NOT_FOUND)
    context.restorer.restore_elsewhere(backup, server)
    return _message(RESTORING)


def writing_routes() -> list[Route]:
    """All writing calls; a route's name is the name of its call."""
    backup = ORGANIZATION + "/backups/{backup}"
    return [
        Route(SERVER + "/backups", create, name="create", methods=["POST"]),
        Route(SERVER + "/backups/{plan}", update, name="update", methods=["PATCH"]),
        Route(ORGANIZATION + "/backups/destroy", destroy, name="destroy", methods=["POST"]),
        Route(backup + "/restore", restore, name="restore", methods=["GET"]),
        Route(
            backup + "/restore-to-another-server",
            restore_elsewhere,
            name="restore_elsewhere",
            methods=["POST"],
        ),
    ]


def judge_create_targets(
    context: Context,
    organization_id: int,
    server: Row,
    wanted: CreateRequest,
    provider_message: str | None = None,
) -> None:
    """Look up what a request names. Raises Refusal: 404 with the message of what is missing."""
    provider = (organization_id, wanted.cloud_storage_provider_id, wanted.provider)
    if provider_message is None:
        context.lookup.provider(*provider)
    else:
        context.lookup.provider(*provider, provider_message)
    context.lookup.application(server["id"], wanted.application_id)
    if wanted.database_id is not None:
        context.lookup.database(server["id"], wanted.database_id)


def _is_duplicate(context: Context, server: Row, wanted: CreateRequest) -> bool:
    """Whether the dialect silently ignores this plan because an identical one exists.

    Raises:
        Refusal: 500, the dialect refuses it.
    """
    treated = context.dialect.duplicate_plans
    if treated == "accepted" or not wanted.automatic_backup or not context.plans.has(server["id"], wanted):
        return False
    if treated == "refused":
        raise Refusal(500, PLAN_EXISTS)
    return True


def _room(context: Context, server: Row, wanted: CreateRequest) -> bool:
    needed = 0
    if wanted.packs_application:
        needed += context.lookup.application(server["id"], wanted.application_id)["bytes"]
    if wanted.dumps_database and wanted.database_id is not None:
        needed += context.lookup.database(server["id"], wanted.database_id)["bytes"]
    return has_room(server["disk_total_gb"], server["disk_used_gb"], needed)


def delete_backup(context: Context, backup: Row) -> None:
    """Delete a backup's archives and mark it. Raises Refusal: 500."""
    try:
        for path in (backup["application_path"], backup["database_path"]):
            if path is not None:
                (context.folder / path).unlink(missing_ok=True)
    except OSError:
        raise Refusal(500, DELETION_FAILED) from None
    context.state.update("backups", backup["id"], deleted_at=context.maker.api_now())


def _owner(request: Request) -> tuple[Row, Row]:
    """The organization and the server of a path."""
    lookup = context_of(request).lookup
    organization = lookup.organization(request.path_params["organization"])
    return organization, lookup.server(organization["id"], request.path_params["server"])


async def _body(request: Request) -> dict[str, Any]:
    """The JSON object of a request; as in Laravel, anything else has no fields."""
    try:
        body = json.loads(await request.body())
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _body_of(plan: Row, zone: tzinfo) -> dict[str, Any]:
    """A plan's request as the body that would create it again."""
    body = asdict(CreateRequest(**json.loads(plan["request"])))
    start = body.pop("start")
    return {**body, "start_backup_from_now": start is None, "start_backup": write_start(start, zone)}


def _message(message: str) -> Response:
    return JSONResponse({"message": message})
