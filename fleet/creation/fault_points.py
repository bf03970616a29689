"""Named steps of the protocol at which a run can be killed, to prove that nothing is lost or created twice.

`FLEET_BACKUP_DIE_AT=after-intent:3` kills the process with SIGKILL when it reaches that step for the third time. For
benchmarks/chaos and the tests; without the variable a step costs one comparison.
"""

import os
import signal
from enum import StrEnum


class FaultPoint(StrEnum):
    """Every step before or after which the state of the world changes, in the order of the protocol."""

    BEFORE_CLAIM = "before-claim"
    AFTER_CLAIM = "after-claim"
    AFTER_INTENT = "after-intent"
    AFTER_ANSWER = "after-answer"
    AFTER_OUTCOME = "after-outcome"
    BEFORE_LOOK = "before-look"
    AFTER_LOOK = "after-look"
    IN_VERIFICATION = "in-verification"
    AFTER_PROOF = "after-proof"
    BEFORE_PUBLISH = "before-publish"


class _Fuse:
    def __init__(self, wanted: str) -> None:
        self.step, _, times = wanted.partition(":")
        self.left = int(times or 1)


_fuse = _Fuse(os.environ.get("FLEET_BACKUP_DIE_AT", ""))


def reach(step: FaultPoint) -> None:
    """Die here if asked to."""
    if step == _fuse.step:
        _fuse.left -= 1
        if _fuse.left == 0:
            os.kill(os.getpid(), signal.SIGKILL)
