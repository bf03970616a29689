"""What the evenings on many machines came to: the least that the limits allow, the table, what is wrong."""

from collections import Counter
from dataclasses import replace

from benchmarks.machines.table import Evening, problems, table

ONE = Evening(
    workers=1,
    lost_at=None,
    seconds=240.0,
    last_begins=150.0,
    longest_run=80.0,
    targets=2,
    made=Counter({(15, 4246): 1, (15, 4247): 1}),
    complete=2,
    requests=[60, 80],
    refused=0,
    taken=[3],
    continued=0,
    verdict=("Completed", "2 fleets done"),
    misnamed=[],
)
TWO = replace(ONE, workers=2, seconds=120.0, taken=[2, 1])
LOST = replace(TWO, seconds=400.0, lost_at=1, taken=[2, 3], continued=2)


def test_the_least_is_what_the_busiest_account_needs() -> None:
    assert ONE.least(60) == 80.0
    assert ONE.least(40) == 120.0


def test_evenings_stand_side_by_side_as_multiples_of_the_least() -> None:
    header, *rows = table([ONE, TWO, LOST], 60)
    assert header.endswith("  runs on each worker")
    assert [row.split() for row in rows] == [
        ["1", "240", "80", "3.0", "150", "80", "2", "0", "0", "0", "3"],
        ["2", "120", "80", "1.5", "150", "80", "2", "0", "0", "0", "2", "+", "1"],
        ["2,", "one", "lost", "400", "80", "5.0", "150", "80", "2", "0", "0", "0", "2", "+", "3"],
    ]
    assert len({len(row) for row in (header, *rows)}) == 1
    assert problems([ONE, TWO, LOST]) == []


def test_what_is_not_as_it_should_be_is_named() -> None:
    twice = replace(ONE, made=Counter({(15, 4246): 2}), verdict=("Failed", "why"), misnamed=["copper-lynx"])
    slower, untouched = replace(TWO, seconds=241.0), replace(LOST, continued=0)
    assert problems([twice, slower, untouched]) == [
        "1 workers: 1 twice, 1 lost, 2 of 2 complete",
        "1 workers: all-fleets ended as Failed: why",
        "1 workers: names of runs: copper-lynx",
        "2 workers: 0 runs were continued",
        "2 workers took 241 s, 1 took 240 s",
    ]
