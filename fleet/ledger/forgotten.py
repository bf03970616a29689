"""The report of `forget`."""

from collections.abc import Mapping, Sequence
from typing import Literal, Self

from pydantic import BaseModel, ConfigDict, Field

from fleet.ledger.entry_rows import Subject


class ForgottenPlan(BaseModel):
    """An automatic plan that was removed from the ledger.

    Attributes:
        key: of the plan.
        server: name of its server.
        application: name of its application.
    """

    key: str
    server: str
    application: str


class Forgotten(BaseModel):
    """What `forget` removed from the ledger, and what it left.

    Attributes:
        schema: version of this format.
        removed: the removed plans.
        not_removed: the other keys: no plan in the ledger has them, or a run is using it.
    """

    model_config = ConfigDict(serialize_by_alias=True)

    version: Literal[1] = Field(1, alias="schema")
    removed: list[ForgottenPlan]
    not_removed: list[str]

    @classmethod
    def of(cls, keys: Sequence[str], forgotten: Mapping[str, Subject]) -> Self:
        """Make the report of the keys that were asked for."""
        return cls(
            removed=[
                ForgottenPlan(key=key, server=about.server, application=about.application)
                for key, about in forgotten.items()
            ],
            not_removed=[key for key in dict.fromkeys(keys) if key not in forgotten],
        )
