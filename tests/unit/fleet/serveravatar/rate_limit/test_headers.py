"""The limit's headers: read where they are there, and never an error."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fleet.serveravatar.rate_limit.headers import RateLimitHeaders, read_headers


@pytest.mark.parametrize(
    ("headers", "read"),
    [
        ({}, RateLimitHeaders()),
        ({"x-ratelimit-limit": "60", "x-ratelimit-remaining": "59"}, RateLimitHeaders(60, 59)),
        ({"x-ratelimit-limit": "0", "x-ratelimit-remaining": "0"}, RateLimitHeaders(None, 0)),
        ({"x-ratelimit-limit": "many", "x-ratelimit-remaining": ""}, RateLimitHeaders()),
        ({"x-ratelimit-limit": "-5", "x-ratelimit-remaining": "-1"}, RateLimitHeaders()),
        ({"retry-after": "37"}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": " 37 "}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": "0"}, RateLimitHeaders(retry_after=0.0)),
        ({"retry-after": "Tue, 11 Feb 2025 11:12:59 GMT"}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": "Tue, 11 Feb 2025 11:12:00 GMT"}, RateLimitHeaders(retry_after=0.0)),
        ({"x-ratelimit-reset": "1739272379"}, RateLimitHeaders(retry_after=37.0)),
        ({"x-ratelimit-reset": "1739272000"}, RateLimitHeaders(retry_after=0.0)),
        ({"retry-after": "5", "x-ratelimit-reset": "1739272379"}, RateLimitHeaders(retry_after=5.0)),
        ({"retry-after": "soon", "x-ratelimit-reset": "1739272379"}, RateLimitHeaders(retry_after=37.0)),
        ({"retry-after": "soon"}, RateLimitHeaders()),
    ],
)
def test_the_headers_are_read_where_they_are_there(headers: dict[str, str], read: RateLimitHeaders) -> None:
    assert read_headers(headers, 1739272342.0) == read


@given(st.dictionaries(st.sampled_from(["x-ratelimit-limit", "retry-after", "x-ratelimit-reset"]), st.text()))
def test_odd_headers_are_no_error(headers: dict[str, str]) -> None:
    read = read_headers(headers, 1739272342.0)
    assert read.retry_after is None or read.retry_after >= 0
