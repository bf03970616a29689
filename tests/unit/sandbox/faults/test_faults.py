from itertools import product
from typing import Any

import pytest

from sandbox.faults.book import FaultBook
from sandbox.faults.faults import BACKUP, FaultRule, Occasion, read_rule


def create(target: str, application: int = 1) -> Occasion:
    return Occasion("create", target, server=15, application=application)


def meetings(rule: FaultRule, occasions: list[Occasion], seed: int = 1) -> list[bool]:
    book = FaultBook((rule,), seed)
    return [bool(book.fired(occasion)) for occasion in occasions]


def test_the_first_creates_of_each_target() -> None:
    rule = FaultRule("answer", call="create", first=2)
    assert meetings(rule, [create("a"), create("b"), create("a"), create("a")]) == [True, True, True, False]


def test_every_third_request() -> None:
    rule = FaultRule("drop", every=3)
    assert meetings(rule, [create(str(n)) for n in range(6)]) == [False, False, True, False, False, True]


def test_a_share_of_all_requests() -> None:
    hits = sum(meetings(FaultRule("answer", probability=0.25), [create(str(n)) for n in range(4000)]))
    assert 900 < hits < 1100


def test_the_order_of_targets_changes_nothing() -> None:
    rule = FaultRule("answer", probability=0.5)
    occasions = [create(target) for target, _ in product("abcdefgh", range(3))]
    forwards = dict(zip("abcdefgh", zip(*[iter(meetings(rule, occasions))] * 3, strict=True), strict=True))
    turned = [create(target) for target, _ in product("hgfedcba", range(3))]
    backwards = dict(zip("hgfedcba", zip(*[iter(meetings(rule, turned))] * 3, strict=True), strict=True))
    assert forwards == backwards


def test_another_seed_meets_others() -> None:
    rule, occasions = FaultRule("answer", probability=0.5), [create(str(n)) for n in range(64)]
    assert meetings(rule, occasions, seed=1) == meetings(rule, occasions, seed=1)
    assert meetings(rule, occasions, seed=1) != meetings(rule, occasions, seed=2)


@pytest.mark.parametrize(
    ("rule", "occasion", "met"),
    [
        (FaultRule("answer", call="reading"), Occasion("servers", "t"), True),
        (FaultRule("answer", call="reading"), Occasion("restore", "t"), False),
        (FaultRule("answer", call="writing"), Occasion("create", "t"), True),
        (FaultRule("answer", call="servers"), Occasion("server", "t"), False),
        (FaultRule("answer", server=16), create("t"), False),
        (FaultRule("answer", application=1), create("t"), True),
        (FaultRule("answer", application=2), create("t"), False),
        (FaultRule("answer"), Occasion(BACKUP, "t"), False),
        (FaultRule("fail"), Occasion(BACKUP, "t"), True),
        (FaultRule("fail"), create("t"), False),
    ],
)
def test_what_a_rule_is_about(rule: FaultRule, occasion: Occasion, *, met: bool) -> None:
    assert rule.meets(occasion) is met


def test_standing_faults() -> None:
    book = FaultBook((FaultRule("skew", seconds=90), FaultRule("late", seconds=5), FaultRule("order")))
    assert (book.skew_seconds(), book.late_seconds(), book.order()) == (90, 5, "oldest")
    assert book.fired(create("t")) == []
    book.clear()
    assert (book.skew_seconds(), book.late_seconds(), book.order()) == (0, 0, None)


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ([], "an object"),
        ({}, "needs a kind"),
        ({"kind": "fire"}, "kind must be one of"),
        ({"kind": "slow", "call": "everything"}, "call must be one of"),
        ({"kind": "slow", "often": 1}, "unknown fields of a fault rule: often"),
        ({"kind": "answer", "probability": 2}, "between 0 and 1"),
        ({"kind": "answer", "status": 100}, "between 200 and 599"),
        ({"kind": "answer", "first": 0}, "first must be a whole number"),
        ({"kind": "slow", "seconds": "5"}, "seconds must be a number"),
    ],
)
def test_a_wrong_rule_is_refused_in_words(given: Any, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read_rule(given)
