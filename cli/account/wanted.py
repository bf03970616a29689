"""What was asked for on the command line of `doctor`."""

from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True)
class Wanted:
    """What to examine.

    Attributes:
        fleet: the fleet file whose organizations are examined; None for all of the account.
        prove: the application to create one real backup of; None for none.
        yes: whether the question before that is answered.
        verify_timeout: seconds after which that backup is unverified.
    """

    fleet: Path | None
    prove: str | None = None
    yes: bool = False
    verify_timeout: float = 3600.0
