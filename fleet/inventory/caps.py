"""Caps on the concurrent backups of a server and of a storage provider.

Source: docs/decisions/0018-caps-and-windows.md.
"""

from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Caps:
    """How many backups may run at once; None for no limit.

    Attributes:
        per_server: on one server.
        per_provider: into one cloud storage provider.
    """

    per_server: int | None = None
    per_provider: int | None = None

    def replaced_by(self, others: "Caps") -> "Caps":
        """These caps, each replaced by the other if that is set."""
        return Caps(others.per_server or self.per_server, others.per_provider or self.per_provider)

    @property
    def are_set(self) -> bool:
        """Whether anything may have to wait."""
        return self.per_server is not None or self.per_provider is not None


UNCAPPED: Final = Caps()
