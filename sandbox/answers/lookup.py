"""Finds what a path or a body names, or refuses with the API's message."""

from sandbox.answers.queries import backup_of
from sandbox.answers.refusal import Refusal
from sandbox.world.state import Row, State

# The seed's 404s, word for word.
ORGANIZATION_NOT_FOUND = "Organization not found!"
SERVER_NOT_FOUND = "Server not found!"
APPLICATION_NOT_FOUND = "Application not found!"
DATABASE_NOT_FOUND = "Database not found!"
PROVIDER_NOT_FOUND = "Cloud storage Provider not found!"


class Lookup:
    """Finds rows by id; each call has its message for a refusal."""

    def __init__(self, state: State) -> None:
        self._state = state

    def organization(self, given: str) -> Row:
        """An organization. Raises Refusal: 404."""
        return _found(self._state.find("organizations", id=_id(given)), ORGANIZATION_NOT_FOUND)

    def server(self, organization_id: int, given: str | int, message: str = SERVER_NOT_FOUND) -> Row:
        """A server of an organization. Raises Refusal: 404."""
        return _found(self._state.find("servers", id=_id(given), organization_id=organization_id), message)

    def application(self, server_id: int, given: str | int) -> Row:
        """An application on a server. Raises Refusal: 404."""
        return _found(self._state.find("applications", id=_id(given), server_id=server_id), APPLICATION_NOT_FOUND)

    def database(self, server_id: int, given: int) -> Row:
        """A database on a server. Raises Refusal: 404."""
        return _found(self._state.find("databases", id=given, server_id=server_id), DATABASE_NOT_FOUND)

    def provider(self, organization_id: int, given: int, kind: str, message: str = PROVIDER_NOT_FOUND) -> Row:
        """A storage provider of an organization and of the named kind. Raises Refusal: 404."""
        row = self._state.find("providers", id=given, organization_id=organization_id, provider=kind)
        return _found(row, message)

    def backup(self, organization_id: int, given: str | int, message: str) -> Row:
        """A backup of an organization. Raises Refusal: 404."""
        return _found(backup_of(self._state, organization_id, _id(given)), message)

    def plan(self, server_id: int, given: str, message: str) -> Row:
        """An automatic plan of a server. Raises Refusal: 404."""
        row = self._state.find("configurations", id=_id(given), server_id=server_id, automatic=1)
        return _found(row, message)


def _found(row: Row | None, message: str) -> Row:
    if row is None:
        raise Refusal(404, message)
    return row


def _id(given: str | int) -> int:
    """The id in a path; -1, which nothing has, for what is not an id or too large for one."""
    if isinstance(given, int):
        return given
    return int(given) if given.isascii() and given.isdigit() and len(given) < 19 else -1  # noqa: PLR2004 - SQLite's range
