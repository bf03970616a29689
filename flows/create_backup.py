"""The flow `create_backup`."""

from typing import Annotated

from prefect import flow
from pydantic import Field

from fleet.form import BackupForm
from fleet.request import Identifier


@flow(name="create_backup")
async def create_backup(
    organization: Annotated[Identifier, Field(title="Organization id")],
    server: Annotated[Identifier, Field(title="Server id")],
    backup: BackupForm,
    verify: bool = True,
) -> None:
    """Create one backup.

    Args:
        organization: the id of the organization.
        server: the id of the server.
        backup: what to back up.
        verify: wait.
    """
