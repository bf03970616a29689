"""The metrics, read back with a strict parser of Prometheus' text format."""

import re
from typing import NamedTuple

from fleet.monitoring.last_success import ServerSuccess
from fleet.monitoring.metrics import RunMetrics, file_name, render
from fleet.report.outcome import Outcome
from tests.unit.fleet.reports import report, row

NAME = "[a-zA-Z_:][a-zA-Z0-9_:]*"
LABEL = r'([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\\n]|\\[\\n"])*)"'
SAMPLE = re.compile(rf"({NAME})(?:\{{((?:{LABEL},?)*)\}})? ([0-9.e+-]+|NaN|[+-]Inf)")
UNESCAPED = {"\\\\": "\\", "\\n": "\n", '\\"': '"'}

Labels = frozenset[tuple[str, str]]


class Exposition(NamedTuple):
    helps: dict[str, str]
    types: dict[str, str]
    samples: dict[tuple[str, Labels], float]


def parse(text: str) -> Exposition:
    """Read a file as Prometheus' format asks: HELP and TYPE once before the samples of a name, each series once.

    Source: https://prometheus.io/docs/instrumenting/exposition_formats/ (text format 0.0.4); the textfile collector
    refuses timestamps.
    """
    found = Exposition({}, {}, {})
    assert text.endswith("\n")
    current = ""
    for line in text[:-1].split("\n"):
        if line.startswith("# HELP "):
            current, _, words = line.removeprefix("# HELP ").partition(" ")
            assert current not in found.helps, f"a second HELP: {line}"
            assert re.fullmatch(r"(?:[^\\]|\\\\|\\n)+", words)
            found.helps[current] = words
        elif line.startswith("# TYPE "):
            name, _, kind = line.removeprefix("# TYPE ").partition(" ")
            assert name == current
            assert kind in ("gauge", "counter")
            found.types[name] = kind
        else:
            _read_sample(line, current, found)
    return found


def _read_sample(line: str, current: str, found: Exposition) -> None:
    sample = SAMPLE.fullmatch(line)
    assert sample, f"not a sample: {line!r}"
    assert sample[1] == current, "the samples of a name stand together"
    pairs = re.findall(LABEL, sample[2] or "")
    labels = {name: re.sub(r"\\[\\n\"]", lambda escape: UNESCAPED[escape[0]], value) for name, value in pairs}
    assert len(labels) == len(pairs), "a label twice"
    series = (sample[1], frozenset(labels.items()))
    assert series not in found.samples, f"a series twice: {line}"
    found.samples[series] = float(sample[5])


WHOLE = report(row(1), row(2, outcome=Outcome.REJECTED), hour=1, exit_code=3)
MIDNIGHT = 1795392000.0


def test_every_metric_with_its_unit_and_labels() -> None:
    servers = [ServerSuccess(5, 15, "web-1", MIDNIGHT + 0.25), ServerSuccess(5, 16, "web-2", 0.0)]
    found = parse(render(RunMetrics("shops", WHOLE, servers)))
    assert set(found.types.values()) == {"gauge"}
    assert all(len(words) > 30 for words in found.helps.values())
    values = {
        (name, *sorted(v for k, v in labels if k != "fleet")): value for (name, labels), value in found.samples.items()
    }
    assert all(("fleet", "shops") in labels for _, labels in found.samples)
    ends = "fleet_backup_last_run_"
    bad = {outcome: float(WHOLE.totals.get(outcome, 0)) for outcome in Outcome}
    expected: dict[tuple[str, ...], float] = {
        ("fleet_backup_last_success_timestamp_seconds", "15", "5", "web-1"): MIDNIGHT + 0.25,
        ("fleet_backup_last_success_timestamp_seconds", "16", "5", "web-2"): 0.0,
        (ends + "timestamp_seconds",): MIDNIGHT + 3600,
        (ends + "exit_code",): 3.0,
        (ends + "duration_seconds",): 60.0,
        **{(ends + "targets", str(outcome)): count for outcome, count in bad.items()},
        (ends + "requests", "create backup"): 2.0,
        (ends + "requests", "list servers"): 7.0,
    }
    assert values == expected


def test_any_name_survives() -> None:
    name = 'back\\slash "quoted" second line, {curly} = ü'
    given = name.replace(" second", "\n\x1b\u202e\x85second")
    found = parse(render(RunMetrics(given, WHOLE, [ServerSuccess(5, 15, given, 1.0)])))
    (labels,) = [dict(labels) for metric, labels in found.samples if metric.endswith("success_timestamp_seconds")]
    assert labels == {"fleet": name, "organization": "5", "server_id": "15", "server": name}


def test_servers_of_the_same_name_are_two_series() -> None:
    twins = [ServerSuccess(5, 15, "web", 1.0), ServerSuccess(6, 15, "web", 2.0), ServerSuccess(5, 16, "web", 3.0)]
    values = [
        v for (name, _), v in parse(render(RunMetrics("shops", WHOLE, twins))).samples.items() if "success" in name
    ]
    assert values == [1.0, 2.0, 3.0]


def test_the_help_of_a_name_is_the_same_in_the_files_of_all_fleets() -> None:
    assert parse(render(RunMetrics("a", WHOLE, []))).helps == parse(render(RunMetrics("b", report(), []))).helps


def test_each_fleet_has_a_file_of_its_own() -> None:
    assert file_name("shops") == "fleet_backup_shops.prom"
    assert file_name("a b/../c") == "fleet_backup_a%20b%2F..%2Fc.prom"
