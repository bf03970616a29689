"""The backup lists that a run reads, one for each organization."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

from fleet.backup_list.backup_list import BackupList
from fleet.backup_list.ownership import Ownership
from fleet.inventory.target import Target
from fleet.proof.absence import Rules
from fleet.serveravatar.listing import Send
from tasks.run.known_api import KnownApi


class BackupLists:
    """The backup list of each organization, shared by all who look. An async context manager: it ends what is read."""

    def __init__(self, send: Send, api: KnownApi, now: Callable[[], float]) -> None:
        """Prepare; nothing is read yet.

        Args:
            send: sends a request and returns the JSON of its response.
            api: what is known about the API.
            now: epoch seconds.
        """
        self._send = send
        self._api = api
        self._now = now
        self._lists: dict[int, BackupList] = {}

    async def __aenter__(self) -> Self:
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for backups in self._lists.values():
            await backups.close()

    def of(self, organization: int) -> BackupList:
        """The backup list of an organization."""
        if organization not in self._lists:
            api = self._api
            own = Ownership(organization, api.learner(organization), api.claims, api.plans(organization), self._now)
            self._lists[organization] = BackupList(self._send, organization, own)
        return self._lists[organization]

    def rules_for(self, target: Target) -> Rules:
        """What absence from its backup list proves of a target, on the API that was met."""
        return self._api.rules_for(target)
