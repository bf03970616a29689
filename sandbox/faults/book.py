"""The fault rules in force: which of them fire, and how often each has fired.

The seed and the counts decide whether a rule fires, so that the same requests meet the same faults in any order of
the targets.
"""

import hashlib
from collections import Counter
from dataclasses import asdict

from sandbox.dialects.dialect import Order
from sandbox.faults.faults import STANDING_KINDS, FaultRule, Occasion


def fires(rule: FaultRule, *, draw: float, nth_of_target: int, nth: int) -> bool:
    """Decide whether a rule fires on an occasion that it matches.

    Args:
        rule: the rule.
        draw: a number from 0 to 1, drawn for this occasion.
        nth_of_target: how often the rule has matched this target, including now.
        nth: how often the rule has matched anything, including now.
    """
    if rule.first is not None and nth_of_target > rule.first:
        return False
    if rule.every is not None and nth % rule.every:
        return False
    return rule.probability is None or draw < rule.probability


def drawn(seed: int, number: int, target: str, nth_of_target: int) -> float:
    """Draw a number from 0 to 1 that depends on these values only.

    Args:
        seed: of the sandbox.
        number: place of the rule among all rules; equal rules draw independently.
        target: the subject of the occasion.
        nth_of_target: how often the rule has matched this target.
    """
    digest = hashlib.blake2b(f"{seed}|{number}|{target}|{nth_of_target}".encode(), digest_size=8).digest()
    return int.from_bytes(digest, "big") / 2**64


class FaultBook:
    """The rules in force, and how often each has matched."""

    def __init__(self, rules: tuple[FaultRule, ...] = (), seed: int = 1) -> None:
        self._seed = seed
        self._rules: list[FaultRule] = list(rules)
        self._met: Counter[tuple[int, str]] = Counter()
        self._fired: Counter[int] = Counter()

    def add(self, rules: tuple[FaultRule, ...]) -> None:
        """Add rules."""
        self._rules.extend(rules)

    def clear(self) -> None:
        """Remove all rules and counts."""
        self._rules.clear()
        self._met.clear()
        self._fired.clear()

    def described(self) -> list[dict[str, object]]:
        """Each rule as JSON, with the number of times it has `fired`."""
        return [{**asdict(rule), "fired": self._fired[n]} for n, rule in enumerate(self._rules)]

    def fired(self, occasion: Occasion) -> list[FaultRule]:
        """Count the occasion and return the rules that fire on it, in their order."""
        fired = []
        for number, rule in enumerate(self._rules):
            if rule.kind in STANDING_KINDS or not rule.meets(occasion):
                continue
            self._met[number, occasion.target] += 1
            self._met[number, ""] += 1
            of_target, of_all = self._met[number, occasion.target], self._met[number, ""]
            draw = drawn(self._seed, number, occasion.target, of_target)
            if fires(rule, draw=draw, nth_of_target=of_target, nth=of_all):
                self._fired[number] += 1
                fired.append(rule)
        return fired

    def order(self) -> Order | None:
        """The order of the backup list, if a rule sets it; the last one wins."""
        return next((rule.order for rule in reversed(self._rules) if rule.kind == "order"), None)

    def late_seconds(self) -> float:
        """How long after its creation a backup appears in the list."""
        return max((rule.seconds for rule in self._rules if rule.kind == "late"), default=0.0)

    def skew_seconds(self) -> float:
        """How far the API's clock is ahead."""
        return sum(rule.seconds for rule in self._rules if rule.kind == "skew")
