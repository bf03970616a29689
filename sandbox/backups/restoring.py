"""Restores a backup: on its own server, or as a new application on another one."""

import asyncio
import sqlite3
import tarfile
from collections.abc import Callable
from pathlib import Path

from sandbox.answers.refusal import Refusal
from sandbox.backups.packing import load_database, unpack_application
from sandbox.world.disk import has_room
from sandbox.world.state import Row, State
from sandbox.world.world import SERVERS

# Messages of serveravatar-api.md, "Restore on another server"; the first two apply to both restores.
NOT_CONNECTED = "Your server is not connected."
IN_PROGRESS = "Restore is already in progress."
NO_ROOM = "You can not restore this backup because there is not enough disk space available on selected server."
APPLICATION_EXISTS = "Application already exists."
NOT_COMPLETED = "Backup not completed."


class Restorer:
    """Restores backups in the background, one at a time for each backup."""

    def __init__(self, folder: Path, state: State, seconds: float) -> None:
        self._folder = folder
        self._state = state
        self._seconds = seconds
        self._in_progress: dict[int, asyncio.Task[None]] = {}

    def restore(self, backup: Row, server: Row) -> None:
        """Start to restore a backup to where it came from.

        Raises:
            Refusal: 500, not connected, not completed or already in progress.
        """
        self._check(backup, server)
        self._begin(backup, backup["application_source"], backup["database_source"])

    def restore_elsewhere(self, backup: Row, server: Row) -> None:
        """Start to restore a backup as a new application, with its database, on another server.

        Raises:
            Refusal: 500, as above, or no room there, or an application of that name exists.
        """
        self._check(backup, server)
        needed = backup["total_application_bytes"] + backup["total_database_bytes"]
        if not has_room(server["disk_total_gb"], server["disk_used_gb"], needed):
            raise Refusal(500, NO_ROOM)
        name = backup["application_name"]
        if self._state.find("applications", server_id=server["id"], name=name) is not None:
            raise Refusal(500, APPLICATION_EXISTS)
        application, database = self._record(backup, server)
        self._begin(backup, application, database)

    async def settle(self) -> None:
        """Wait until no restore is in progress."""
        while self._in_progress:
            await asyncio.wait(list(self._in_progress.values()))

    async def close(self) -> None:
        """Stop; a restore in progress is abandoned."""
        tasks = list(self._in_progress.values())
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    def _check(self, backup: Row, server: Row) -> None:
        if not server["connected"]:
            raise Refusal(500, NOT_CONNECTED)
        if backup["id"] in self._in_progress:
            raise Refusal(500, IN_PROGRESS)
        if backup["application_path"] is None and backup["database_path"] is None:
            raise Refusal(500, NOT_COMPLETED)

    def _record(self, backup: Row, server: Row) -> tuple[str, str | None]:
        """Add the new application and its database to the server; return their paths."""
        name, database_name = backup["application_name"], backup["database_name"]
        place = f"{SERVERS}/{server['name']}"
        owner = {
            "organization_id": server["organization_id"],
            "server_id": server["id"],
            "created_at": backup["created_at"],
        }
        database_path, database_id = None, None
        if backup["database_path"] is not None:
            database_path = f"{place}/databases/{database_name}.sqlite"
            size = backup["total_database_bytes"]
            database_id = self._state.insert("databases", name=database_name, path=database_path, bytes=size, **owner)
        path = f"{place}/applications/{name}"
        self._state.insert(
            "applications",
            database_id=database_id,
            name=name,
            domain=f"{name}.{server['name']}.example.org",
            framework="custom",
            path=path,
            bytes=backup["total_application_bytes"],
            **owner,
        )
        return path, database_path

    def _begin(self, backup: Row, application: str, database: str | None) -> None:
        task = asyncio.get_running_loop().create_task(self._restore(backup, application, database))
        self._in_progress[backup["id"]] = task
        task.add_done_callback(lambda _: self._in_progress.pop(backup["id"], None))

    async def _restore(self, backup: Row, application: str, database: str | None) -> None:
        parts: list[tuple[Callable[[Path, Path], None], str | None, str | None]] = [
            (unpack_application, backup["application_path"], application),
            (load_database, backup["database_path"], database),
        ]
        for put, archive, target in parts:
            if archive is None or target is None:
                continue
            try:
                await asyncio.to_thread(put, self._folder / archive, self._folder / target)
            except (OSError, sqlite3.Error, tarfile.TarError):
                # Like the API, the sandbox has no call that shows how a restore ended.
                return
        await asyncio.sleep(self._seconds)
