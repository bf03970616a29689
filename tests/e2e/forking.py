"""The process behind `run_forks`: Python of the installed wheel, with all that `fleet-backup run` imports.

It reads connections from its standard input, and forks twice for each: the child waits for the exit code of its own
child, which is the run.
"""

import gc
import importlib
import json
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from typing import Any
from unittest import mock

from cli import prefect_server
from cli.main import main
from cli.prefect_server import prepare_for_prefect
from fleet.creation import fault_points

IMPORTED = (
    "cli.backups.run",
    "deployments.server.check",
    "deployments.server.local_server",
    "deployments.server.recorded",
    "fastapi",
    "flows.fleet_backup",
    "prefect.flow_engine",
    "prefect.task_engine",
)
"""What `run` imports, Prefect with it."""


def await_orders() -> None:
    """Fork for each; returns in the forks only, as what was ordered."""
    orders = socket.socket(fileno=os.dup(0))
    signal.signal(signal.SIGCHLD, signal.SIG_IGN)  # Nobody waits for the first fork.
    while descriptors := socket.recv_fds(orders, 1, 1)[1]:
        connection = socket.socket(fileno=descriptors[0])
        if os.fork() == 0:
            signal.signal(signal.SIGCHLD, signal.SIG_DFL)
            order = json.loads(connection.makefile().readline())
            if (run := os.fork()) == 0:
                become(order, connection)
                return
            connection.sendall(number(os.waitstatus_to_exitcode(os.waitpid(run, 0)[1])))
            os._exit(0)
        connection.close()
    os._exit(0)


def become(order: Mapping[str, Any], connection: socket.socket) -> None:
    """Make this process what a shell would have started, up to the last line of the console script."""
    os.setsid()
    connection.sendall(number(os.getpid()))
    connection.close()
    os.chdir(order["home"])
    for descriptor, path in enumerate((os.devnull, "stdout", "stderr")):
        opened = os.open(path, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o644)
        os.dup2(opened, descriptor)
        os.close(opened)
    os.chdir("work")
    os.environ.clear()
    os.environ.update(order["variables"])
    time.tzset()
    importlib.reload(fault_points)  # It reads its variable when it is imported.
    mock.patch.object(prefect_server, prepare_for_prefect.__name__, prepare_and_read_settings).start()
    sys.argv = [sys.argv[1], *order["line"]]


def prepare_and_read_settings() -> None:
    """What `run` does before it imports Prefect, and what that import would read."""
    prepare_for_prefect()
    importlib.import_module("prefect.context").refresh_global_settings_context()


def number(value: int) -> bytes:
    return value.to_bytes(4, signed=True)


prepare_for_prefect()
for name in IMPORTED:
    importlib.import_module(name)
gc.freeze()
await_orders()
main()
