"""The alert rules for Prometheus, by its own tool: each alert fires when it should, and on nothing else."""

import subprocess
from pathlib import Path

from ruamel.yaml import YAML

from tests.prometheus import program

TESTS = Path(__file__).with_name("rules.yaml")
RULES = Path(__file__).parents[4] / "deployments" / "monitoring" / "prometheus-rules.yaml"


def test_every_alert_fires_when_it_should_and_on_nothing_else() -> None:
    line = [program("promtool"), "test", "rules", str(TESTS)]
    ended = subprocess.run(line, capture_output=True, text=True, check=False)
    assert ended.returncode == 0, ended.stdout + ended.stderr


def test_every_alert_has_a_test_and_a_severity_and_says_what_to_do() -> None:
    yaml = YAML(typ="safe")
    (group,) = yaml.load(RULES.read_text("utf-8"))["groups"]
    tested = TESTS.read_text("utf-8")
    for rule in group["rules"]:
        assert f"alertname: {rule['alert']}" in tested
        assert rule["labels"]["severity"] in {"warning", "critical"}
        assert set(rule["annotations"]) == {"summary", "description"}
