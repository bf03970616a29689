"""What an answer on demand looks like."""

from http import HTTPStatus

from starlette.responses import HTMLResponse, JSONResponse, Response

from sandbox.faults import FaultRule

# Laravel's words where the vendor documents none.
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
    """The answer of a fault: its message as JSON; a gateway's page for a 502 or 504 without a message."""
    if rule.message is not None:
        return JSONResponse({"message": rule.message}, rule.status)
    if rule.status in _GATEWAY_TITLES:
        return HTMLResponse(_gateway_page(_GATEWAY_TITLES[rule.status]), rule.status)
    try:
        default = HTTPStatus(rule.status).phrase
    except ValueError:
        default = "Server Error"
    return JSONResponse({"message": _MESSAGES.get(rule.status, default)}, rule.status)


def _gateway_page(title: str) -> str:
    return (
        f"<html>\r\n<head><title>{title}</title></head>\r\n<body>\r\n"
        f"<center><h1>{title}</h1></center>\r\n</body>\r\n</html>\r\n"
    )
