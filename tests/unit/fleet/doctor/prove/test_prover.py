"""One real backup, on an API in virtual time: sent once, watched to its end, and what it has settled."""

import asyncio
from collections.abc import Awaitable, Callable, Coroutine, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any, TypeVar

import pytest

from fleet.backup_list.ownership import Claims, NoClaims, Ownership
from fleet.dialect.dialect import UNKNOWN, Names
from fleet.dialect.learner import Learner
from fleet.doctor.checks.shown_names import HIDDEN, WHOLE
from fleet.doctor.prove.proven import Proven
from fleet.doctor.prove.prover import Prover
from fleet.doctor.prove.target_choice import chosen
from fleet.ledger.entry import Entry
from fleet.report.outcome import Outcome
from fleet.serveravatar.catalogue import Meaning
from fleet.serveravatar.errors import ApiError, ApiUnusableError
from fleet.serveravatar.wire import Call, Request
from tests.unit.fleet.builders import target
from tests.unit.fleet.doctor.api import NOW, DocumentedApi, Row, backup, unchanged
from tests.unit.fleet.virtual_time import VirtualTimeLoop

Result = TypeVar("Result")
TARGET = chosen([target()], "4246", NOW)
EPOCH = NOW.timestamp()


class Record:
    """In place of the ledger: its clock is the loop's."""

    def __init__(self) -> None:
        self.saved: list[Entry] = []

    def now(self) -> float:
        return EPOCH + asyncio.get_running_loop().time()

    async def save(self, entry: Entry) -> Entry:
        self.saved.append(entry)
        return entry


class ProvingApi(DocumentedApi):
    """Makes the backup that it is asked for: it shows after `delay` seconds, and is complete after `takes`.

    Attributes:
        answer: how a create is answered; None is an acceptance. `made` says whether it is made all the same.
        zone: seconds that its stamps are ahead of UTC.
        spell: makes of its row what the list shows.
        others: rows of people's own backups of the same site, that show after a second.
    """

    def __init__(self) -> None:
        super().__init__()
        self.answer: Exception | None = None
        self.made = True
        self.delay, self.takes, self.zone = 0.0, 5.0, 0
        self.words = ("Pending", "In Progress", "Completed")
        self.spell: Callable[[Row], None] = unchanged
        self.creates: list[Row] = []
        self.others: list[Row] = []
        self.record = Record()
        self.claims: Claims = NoClaims()
        self._made: tuple[Row, float] | None = None

    async def send_with(self, request: Request, before: Callable[[], Awaitable[None]] | None = None, /) -> Any:
        if before:
            await before()
        if request.call is not Call.CREATE_BACKUP:
            if self._made and request.call is Call.LIST_BACKUPS:
                self._show(*self._made)
            return await self.send(request)
        assert request.body is not None
        self.creates.append(dict(request.body))
        if self.made:
            self._made = dict(request.body), self.record.now()
        if self.answer:
            raise self.answer
        return {"message": "Backup Process has been started successfully!"}

    def _show(self, body: Row, since: float) -> None:
        age = self.record.now() - since
        rows = [row for row in self.lists["backups"] if row["id"] < 900]
        rows = [*(self.others if age >= 1 else ()), *rows]
        if age >= self.delay:
            stage = 2 if age >= self.takes else int(age >= 1)
            stamp = datetime.fromtimestamp(since, UTC) + timedelta(seconds=self.zone)
            row = backup(699, body["name"]) | {"status": self.words[stage], "created_at": f"{stamp:%Y-%m-%d %H:%M:%S}"}
            row |= {"backup_config_id": 72, "backup_configuration": {"id": 72, "name": body["name"]}}
            if stage < 2:
                row |= {"application_size": None, "database_size": None}
                row |= {"application_available_in_cloudstorage": 0, "database_available_in_cloudstorage": 0}
            self.spell(row)
            rows.insert(0, row)
        self.lists["backups"] = rows

    def proven(self, seconds: float = 3600.0) -> tuple[Proven, Prover, list[str]]:
        """Prove on it."""
        said: list[str] = []

        async def prove() -> tuple[Proven, Prover, list[str]]:
            own = Ownership(5, Learner(), NoClaims(), frozenset(), self.record.now)
            fresh = Entry(TARGET.key("doctor-1"), "doctor-1", automatic=False)
            prover = Prover(self.send_with, self.record, own, self.claims, (TARGET, fresh), said.append)
            return await prover.prove(seconds), prover, said

        return virtually(prove())


def virtually(work: Coroutine[Any, Any, Result]) -> Result:
    loop = VirtualTimeLoop()
    try:
        return loop.run_until_complete(work)
    finally:
        loop.close()


def test_it_is_recorded_before_it_leaves_sent_once_and_watched_to_its_end() -> None:
    api = ProvingApi()
    result, prover, said = api.proven()
    assert len(api.creates) == 1
    first, answered, last = api.record.saved
    assert (first.doubtful, first.attempts, first.outcome) == (True, 1, None)
    assert first.before.exact
    assert (answered.doubtful, answered.outcome) == (False, Outcome.CREATED)
    assert (last.outcome, last.backup_id) == (Outcome.VERIFIED, 999)
    assert (result.outcome, result.name) == (Outcome.VERIFIED, WHOLE)
    assert result.words == ("Pending", "In Progress", "Completed")
    assert result.took is not None
    assert api.takes <= result.took <= api.takes + 2
    assert said[0] == "sending the create"
    assert "waiting for it to complete; its status is `Pending`" in said
    assert prover.facts.names is Names.SHOWN


def test_it_settles_what_reading_cannot() -> None:
    api = ProvingApi()
    api.delay, api.takes, api.zone = 8.0, 30.0, 19800
    result, prover, said = api.proven()
    facts = prover.facts
    assert result.shown_after is not None
    assert 8.0 <= result.shown_after <= 10.0
    assert 6.0 <= result.absent_at < 8.0
    assert facts.shows_after == result.shown_after
    assert facts.zone == timedelta(hours=5, minutes=30)
    assert (facts.names, facts.totals, facts.page_size) == (Names.SHOWN, None, None)
    assert "waiting for the list to show it" in said


def test_without_a_name_it_is_recognised_by_what_it_is_of() -> None:
    api = ProvingApi()
    api.spell = lambda row: row["backup_configuration"].update(name=None)
    result, prover, _ = api.proven()
    assert (result.outcome, result.name) == (Outcome.VERIFIED, HIDDEN)
    assert prover.facts.names is Names.HIDDEN
    assert "placed" in result.how


def others_own(number: int) -> Row:
    """A person's own backup of the same site, at the same time."""
    own = {"backup_config_id": number, "backup_configuration": {"id": number, "name": None}}
    return backup(number - 300) | own | {"created_at": f"{NOW:%Y-%m-%d %H:%M:%S}"}


def test_a_persons_own_backup_of_the_same_site_is_not_taken_for_it_when_its_own_shows_later() -> None:
    api = ProvingApi()
    api.delay, api.takes, api.others = 8.0, 20.0, [others_own(950)]
    result, prover, _ = api.proven()
    assert (result.outcome, result.name, result.candidates) == (Outcome.VERIFIED, WHOLE, 0)
    assert api.record.saved[-1].backup_id == 999
    assert prover.facts.shows_after == result.shown_after
    assert prover.facts.names is Names.SHOWN


@pytest.mark.parametrize("in_doubt", [True, False])
def test_of_several_rows_without_a_name_nothing_is_concluded(in_doubt: bool) -> None:
    api = ProvingApi()
    api.others = [others_own(950)]
    api.spell = lambda row: row["backup_configuration"].update(name=None)
    api.answer = ApiError("create backup", Meaning.IN_DOUBT, "", 500) if in_doubt else None
    result, prover, _ = api.proven()
    assert result.outcome is (Outcome.IN_DOUBT if in_doubt else Outcome.UNVERIFIED)
    assert (result.name, result.candidates) == ("", 1)
    assert prover.facts == UNKNOWN
    assert api.record.saved[-1].backup_id is None


class TakenByOthers:
    """Another run has claimed every row."""

    async def claim(self, organization: int, wanted: Mapping[int, str]) -> dict[int, str]:
        assert organization == 5
        return dict.fromkeys(wanted, "another")


def test_a_row_that_another_run_has_claimed_is_not_ours() -> None:
    api = ProvingApi()
    api.spell = lambda row: row["backup_configuration"].update(name=None)
    api.claims = TakenByOthers()
    result, prover, _ = api.proven()
    assert (result.outcome, result.name) == (Outcome.UNVERIFIED, "")
    assert prover.facts == UNKNOWN


def test_a_word_that_nobody_knows_is_complete_on_two_looks() -> None:
    api = ProvingApi()
    api.words = ("Pending", "Running", "Fertig")
    result, prover, _ = api.proven()
    assert (result.outcome, result.how) == (Outcome.VERIFIED, "evidence: inferred")
    assert prover.facts.statuses["fertig"] == "complete"


@pytest.mark.parametrize("made", [True, False])
def test_a_create_in_doubt_is_looked_for_and_never_sent_again(made: bool) -> None:
    api = ProvingApi()
    api.answer, api.made = ApiError("create backup", Meaning.IN_DOUBT, "Something went really wrong!", 500), made
    result, prover, _ = api.proven()
    assert len(api.creates) == 1
    assert result.outcome is (Outcome.VERIFIED if made else Outcome.IN_DOUBT)
    last = api.record.saved[-1]
    assert (last.doubtful, last.outcome) == ((False, Outcome.VERIFIED) if made else (True, Outcome.IN_DOUBT))
    assert prover.facts.offsets == []


@pytest.mark.parametrize(
    ("meaning", "status", "outcome"),
    [
        (Meaning.REFUSED, 404, Outcome.REJECTED),
        (Meaning.REFUSED_FOR_NOW, 500, Outcome.REJECTED),
        (Meaning.FORBIDDEN, 403, Outcome.REJECTED),
        (Meaning.UNAVAILABLE, None, Outcome.EXHAUSTED),
    ],
)
def test_a_refusal_ends_it_without_its_text(meaning: Meaning, status: int | None, outcome: Outcome) -> None:
    api = ProvingApi()
    api.answer, api.made = ApiError("create backup", meaning, "No room for shop.example.org", status), False
    result, _, _ = api.proven()
    assert (result.outcome, len(api.creates)) == (outcome, 1)
    assert "shop.example.org" not in result.how
    assert not api.record.saved[-1].doubtful


def test_it_is_bounded_in_time() -> None:
    api = ProvingApi()
    api.takes = 10**9
    result, _, _ = api.proven(120.0)
    assert (result.outcome, result.took) == (Outcome.UNVERIFIED, None)
    assert "pending" in result.how
    assert result.looks < 40


def test_what_fails_is_told() -> None:
    api = ProvingApi()
    api.words = ("Pending", "In Progress", "Failed")
    result, _, _ = api.proven()
    assert (result.outcome, result.words[-1]) == (Outcome.UNVERIFIED, "Failed")
    assert api.record.saved[-1].broken


def test_a_list_that_cannot_be_read_before_leaves_everything_unsent() -> None:
    api = ProvingApi()
    api.refused["backups"] = ApiError("list backups", Meaning.GATEWAY, "Bad Gateway", 502)
    with pytest.raises(ApiError):
        api.proven()
    assert api.creates == []
    assert api.record.saved == []


def test_a_token_that_is_refused_before_the_create_leaves_everything_unsent() -> None:
    api = ProvingApi()

    async def refuse(request: Request, before: Callable[[], Awaitable[None]] | None = None, /) -> Any:
        if request.call is Call.CREATE_BACKUP:
            raise ApiUnusableError("the API refused the token")
        return await ProvingApi.send_with(api, request, before)

    api.send_with = refuse  # type: ignore[method-assign]
    with pytest.raises(ApiUnusableError):
        api.proven()
    assert api.record.saved == []


def test_a_rate_limit_makes_no_second_attempt() -> None:
    api = ProvingApi()
    send = api.send_with

    async def limited(request: Request, before: Callable[[], Awaitable[None]] | None = None, /) -> Any:
        if request.call is Call.CREATE_BACKUP and before:
            await before()
            await asyncio.sleep(30)  # 429: the client waits, and awaits `before` again.
        return await send(request, before)

    api.send_with = limited  # type: ignore[method-assign]
    result, _, _ = api.proven()
    first, again = api.record.saved[:2]
    assert again == replace(first, sent_at=(first.sent_at or 0) + 30)
    assert (result.outcome, result.shown_after) == (Outcome.VERIFIED, 0.0)
