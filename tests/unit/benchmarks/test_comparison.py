"""What the comparison decides: lines, losses, what is too long to run, and the page."""

import pytest

from benchmarks.compare import expected_seconds, keeps_its_promise
from benchmarks.conditions import FAULTS, LIMIT, NO_LIMIT, Conditions
from benchmarks.growth import fit
from benchmarks.measurement import Comparison, Machine, Measurement, NotRun, count_truth
from benchmarks.page import page
from benchmarks.peer import ALL, PROJECT, Peer

ANSIBLE = next(peer for peer in ALL if peer.name == "Ansible uri")


def measured(peer: Peer, conditions: Conditions, targets: int, **others: float) -> Measurement:
    usual = {
        "seconds": targets / 10,
        "api_seconds": targets / 20,
        "memory_mb": 100,
        "exit_code": 0,
        "requests": targets * 2,
        "refused": 0,
        "duplicates": 0,
        "lost": 0,
    }
    row = {"peer": peer.name, "conditions": conditions.name, "targets": targets, "by_call": {}, **usual, **others}
    return Measurement.model_validate(row)


def comparison(*rows: Measurement) -> Comparison:
    machine = Machine(cores=2, system="Linux", python="3.11.7", prefect="3.8.8", ansible="2.19.14")
    return Comparison(
        date="2026-11-23", command="make benchmark", revision="abc", machine=machine, measured=list(rows), not_run=[]
    )


def good_project() -> list[Measurement]:
    sizes = (100, 1_000, 5_000)
    return [measured(ALL[0], conditions, targets) for conditions in (NO_LIMIT, LIMIT) for targets in sizes]


def test_the_project_comes_first_in_every_table() -> None:
    assert ALL[0].name == PROJECT


def test_a_straight_line_with_a_start_is_linear() -> None:
    growth = fit([(100, 7.0), (1_000, 25.0), (5_000, 105.0)])
    assert (growth.start, growth.each, growth.bend) == pytest.approx((5.0, 0.02, 1.0))
    assert growth.is_linear


def test_a_square_is_not_linear() -> None:
    assert not fit([(n, n * n / 1_000) for n in (100, 1_000, 5_000)]).is_linear


def test_two_sizes_do_not_tell_of_a_bend() -> None:
    assert fit([(100, 1.0), (1_000, 500.0)]).bend is None


def test_one_size_is_no_line() -> None:
    with pytest.raises(ValueError, match="two sizes"):
        fit([(100, 1.0)])


def test_only_complete_backups_count_and_each_further_one_is_a_duplicate() -> None:
    rows = [(1, "Completed"), (1, "Completed"), (2, "Failed"), (2, "Completed"), (3, "Failed")]
    backups = [{"application_id": number, "status": status} for number, status in rows]
    assert count_truth([1, 2, 3, 4], backups) == (1, 2)


@pytest.mark.parametrize(("targets", "seconds"), [(60, 0.0), (61, 1.0), (1_000, 16.0)])
def test_the_last_window_is_not_waited_for(targets: int, seconds: float) -> None:
    assert LIMIT.least_seconds(targets) == seconds
    assert NO_LIMIT.least_seconds(targets) == 0.0


def test_a_larger_fleet_is_expected_to_take_longer_by_its_size() -> None:
    known = comparison(measured(ANSIBLE, NO_LIMIT, 100, seconds=15.0, requests=120))
    assert expected_seconds(known, ANSIBLE, NO_LIMIT, 1_000) == 150.0
    assert expected_seconds(known, ANSIBLE, LIMIT, 100) == 15.0
    assert expected_seconds(comparison(), ANSIBLE, NO_LIMIT, 100) == 0.0


def test_two_sizes_tell_apart_what_the_start_costs() -> None:
    rows = [measured(ANSIBLE, NO_LIMIT, 100, seconds=7.0), measured(ANSIBLE, NO_LIMIT, 1_000, seconds=25.0)]
    assert expected_seconds(comparison(*rows), ANSIBLE, NO_LIMIT, 5_000) == pytest.approx(105.0)


def test_a_limit_makes_even_the_quickest_wait_for_its_requests() -> None:
    known = comparison(measured(ANSIBLE, NO_LIMIT, 1_000, seconds=1.0, requests=4_000))
    assert expected_seconds(known, ANSIBLE, LIMIT, 1_000) == 66.0


def test_a_good_project_keeps_its_promise_also_when_it_tells_of_a_loss() -> None:
    told = measured(ALL[0], FAULTS, 300, lost=3, exit_code=3)
    assert keeps_its_promise(comparison(*good_project(), told), times=True)


@pytest.mark.parametrize("fault", [{"lost": 3, "exit_code": 0}, {"duplicates": 1, "exit_code": 3}])
def test_a_silent_loss_or_a_duplicate_breaks_the_promise(fault: dict[str, int]) -> None:
    assert not keeps_its_promise(comparison(*good_project(), measured(ALL[0], FAULTS, 300, **fault)), times=True)


def test_time_that_grows_faster_than_the_fleet_breaks_the_promise_of_large_fleets_only() -> None:
    rows = [*good_project()[:2], measured(ALL[0], NO_LIMIT, 5_000, seconds=2_000.0), *good_project()[3:]]
    assert not keeps_its_promise(comparison(*rows), times=True)
    assert keeps_its_promise(comparison(*rows), times=False)


def test_the_page_says_what_was_not_run_and_invents_no_number() -> None:
    known = comparison(*good_project())
    known.not_run.append(NotRun(peer=ANSIBLE.name, conditions="no-limit", targets=5_000, expected_seconds=750.0))
    lines = [line for line in page(known).splitlines() if line.startswith("| Ansible uri |")]
    assert [line.strip("| ") for line in lines] == ["Ansible uri | not run: would take about 12 min"]


def test_the_page_counts_requests_over_the_backups_that_are_complete() -> None:
    row = measured(ANSIBLE, FAULTS, 100, requests=105, lost=30, duplicates=2)
    table = page(comparison(*good_project(), row))
    assert "| Ansible uri | 10.0 | 10 | 1.50 | 100 | 2 | 30 | 0 |" in table
