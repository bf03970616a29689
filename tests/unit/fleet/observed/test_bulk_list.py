"""What servers own is read over the organization or server by server, whichever is fewer pages."""

import asyncio
from collections.abc import Awaitable, Mapping
from functools import partial

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from fleet.observed.bulk_list import Lists, least_pages, read_owned, reads_on
from fleet.serveravatar import wire
from fleet.serveravatar.models import Application
from tests.unit.fleet.builders import FakeApi

Fleet = dict[int, int]
"""How many applications each server has."""


@pytest.mark.parametrize(
    ("sizes", "pages"),
    [([], 0), ([0], 1), ([1], 1), ([10], 1), ([11], 2), ([5] * 60, 60), ([25, 1], 4)],
)
def test_a_server_has_at_least_the_pages_of_what_is_wanted_of_it(sizes: list[int], pages: int) -> None:
    assert least_pages(set(range(size)) for size in sizes) == pages


@pytest.mark.parametrize(
    ("pages_left", "per_server", "decision"),
    [
        (29, 58, True),
        (58, 58, True),
        (59, 58, False),
        (0, 1, True),
        (499, 3, False),
    ],
)
def test_whichever_is_fewer_pages_is_read(pages_left: int, per_server: int, decision: bool) -> None:
    assert reads_on(pages_left, per_server) is decision


def identifier(server: int, number: int) -> int:
    return server * 1000 + number


def pages_for(
    sizes: Fleet, wanted: Mapping[int, set[int] | None], *, named: bool
) -> tuple[int, dict[int, dict[int, Application]]]:
    """Read what is wanted; return how many pages that took and what was found."""
    rows = {server: [{"id": identifier(server, n)} for n in range(size)] for server, size in sizes.items()}
    over = [{**row, "server_id": server if named else None} for server, of_server in rows.items() for row in of_server]
    own = {f"/organizations/5/servers/{server}/applications": of_server for server, of_server in rows.items()}
    api = FakeApi({"/organizations/5/applications": over, **own})

    async def or_unknown(_server: int, reading: Awaitable[dict[int, Application]]) -> dict[int, Application] | None:
        return await reading

    lists = Lists(
        Application, partial(wire.list_organization_applications, 5), partial(wire.list_applications, 5), or_unknown
    )
    found = asyncio.run(read_owned(api.send, lists, wanted))
    return len(api.sent), found


@st.composite
def fleets(draw: st.DrawFn) -> tuple[Fleet, dict[int, set[int]]]:
    """An organization, and some of its servers of which everything is wanted; of some, what is not there, too."""
    sizes = dict(enumerate(draw(st.lists(st.integers(0, 35), min_size=1, max_size=40)), start=1))
    servers = draw(st.sets(st.sampled_from(sorted(sizes)), min_size=1))
    wanted = {server: {identifier(server, n) for n in range(sizes[server])} for server in servers}
    for server in draw(st.sets(st.sampled_from(sorted(servers)), max_size=2)):
        wanted[server] = wanted[server] | {identifier(server, 999)}
    return sizes, {server: ids for server, ids in wanted.items() if ids}


@given(case=fleets(), named=st.booleans())
@example(case=({1: 10, 2: 1, 3: 20}, {1: {*range(1000, 1010), 1999}, 2: {2000}}), named=True)
def test_never_more_pages_than_the_better_of_the_two_and_one(
    case: tuple[Fleet, dict[int, set[int]]], named: bool
) -> None:
    """The servers' lists are taken for as long as what is wanted of them: nobody knows yet that some is not there."""
    sizes, wanted = case
    pages, found = pages_for(sizes, wanted, named=named)
    over = max(1, -(-sum(sizes.values()) // 10))
    own = sum(max(1, -(-sizes[server] // 10)) for server in wanted)
    as_wanted = sum(-(-len(ids) // 10) for ids in wanted.values())
    assert pages <= (min(over, as_wanted) if named else own) + 1
    for server, ids in wanted.items():
        assert ids & found[server].keys() == {each for each in ids if each % 1000 < sizes[server]}
        assert all(row.server_id in (None, server) for row in found[server].values())


def test_a_server_of_which_little_is_wanted_costs_at_most_its_own_list() -> None:
    """Its length is not known without asking: here the organization's list would have been shorter."""
    sizes = dict.fromkeys(range(1, 11), 30)
    pages, _ = pages_for(sizes, {server: {identifier(server, 29)} for server in sizes}, named=True)
    assert pages <= 1 + 30


@given(fleets(), st.booleans())
def test_all_that_servers_own_is_read_and_costs_at_most_one_page_more_than_their_own_lists(
    case: tuple[Fleet, dict[int, set[int]]], named: bool
) -> None:
    sizes, servers = case
    pages, found = pages_for(sizes, dict.fromkeys(servers), named=named)
    own = sum(max(1, -(-sizes[server] // 10)) for server in servers)
    assert pages <= own + 1
    assert {server: set(found[server]) for server in servers} == {
        server: {identifier(server, n) for n in range(sizes[server])} for server in servers
    }


def test_all_of_many_small_servers_is_read_over_the_organization() -> None:
    pages, _ = pages_for(dict.fromkeys(range(1, 61), 5), dict.fromkeys(range(1, 61)), named=True)
    assert pages == 30
