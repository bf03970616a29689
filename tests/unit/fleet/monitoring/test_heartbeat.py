"""Heartbeats: which address is called with what, and an address in no text."""

import pytest

from fleet.monitoring.heartbeat import Beat, Kind, Moment, Ping, parse, ping, slug

RUN = "0198f2a4-5ad6-7c33-9d2e-0f6f4a1b2c3d"
CHECK = "https://hc-ping.com/KEY-THAT-NOBODY-SEES"
PUSH = "https://kuma.example.org/api/push/KEY-THAT-NOBODY-SEES?status=up&msg=OK&ping="


def sent(url: str, moment: Moment, text: str = "6 verified", fleet: str = "shops") -> Ping | None:
    (heartbeat,) = parse(url)
    return ping(heartbeat, Beat(moment, fleet, RUN, text, seconds=1.5))


@pytest.mark.parametrize(
    ("moment", "url"),
    [
        (Moment.START, f"{CHECK}/start?rid={RUN}"),
        (Moment.SUCCESS, f"{CHECK}?rid={RUN}"),
        (Moment.FAIL, f"{CHECK}/fail?rid={RUN}"),
    ],
)
def test_healthchecks_is_told_the_moment_by_path_and_the_verdict_as_body(moment: Moment, url: str) -> None:
    assert sent(CHECK, moment) == sent(f"{CHECK}/", moment) == Ping(url, b"6 verified")


def test_uptime_kuma_is_told_by_query_and_what_its_page_shows_there_is_replaced() -> None:
    up = sent(PUSH, Moment.SUCCESS, "all & everything")
    base = PUSH.partition("?")[0]
    assert up == Ping(f"{base}?status=up&msg=all+%26+everything+%28run+{RUN}%29&ping=1500")
    down = sent(PUSH, Moment.FAIL, "ü" * 1000)
    assert down is not None
    assert down.url.startswith(f"{base}?status=down&msg=%C3%BC")
    assert len(down.url) < 2000
    assert down.body is None
    assert sent(PUSH, Moment.START) is None


def test_a_check_of_its_own_for_each_fleet() -> None:
    told = sent("https://hc-ping.com/KEY/{fleet}?create=1", Moment.FAIL, fleet="Müller & Söhne")
    assert told is not None
    assert told.url == f"https://hc-ping.com/KEY/m-ller-s-hne/fail?create=1&rid={RUN}"
    assert slug("日本") == "fleet"


def test_several_addresses_and_their_kinds() -> None:
    found = parse(
        f" {CHECK},\n{PUSH}  uptime-kuma+https://status.example.org/x healthchecks+http://10.0.0.1/api/push/y "
    )
    assert [(each.number, each.kind) for each in found] == [
        (1, Kind.HEALTHCHECKS),
        (2, Kind.UPTIME_KUMA),
        (3, Kind.UPTIME_KUMA),
        (4, Kind.HEALTHCHECKS),
    ]
    assert found[2].url == "https://status.example.org/x"
    assert found[3].url == "http://10.0.0.1/api/push/y"
    assert "KEY" not in f"{found} {found[0].label} {sent(CHECK, Moment.START)!r}"
    assert parse(" ") == ()


@pytest.mark.parametrize(
    "wrong",
    [
        "KEY-4711",
        "ftp://example.org/KEY-4711",
        "https:///KEY-4711",
        "https://user:KEY-4711@example.org/",
        "https://example.org:0x/KEY-4711",
        "https://example.org:99999/KEY-4711",
        "https://[::1/KEY-4711",
        "https://example.org/KEY-4711\x00",
        "https://exämple.org/KEY-4711",
        "kuma+https://example.org/KEY-4711",
        "+https://example.org/KEY-4711",
    ],
)
def test_what_is_no_address_is_refused_by_its_number_and_not_shown(wrong: str) -> None:
    with pytest.raises(ValueError, match="address 2") as caught:
        parse(f"{CHECK} {wrong}")
    assert "KEY" not in f"{caught.value!r}{caught.value.__cause__}"
