"""What is wrong in `select` is found before anything is read, each mistake at its place."""

from typing import Any

import pytest
from jsonschema import Draft202012Validator  # type: ignore[import-untyped] # no stubs are locked

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.resolution import resolve
from fleet.inventory.expectation import NOTHING_SAID
from fleet.inventory.fleet_file_fields import FleetFile
from fleet.inventory.inventory import Inventory
from tests.unit.fleet.rule_files import DEFAULTS, NOW

NO_PLACEHOLDER = "must contain {application} or {domain}, otherwise every database would match every application"
EXAMPLE: dict[str, Any] = {
    "servers": {"tags": ["production"], "name": "web-*", "not": {"name": "*-staging"}},
    "applications": {"framework": ["wordpress", "laravel"], "active": True, "not": {"domain": "*.test"}},
    "databases": {"match": "{application}_*"},
    "defaults": {"type": "application"},
}


def fleet(*rules: Any, **top: Any) -> dict[str, Any]:
    return {"organization": 5, "defaults": DEFAULTS, "select": list(rules), **top}


def resolved(values: dict[str, Any]) -> Inventory:
    return resolve(values, NOW, "fleet.yaml")


def mistakes_of(values: dict[str, Any]) -> list[str]:
    with pytest.raises(FleetFileError) as caught:
        resolved(values)
    return [str(mistake) for mistake in caught.value.mistakes]


def test_the_issues_example_is_a_rule() -> None:
    assert Draft202012Validator(FleetFile.model_json_schema()).is_valid(fleet(EXAMPLE))
    (rule,) = resolved(fleet(EXAMPLE)).rules
    assert (rule.place, rule.organization, rule.groups) == ("select[0]", 5, ())
    assert rule.servers is not None
    assert rule.servers.tags == ("production",)
    assert rule.servers.not_[0].name == ("*-staging",)
    assert rule.databases is not None
    assert rule.databases.match == ("{application}_*",)
    assert rule.expectation is NOTHING_SAID


def test_a_rule_inherits_as_a_server_does() -> None:
    groups = {
        "shops": {"provider": "gdrive", "expect": {"max_age": "8h"}},
        "all": {"provider": "dropbox", "application_extension": ".tar", "database_id": 5},
    }
    rules = [{"groups": ["shops", "all"], "defaults": {"name": "nightly", "expect": {"min_size_mb": 1}}}]
    (rule,) = resolved(fleet(*rules, groups=groups)).rules
    request = rule.request
    assert (request.name, request.provider, request.application_extension) == ("nightly", "gdrive", ".tar")
    assert (request.cloud_storage_provider_id, request.database_id) == (10, None)
    assert rule.groups == ("shops", "all")
    assert rule.expectation.min_size_mb == 1
    assert rule.expectation.max_age is not None


def test_named_servers_and_rules_stand_side_by_side() -> None:
    server = {"id": 15, "backups": [{"application_id": 4246}]}
    inventory = resolved(fleet(EXAMPLE, {"organization": 6}, servers=[server]))
    assert len(inventory.targets) == 1
    assert [rule.organization for rule in inventory.rules] == [5, 6]


def test_neither_servers_nor_rules_is_one_mistake() -> None:
    problem = "servers: is required, unless rules in 'select' find the servers"
    assert mistakes_of({"organization": 5, "defaults": DEFAULTS}) == [problem]
    assert not Draft202012Validator(FleetFile.model_json_schema()).is_valid({"organization": 5})


def test_every_mistake_is_told_at_once_each_at_its_place() -> None:
    rules = [
        {"server": {}, "servers": {"nmae": "web-*", "not": {"tag": "staging"}}},
        {"applications": {"framwork": "wordpress", "active": "yes", "not": [{"domian": "*.test"}]}},
        {"servers": {"id": "web"}, "databases": {"match": "{app}_*"}, "defaults": {"schedul": "Every Day"}},
        {"servers": {"name": []}, "databases": {"match": "everything"}, "groups": ["shops"]},
        {"servers": {"not": {}}, "applications": {}, "defaults": {"application_id": 5}},
    ]
    assert mistakes_of(fleet(*rules)) == [
        "select[0].server: unknown key; did you mean 'servers'?",
        "select[0].servers.nmae: unknown key; did you mean 'name'?",
        "select[0].servers.not.tag: unknown key; did you mean 'tags'?",
        "select[1].applications.active: must be true or false (given: 'yes')",
        "select[1].applications.framwork: unknown key; did you mean 'framework'?",
        "select[1].applications.not[0].domian: unknown key; did you mean 'domain'?",
        "select[2].databases.match: unknown placeholder {app}; use {application} or {domain} (given: '{app}_*')",
        "select[2].defaults.schedul: unknown key; did you mean 'schedule'?",
        "select[2].servers.id: must be an id (a whole number above 0), or a list of ids (given: 'web')",
        f"select[3].databases.match: {NO_PLACEHOLDER} (given: 'everything')",
        "select[3].groups[0]: unknown group; the file has no groups (given: 'shops')",
        "select[3].servers.name: must be a text, or a list of texts (given: [])",
        "select[4].applications: must not be empty; leave it out to match everything (given: {})",
        "select[4].defaults.application_id: is found by the rule; leave it out (given: 5)",
        "select[4].servers.not: must not be empty; leave it out to match everything (given: {})",
    ]


@pytest.mark.parametrize(
    ("rule", "problem"),
    [
        ({"databases": {}}, "select[0].databases.match: is required"),
        ({"databases": {"match": "*_db"}}, "select[0].databases.match: must contain {application} or {domain}"),
        ({"defaults": {"type": "database"}}, "select[0].databases: is required for backups of type database"),
        (
            {"databases": {"match": "{domain}"}, "defaults": {"type": "filesystem"}},
            "select[0].databases: does not apply to backups of type filesystem",
        ),
        ({"defaults": {"automatic_backup": True}}, "select[0].defaults.schedule: required because"),
        ({"defaults": {"database_id": 5}}, "select[0].defaults.database_id: is found by the rule; leave it out"),
        ({"groups": ["nobody"]}, "select[0].groups[0]: unknown group"),
        ({"defaults": {"expect": {"max_age": "soon"}}}, "select[0].defaults.expect.max_age: must be an age"),
        ("everything", "select[0]: must be a mapping of keys to values"),
    ],
)
def test_a_mistake_is_one_line(rule: Any, problem: str) -> None:
    (line,) = mistakes_of(fleet(rule))
    assert line.startswith(problem)


def test_a_rule_needs_an_organization() -> None:
    values = {**fleet(EXAMPLE), "organization": None}
    assert mistakes_of(values) == ["organization: is required, here or on every rule (select[0] has none)"]
