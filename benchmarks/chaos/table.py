"""What one round of chaos came to, as lines for people."""

from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any

from benchmarks.chaos.runs import RANDOM, Ended
from benchmarks.chaos.truth import Truth
from fleet.creation.fault_points import FaultPoint


@dataclass(frozen=True)
class Round:
    """How one round ended.

    Attributes:
        name: of what it was about.
        targets: how many were asked for.
        runs: all runs, in their order.
        truth: what exists.
        again: requests other than reads that one more run has sent: of the same key, or of any for plans.
        api: what the API has counted: `total`, `by_call`, `by_status`.
        outages: of the ledger, by kind.
        faults: drawn for a request, by kind; one request may draw several, of which the first is answered, or a 429.
    """

    name: str
    targets: int
    runs: tuple[Ended, ...]
    truth: Truth
    again: int
    api: Mapping[str, Any]
    faults: Counter[str]
    outages: Mapping[str, int] = field(default_factory=dict)


def table(ended: Round) -> Iterator[str]:
    """Put a round in lines, each a name and a count."""
    truth, sent = ended.truth, ended.api["by_call"]["create"]
    deaths = Counter(run.death for run in ended.runs if run.death)
    random_kills, steps = deaths.pop(RANDOM, 0), sorted(deaths)
    not_reached = [step for step in FaultPoint if step not in deaths] if ended.name.startswith("instant") else []
    ends = [str(run.code) for run in ended.runs if not run.death]
    lines: list[tuple[str, object]] = [
        (ended.name, ended.targets),
        ("runs", len(ended.runs)),
        ("killed -9 at random moments", random_kills),
        ("killed -9 at named steps", f"{deaths.total()}: {', '.join(steps)}"),
        ("named steps not reached", ", ".join(not_reached) or 0),
        ("exit codes of the others", ", ".join(ends)),
        *ended.outages.items(),
        *((f"drawn · {kind}", hits) for kind, hits in sorted(ended.faults.items()) if hits),
        *((f"answers · {status}", number) for status, number in sorted(ended.api["by_status"].items())),
        ("exist", truth.existing),
        ("duplicates", len(truth.duplicates)),
        ("duplicates not reported", len(truth.silent)),
        ("missing, reported as in doubt", len(truth.missing - truth.lost)),
        ("missing, not reported (lost)", len(truth.lost)),
        ("made for nobody", truth.strangers),
        ("reported with another's id", len(truth.mistaken)),
        ("creates sent", sent),
        ("creates beyond one a target", sent - (ended.targets - len(truth.missing))),
        ("... of them applied", truth.extra),
        ("requests in all", ended.api["total"]),
        ("requests a target", f"{ended.api['total'] / ended.targets:.1f}"),
        ("requests a target and run", f"{ended.api['total'] / ended.targets / len(ended.runs):.2f}"),
        ("creates and changes sent by one more run", ended.again),
    ]
    width = max(len(name) for name, _ in lines)
    yield from (f"  {name:<{width}}  {value}" for name, value in lines)
