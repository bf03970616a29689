"""Which database goes with which application."""

import pytest

from fleet.inventory.matching.database_criteria import DatabaseCriteria
from fleet.serveravatar.models import Application, Database


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
