from sandbox.answers.rate_limit import FixedWindow


def test_the_window_opens_with_the_first_request_and_is_fixed() -> None:
    window = FixedWindow(2, 60)
    assert [window.take(now).allowed for now in (100, 159, 159.9, 160, 161, 162)] == [
        True,
        True,
        False,
        True,
        True,
        False,
    ]


def test_headers_of_an_answer_and_of_a_refusal() -> None:
    window = FixedWindow(2, 60)
    assert window.take(0).headers(1000) == {"X-RateLimit-Limit": "2", "X-RateLimit-Remaining": "1"}
    window.take(0)
    assert window.take(22.5).headers(1000) == {
        "X-RateLimit-Limit": "2",
        "X-RateLimit-Remaining": "0",
        "Retry-After": "38",
        "X-RateLimit-Reset": "1038",
    }


def test_no_limit() -> None:
    window = FixedWindow(None, 60)
    assert all(window.take(0).allowed for _ in range(1000))
    assert window.take(0).headers(0) == {}


def test_a_look_counts_nothing() -> None:
    window = FixedWindow(1, 60)
    assert window.peek(0).remaining == window.peek(0).remaining == 1
    assert window.take(0).allowed
    assert window.peek(0).remaining == 0


def test_a_closed_window_opens_again() -> None:
    window = FixedWindow(None, 60)
    window.close_for(5, now=10)
    assert [window.take(now).allowed for now in (10, 14.9, 15)] == [False, False, True]
