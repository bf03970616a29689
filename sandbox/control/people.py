"""Backups and plans that people create, such as in the vendor's panel, beside the API's client."""

from typing import Any

from sandbox.answers.refusal import Refusal
from sandbox.backups.create_request import CreateRequest, judge_create, read_create
from sandbox.context import Context
from sandbox.dialects.kinds import zone_of
from sandbox.world.state import Row

PERSON = "person"
_USUAL: dict[str, Any] = {
    "automatic_backup": False,
    "type": "application",
    "cloud_storage_provider_id": 10,
    "application_extension": ".tar.gz",
    "database_extension": ".sql.gz",
    "start_backup_from_now": True,
}


def make_by_hand(context: Context, given: object) -> int:
    """Create one instant backup or plan as a person does: no fault applies, and duplicates are allowed.

    Args:
        context: of the sandbox.
        given: fields of the create call; only `application_id` is required.

    Returns:
        The id of its configuration.

    Raises:
        Refusal: 422, the fields are wrong.
    """
    body = given if isinstance(given, dict) else {}
    application = context.state.find("applications", id=body.get("application_id"))
    if application is None:
        raise Refusal(422, f"application_id: no application {body.get('application_id')!r}")
    wanted = _read(context, application, {**_USUAL, "database_id": application["database_id"], **body})
    return context.plans.accept(application["organization_id"], application["server_id"], wanted, PERSON)


def _read(context: Context, application: Row, body: dict[str, Any]) -> CreateRequest:
    stores = {"id": body["cloud_storage_provider_id"], "organization_id": application["organization_id"]}
    store = context.state.find("providers", **stores)
    if store is None:
        raise Refusal(422, f"cloud_storage_provider_id: no storage {stores['id']!r}")
    wanted = read_create({"provider": store["provider"], **body}, zone_of(context.dialect.start_zone))
    judge_create(wanted, context.maker.api_now())
    return wanted
