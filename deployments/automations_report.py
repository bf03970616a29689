"""The report of `automations`."""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field


class Change(BaseModel):
    """What happened, or would happen, to one automation.

    Attributes:
        name: of the automation.
        done: what happened to it.
    """

    model_config = ConfigDict(frozen=True)

    name: str
    done: Literal["created", "updated", "unchanged", "removed"]


class AutomationsReport(BaseModel):
    """What `automations install` or `automations remove` did on the Prefect server.

    Attributes:
        schema: version of this format.
        dry_run: true if nothing was changed: `automations` shows what would happen.
        automations: each automation that this program has installed there, or would install.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    dry_run: bool
    automations: list[Change]
