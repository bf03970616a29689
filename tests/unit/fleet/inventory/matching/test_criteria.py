"""The criteria of a rule, one by one: which servers, which applications."""

from typing import Any

import pytest

from fleet.inventory.matching.criteria import ApplicationCriteria, ServerCriteria
from fleet.serveravatar.models import Application, Server

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
