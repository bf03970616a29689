"""The child process of `deployments.server.local_server`: a Prefect server that ends when its parent does."""

import os
import signal
import sys
import threading

import uvicorn


def _end_with_parent() -> None:
    """Wait for the end of standard input: the parent holds the other end and never writes."""
    sys.stdin.buffer.read()
    os.kill(os.getpid(), signal.SIGTERM)


def main(host: str, port: int) -> None:
    """Serve Prefect's API and UI there until SIGTERM."""
    threading.Thread(target=_end_with_parent, daemon=True).start()
    uvicorn.run(
        "prefect.server.api.server:create_app",
        factory=True,
        host=host,
        port=port,
        log_level="warning",
        timeout_graceful_shutdown=5,
    )


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]))
