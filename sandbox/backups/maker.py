"""Makes the backups: records each one, packs it in a thread, and records how it ended."""

import asyncio
import hashlib
import json
import sqlite3
import time
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from sandbox.backups.create_request import CreateRequest
from sandbox.backups.packing import Packed, PackingJob, pack
from sandbox.backups.schedules import expiry
from sandbox.faults.conditions import Conditions
from sandbox.faults.faults import BACKUP, Occasion
from sandbox.world.clock import Clock, api_time
from sandbox.world.disk import has_room
from sandbox.world.state import Row, State
from sandbox.world.world import STORAGE, is_tiny

PENDING, IN_PROGRESS, COMPLETED, FAILED = "Pending", "In Progress", "Completed", "Failed"

_DAY = 86_400

NO_ROOM = "not enough disk space available on the server"
NOT_CONNECTED = "the server is not connected"
NO_DATABASE = "no database was named"


@dataclass(frozen=True)
class _Parts:
    """The parts of a backup: what it packs, of which application and database."""

    request: CreateRequest
    application: Row | None
    database: Row | None
    server: Row


class BackupMaker:
    """Starts backups and finishes them in the background."""

    def __init__(
        self,
        *,
        folder: Path,
        state: State,
        clock: Clock,
        conditions: Conditions,
        seconds: float,
        threads: int,
    ) -> None:
        self._folder = folder
        self._state = state
        self._clock = clock
        self._conditions = conditions
        self._seconds = seconds
        self._threads = ThreadPoolExecutor(max_workers=threads, thread_name_prefix="packing")
        self._running: set[asyncio.Task[None]] = set()
        # A backup is pending until a thread is free.
        self._slots = asyncio.Semaphore(threads)
        self._precomputed = folder / "precomputed" if is_tiny(state) else None

    def api_now(self) -> float:
        """The API's time: the sandbox's clock and its error, in seconds since the epoch."""
        return self._clock.now() + self._conditions.skew_seconds()

    def start(self, configuration_id: int, created_at: float | None = None) -> int:
        """Record a backup of a configuration and start it in the background.

        Args:
            configuration_id: the plan, or the instant backup's own configuration.
            created_at: its time in seconds since the epoch; None for now.

        Returns:
            The backup's id.
        """
        configuration = self._state.find("configurations", id=configuration_id)
        if configuration is None:
            raise LookupError(f"no configuration {configuration_id}")
        request = CreateRequest(**json.loads(configuration["request"]))
        created = self.api_now() if created_at is None else created_at
        values: Row = {
            "configuration_id": configuration_id,
            "organization_id": configuration["organization_id"],
            "server_id": configuration["server_id"],
            "provider_id": request.cloud_storage_provider_id,
            "application_id": request.application_id,
            "database_id": request.database_id if request.dumps_database else None,
            "hash": hashlib.blake2b(f"{configuration_id}|{created}".encode(), digest_size=16).hexdigest(),
            "application_extension": request.application_extension if request.packs_application else None,
            "database_extension": request.database_extension if request.dumps_database else None,
            "status": PENDING,
            "created_at": created,
            "updated_at": created,
            "expires_at": self._expiry(created, request.retention_period),
        }
        backup_id = self._state.insert("backups", **values)
        self._begin(backup_id)
        return backup_id

    def _expiry(self, created: float, retention_period: str | None) -> float | None:
        days = self._conditions.dialect.expires_after
        return expiry(created, retention_period) if days is None else created + days * _DAY

    def resume(self) -> None:
        """Restart the backups that were running when the sandbox ended."""
        unfinished = self._state.rows("SELECT id FROM backups WHERE status IN (?, ?) ORDER BY id", PENDING, IN_PROGRESS)
        for row in unfinished:
            self._begin(row["id"])

    async def settle(self) -> None:
        """Wait until no backup is running."""
        while self._running:
            await asyncio.wait(self._running)

    async def close(self) -> None:
        """Stop; the next `resume` restarts what is running."""
        for task in self._running:
            task.cancel()
        await asyncio.gather(*self._running, return_exceptions=True)
        self._threads.shutdown(wait=True, cancel_futures=True)

    def _begin(self, backup_id: int) -> None:
        task = asyncio.get_running_loop().create_task(self._make(backup_id))
        self._running.add(task)
        task.add_done_callback(self._running.discard)

    async def _make(self, backup_id: int) -> None:
        began = time.monotonic()
        backup = self._state.find("backups", id=backup_id)
        if backup is None:
            return
        parts = self._parts(backup)
        kinds = self._faults_of(parts)
        if "pending" in kinds:
            return
        async with self._slots:
            self._state.update("backups", backup_id, status=IN_PROGRESS, updated_at=self.api_now())
            if "stuck" in kinds:
                return
            job = self._job(backup, parts)
            packed, problem = await self._pack(job, self._obstacle(parts, kinds), empty="empty" in kinds)
        await asyncio.sleep(max(0.0, self._seconds - (time.monotonic() - began)))
        self._finish(backup_id, parts, job, packed, problem)

    async def _pack(self, job: PackingJob, problem: str | None, *, empty: bool) -> tuple[Packed, str | None]:
        """Pack, unless there is a problem already or a fault empties it."""
        if problem is not None or empty:
            return Packed(0, 0), problem
        try:
            return await asyncio.get_running_loop().run_in_executor(self._threads, pack, job), None
        except (OSError, sqlite3.Error) as error:
            return Packed(0, 0), str(error)

    def _finish(self, backup_id: int, parts: _Parts, job: PackingJob, packed: Packed, problem: str | None) -> None:
        ended: Row = {
            "status": COMPLETED if problem is None else FAILED,
            "problem": problem,
            "application_bytes": packed.application_bytes,
            "database_bytes": packed.database_bytes,
            "application_path": self._relative(job.application_archive) if packed.application_bytes else None,
            "database_path": self._relative(job.database_archive) if packed.database_bytes else None,
            "total_application_bytes": parts.application["bytes"] if parts.application else 0,
            "total_database_bytes": parts.database["bytes"] if parts.database else 0,
            "updated_at": self.api_now(),
        }
        self._state.update("backups", backup_id, **ended)

    def _parts(self, backup: Row) -> _Parts:
        configuration = self._state.find("configurations", id=backup["configuration_id"]) or {}
        request = CreateRequest(**json.loads(configuration["request"]))
        application = self._state.find("applications", id=request.application_id)
        database = self._state.find("databases", id=request.database_id) if request.dumps_database else None
        server = self._state.find("servers", id=backup["server_id"]) or {}
        return _Parts(request, application if request.packs_application else None, database, server)

    def _faults_of(self, parts: _Parts) -> set[str]:
        request = parts.request
        occasion = Occasion(
            call=BACKUP,
            target=f"{parts.server['id']}/{request.application_id}/{request.database_id}/{request.type}",
            organization=parts.server["organization_id"],
            server=parts.server["id"],
            application=request.application_id,
        )
        return {rule.kind for rule in self._conditions.faults.fired(occasion)}

    def _obstacle(self, parts: _Parts, kinds: set[str]) -> str | None:
        """Why this backup fails before anything is packed; None if it does not."""
        needed = sum(part["bytes"] for part in (parts.application, parts.database) if part)
        server = parts.server
        if "fail" in kinds:
            return "a fault on demand"
        if not server["connected"]:
            return NOT_CONNECTED
        if not has_room(server["disk_total_gb"], server["disk_used_gb"], needed):
            return NO_ROOM
        if parts.request.type == "database" and parts.database is None:
            # The seed never requires database_id: such a backup is accepted, and is empty.
            return NO_DATABASE
        return None

    def _job(self, backup: Row, parts: _Parts) -> PackingJob:
        request = parts.request
        application = self._state.find("applications", id=request.application_id) or {"name": "gone"}
        stamp = (api_time(backup["created_at"]) or "").replace(" ", "_").replace(":", "-")
        place = (
            self._folder
            / STORAGE
            / f"{request.provider}-{request.cloud_storage_provider_id}"
            / parts.server["name"]
            / application["name"]
        )
        stem = f"{stamp}-{backup['id']}"
        return PackingJob(
            application=self._folder / parts.application["path"] if parts.application else None,
            application_archive=place / f"{stem}{request.application_extension}" if parts.application else None,
            database=self._folder / parts.database["path"] if parts.database else None,
            database_archive=place / f"{stem}{request.database_extension}" if parts.database else None,
            precomputed=self._precomputed,
        )

    def _relative(self, path: Path | None) -> str | None:
        return None if path is None else str(path.relative_to(self._folder))
