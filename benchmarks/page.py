"""docs/benchmarks.md, written from what was measured and from nothing else."""

from collections.abc import Iterable, Iterator, Sequence

from benchmarks.conditions import APPLICATIONS_PER_SERVER, CONCURRENCY, CONDITIONS, FAULTS, Conditions
from benchmarks.growth import TOLERANCE, Growth, fit
from benchmarks.measurement import Comparison, Measurement, NotRun
from benchmarks.peer import ALL, PROJECT

_HEADS = {
    "": "program",
    "seconds": "seconds",
    "rate": "targets/s",
    "least": "time over the minimum",
    "requests": "requests per backup",
    "refused": "429s",
    "memory": "peak MB",
    "duplicates": "duplicates",
    "lost": "lost",
    "says": "exit code",
}
_NONE = "-"
_COLUMNS = (
    "*Seconds* run from the start of the program to its end, start-up included. *Time over the minimum* is its time",
    "from the first request to the last, divided by the time that the rate limit alone imposes on the creates.",
    "*Requests per backup* divides all requests by the targets with a complete backup. *Peak MB* is the memory of its",
    "largest process, without the Prefect server that serves all who need it. *Duplicates* and *lost* (targets without",
    "a complete backup) are counted in the sandbox's own records. Only the project and the bare loop check",
    "whether what was started was completed.",
)
_LIMIT = (
    "The smallest account's limit, with the minute shortened to a second. That flatters programs that wait a second",
    "after a 429, and costs the project more than a real minute would: the 0.05 s that it adds to each window for the",
    "clocks are 5 % of this window and 0.1 % of a minute.",
)
_FAULTS = (
    "3 % of the creates answer `Something went really wrong!` after the backup was started, and 3 % before; 1 % of the",
    "started backups fail later. The same faults hit the same targets in every program. Lost backups with exit code 0",
    "are losses that nobody hears of.",
)


def page(comparison: Comparison) -> str:
    """Write the whole page."""
    machine = comparison.machine
    lines = [
        "# Benchmarks",
        "<!-- Written by benchmarks/compare.py from docs/benchmarks.json; do not edit. -->",
        f"`{comparison.command}` · {comparison.date} · commit `{comparison.revision}`",
        f"· {machine.cores} cores, {machine.system}, Python {machine.python}, Prefect {machine.prefect},",
        f"Ansible {machine.ansible}",
        "",
        *_explanation(comparison),
        "",
        *_plots(),
        "",
    ]
    for conditions in CONDITIONS:
        lines += [f"## {conditions.title}", *_notes(conditions), ""]
        for targets in _sizes(comparison, conditions):
            lines += [f"### {targets:,} targets", *_table(comparison, conditions, targets), ""]
    return "\n".join([*lines, *_growth(comparison)]) + "\n"


def _explanation(comparison: Comparison) -> Iterator[str]:
    yield "Each program backs up the same fleet, alone, on a fresh sandbox API on the same machine, with at most"
    yield f"{CONCURRENCY} concurrent requests; each server has {APPLICATIONS_PER_SERVER} applications."
    yield ""
    yield from (f"- **{peer.name}**: {peer.what}." for peer in ALL)
    yield ""
    yield from _COLUMNS
    if comparison.not_run:
        yield ""
        yield "A program that would take too long is not run. The estimate is based on its smaller fleets; if there is"
        yield "only one, its start-up is multiplied too, so the estimate is rather high."


def _plots() -> list[str]:
    return [
        "<picture>",
        '  <source media="(prefers-color-scheme: dark)" srcset="pictures/benchmarks-dark.png">',
        '  <img alt="Requests and seconds by size of the fleet" src="pictures/benchmarks-light.png">',
        "</picture>",
    ]


def _notes(conditions: Conditions) -> tuple[str, ...]:
    if conditions is FAULTS:
        return _FAULTS
    return _LIMIT if conditions.limit is not None else ()


def _sizes(comparison: Comparison, conditions: Conditions) -> list[int]:
    return sorted({row.targets for row in comparison.measured if row.conditions == conditions.name})


def _table(comparison: Comparison, conditions: Conditions, targets: int) -> Iterator[str]:
    heads = [key for key in _HEADS if key not in {"least", "refused"} or conditions.limit is not None]
    yield _row(_HEADS[key] for key in heads)
    yield _row(["---", *["---:"] * (len(heads) - 1)])
    for peer in ALL:
        found = [row for row in comparison.of(peer.name, conditions.name) if row.targets == targets]
        skipped = [
            row
            for row in comparison.not_run
            if (row.peer, row.conditions, row.targets) == (peer.name, conditions.name, targets)
        ]
        name = f"**{peer.name}**" if peer.name == PROJECT else peer.name
        yield from (_row([name, *(_cell(row, conditions, key) for key in heads[1:])]) for row in found)
        yield from (_row([name, _not_run(row), *[""] * (len(heads) - 2)]) for row in skipped)


def _cell(row: Measurement, conditions: Conditions, key: str) -> str:
    least = conditions.least_seconds(row.targets)
    sends = row.api_seconds is not None
    cells = {
        "seconds": f"{row.seconds:.1f}",
        "rate": f"{row.targets / row.seconds:.0f}",
        "least": f"{row.api_seconds / least:.2f}" if row.api_seconds is not None and least else _NONE,
        "requests": f"{row.requests / max(1, row.targets - row.lost):.2f}" if sends else _NONE,
        "refused": str(row.refused),
        "memory": f"{row.memory_mb:.0f}",
        "duplicates": str(row.duplicates) if sends else _NONE,
        "lost": str(row.lost) if sends else _NONE,
        "says": str(row.exit_code),
    }
    return cells[key]


def _not_run(row: NotRun) -> str:
    minutes = row.expected_seconds / 60
    time = f"{minutes:.0f} min" if minutes > 1 else f"{row.expected_seconds:.0f} s"
    return f"not run: would take about {time}"


def _row(cells: Iterable[str]) -> str:
    return f"| {' | '.join(cells)} |"


def _growth(comparison: Comparison) -> Iterator[str]:
    yield "## Growth"
    yield "A line fitted through each program's fleets. *Bend* is the cost of another target between the largest sizes,"
    yield f"divided by its cost between the smallest: 1 is a straight line; above {TOLERANCE:g} is not called linear."
    yield ""
    yield _row(["program", "", "measured per target, at each size", "another target costs", "R²", "bend", "linear"])
    yield _row(["---", "---", "---", "---:", "---:", "---:", "---"])
    for conditions in CONDITIONS:
        for peer in ALL:
            rows = comparison.of(peer.name, conditions.name)
            if len(rows) > 1:
                yield from _grown(f"{peer.name}, {conditions.name.replace('-', ' ')}", rows)


def _grown(name: str, rows: Sequence[Measurement]) -> Iterator[str]:
    milliseconds = [(row.targets, row.seconds * 1000) for row in rows]
    requests = [(row.targets, float(row.requests)) for row in rows]
    yield _row([name, "time", *_line(milliseconds, "{:.1f} ms")])
    if any(cost for _, cost in requests):
        yield _row([name, "requests", *_line(requests, "{:.2f}")])


def _line(points: Sequence[tuple[int, float]], style: str) -> list[str]:
    growth: Growth = fit(points)
    each = ", ".join(f"{targets:,}: {style.format(cost / targets)}" for targets, cost in points)
    bend = _NONE if growth.bend is None else f"{growth.bend:.2f}"
    verdict = _NONE if growth.bend is None else "yes" if growth.is_linear else "**no**"
    return [each, style.format(growth.each), f"{growth.r_squared:.4f}", bend, verdict]
