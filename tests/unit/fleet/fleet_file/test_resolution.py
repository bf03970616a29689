"""From plain values to targets: inheritance, and every mistake of a fleet file at once, each at its place."""

from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.fleet_file.mistakes import FleetFileError
from fleet.fleet_file.reading import parse
from fleet.fleet_file.resolution import resolve
from fleet.inventory.inventory import Inventory
from tests.create_bodies import INSTANT, PLAN

NOW = datetime(2030, 7, 13, 17, 49, tzinfo=UTC)

CONTRACT_EXAMPLE = b"""
organization: 5
defaults:
  provider: wasabi
  cloud_storage_provider_id: 10
  automatic_backup: false
  type: application
  application_extension: .tar.gz
  database_extension: .sql.gz
groups:
  shops: {automatic_backup: true, schedule: Every Day, start_backup_from_now: true}
servers:
  - id: 15
    name: alex-server          # for people
    tags: [production]
    groups: [shops]
    defaults: {provider: gdrive, cloud_storage_provider_id: 11}
    backups:
      - {application_id: 4246, database_id: 4223}
      - {application_id: 4247, type: filesystem, automatic_backup: false}
"""


def resolved(values: Mapping[str, Any]) -> Inventory:
    return resolve(values, NOW, "fleet.yaml")


def mistakes_of(values: Mapping[str, Any]) -> list[str]:
    with pytest.raises(FleetFileError) as caught:
        resolved(values)
    lines = str(caught.value).split("\n")
    assert all(line.startswith("fleet.yaml: ") and "<object" not in line and len(line) < 500 for line in lines), lines
    return [line.removeprefix("fleet.yaml: ") for line in lines]


def of(text: str) -> list[str]:
    return mistakes_of(parse(text.encode(), "fleet.yaml"))


def fleet(*servers: Mapping[str, Any], **top: Any) -> dict[str, Any]:
    return {"organization": 5, "defaults": INSTANT, **top, "servers": list(servers)}


def server(number: int = 15, **fields: Any) -> dict[str, Any]:
    return {"id": number, "backups": [{}], **fields}


def test_the_contracts_example_resolves_to_the_exact_bodies() -> None:
    inventory = resolved(parse(CONTRACT_EXAMPLE, "fleet.yaml"))
    (alex,) = inventory.servers
    assert (alex.id, alex.name, alex.tags, alex.groups) == (15, "alex-server", ("production",), ("shops",))
    first, second = inventory.targets
    assert first.request.body() == {
        "provider": "gdrive",
        "cloud_storage_provider_id": 11,
        "automatic_backup": True,
        "type": "application",
        "application_id": 4246,
        "database_id": 4223,
        "schedule": "Every Day",
        "start_backup_from_now": True,
        "application_extension": ".tar.gz",
        "database_extension": ".sql.gz",
    }
    assert second.request.body() == {
        "provider": "gdrive",
        "cloud_storage_provider_id": 11,
        "automatic_backup": False,
        "type": "filesystem",
        "application_id": 4247,
        "application_extension": ".tar.gz",
    }
    assert [(target.organization, target.server_id, target.server_name) for target in inventory.targets] == [
        (5, 15, "alex-server")
    ] * 2
    assert [target.place for target in inventory.targets] == ["servers[0].backups[0]", "servers[0].backups[1]"]


# Inheritance.

CHOICES: dict[str, st.SearchStrategy[Any]] = {
    "name": st.sampled_from(["a", "b", "c"]),
    "provider": st.sampled_from(["gdrive", "wasabi", "dropbox"]),
    "cloud_storage_provider_id": st.integers(1, 5),
    "type": st.sampled_from(["application", "filesystem", "database"]),
    "application_id": st.integers(1, 5),
    "database_id": st.integers(1, 5),
    "retention_period": st.sampled_from(["1 Month", "3 Months"]),
    "application_extension": st.sampled_from([".tar", ".tar.gz"]),
    "database_extension": st.sampled_from([".sql", ".sql.gz"]),
}
LAYER = st.fixed_dictionaries({}, optional=CHOICES)


@given(
    backup=LAYER,
    own=LAYER,
    groups=st.dictionaries(st.sampled_from(["red", "green", "blue"]), LAYER),
    order=st.permutations(["red", "green", "blue"]),
)
def test_the_nearest_wins(
    backup: dict[str, Any], own: dict[str, Any], groups: dict[str, dict[str, Any]], order: list[str]
) -> None:
    listed = [name for name in order if name in groups]
    values = fleet(server(defaults=own, groups=listed, backups=[backup]), groups=groups)
    (target,) = resolved(values).targets
    wanted: dict[str, Any] = {}
    for layer in [INSTANT, *(groups[name] for name in reversed(listed)), own, backup]:
        wanted |= layer
    assert target.request.model_dump(exclude_none=True) == wanted


def test_a_null_takes_away_what_was_inherited() -> None:
    (target,) = resolved(fleet(server(backups=[{"database_id": None}]))).targets
    assert target.request.database_id is None


def test_nothing_that_was_given_is_changed() -> None:
    values = fleet(server(backups=[{"application_id": 1}]), groups={"a": {"type": "filesystem"}})
    before = str(values)
    resolved(values)
    wrong = fleet(server(backups=[{"application_id": "x", "tipe": 1}]))
    wrong_before = str(wrong)
    mistakes_of(wrong)
    assert (str(values), str(wrong)) == (before, wrong_before)


# Organizations.


def test_a_server_may_name_another_organization() -> None:
    inventory = resolved(fleet(server(15), server(16, organization=6)))
    assert [target.organization for target in inventory.targets] == [5, 6]


def test_the_files_organization_may_be_missing_where_every_server_names_one() -> None:
    values = fleet(server(15, organization=5), server(16, organization=6))
    del values["organization"]
    assert [target.organization for target in resolved(values).targets] == [5, 6]


def test_a_missing_organization_is_reported_once() -> None:
    values = fleet(server(15, organization=5), server(16), server(17))
    del values["organization"]
    assert mistakes_of(values) == ["organization: is required, here or on every server (servers[1] has none)"]


# Mistakes.


def test_every_mistake_of_a_file_is_reported_at_once_with_its_place() -> None:
    assert of(
        """
organisation: 5
organization: five
defaults:
  provider: wasabbi
  cloud_storage_provider_id: 10
  automatic_backup: false
  type: application
  application_extension: .zip
  database_extension: .sql.gz
groups:
  shops: {shedule: Every Day}
  night: {automatic_backup: "yes"}
servers:
  - id: 0
    backups: [{application_id: 1}]
  - id: 16
    tags: production
    groups: [shop]
    backups: []
  - name: without-an-id
    backups:
      - {application_id: 4246.5, type: everything}
      - {automatic_backup: true, schedule: every day, application_id: 1, start_backup: tomorrow}
      - {automatic_backup: true, application_id: 2, start_backup_from_now: false}
      - {provider: serveravatar}
  - just text
"""
    ) == [
        "organisation: unknown key; did you mean 'organization'?",
        "organization: must be a whole number above 0 (given: 'five')",
        "defaults.application_extension: must be one of: .tar, .tar.gz (given: '.zip')",
        (
            "defaults.provider: must be one of: gdrive, amazon_s3, dropbox, serveravatar, wasabi, custom_s3"
            " (given: 'wasabbi')"
        ),
        "groups.night.automatic_backup: must be true or false (given: 'yes')",
        "groups.shops.shedule: unknown key; did you mean 'schedule'?",
        "servers[0].id: must be a whole number above 0 (given: 0)",
        "servers[1].backups: must have at least one entry (given: [])",
        "servers[1].groups[0]: unknown group; known groups: shops, night (given: 'shop')",
        "servers[1].tags: must be a list (given: 'production')",
        "servers[2].backups[0].application_id: must be a whole number above 0 (given: 4246.5)",
        "servers[2].backups[0].type: must be one of: filesystem, database, application (given: 'everything')",
        (
            "servers[2].backups[1].schedule: must be one of: Every Hour, Every 3 Hours, Every 6 Hours, Every 12 Hours,"
            " Every Day, Every 2 Days, Every Week, Every Month, Twice a Month, Every 3 Months, Every 6 Months,"
            " Every Year (given: 'every day')"
        ),
        (
            'servers[2].backups[1].start_backup: must be a time in the form "Y-m-d H:i", for example "2030-07-13 17:49"'
            " (given: 'tomorrow')"
        ),
        "servers[2].backups[2].schedule: required because automatic_backup is true",
        "servers[2].backups[2].start_backup: required because start_backup_from_now is false",
        "servers[2].backups[3].application_id: is required",
        "servers[2].backups[3].retention_period: required because provider is serveravatar",
        "servers[2].id: is required",
        "servers[3]: must be a mapping of keys to values (given: 'just text')",
    ]


@pytest.mark.parametrize(
    ("layer", "place"),
    [
        ({"provider": "wasabbi"}, "provider"),
        ({"type": 5}, "type"),
        ({"tipe": "application"}, "tipe"),
        ({"start_backup_from_now": False, "start_backup": "soon"}, "start_backup"),
        ({"start_backup_from_now": False, "start_backup": "2030-07-13 17:49"}, "start_backup"),
        ({"cloud_storage_provider_id": "ten"}, "cloud_storage_provider_id"),
        ({"name": ""}, "name"),
        ({"name": 5}, "name"),
    ],
)
def test_a_mistake_in_what_many_inherit_is_reported_once_and_where_it_stands(layer: dict[str, Any], place: str) -> None:
    backups = [{"application_id": number} for number in range(1, 4)]
    base = {name: value for name, value in PLAN.items() if name != "start_backup_from_now"}
    in_defaults = fleet(server(15, backups=backups), server(16, backups=backups), defaults=base | layer)
    assert [line.split(":")[0] for line in mistakes_of(in_defaults)] == [f"defaults.{place}"]
    in_group = fleet(server(15, groups=["a"], backups=backups), defaults=base, groups={"a": layer})
    assert [line.split(":")[0] for line in mistakes_of(in_group)] == [f"groups.a.{place}"]
    in_server = fleet(server(15, defaults=layer, backups=backups), defaults=base)
    assert [line.split(":")[0] for line in mistakes_of(in_server)] == [f"servers[0].defaults.{place}"]


def test_a_past_start_that_no_backup_uses_is_no_mistake() -> None:
    old = {"start_backup": "1999-01-01 00:00"}
    assert resolved(fleet(server(backups=[PLAN]), defaults=INSTANT | old)).targets


def test_a_wrong_value_does_not_hide_other_mistakes_of_the_same_backup() -> None:
    lines = mistakes_of(fleet(server(backups=[{"type": "everything", "automatic_backup": True}])))
    assert [line.split(":")[0] for line in lines] == ["servers[0].backups[0].schedule", "servers[0].backups[0].type"]


def test_a_backup_that_is_asked_for_twice_is_refused() -> None:
    other = {"application_extension": ".tar"}
    assert mistakes_of(fleet(server(15, backups=[{}, {"application_id": 1}, other]))) == [
        "servers[0].backups[2]: asks for the same backup as servers[0].backups[0]; leave one of them out"
    ]
    assert mistakes_of(fleet(server(15), server(16), server(15))) == [
        "servers[2].backups[0]: asks for the same backup as servers[0].backups[0]; leave one of them out"
    ]


def test_backups_that_differ_in_what_they_are_may_stand_beside_each_other() -> None:
    backups = [{}, {"type": "filesystem"}, {"database_id": None}, {"provider": "gdrive"}, {"automatic_backup": True}]
    values = fleet(server(backups=backups), defaults=INSTANT | {"schedule": "Every Day"})
    assert len(resolved(values).targets) == 5


@pytest.mark.parametrize(
    ("groups", "known"),
    [
        ({}, "the file has no groups"),
        ({"a": {}}, "known groups: a"),
        ({"a": {}, "b": {}}, "known groups: a, b"),
    ],
)
def test_an_unknown_group_is_refused_with_the_known_ones(groups: dict[str, Any], known: str) -> None:
    assert mistakes_of(fleet(server(groups=["x"]), groups=groups)) == [
        f"servers[0].groups[0]: unknown group; {known} (given: 'x')"
    ]


def test_a_name_on_a_plan_is_refused_and_an_inherited_one_left_out() -> None:
    assert mistakes_of(fleet(server(backups=[{"name": "nightly"}]), defaults=PLAN)) == [
        "servers[0].backups[0].name: is only for an instant backup, and this is an automatic plan (given: 'nightly')"
    ]
    (target,) = resolved(fleet(server(), defaults=PLAN | {"name": "nightly"})).targets
    assert "name" not in target.request.body()


def test_a_wrong_name_on_a_plan_is_one_mistake() -> None:
    assert mistakes_of(fleet(server(backups=[{"name": 5}]), defaults=PLAN)) == [
        "servers[0].backups[0].name: must be text (given: 5)"
    ]


@pytest.mark.parametrize(
    "text",
    [
        "{organization: 5, servers: [{id: 1, groups: [a], backups: [{}]}], groups: {2024: {}}}",
        "{organization: 5, servers: [{id: 1, backups: [{1: 2}]}]}",
        "{organization: 5, 1: 2, servers: [{id: 1, backups: [{}]}]}",
        "{organization: 5, true: 2, null: 3, servers: [{id: 1, backups: [{}]}]}",
        "{organization: 5, groups: {groups: {colour: red}}, servers: [{id: 1, groups: [groups], backups: [{}]}]}",
        "{organization: 5, groups: [], servers: {}}",
        "{organization: [], defaults: [], groups: {a: []}, servers: [[], null, {backups: [null, 5], groups: [[]]}]}",
        "{servers: null}",
        "{servers: []}",
        "{}",
        "{organization: 5, servers: [{id: 1, backups: [{start_backup: 2030-07-13, name: !!binary aGk=}]}]}",
        f"{{organization: {'9' * 4000}, servers: [{{id: '{'9' * 5000}', backups: [{{}}]}}]}}",
        f"{{organization: 5, servers: [{{id: 1, name: [{'x, ' * 1000}], backups: [{{type: {'x' * 10_000}}}]}}]}}",
    ],
)
def test_whatever_stands_in_a_file_ends_in_clear_lines(text: str) -> None:
    lines = of(text)
    assert len(lines) == len(set(lines))


def test_a_mistake_in_a_group_that_is_named_groups_is_reported_once() -> None:
    values = fleet(server(groups=["groups"]), groups={"groups": {"colour": "red"}})
    assert mistakes_of(values) == ["groups.groups.colour: unknown key"]


def test_the_lines_of_a_bomb_of_aliases_are_short() -> None:
    lines = ["a0: &a0 [x, x, x, x, x, x, x, x, x]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 20)]
    assert of("\n".join([*lines, "organization: *a19", "servers: *a19"]))


def test_a_few_aliases_cannot_ask_for_millions_of_backups() -> None:
    servers = ", ".join(["*server"] * 400)
    backups = ", ".join(["*backup"] * 400)
    text = f"x: [&backup {{application_id: 1}}, &server {{id: 1, backups: [{backups}]}}]\nservers: [{servers}]"
    assert of(text) == ["asks for 160000 backups; the maximum is 100000"]


JSON: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.text(max_size=3)
            | st.sampled_from(["id", "groups", "defaults", "backups", "organization", "name", "type", "tags"])
            | st.integers(),
            inner,
            max_size=4,
        )
    ),
    max_leaves=10,
)


@given(st.fixed_dictionaries({}, optional=dict.fromkeys(["organization", "defaults", "groups", "servers", "x"], JSON)))
def test_no_file_ends_in_anything_but_an_inventory_or_a_refusal(values: dict[str, Any]) -> None:
    try:
        resolved(values)
    except FleetFileError as error:
        assert error.mistakes  # noqa: PT017 - either end is right
