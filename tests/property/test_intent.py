"""What `plan` says is what a run does, and after the run there is nothing to do.

The run is the protocol's own steps (`fleet.ledger.entry`) over an API that answers truly: as `tasks.create` takes them,
without its retries.
"""

from dataclasses import dataclass, replace

from hypothesis import given
from hypothesis import strategies as st

from fleet.creation.intent import Action, Asked, Known, body_of, intent_of, needs_look
from fleet.creation.plans import drift
from fleet.inventory.request import BackupRequest
from fleet.inventory.target import Target
from fleet.ledger.entry import Entry, answered, ended, found, not_found, proven, sending
from fleet.ledger.next_step import Step, next_step, settled_at
from fleet.proof.absence import GENEROUS, LONGEST_WAIT, Looked, Rules
from fleet.proof.proof import Completion, Evidence, Proof
from fleet.proof.sought import NOTHING_KNOWN
from fleet.report.outcome import GOOD, Outcome
from fleet.serveravatar.catalogue import Meaning
from tests.unit.fleet.builders import backup, instant, plan, target

NOW = 1_000_000.0
MEANINGS = st.sampled_from([None, *Meaning])
REQUESTS = st.sampled_from([instant(), plan(), plan(schedule="Every Hour")])
RULES = st.builds(
    Rules,
    st.just(5.0),
    st.sampled_from([frozenset(), frozenset({target(plan()).key("")})]),
    first_backup_after=st.sampled_from([None, 20.0]),
    first_backups_missed=st.sampled_from([0, 0, 1]),
)
TIMES = st.sampled_from([NOW, NOW, 2.0, 90.0, GENEROUS - 2 * LONGEST_WAIT, GENEROUS - LONGEST_WAIT + 5, GENEROUS - 1])
ASKED = st.builds(Asked, st.just("monday"), RULES, st.booleans(), TIMES)


@dataclass(frozen=True)
class History:
    """What earlier runs have left behind: attempts with their answers (None: the run was cut off), then an end."""

    attempts: tuple[Meaning | None, ...]
    end: Outcome | None
    completion: Completion | None
    is_known: bool


HISTORIES = st.builds(
    History,
    st.lists(MEANINGS, max_size=3).map(tuple),
    st.sampled_from([None, Outcome.EXHAUSTED, Outcome.IN_DOUBT]),
    st.sampled_from([None, *Completion]),
    st.booleans(),
)


def entry_after(history: History, of: Target) -> Entry | None:
    """The entry as these attempts leave it; None where the ledger has none."""
    if not history.is_known:
        return None
    entry = Entry(of.key("monday"), "monday", of.request.automatic_backup, request=body_of(of, "monday"))
    for meaning in history.attempts:
        if entry.is_settled:
            break
        doubtful_before = entry.doubtful
        entry = sending(entry, 1.0, NOTHING_KNOWN, body_of(of, "monday"))
        if meaning is not None:
            entry = answered(entry, meaning, "words", 2.0, doubtful_before=doubtful_before)
    if entry.is_settled and history.completion:
        proof = Proof(history.completion, "words", 322)
        entry = proven(
            entry, Outcome.VERIFIED if history.completion is Completion.COMPLETE else Outcome.UNVERIFIED, proof
        )
    elif entry.outcome is None and entry.attempts and history.end:
        entry = ended(entry, history.end, "words")
    return entry


def brought_up_to_date(entry: Entry, of: Target, asked: Asked, known: Known) -> tuple[Action, Entry]:
    """What a run does about what exists already."""
    differs = entry.automatic and drift(entry.request, of.request.body())
    if differs and asked.update_plans and (entry.plan_id or known.looked.rows):
        return Action.UPDATE, replace(entry, request=of.request.body())
    return Action.NOTHING, entry


def run(of: Target, asked: Asked, known: Known) -> tuple[Action, Entry | None]:
    """What a run does to a target, and what it leaves in the ledger; every create and update is accepted."""
    if known.problem:
        return Action.REFUSE, known.entry
    entry = known.entry or Entry(of.key("monday"), "monday", of.request.automatic_backup)
    action, looked, now = Action.NOTHING, None, asked.now
    while True:
        match next_step(entry, now, asked.rules, looked):
            case Step.DONE if action is Action.NOTHING:
                return brought_up_to_date(entry, of, asked, known)
            case Step.DONE:
                return action, entry
            case Step.ASK:
                return Action.REFUSE, ended(entry, Outcome.IN_DOUBT, "words")
            case Step.WAIT:
                now, looked = settled_at(entry, asked.rules, looked), None
                assert now <= asked.now + LONGEST_WAIT + 5
            case Step.LOOK if known.looked.rows:
                entry, action = found(entry, known.looked), Action.ADOPT
            case Step.LOOK:
                entry, looked = not_found(entry), known.looked
            case Step.SEND:
                body, doubtful = body_of(of, asked.run_key), entry.doubtful
                entry = answered(
                    sending(entry, now, NOTHING_KNOWN, body), Meaning.ACCEPTED, "", now, doubtful_before=doubtful
                )
                action = Action.CREATE


FIRST, SECOND = (backup(number, backup_config_id=71) for number in (322, 323))
LOOKED = st.sampled_from(
    [
        Looked(),
        Looked(names_shown=True),
        Looked(is_whole=False),
        Looked([FIRST], Evidence.NAMED, names_shown=True),
        Looked([FIRST], Evidence.PLACED, "placed"),
        Looked([FIRST, SECOND], Evidence.PLACED),
        Looked(candidates=(322,)),
    ]
)
PROBLEMS = st.sampled_from([None, None, None, "disk 99 % full"])


@given(made=REQUESTS, wanted=REQUESTS, history=HISTORIES, asked=ASKED, looked=LOOKED, problem=PROBLEMS)
def test_plan_says_what_the_run_does_and_after_the_run_there_is_nothing_to_do(
    made: BackupRequest,
    wanted: BackupRequest,
    history: History,
    asked: Asked,
    looked: Looked,
    problem: str | None,
) -> None:
    of = target(wanted)
    before = target(made) if made.automatic_backup == wanted.automatic_backup else of
    entry = entry_after(history, before)
    known = Known(problem, entry, looked=looked)

    said = intent_of(of, asked, known)
    did, after = run(of, asked, known)

    assert said.action is did
    if did is Action.REFUSE:
        assert said.outcome not in GOOD
        return
    again = intent_of(of, asked, Known(None, after, looked=looked))
    # What was adopted was made as an earlier run asked for it: that it differs shows only then.
    if did is not Action.ADOPT:
        assert again.action is Action.NOTHING
        assert not again.differences or not asked.update_plans or not looked.rows
    else:
        assert again.action in (Action.NOTHING, Action.UPDATE)
    assert not needs_look(after, asked.rules)
