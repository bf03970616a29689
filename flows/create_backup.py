"""The flow `create_backup`: one backup on one server, from a form."""

from typing import Annotated, Any

from prefect import flow
from prefect.client.schemas.objects import State
from prefect.runtime import flow_run as this_flow_run
from pydantic import Field

from fleet.creation.resending import ALL
from fleet.fleet_file.prefect_form import BackupForm
from fleet.inventory.request import Identifier
from fleet.settings import settings as environment
from flows.back_up import back_up
from tasks.run import this_run
from tasks.run.credentials import Credentials, account_of
from tasks.run.mistakes import MISTAKES, refused, result_of
from tasks.run.options import RunOptions
from tasks.telling.clean_log import clean_log
from tasks.telling.final_state import state_of
from tasks.validate import validate_form

clean_log()  # Before Prefect's first line about a run.


def _flow_run_name() -> str:
    return this_run.name(f"back up one application of server {this_flow_run.parameters['server']}")


@flow(name="create_backup", flow_run_name=_flow_run_name, persist_result=False)
async def create_backup(  # noqa: PLR0913, PLR0917 - each parameter is a field of Prefect's form
    organization: Identifier,
    server: Identifier,
    backup: BackupForm,
    dry_run: bool = False,
    verify: bool = True,
    verify_timeout: Annotated[float, Field(gt=0)] = 3600.0,
    credentials: Credentials = "",
    resend_plan: bool = False,
) -> State[Any]:
    """Create one backup, or one automatic plan, on one server, and prove that it is complete.

    Args:
        organization: The ID of the organization.
        server: The ID of the server.
        backup: What to back up, and where to keep it.
        dry_run: Check everything and create nothing.
        verify: Wait until a backup that starts now is proven complete.
        verify_timeout: Mark an incomplete backup unverified after this many seconds.
        credentials: A ServerAvatar Credentials block, or its name; if empty, the worker's environment is used.
        resend_plan: Re-create an automatic plan in doubt; use this when you know that it does not exist.
    """
    try:
        settings = environment.load()
        account = await account_of(credentials, settings)
        inventory, _ = await result_of(validate_form(organization, server, backup, return_state=True))
        options = RunOptions(
            run_key=this_run.run_key(None),
            fleet=f"server {server}",
            dry_run=dry_run,
            verify=verify,
            verify_timeout=verify_timeout,
            resend_plans=(ALL,) if resend_plan else (),
        )
        return state_of(await back_up(inventory, options, settings, account))
    except MISTAKES as error:
        return refused(error)
