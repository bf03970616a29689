"""Middleware before every call: the token, the rate limit, the faults and the request log."""

import asyncio
import json
import time
from collections.abc import Sequence
from contextlib import suppress
from email.utils import formatdate
from typing import Any

from starlette.datastructures import Headers, MutableHeaders
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Match, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sandbox.answers.rate_limit import Allowance, FixedWindow
from sandbox.api.connection import drop_connection
from sandbox.context import Context
from sandbox.faults.answers import fault_answer
from sandbox.faults.faults import FaultRule, Occasion

CONTROL, ARCHIVES = "/_sandbox", "/_archives"
UNAUTHENTICATED = "Unauthenticated."
TOO_MANY = "Too Many Attempts."
_UNKNOWN_CALL = "unknown"
# The fields that make two creates attempts at one backup.
_TARGET_FIELDS = ("application_id", "database_id", "type", "cloud_storage_provider_id", "automatic_backup")


class Guard:
    """ASGI middleware around the calls of the API; the sandbox's own addresses bypass it."""

    def __init__(self, app: ASGIApp, context: Context, routes: Sequence[BaseRoute]) -> None:
        self._app = app
        self._context = context
        self._limiters = list(context.limiters.values())
        self._routes = [route for route in routes if isinstance(route, Route)]

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Pass, fail or refuse a call of the API."""
        if scope["type"] != "http" or scope["path"].startswith((CONTROL, ARCHIVES)):
            await self._app(scope, receive, send)
            return
        call, parameters = self._call(scope)
        answer, account = _Answer(send), self._account(scope)
        try:
            with suppress(ClientDisconnect):  # Nothing was done, and nobody waits for an answer.
                await self._answer(_Exchange(scope, receive, answer, call, parameters), account)
        finally:
            self._context.requests.add(call, scope["method"], scope["path"], answer.status, account)

    async def _answer(self, exchange: "_Exchange", account: int | None) -> None:
        context, answer = self._context, exchange.answer
        limiter = self._limiters[(account or 1) - 1]
        answer.headers["date"] = formatdate(context.maker.api_now(), usegmt=True)
        if account is None:
            # A wrong token does not use up the account's requests.
            self._send_limit(answer, limiter.peek(time.monotonic()))
            await exchange.send(JSONResponse({"message": UNAUTHENTICATED}, 401))
            return
        occasion, exchange.receive = await _occasion(exchange)
        fired = context.faults.fired(occasion)
        _close(limiter, fired)
        allowance = limiter.take(time.monotonic())
        self._send_limit(answer, allowance)
        if not allowance.allowed:
            await exchange.send(JSONResponse({"message": TOO_MANY}, 429))
            return
        await asyncio.sleep(sum(rule.seconds for rule in fired if rule.kind == "slow"))
        await self._work(exchange, [rule for rule in fired if rule.kind in {"answer", "drop"}])

    async def _work(self, exchange: "_Exchange", rules: list[FaultRule]) -> None:
        """Carry out the call, with the first fault before or after it."""
        if not rules:
            await self._app(exchange.scope, exchange.receive, exchange.answer)
        elif rules[0].moment == "before":
            await exchange.fail(rules[0])
        else:
            held: list[Message] = []
            await self._app(exchange.scope, exchange.receive, _hold(held))
            if held[0]["status"] == 200:  # noqa: PLR2004 - HTTP's own number
                await exchange.fail(rules[0])
                return
            # Nothing was done: the refusal is passed on.
            for message in held:
                await exchange.answer(message)

    def _call(self, scope: Scope) -> tuple[str, dict[str, str]]:
        for route in self._routes:
            match, child = route.matches(scope)
            if match is Match.FULL:
                return route.name, child["path_params"]
        return _UNKNOWN_CALL, {}

    def _account(self, scope: Scope) -> int | None:
        """The number of the account that calls, from 1; None for an unknown token."""
        given = Headers(scope=scope).get("authorization", "").strip()
        tokens = list(self._context.limiters)
        if given[:7].lower() == "bearer " and given not in tokens:
            given = given[7:].strip()
        return tokens.index(given) + 1 if given in tokens else None

    def _send_limit(self, answer: "_Answer", allowance: Allowance) -> None:
        if self._context.settings.rate_limit_headers and self._context.dialect.limit_headers:
            answer.headers.update(allowance.headers(self._context.maker.api_now()))


class _Answer:
    """Sends an answer with additional headers and keeps its status."""

    def __init__(self, send: Send) -> None:
        self._send = send
        self.headers: dict[str, str] = {}
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.status = message["status"]
            MutableHeaders(scope=message).update(self.headers)
        await self._send(message)


class _Exchange:
    """One request and its answer."""

    def __init__(self, scope: Scope, receive: Receive, answer: _Answer, call: str, parameters: dict[str, str]) -> None:
        self.scope = scope
        self.receive = receive
        self.answer = answer
        self.call = call
        self.parameters = parameters

    async def send(self, response: Response) -> None:
        """Answer with this response."""
        await response(self.scope, self.receive, self.answer)

    async def fail(self, rule: FaultRule) -> None:
        """Answer with a fault, or drop the connection."""
        if rule.kind == "drop":
            await drop_connection(self.scope)
        else:
            await self.send(fault_answer(rule))


def _close(limiter: FixedWindow, fired: list[FaultRule]) -> None:
    for rule in fired:
        if rule.kind == "limit":
            limiter.close_for(rule.seconds, time.monotonic())


async def _occasion(exchange: _Exchange) -> tuple[Occasion, Receive]:
    """The subject of the request, and its body to be read again."""
    server, organization = (_number(exchange.parameters.get(name)) for name in ("server", "organization"))
    if exchange.call != "create":
        target = f"{exchange.call} {exchange.scope['path']}"
        return Occasion(exchange.call, target, server, organization=organization), exchange.receive
    content = await Request(exchange.scope, exchange.receive).body()
    body = _json_object(content)
    wanted = "/".join(str(body.get(name)) for name in _TARGET_FIELDS)
    target = f"create {exchange.scope['path']} {wanted}"
    occasion = Occasion(exchange.call, target, server, _number(body.get("application_id")), organization)
    return occasion, _replay(content)


def _replay(content: bytes) -> Receive:
    async def receive() -> Message:
        return {"type": "http.request", "body": content, "more_body": False}

    return receive


def _hold(messages: list[Message]) -> Send:
    async def send(message: Message) -> None:
        messages.append(message)

    return send


def _json_object(content: bytes) -> dict[str, Any]:
    try:
        body = json.loads(content)
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


def _number(given: object) -> int | None:
    text = str(given)
    return int(text) if text.isascii() and text.isdigit() else None
