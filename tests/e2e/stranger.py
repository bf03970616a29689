"""A ServerAvatar API that the product has never met: `python -m tests.e2e.stranger --config FILE.json`.

It speaks as serveravatar-api.md and the seed's create call say, shares no code with the product nor with its
sandbox, and keeps the truth: `GET /_truth` tells all requests and all that was made, and `POST /_change` makes time
pass and things differ. It prints one JSON line with its URL when it serves, and ends on SIGTERM or when its parent
is gone.
"""

import argparse
import asyncio
import contextlib
import json
import os
import socket
import sys
import time
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from pathlib import Path

import uvicorn
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from tests.e2e.stranger_calls import READING, SERVER, Handler, missing
from tests.e2e.stranger_lists import Row
from tests.e2e.stranger_world import Answer, World

CREATE = f"POST {SERVER}/backups"
UPDATE = f"PATCH {SERVER}/backups/{{plan}}"
METHODS = ["GET", "POST", "PUT", "PATCH", "DELETE"]


class Stranger:
    """The HTTP side: token, rate limit, the record of requests, and one way through for every call."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.requests: list[Row] = []
        self.in_flight: Counter[str] = Counter()
        self.most: Counter[str] = Counter()
        self.window = (0.0, 0)

    def routes(self) -> list[Route]:
        """Every call, the create among them, and one route for all that is not documented."""
        reading = [Route(path, self.call(f"GET {path}", what), methods=["GET"]) for path, what in READING.items()]
        create = Route(f"{SERVER}/backups", self.call(CREATE, None), methods=["POST"])
        update = Route(f"{SERVER}/backups/{{plan:int}}", self.call(UPDATE, None), methods=["PATCH"])
        rest = Route("/{path:path}", self.call("not documented", None), methods=METHODS)
        own = [Route("/_truth", self.truth), Route("/_change", self.change, methods=["POST"])]
        return [*own, create, update, *reading, rest]

    async def truth(self, _request: Request) -> Response:
        """All requests and what they made, as JSON."""
        counts = {
            "requests_by_call": Counter(row["call"] for row in self.requests),
            "most_in_flight": self.most["all"],
            "most_creates_in_flight": self.most[CREATE],
        }
        return JSONResponse({"requests": self.requests, **counts, **self.world.truth()})

    async def change(self, request: Request) -> Response:
        """Take `{"config": {}, "states": {server id: state}, "applications": {server id: rows}, "run_plans": bool}`."""
        asked = await request.json()
        self.world.change(asked.get("config", {}), asked.get("states", {}), asked.get("applications", {}))
        if asked.get("run_plans"):
            self.world.run_plans()
        return JSONResponse({})

    def call(self, name: str, handler: Handler | None) -> Callable[[Request], Awaitable[Response]]:
        """The endpoint of one call: it is recorded when it comes in, and its status when it is answered."""

        async def endpoint(request: Request) -> Response:
            raw = (await request.body()).decode(errors="replace")
            leaked = self.world.config["token"] in str(request.url) + raw
            row: Row = {"call": name, "method": request.method, "path": request.url.path, "status": None}
            row |= {"query": dict(request.query_params), "body": None, "token_leaked": leaked}
            row["account"] = self.account(request)
            self.requests.append(row)
            if raw and not leaked:
                with contextlib.suppress(ValueError):
                    row["body"] = json.loads(raw)
            with self.counted(name):
                return await self.respond(request, name, handler, row)

        return endpoint

    @contextlib.contextmanager
    def counted(self, name: str) -> Iterator[None]:
        """Keep the most requests in flight at once, of this call and of all."""
        for label in (name, "all"):
            self.in_flight[label] += 1
            self.most[label] = max(self.most[label], self.in_flight[label])
        try:
            yield
        finally:
            self.in_flight.subtract((name, "all"))

    async def respond(self, request: Request, name: str, handler: Handler | None, row: Row) -> Response:
        """Answer, or cut the connection."""
        headers = self.limit_headers()
        cut = False
        if "retry-after" in headers:
            status, body = 429, {"message": "Too Many Attempts."}
        elif name in (CREATE, UPDATE) and self.is_welcome(request) and not missing(self.world, request):
            (status, body), cut = self.write(request, row["body"])
        else:
            status, body = self.read(request, handler)
        row["pause"] = self.world.config["create_seconds" if name == CREATE else "answer_seconds"]
        await asyncio.sleep(row["pause"])
        row["status"] = "cut" if cut else status
        if cut:
            request.scope["transport"].abort()
            await asyncio.sleep(0)
        if (self.world.config["rate_limit"] or {}).get("headers") == "none":
            headers = {}
        return JSONResponse(body, status_code=status, headers=headers)

    def read(self, request: Request, handler: Handler | None) -> Answer:
        """The answer to a call that changes nothing."""
        if not self.is_welcome(request):
            return 401, {"message": "Unauthenticated."}
        if message := missing(self.world, request):
            return 404, {"message": message}
        if handler is None:
            return 404, {"message": "The route could not be found."}
        return handler(self.world, request)

    def write(self, request: Request, body: object) -> tuple[Answer, bool]:
        """Hand a create or an update to the world; a body that is no JSON object breaks every rule."""
        if not isinstance(body, dict):
            self.world.violations.append({"body": body, "errors": {"body": ["not an object"]}})
            return (422, {"message": "The given data was invalid."}), False
        place = request.path_params
        if "plan" in place:
            return self.world.update(int(place["server"]), int(place["plan"]), body), False
        return self.world.create(int(place["organization"]), int(place["server"]), body)

    def is_welcome(self, request: Request) -> bool:
        """Whether the token is right, bare or as a bearer's, and not revoked by now."""
        revoked = self.world.config["revoke_after_creates"]
        if revoked is not None and self.world.attempts.total() >= revoked:
            return False
        return self.account(request) is not None

    def account(self, request: Request) -> int | None:
        """Which of the accounts calls; None for none of them."""
        given = request.headers.get("authorization", "").removeprefix("Bearer ")
        tokens: list[str] = [self.world.config["token"], *self.world.config["other_tokens"]]
        return tokens.index(given) if given in tokens else None

    def limit_headers(self) -> dict[str, str]:
        """Count this request in its fixed window; with `retry-after` among the headers it is one too many."""
        rule = self.world.config["rate_limit"]
        if rule is None:
            return {}
        now = time.monotonic()
        opened, used = self.window
        if now >= opened + rule["window_seconds"]:
            opened, used = now, 0
        self.window = (opened, used + 1)
        left = rule["limit"] - used - 1
        headers = {}
        if rule["headers"] == "all":
            headers = {"x-ratelimit-limit": str(rule["limit"]), "x-ratelimit-remaining": str(max(0, left))}
        if left < 0:
            seconds = int(opened + rule["window_seconds"] - now) + 1
            headers |= {"retry-after": str(seconds), "x-ratelimit-reset": str(int(time.time()) + seconds)}
        return headers


def with_transport(app: ASGIApp) -> ASGIApp:
    """Hand each request its connection, so that it can be cut."""

    async def outer(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == "http":
            scope["transport"] = send.__self__.transport  # type: ignore[attr-defined] # uvicorn's request cycle
        with contextlib.suppress(asyncio.CancelledError):  # it ends while an answer is still slow
            await app(scope, receive, send)

    return outer


def serve(config: Row, port: int) -> None:
    """Serve on 127.0.0.1 until SIGTERM, or until the parent process is gone."""
    parent = os.getppid()

    async def watch_parent() -> None:
        while os.getppid() == parent:  # noqa: ASYNC110 - the kernel sets no event
            await asyncio.sleep(0.5)
        service.should_exit = True

    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        watching = asyncio.create_task(watch_parent())
        yield
        watching.cancel()

    listening = socket.create_server(("127.0.0.1", port))
    app = with_transport(Starlette(routes=Stranger(World(config)).routes(), lifespan=lifespan))
    options = uvicorn.Config(app, proxy_headers=False, log_config=None, timeout_graceful_shutdown=1)
    service = uvicorn.Server(options)
    sys.stdout.write(json.dumps({"url": f"http://127.0.0.1:{listening.getsockname()[1]}"}) + "\n")
    sys.stdout.flush()
    service.run(sockets=[listening])


def main() -> None:
    """Read the command line and serve."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--config", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    asked = parser.parse_args()
    serve(json.loads(asked.config.read_text(encoding="utf-8")), asked.port)


if __name__ == "__main__":
    main()
