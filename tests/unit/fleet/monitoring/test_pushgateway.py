"""Where metrics are pushed: a URL, whose name and password are seen by nobody."""

import pytest

from fleet.monitoring.pushgateway import parse


@pytest.mark.parametrize(
    ("text", "url", "user", "password"),
    [
        ("http://pushgateway:9091", "http://pushgateway:9091", "", ""),
        (" https://push.example.org/base/ ", "https://push.example.org/base", "", ""),
        ("https://ops:p%40ss@push.example.org", "https://push.example.org", "ops", "p@ss"),
        ("http://[::1]:9091", "http://[::1]:9091", "", ""),
    ],
)
def test_a_url_with_and_without_a_password(text: str, url: str, user: str, password: str) -> None:
    gateway = parse(text)
    assert (gateway.url, gateway.user, gateway.password) == (url, user, password)
    assert "ss" not in repr(gateway)


@pytest.mark.parametrize(
    "text",
    ["pushgateway:9091", "ftp://secret@x", "http://", "http://x:secret", "http://x:0", "http://x?secret", "http://ü/"],
)
def test_what_is_no_url_is_refused_without_showing_it(text: str) -> None:
    with pytest.raises(ValueError, match="must be a URL such as http://pushgateway:9091") as caught:
        parse(text)
    assert "secret" not in str(caught.value)
