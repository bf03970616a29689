"""A child process that is ended with its owner, and can be kept: started again when it ends by itself."""

import subprocess
import threading
from collections.abc import Callable
from typing import Final

STOP_SECONDS: Final = 20.0
LONGEST_SECONDS: Final = 60.0
_FIRST_SECONDS: Final = 1.0


class Child:
    """A process that reads its standard input to the end, at which it ends as well.

    Attributes:
        process: the one that runs now.
    """

    def __init__(self, start: Callable[[], subprocess.Popen[bytes]], first_seconds: float = _FIRST_SECONDS) -> None:
        self._start = start
        self._pause = first_seconds
        self._ending = threading.Event()
        self._lock = threading.Lock()
        self._keeper: threading.Thread | None = None
        self.process = start()

    @property
    def exit_code(self) -> int | None:
        """Of the process that runs now; None: it runs."""
        return self.process.poll()

    def keep(self, ended: Callable[[int], None]) -> None:
        """Start it again whenever it ends by itself, after pauses that double up to a minute.

        Args:
            ended: receives the exit code each time, in a thread of its own.
        """
        self._keeper = threading.Thread(target=self._keep, args=(ended,), daemon=True)
        self._keeper.start()

    def end(self) -> None:
        """End it: politely first."""
        with self._lock:
            self._ending.set()
            _end(self.process)
        if self._keeper:
            self._keeper.join()

    def _keep(self, ended: Callable[[int], None]) -> None:
        while True:
            code = self.process.wait()
            if self._ending.is_set():
                return
            ended(code)
            if self._ending.wait(self._pause):
                return
            self._pause = min(self._pause * 2, LONGEST_SECONDS)
            with self._lock:
                if self._ending.is_set():
                    return
                _end(self.process)
                self.process = self._start()


def _end(process: subprocess.Popen[bytes]) -> None:
    process.terminate()
    try:
        process.wait(STOP_SECONDS)
    except subprocess.TimeoutExpired:
        process.kill()
        process.wait()
    if process.stdin:
        process.stdin.close()
