"""Looks trusted targets up after all, once the API has refused one on their server.

A refusal that the lists would have prevented is then `unmet`, in the words of the check, and the other targets of that
server are checked before they are sent. Source: docs/decisions/0030-trusted-targets.md.
"""

import asyncio
from collections import defaultdict

from fleet.inventory.target import Target
from fleet.observed.observation import observe_targets
from fleet.observed.observed import Listed, Observed
from fleet.observed.preconditions import target_problem
from fleet.serveravatar.errors import ApiUnusableError
from fleet.serveravatar.listing import Send
from tasks.run.results import Results

_Server = tuple[int, int]
"""An organization, and a server in it."""


class Recheck:
    """Looks up the trusted targets of a server, once in a run."""

    def __init__(self, send: Send, results: Results) -> None:
        """Prepare; nothing is looked up yet.

        Args:
            send: sends a request and returns the JSON of its response.
            results: the targets of the run, and what its check has observed.
        """
        self._send = send
        self._results = results
        self._seen: dict[_Server, Observed] = {}
        self._looking: defaultdict[_Server, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def problem(self, target: Target) -> str:
        """Look a trusted target up; the precondition that it does not meet, empty if it meets all of them.

        One that was checked before anything was sent is not looked up again, and has no new problem.
        """
        if not self._is_trusted(target):
            return ""
        server = target.organization, target.server_id
        async with self._looking[server]:
            if server not in self._seen:
                self._seen[server] = await self._look(server)
        return self.known_problem(target)

    def known_problem(self, target: Target) -> str:
        """The precondition that a trusted target does not meet, if its server was looked up since; else empty."""
        seen = self._seen.get((target.organization, target.server_id))
        if seen is None or not self._is_trusted(target):
            return ""
        return target_problem(target, seen) or ""

    def _is_trusted(self, target: Target) -> bool:
        return target.place in self._results.observed.trusted

    async def _look(self, server: _Server) -> Observed:
        """Read what the trusted targets of a server refer to; what cannot be read is unknown, and no problem."""
        organization, checked = server[0], self._results.observed
        servers = checked.organizations[organization].servers
        known = Listed(servers=servers, sought=servers.keys())
        targets = [
            target
            for target in self._results.targets
            if (target.organization, target.server_id) == server and self._is_trusted(target)
        ]
        try:
            return await observe_targets(self._send, targets, {organization: known})
        except ApiUnusableError:
            return checked
