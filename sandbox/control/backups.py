"""The sandbox's own addresses for backups and plans: the truth about them, and those that people make."""

import json

from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route

from sandbox.answers.queries import every_backup
from sandbox.answers.refusal import Refusal
from sandbox.api.guard import CONTROL
from sandbox.api.writing import delete_backup
from sandbox.backups.earlier import add_earlier, read_earlier
from sandbox.context import context_of
from sandbox.control.body import read_json
from sandbox.control.people import make_by_hand


async def show_backups(request: Request) -> Response:
    """`GET /_sandbox/backups`: all, oldest first, as documented whatever the dialect, and with what no list shows."""
    context = context_of(request)
    return JSONResponse(
        {
            "backups": [
                {
                    **context.truth.backup(row),
                    "automatic": bool(row["automatic"]),
                    "made_by": row["made_by"],
                    "problem": row["problem"],
                    "application_path": row["application_path"],
                    "database_path": row["database_path"],
                    "deleted": row["deleted_at"] is not None,
                }
                for row in every_backup(context.state)
            ]
        }
    )


async def add_backups(request: Request) -> Response:
    """`POST /_sandbox/backups` `[{"application_id", "age_seconds", ...}]`: backups made earlier."""
    given = await read_json(request)
    context = context_of(request)
    try:
        earlier = [read_earlier(each) for each in (given if isinstance(given, list) else [given])]
        added = add_earlier(context.state, earlier, context.maker.api_now())
    except (ValueError, LookupError) as error:
        raise Refusal(422, str(error)) from None
    return JSONResponse({"added": added})


async def remove_backup(request: Request) -> Response:
    """`DELETE /_sandbox/backups/{backup}`: somebody deletes it and its archives, in any state."""
    context, backup_id = context_of(request), request.path_params["backup"]
    backup = context.state.find("backups", id=backup_id)
    if backup is None or backup["deleted_at"] is not None:
        raise Refusal(404, f"no backup {backup_id}")
    delete_backup(context, backup)
    return JSONResponse({"deleted": backup_id})


async def show_plans(request: Request) -> Response:
    """`GET /_sandbox/plans`: all automatic plans, which the API never lists."""
    rows = context_of(request).state.rows("SELECT * FROM configurations WHERE automatic = 1 ORDER BY id")
    return JSONResponse({"plans": [{**row, "request": json.loads(row["request"])} for row in rows]})


async def run_plan(request: Request) -> Response:
    """`POST /_sandbox/plans/{plan}/run`: it makes a backup now, due or not."""
    context, plan_id = context_of(request), request.path_params["plan"]
    plan = context.state.find("configurations", id=plan_id, automatic=1)
    if plan is None or plan["request"] == "{}":
        raise Refusal(404, f"no plan {plan_id}")
    return JSONResponse({"backup": context.maker.start(plan_id)})


async def make_as_people(request: Request) -> Response:
    """`POST /_sandbox/people` `[{"application_id", ...}]`: a person creates these backups or plans.

    The fields are those of the create call; only `application_id` is required. Returns the ids of their
    configurations.
    """
    given, context = await read_json(request), context_of(request)
    made = [make_by_hand(context, each) for each in (given if isinstance(given, list) else [given])]
    return JSONResponse({"made": made})


def backup_routes() -> list[Route]:
    """All of these addresses."""
    return [
        Route(CONTROL + "/backups", show_backups, methods=["GET"]),
        Route(CONTROL + "/backups", add_backups, methods=["POST"]),
        Route(CONTROL + "/backups/{backup:int}", remove_backup, methods=["DELETE"]),
        Route(CONTROL + "/plans", show_plans, methods=["GET"]),
        Route(CONTROL + "/plans/{plan:int}/run", run_plan, methods=["POST"]),
        Route(CONTROL + "/people", make_as_people, methods=["POST"]),
    ]
