"""The answers of faults."""

from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, Response

from sandbox.faults.faults import FaultRule

# Laravel's messages where the vendor documents none.
_MESSAGES = {
    401: "Unauthenticated.",
    403: "This action is unauthorized.",
    429: "Too Many Attempts.",
    500: "Something went really wrong!",
    503: "Service Unavailable",
}
# A gateway in front of the API answers these, in HTML.
_GATEWAY_TITLES = {502: "502 Bad Gateway", 504: "504 Gateway Time-out"}


def fault_answer(rule: FaultRule) -> Response:
    """The answer of a fault: its message as JSON, unless it has another form.

    A 502 or 504 without a message is a gateway's page.
    """
    answer = _answer(rule)
    if rule.location is not None:
        answer.headers["location"] = rule.location
    return answer


def _answer(rule: FaultRule) -> Response:
    if rule.form == "list":
        return JSONResponse([], rule.status)
    if rule.form == "object":
        return JSONResponse({}, rule.status)
    if rule.form == "nothing":
        return Response(b"", rule.status)
    if rule.form == "html" or (rule.message is None and rule.status in _GATEWAY_TITLES):
        return HTMLResponse(_page(rule.message or _title(rule.status)), rule.status)
    message = _MESSAGES.get(rule.status, _phrase(rule.status)) if rule.message is None else rule.message
    return JSONResponse({"message": message}, rule.status)


def _phrase(status: int) -> str:
    try:
        return HTTPStatus(status).phrase
    except ValueError:
        return "Server Error"


def _title(status: int) -> str:
    return _GATEWAY_TITLES.get(status, f"{status} {_phrase(status)}")


def _page(title: str) -> str:
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
