"""Runs one command and writes what it cost: seconds, peak memory, exit code.

A small process of its own, started without site packages, because Linux counts the memory of the process that starts
another one among the peak memory of the other.
"""

import json
import os
import sys
import time


def main(result: str, *command: str) -> None:
    """Run `command`, wait for it, and write the result as JSON.

    `memory_kib` is the peak of the largest process among the command and those that it has waited for.
    """
    began = time.monotonic()
    pid = os.posix_spawnp(command[0], command, os.environ)
    _, status, usage = os.wait4(pid, 0)
    measured = {
        "seconds": time.monotonic() - began,
        "memory_kib": usage.ru_maxrss,
        "exit_code": os.waitstatus_to_exitcode(status),
    }
    with open(result, "w", encoding="utf-8") as file:  # noqa: PTH123 - pathlib would add to the memory
        json.dump(measured, file)


if __name__ == "__main__":
    main(*sys.argv[1:])
