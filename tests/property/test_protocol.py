"""The protocol under every order of events: no order loses a target, or creates one twice in silence.

Runs of two keys act on an instant backup or a plan, one micro-step at a time. Durable is only what the ledger was told,
so that a crash can fall between any two steps; and a lease can be lost while its owner only sleeps.
"""

import os
from collections import Counter
from dataclasses import dataclass, replace
from enum import StrEnum

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, answered, ended, expired, found, not_found, proven, sending, sought_of
from fleet.ledger.next_step import Step, next_step, settled_at
from fleet.proof.absence import GENEROUS, Looked, Rules, absence_of
from fleet.proof.duplicates import judge_all
from fleet.proof.sought import NOTHING_KNOWN, Mark, Sought
from fleet.report.outcome import GOOD, Outcome, Result
from fleet.serveravatar.catalogue import Meaning
from tests.property.model import Api, Ledger, LostLeaseError, Order, Row, finished, list_of, looked
from tests.unit.fleet.builders import instant, plan, target

EXAMPLES = int(os.environ.get("PROTOCOL_EXAMPLES", "200"))
"""A nightly run, or somebody who changes the protocol, asks for thousands."""
SETTLE = 5
NEVER = float("inf")
OLDEST_PLAN, OLDER_PLAN = 3, 7
TARGETS = (target(instant(application_id=1)), target(plan(application_id=1)))
PROVE_NOTHING = (Meaning.IN_DOUBT, Meaning.GATEWAY, Meaning.MOVED)
NOT_APPLIED = (
    Meaning.REFUSED,
    Meaning.REFUSED_FOR_NOW,
    Meaning.FORBIDDEN,
    Meaning.RATE_LIMITED,
    Meaning.UNAVAILABLE,
    Meaning.TOKEN_REFUSED,
)
assert {*PROVE_NOTHING, *NOT_APPLIED, Meaning.ACCEPTED} == set(Meaning)


class At(StrEnum):
    """Where a run is with a target."""

    DECIDE = "decide"
    INTENT = "intent"
    ANSWERED = "answered"
    ENDED = "ended"
    LOST = "lost"


@dataclass(eq=False)
class Acting:
    """One run acting on one target. All of it is gone when the run dies."""

    run: int
    run_key: str
    target: Target
    rules: Rules
    marked: Mark
    entry: Entry
    at: At = At.DECIDE
    looked: Looked | None = None
    looked_at: float = 0.0
    doubtful_before: bool = False
    meaning: Meaning | None = None

    @property
    def sought(self) -> Sought:
        return sought_of(self.entry, self.target)

    @property
    def body(self) -> dict[str, object]:
        return self.target.request.body(self.target.backup_name(self.run_key))


@dataclass(frozen=True)
class Starts:
    """How a run starts; perhaps the list cannot be read before it."""

    run_key: str
    resend_plans: bool
    reads_the_list: bool


@dataclass(frozen=True)
class Call:
    """What becomes of a call: applied or not, and answered by the truth (`told`) or by what proves nothing.

    What is applied shows in the list `delay` seconds later, the first backup of a plan after `first`; `limited` is a
    429 before it, `closed` a window that has closed when it was about to leave.
    """

    applied: bool
    told: bool
    limited: bool = False
    closed: bool = False
    delay: int = 0
    first: float = 0.0
    proving_nothing: Meaning = Meaning.IN_DOUBT
    refusal: Meaning = Meaning.UNAVAILABLE


ORDERS: st.SearchStrategy[Order] = st.sampled_from(["newest", "oldest", "rotated"])
SELDOM = st.sampled_from([False, False, False, True])
STARTS = st.builds(Starts, st.sampled_from(["night", "night", "night", "day"]), SELDOM, SELDOM.map(lambda no: not no))
CALLS = st.builds(
    Call,
    applied=st.booleans(),
    told=SELDOM,
    limited=SELDOM,
    closed=SELDOM,
    delay=st.sampled_from([0, 1, SETTLE, SETTLE, 4 * SETTLE, 100 * SETTLE]),
    first=st.sampled_from([0.0, 10.0, 60.0, 600.0, GENEROUS, GENEROUS + 600, NEVER]),
    proving_nothing=st.sampled_from(PROVE_NOTHING),
    refusal=st.sampled_from(NOT_APPLIED),
)


KNOWN = (Rules(SETTLE), Rules(SETTLE, first_backup_after=20.0), Rules(SETTLE, first_backups_missed=1))
"""How fast the API was seen to show first backups of plans; it may be slower all the same."""


class Protocol(RuleBasedStateMachine):
    """Every order of events."""

    def __init__(self) -> None:
        super().__init__()
        self.api, self.ledger = Api(), Ledger()
        self.runs = 0
        self.wanted = TARGETS[0]
        self.live: list[Acting] = []
        self.sent: Counter[str] = Counter()
        self.excuses: Counter[str] = Counter()  # Of each key: how often a second one can be excused.
        self.plan_excuses = 0
        self.baseline: dict[str, int] = {}  # Of each key: what is older was there before, or is known to be broken.
        self.told_lost: set[str] = set()
        self.known = Rules(SETTLE)

    @initialize(wanted=st.sampled_from(TARGETS), backups=st.integers(0, 6), order=ORDERS, known=st.sampled_from(KNOWN))
    def a_fleet_of_one(self, wanted: Target, backups: int, order: Order, known: Rules) -> None:
        """What every run wants. Its application has older plans, made by somebody else, with backups in the list."""
        self.wanted, self.api.order, self.known = wanted, order, known
        for number in range(backups):
            self._older_plan_runs(OLDEST_PLAN if number < backups - 1 else OLDER_PLAN)

    def _older_plan_runs(self, plan_id: int = OLDER_PLAN) -> None:
        application = self.wanted.request.application_id
        self.api.rows.append(Row(self.api.new_id(), application, None, plan_id, self.api.now, "Completed"))

    # What happens around the runs.

    @rule(
        event=st.sampled_from(["time", "time", "order", "plan", "older plan", "ended", "failed"]),
        seconds=st.sampled_from([1, 2, SETTLE, 60, 3600, GENEROUS]),
        order=ORDERS,
        choice=st.integers(0, 5),
    )
    def the_world_changes(self, event: str, seconds: float, order: Order, choice: int) -> None:
        under_way = [row for row in self.api.rows if row.status == "In Progress"]
        if event == "time":
            self.api.now += seconds
        elif event == "order":
            self.api.order = order
        elif event == "plan" and self.api.plans:
            self.api.plan_runs(self.api.plans[choice % len(self.api.plans)])
        elif event == "older plan" and any(row.plan_id == OLDER_PLAN for row in self.api.rows):
            self._older_plan_runs()
        elif event in {"ended", "failed"} and under_way:
            under_way[choice % len(under_way)].status = "Completed" if event == "ended" else "Failed"

    # What a run does, step by step.

    @precondition(lambda self: len(self.live) < 2)
    @rule(starts=STARTS)
    def a_run_claims(self, starts: Starts) -> None:
        self.runs += 1
        request = self.wanted.request
        key = self.wanted.key(starts.run_key)
        fresh = Entry(key, starts.run_key, request.automatic_backup, request=request.body())
        entry = self.ledger.take(fresh, self.runs)
        if entry is not None:
            mark = NOTHING_KNOWN
            if starts.reads_the_list:
                mark = self._marked(exactly=request.automatic_backup)
            rules = replace(self.known, resend_plans=frozenset({key} if starts.resend_plans else ()))
            self.live.append(Acting(self.runs, starts.run_key, self.wanted, rules, mark, entry))

    def _marked(self, *, exactly: bool) -> Mark:
        backups = list_of(self.api, self.ledger)
        finished(backups.mark(exactly=exactly))
        return backups.marked

    def _look(self, one: Acting, *, thorough: bool = False) -> Looked:
        return looked(list_of(self.api, self.ledger), one.sought, thorough=thorough)

    @rule(which=st.integers(0, 1), calls=st.lists(CALLS, min_size=1, max_size=6), starts=STARTS, dies=SELDOM)
    def a_run_goes_on(self, which: int, calls: list[Call], starts: Starts, dies: bool) -> None:
        """The next micro-steps: decide and record, or call, or record the answer. Perhaps it dies after them."""
        if not self.live:
            self.a_run_claims(starts)
        for call in calls:
            if self.live:
                self._goes_on(self.live[which % len(self.live)], call)
        if dies and self.live:
            self.a_run_ends_or_dies(which, verifies=False, last_retry=False)

    def _goes_on(self, one: Acting, call: Call) -> None:
        try:
            match one.at:
                case At.DECIDE:
                    self._step(one, call)
                case At.INTENT if call.limited and call.closed:
                    self._expire(one, doubtful_before=one.doubtful_before)
                case At.INTENT if call.limited:
                    self._wait_for_429(one)
                case At.INTENT:
                    if call.applied:
                        self._apply(one, call)
                    truth = Meaning.ACCEPTED if call.applied else call.refusal
                    one.meaning, one.at = truth if call.told else call.proving_nothing, At.ANSWERED
                case At.ANSWERED:
                    self._record_answer(one)
        except LostLeaseError:
            self._lose(one)

    def _step(self, one: Acting, call: Call) -> None:
        step = next_step(one.entry, one.looked_at if one.looked else self.api.now, one.rules, one.looked)
        if step is Step.DONE:
            one.at = At.ENDED
            self._exists(one)
        elif step is Step.WAIT:
            self.api.now = max(self.api.now, settled_at(one.entry, one.rules, one.looked))
            one.looked = None
        elif step is Step.LOOK:
            one.looked, one.looked_at = self._look(one), self.api.now
            entry = found(one.entry, one.looked) if one.looked.rows else not_found(one.entry)
            one.entry = self.ledger.save(entry, one.run)
        elif step is Step.ASK:
            one.entry = self.ledger.save(ended(one.entry, Outcome.IN_DOUBT, "who knows"), one.run)
            one.at = At.ENDED
        elif call.closed:
            self._expire(one, doubtful_before=one.entry.doubtful)
        else:
            assert not one.entry.is_settled
            one.doubtful_before = one.entry.doubtful
            if one.entry.automatic and one.doubtful_before:
                self._resend_plan(one)
            anew = one.entry.broken or not one.entry.attempts
            one.entry = self.ledger.save(sending(one.entry, self.api.now, one.marked, one.body), one.run)
            if anew:
                self.baseline[one.entry.key] = one.entry.before.backup
            one.at = At.INTENT

    def _resend_plan(self, one: Acting) -> None:
        """Only where its absence is proven, or somebody says so. An API is excused that showed it later than all do."""
        assert one.looked is not None
        if not one.rules.resend_plans:
            absence = absence_of(one.entry.attempt, one.looked, one.rules, one.looked_at)
            assert absence.is_proven, "a plan that may exist is sent again"
            assert not any(plan.has_run for plan in self.api.plans_of(one.target)), "a plan that shows is sent again"
            assert all(plan.first_at > one.looked_at for plan in self.api.plans_of(one.target))
        assert not one.looked.rows
        self.plan_excuses += bool(one.rules.resend_plans or self.api.plans_of(one.target))

    def _expire(self, one: Acting, *, doubtful_before: bool) -> None:
        """Nothing of this attempt was applied: it has not left, or a 429 was its answer."""
        one.entry = self.ledger.save(expired(one.entry, "words", doubtful_before=doubtful_before), one.run)
        one.at = At.ENDED
        assert not one.entry.is_settled

    def _wait_for_429(self, one: Acting) -> None:
        """The attempt leaves only now, and that is recorded."""
        self.api.now += 60
        one.entry = self.ledger.save(replace(one.entry, sent_at=self.api.now), one.run)

    def _apply(self, one: Acting, call: Call) -> None:
        key, visible_at = one.entry.key, self.api.now + call.delay
        assert one.entry.sent_at is not None
        self.sent[key] += 1
        slept = self.ledger.owners.get(key) != one.run
        if visible_at > one.entry.sent_at + one.rules.certain_after(one.entry.attempts) or slept:
            self.excuses[key] += 1
        self.plan_excuses += one.entry.automatic and slept
        name = one.target.backup_name(one.run_key)
        self.api.create(one.target, name, visible_at, self.api.now + call.first)

    def _record_answer(self, one: Acting) -> None:
        assert one.meaning is not None
        entry = answered(one.entry, one.meaning, "words", self.api.now, doubtful_before=one.doubtful_before)
        one.entry, one.looked = self.ledger.save(entry, one.run), None
        one.at = At.ENDED if entry.outcome is Outcome.REJECTED else At.DECIDE

    def _verify(self, one: Acting) -> None:
        request = one.target.request
        rows = self._look(one).rows
        if not rows:
            return
        proof = judge_all(rows, request)
        if one.entry.attempts > 1 and len(rows := self._look(one, thorough=True).rows) > 1:
            proof = judge_all(rows, request)
        outcome = one.entry.outcome or Outcome.ADOPTED
        result = Result(one.target, "web", "shop", outcome).proven(proof)
        one.entry = self.ledger.save(proven(one.entry, result.outcome, proof), one.run)
        if result.outcome is Outcome.VERIFIED:
            assert not self._is_lost(one, "Completed"), "verified, and there is none"

    # How runs end.

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1), verifies=st.booleans(), last_retry=st.booleans())
    def a_run_ends_or_dies(self, which: int, verifies: bool, last_retry: bool) -> None:
        """At any step: what it had in mind is gone, what it had recorded is free."""
        one = self.live.pop(which % len(self.live))
        try:
            if verifies and one.at is At.ENDED and one.entry.is_settled:
                self._verify(one)
            if last_retry and one.at is At.DECIDE and one.entry.attempts and not one.entry.is_settled:
                self.ledger.save(ended(one.entry, Outcome.EXHAUSTED, "words"), one.run)
        except LostLeaseError:
            self._lose(one)
        if self.ledger.owners.get(one.entry.key) == one.run:
            self.ledger.free(one.entry.key)

    @precondition(lambda self: self.live)
    @rule(which=st.integers(0, 1))
    def a_lease_is_lost(self, which: int) -> None:
        """The run sleeps for longer than its lease, and knows nothing of it."""
        one = self.live[which % len(self.live)]
        if self.ledger.owners.get(one.entry.key) == one.run:
            self.ledger.free(one.entry.key)

    def _lose(self, one: Acting) -> None:
        """The run says that another has taken over: its target ends in doubt."""
        one.at = At.LOST
        self.told_lost.add(one.entry.key)

    # What must hold.

    def _is_lost(self, one: Acting, status: str = "") -> bool:
        if one.entry.automatic:
            return not self.api.plans_of(one.target)
        return not any(row.status == status or not status for row in self.api.of_key(one.entry.key))

    def _exists(self, one: Acting) -> None:
        assert one.entry.outcome in GOOD | {Outcome.UNVERIFIED}
        assert not self._is_lost(one), "it ended well, and there is none"

    @invariant()
    def nothing_is_lost(self) -> None:
        for entry in self.ledger.entries.values():
            if entry.outcome in GOOD:
                wanted = self.wanted
                exists = self.api.plans_of(wanted) if entry.automatic else self.api.of_key(entry.key)
                assert exists, f"the ledger says {entry.outcome}, and there is none"

    @invariant()
    def nothing_is_made_twice_while_the_list_is_in_time(self) -> None:
        """Each row that came too late, and each call of a run that slept through its lease, excuses one more."""
        for key in self.ledger.entries:
            good = [row for row in self.api.of_key(key) if row.status != "Failed"]
            assert len(good) <= 1 + self.excuses[key], f"{len(good)} of {key}"
        assert len(self.api.plans) <= 1 + self.plan_excuses

    def teardown(self) -> None:
        """At last all rows show, the run's process ends, and a run of each key goes through undisturbed."""
        self.api.now += 1_000_000
        self.api.order = "newest"
        for row in self.api.rows:
            row.status = "Completed" if row.status == "In Progress" else row.status
        for key, entry in list(self.ledger.entries.items()):
            self.ledger.free(key)
            self._last_run(self.wanted, entry)

    def _last_run(self, wanted: Target, entry: Entry) -> None:
        self.runs += 1
        mine = self.ledger.take(entry, self.runs)
        assert mine is not None
        mark = self._marked(exactly=entry.automatic)
        one = Acting(self.runs, entry.run_key, wanted, self.known, mark, mine)
        for _ in range(8):
            if one.at is not At.ENDED:
                self._goes_on(one, Call(applied=True, told=True))
        assert one.at is At.ENDED
        if one.entry.automatic:
            assert one.entry.is_settled or one.entry.outcome is Outcome.IN_DOUBT
            return
        for row in self.api.rows:
            row.status = "Completed" if row.status == "In Progress" else row.status
        self._verify(one)
        if one.entry.broken:
            self.ledger.free(entry.key)
            self._last_run(wanted, one.entry)
            return
        assert one.entry.outcome in (Outcome.VERIFIED, Outcome.ADOPTED)
        assert not self._is_lost(one, "Completed")
        self._is_not_silent(one)

    def _is_not_silent(self, one: Acting) -> None:
        seen = [row for row in self.api.of_key(one.entry.key) if row.id > self.baseline[one.entry.key]]
        if len(seen) > 1:
            assert f"made {len(seen)} times" in one.entry.reason or one.entry.key in self.told_lost


def test_no_order_of_events_loses_a_target_or_makes_one_twice_in_silence() -> None:
    run_state_machine_as_test(Protocol, settings=settings(max_examples=EXAMPLES, stateful_step_count=40, deadline=None))
