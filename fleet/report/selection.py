"""How the targets of a run were selected, as its report has it."""

from typing import Literal

from pydantic import BaseModel

Scope = Literal["all", "instant", "plans", "part", "unknown"]
"""Which part of its fleet a report covers: all; all instant backups, or all plans; a part, kept by --limit or
--failed-from, or readable; or unknown, because the run ended before the rules of `select` were resolved."""


class UnreadServer(BaseModel):
    """A server for which rules could not be resolved, since its lists could not be read.

    Attributes:
        organization: its organization's id.
        server_id: its id.
        server: its name.
        reason: why it could not be read.
    """

    organization: int
    server_id: int
    server: str
    reason: str

    @property
    def words(self) -> str:
        """For people, in one line."""
        return f"{self.server}: {self.reason}; rules found nothing there"


class UnreadOrganization(BaseModel):
    """An organization that rules apply to, and that forbids access.

    Attributes:
        organization: its id.
        reason: why it could not be read.
    """

    organization: int
    reason: str

    @property
    def words(self) -> str:
        """For people, in one line."""
        return f"organization {self.organization} could not be read: {self.reason}; rules found nothing there"


class Selection(BaseModel):
    """How the targets of a run were selected. Old reports have none.

    Attributes:
        scope: which part of the fleet the targets are.
        rules: what each rule of `select` found, one line per rule.
        unmatched: list entries in rules that match nothing, one line per entry.
        unread: servers that rules apply to and that could not be read.
        unread_organizations: organizations that rules apply to and that forbid access.
    """

    scope: Scope = "part"
    rules: list[str] = []
    unmatched: list[str] = []
    unread: list[UnreadServer] = []
    unread_organizations: list[UnreadOrganization] = []

    @property
    def unread_words(self) -> list[str]:
        """What could not be read, one line each: what should be backed up there is unknown."""
        organizations = [organization.words for organization in self.unread_organizations]
        return [*organizations, *(server.words for server in self.unread)]

    @property
    def lines(self) -> list[str]:
        """For people: what each rule found, which entries match nothing, and what could not be read."""
        return [*self.rules, *self.unmatched, *self.unread_words]
