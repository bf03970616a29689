"""What the doctor reads from the ledger and records in it; without a ledger it examines all the same."""

from collections.abc import Callable, Mapping, Sequence

from fleet.dialect.combining import combined
from fleet.dialect.dialect import UNKNOWN, Dialect
from fleet.doctor.answers import Answers
from fleet.inventory.naming import KEY_DIGITS, marks_in
from fleet.ledger.database.engine import LedgerError
from fleet.ledger.learned.dialects import read_dialect, save_dialect
from fleet.ledger.reading import read_entries
from fleet.serveravatar.backup_rows import names_in


class DoctorLedger:
    """The ledger as the doctor uses it: whatever cannot be read or written is a warning.

    Args:
        url: of the ledger.
        api: URL of the API.
        warn: prints a warning.
    """

    def __init__(self, url: str, api: str, warn: Callable[[str], None]) -> None:
        self.url = url
        self.api = api
        self._warn = warn

    def warn(self, what: str) -> None:
        """Print what is missing without the ledger, but not its address."""
        self._warn(f"{what}: the ledger cannot be used (`fleet-backup history` shows why)")

    async def dialect(self, organization: int) -> Dialect:
        """Read what earlier runs have seen of an organization's API."""
        try:
            return await read_dialect(self.url, self.api, organization)
        except LedgerError:
            self.warn("findings of earlier runs are unknown")
            return UNKNOWN

    async def sent_names(self, rows: Sequence[Mapping[str, object]]) -> dict[str, str]:
        """Read the names that earlier runs have sent for these backups, by key."""
        marks = {mark for row in rows for mark in marks_in(names_in(row)) if len(mark) == KEY_DIGITS}
        try:
            recorded = await read_entries(self.url, sorted(marks))
        except LedgerError:
            return {}
        return {key: str(each.entry.request.get("name") or "") for key, each in recorded.items()}

    async def record(self, answers: Answers) -> None:
        """Record what was seen, for runs and audits."""
        for organization in {*answers.backups, *answers.learned}:
            seen = combined(answers.known.get(organization, UNKNOWN), answers.alone(organization))
            try:
                await save_dialect(self.url, self.api, organization, seen)
            except LedgerError:
                self.warn("findings are not recorded")
