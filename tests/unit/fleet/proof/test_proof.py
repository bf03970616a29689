"""The value of a proof, and what people read of it."""

from dataclasses import replace

from fleet.proof.proof import Completion, Evidence, Proof

COMPLETE, PENDING, BAD = Completion.COMPLETE, Completion.PENDING, Completion.BAD


def test_what_a_person_is_to_know_stands_beside_the_end() -> None:
    twins = Proof(COMPLETE, "", 7, (7, 9), note="odd")
    for evidence in (None, Evidence.NAMED):
        assert replace(twins, evidence=evidence).remark == "made 2 times, backups 7, 9: delete all but one; odd"
    assert replace(twins, evidence=Evidence.PLACED).remark == (
        "sent more than once; each of backups 7, 9 may be it or somebody else's: compare them in the panel; odd"
    )
    assert replace(twins, twins=()).remark == "odd"


def test_before_anything_was_seen_nothing_is_proven() -> None:
    assert Proof() == Proof(PENDING, "no backup found", None)
