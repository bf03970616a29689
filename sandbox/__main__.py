"""`python -m sandbox`: serve a sandbox and print one JSON line when it answers."""

import argparse
import json
import os
import signal
import sys
import threading
import time
from pathlib import Path

from sandbox.dialects.reading import LIST, listing, read_dialect
from sandbox.faults.faults import FaultRule, read_rule
from sandbox.serve import serve
from sandbox.settings import SandboxSettings
from sandbox.world.world import build_demo_world, build_fleet_world

_PARENT_POLL_SECONDS = 0.5


def main(arguments: list[str] | None = None) -> int:
    """Serve with the options of the command line; return the exit code."""
    parser = _parser()
    options = parser.parse_args(arguments)
    if LIST in options.dialect:
        print("\n".join(listing()))  # noqa: T201 - a command line
        return 0
    try:
        settings = _settings(options)
    except (OSError, ValueError) as error:
        parser.error(str(error))
    if options.end_with_parent:
        _end_with_parent(os.getppid())
    if options.world == "fleet":
        build_fleet_world(
            settings.folder,
            servers=options.servers,
            applications_per_server=options.applications_per_server,
            tiny=options.tiny,
            organizations=options.organizations,
        )
    else:
        build_demo_world(settings.folder)
    try:
        serve(settings, _announce)
    except OSError as error:
        print(f"sandbox: {settings.host}:{settings.port}: {error.strerror or error}", file=sys.stderr)  # noqa: T201 - a command line
        return 1
    return 0


def _announce(url: str) -> None:
    print(json.dumps({"url": url, "pid": os.getpid()}), flush=True)  # noqa: T201 - a command line


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m sandbox", description="A ServerAvatar API on this machine.")
    _add_address(parser.add_argument_group("address"))
    _add_world(parser.add_argument_group("world"))
    _add_behaviour(parser.add_argument_group("behaviour"))
    return parser


def _add_address(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--host", default="127.0.0.1", help="address to listen on (default: 127.0.0.1)")
    add("--port", type=int, default=0, help="port to listen on; 0 picks a free one (default: 0)")
    add("--token-file", type=Path, help="file with the token, or one of each account a line (default: sandbox-token)")
    add("--end-with-parent", action="store_true", help="end when the parent process ends")


def _add_world(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--folder", type=Path, default=Path(".sandbox"), help="of the world, state and archives (default: .sandbox)")
    add("--world", choices=("demo", "fleet"), default="demo", help="built in an empty folder (default: demo)")
    add("--servers", type=int, default=10, help="servers of a fleet world (default: 10)")
    add("--applications-per-server", type=int, default=5, help="applications on each of them (default: 5)")
    add("--organizations", type=int, default=1, help="organizations that share the servers (default: 1)")
    add("--tiny", action="store_true", help="skip packing: every archive links to one file")


def _add_behaviour(group: argparse._ArgumentGroup) -> None:
    add = group.add_argument
    add("--requests-per-minute", type=int, default=210, help="rate limit; 0 for none (default: 210)")
    add("--window-seconds", type=float, default=60.0, help="window of the rate limit (default: 60)")
    add("--no-rate-limit-headers", action="store_true", help="send no rate-limit headers")
    add("--backup-seconds", type=float, default=0.3, help="minimum duration of a backup (default: 0.3)")
    add("--clock-factor", type=float, default=1.0, help="sandbox seconds per real second; 0 stops (default: 1)")
    add("--seed", type=int, default=1, help="seed of every random choice (default: 1)")
    add("--fault", action="append", default=[], metavar="JSON", help="fault rule; repeatable")
    add(
        "--dialect",
        action="append",
        default=[],
        metavar="DIALECT",
        help=f"how the API differs from its documentation; repeatable; `{LIST}` shows all",
    )


def _settings(options: argparse.Namespace) -> SandboxSettings:
    token, *other_tokens = _tokens(options.token_file) if options.token_file else ["sandbox-token"]
    return SandboxSettings(
        folder=options.folder,
        host=options.host,
        port=options.port,
        token=token,
        other_tokens=tuple(other_tokens),
        requests_per_minute=options.requests_per_minute or None,
        window_seconds=options.window_seconds,
        rate_limit_headers=not options.no_rate_limit_headers,
        backup_seconds=options.backup_seconds,
        clock_factor=options.clock_factor,
        seed=options.seed,
        dialect=read_dialect(options.dialect),
        faults=tuple(_fault(text) for text in options.fault),
    )


def _tokens(file: Path) -> list[str]:
    if tokens := file.read_text().split():
        return tokens
    raise ValueError(f"--token-file {file}: is empty")


def _fault(text: str) -> FaultRule:
    try:
        return read_rule(json.loads(text))
    except ValueError as error:
        raise ValueError(f"--fault {text}: {error}") from None


def _end_with_parent(parent: int) -> None:
    """End when the parent does: this process is then re-parented."""

    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(_PARENT_POLL_SECONDS)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=watch, name="end-with-parent", daemon=True).start()


if __name__ == "__main__":
    sys.exit(main())
