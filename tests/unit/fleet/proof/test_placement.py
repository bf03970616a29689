"""Whose the rows without a name may be, and what people are told of them."""

from fleet.proof.placement import placement_note, proposed_claims
from fleet.proof.recognition import Recognition
from tests.unit.fleet.proof.recognised import KEY, OTHER, PLANNED, SENT, ids, of, row, settled


def test_nothing_is_concluded_from_a_row_before_it_is_claimed() -> None:
    recognition = Recognition([of()])
    assert recognition.take(row(101)) == []
    assert recognition.found == {}
    assert proposed_claims(recognition) == {101: KEY}
    recognition.claim({101: OTHER})  # Another run was quicker.
    assert recognition.found == {}
    assert proposed_claims(recognition) == {}
    recognition.take(row(102))
    assert proposed_claims(recognition) == {102: KEY}
    recognition.claim({102: KEY})
    assert ids(recognition.found) == {KEY: [102]}
    assert recognition.take(row(102, status="Failed")) == [KEY], "its end is seen"
    assert recognition.rows_of(KEY)[0].status == "Failed"


def test_what_was_accepted_is_placed_before_what_is_in_doubt() -> None:
    sought = [of(KEY, accepted=False, sent_at=1.0), of(OTHER, accepted=True, sent_at=2.0)]
    assert ids(settled(Recognition(sought), [row(101)]).found) == {OTHER: [101]}
    assert ids(settled(Recognition(sought), [row(101), row(102)]).found) == {OTHER: [101], KEY: [102]}


def test_of_equals_the_first_that_was_sent_gets_the_first_row() -> None:
    sought = [of(KEY, sent_at=2.0), of(OTHER, sent_at=1.0)]
    assert ids(settled(Recognition(sought), [row(102), row(101)]).found) == {OTHER: [101], KEY: [102]}


def test_the_rows_of_one_application_are_of_one_target_each() -> None:
    """An instant backup and a plan of one application never share a row."""
    sought = [of(KEY), of(OTHER, PLANNED, sent_at=SENT.timestamp() + 1)]
    recognition = settled(Recognition(sought), [row(101)])
    assert ids(recognition.found) == {KEY: [101]}
    recognition = settled(Recognition(sought), [row(101), row(102, backup_config_id=42)])
    assert ids(recognition.found) == {KEY: [101], OTHER: [102]}


def test_several_candidates_are_told_and_one_that_stands_alone_too() -> None:
    recognition = settled(Recognition([of()]), [row(103), row(102), row(101)])
    assert placement_note(recognition, KEY) == (
        "placed: backup 101, or 102 or 103, shows no name and may be somebody else's of the same site"
    )
    assert [each.id for each in recognition.candidates_of(KEY)] == [101, 102, 103]
    assert recognition.twins_of(KEY) == (101, 102, 103)
    alone = settled(Recognition([of()]), [row(101)])
    assert placement_note(alone, KEY) == "placed: backup 101 shows no name and may be somebody else's of the same site"
    assert alone.twins_of(KEY) == ()
    named = settled(Recognition([of()]), [row(101, f"fb-{KEY}"), row(102)])
    assert placement_note(named, KEY) == ""
    assert named.twins_of(KEY) == ()
    assert placement_note(Recognition([of()]), KEY) == ""
