"""The criteria of a rule, one by one: which servers, which applications, which database."""

from typing import Any

import pytest

from fleet.inventory.criteria import ApplicationCriteria, ServerCriteria
from fleet.inventory.database_criteria import DatabaseCriteria
from fleet.serveravatar.models import Application, Database, Server

SERVERS: list[dict[str, Any]] = [
    {"id": 15, "name": "web-0001", "tags": ["production", "EU"]},
    {"id": 16, "name": "Web-0002", "tags": ["Production"]},
    {"id": 17, "name": "web-0003-staging", "tags": ["production", "staging"]},
    {"id": 18, "name": None, "tags": None},
]


@pytest.mark.parametrize(
    ("criteria", "matched"),
    [
        ({"tags": "production"}, [15, 16, 17]),
        ({"tags": ["production", "eu"]}, [15]),
        ({"tags": "prod*"}, [15, 16, 17]),
        ({"name": "web-*"}, [15, 16, 17]),
        ({"name": ["web-0001", "*-staging"]}, [15, 17]),
        ({"name": "web-000?"}, [15, 16]),
        ({"name": "*"}, [15, 16, 17, 18]),
        ({"id": 16}, [16]),
        ({"id": [18, "15"]}, [15, 18]),
        ({"tags": "production", "name": "*1"}, [15]),
        ({"not": {"name": "*-staging"}}, [15, 16, 18]),
        ({"name": "web-*", "not": {"tags": "eu"}}, [16, 17]),
        ({"not": {"tags": "production", "name": "*1"}}, [16, 17, 18]),
        ({"not": [{"tags": "eu"}, {"tags": "staging"}]}, [16, 18]),
        ({"not": {"tags": ["eu", "staging"]}}, [15, 16, 17, 18]),
    ],
)
def test_servers(criteria: dict[str, Any], matched: list[int]) -> None:
    rule = ServerCriteria.model_validate(criteria)
    assert [row["id"] for row in SERVERS if rule.match(Server(**row))] == matched


APPLICATIONS: list[dict[str, Any]] = [
    {"id": 1, "name": "shop", "primary_domain": "shop.example.com", "framework": "wordpress", "active": 1},
    {"id": 2, "name": "Blog", "primary_domain": "blog.test", "framework": "WordPress", "active": "0"},
    {"id": 3, "name": "api", "primary_domain": "api.example.com", "framework": "laravel", "active": True},
    {"id": 4, "name": "old"},
]


@pytest.mark.parametrize(
    ("criteria", "matched"),
    [
        ({"framework": "wordpress"}, [1, 2]),
        ({"framework": ["wordpress", "laravel"]}, [1, 2, 3]),
        ({"active": True}, [1, 3, 4]),
        ({"active": False}, [2]),
        ({"name": "b*"}, [2]),
        ({"domain": "*.example.com"}, [1, 3]),
        ({"not": {"domain": "*.test"}}, [1, 3, 4]),
        ({"not": {"active": False}}, [1, 3, 4]),
        ({"not": {"id": [1, 3]}}, [2, 4]),
        ({"framework": ["wordpress", "laravel"], "active": True, "not": {"domain": "*.test"}}, [1, 3]),
    ],
)
def test_applications(criteria: dict[str, Any], matched: list[int]) -> None:
    rule = ApplicationCriteria.model_validate(criteria)
    assert [row["id"] for row in APPLICATIONS if rule.match(Application(**row))] == matched


@pytest.mark.parametrize(
    ("pattern", "applications", "databases", "found"),
    [
        ("{application}_*", {1: "shop"}, {7: "shop_db", 8: "blog_db"}, {1: [7]}),
        ("{application}_*", {1: "shop"}, {7: "shop_a", 8: "SHOP_b"}, {1: [7, 8]}),
        ("{application}_*", {1: "shop"}, {7: "bookshop_db"}, {}),
        ("{application}_*", {1: "surf-school"}, {7: "surf_school_db"}, {1: [7]}),
        ("{application}_*", {1: "Shop"}, {7: "shop_db"}, {1: [7]}),
        ("{application}", {1: "shop"}, {7: "shop"}, {1: [7]}),
        ("{domain}*", {1: "shop"}, {7: "shop_example_com_1"}, {1: [7]}),
        ("wp_{application}", {1: "a*"}, {7: "wp_a*", 8: "wp_abc"}, {1: [7]}),
        # The name that says most has it, also where the other application has no database of its own.
        ("{application}_*", {1: "shop", 2: "shop_de"}, {7: "shop_db", 8: "shop_de_db"}, {1: [7], 2: [8]}),
        ("{application}_*", {1: "shop", 2: "shop-de"}, {8: "shop_de_db"}, {2: [8]}),
        (["{application}", "{application}_*"], {1: "shop"}, {7: "shop", 8: "shop_db"}, {1: [7, 8]}),
        ("{application}_*", {1: ""}, {7: "_db"}, {}),
        ("{application}_*", {1: "shop"}, {7: None}, {}),
    ],
)
def test_databases(
    pattern: str | list[str], applications: dict[int, str], databases: dict[int, str], found: dict[int, list[int]]
) -> None:
    rule = DatabaseCriteria.model_validate({"match": pattern})
    rows = [
        Application(id=number, name=name, primary_domain=f"{name}.example.com") for number, name in applications.items()
    ]
    of = rule.databases_of(rows, [Database(id=number, name=name) for number, name in databases.items()])
    assert {number: [row.id for row in each] for number, each in of.items()} == found
