"""Where a report comes from: it keeps the artifacts of several fleets, deployments and dry runs apart."""

import re
from dataclasses import dataclass
from hashlib import sha256
from pathlib import PurePath
from typing import Final, Self

from fleet.report.markdown_text import plain

_LONGEST: Final = 60
"""Characters of one part of an artifact's key."""


@dataclass(frozen=True, slots=True)
class Origin:
    """The fleet, deployment and kind of a run.

    Attributes:
        fleet: its name: that of the file that lists it, else its fleet file's without the ending.
        deployment: the name of the deployment, without the fleet's; empty for a run without one.
        dry_run: whether the run changed nothing.
    """

    fleet: str
    deployment: str = ""
    dry_run: bool = False

    @classmethod
    def of(cls, fleet: str, deployment: str | None, *, dry_run: bool = False) -> Self:
        """Name the origin of a run.

        Args:
            fleet: the name of the fleet, or of its fleet file.
            deployment: the full name of the deployment, such as `nightly-acme`.
            dry_run: whether the run changes nothing.
        """
        name = PurePath(fleet).stem or fleet
        return cls(name, (deployment or "").removesuffix(f"-{name}"), dry_run)

    def key(self, kind: str) -> str:
        """The key of an artifact of this kind: lower-case letters, digits and dashes, as Prefect wants it.

        Two dashes stand between its parts and none in them: `acme` and `shops--nightly` are not `acme-shops`.
        """
        parts = [f"{kind}-dry-run" if self.dry_run else kind, _slug(self.fleet)]
        return "--".join([*parts, *([_slug(self.deployment)] if self.deployment else [])])

    def caption(self, text: str) -> str:
        """A description of an artifact that begins with its origin."""
        parts = [plain(self.fleet), *([plain(self.deployment)] if self.deployment else [])]
        return f"**{' · '.join([*parts, *(['dry run'] if self.dry_run else [])])}** · {text}"


def _slug(name: str) -> str:
    """A name as part of a key; a digest keeps names apart that differ in what a key cannot hold."""
    kept = re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")
    if kept == re.sub(r"[ ._-]", "-", name.lower()) and len(kept) <= _LONGEST:
        return kept
    return f"{kept[:_LONGEST].rstrip('-')}-{sha256(name.encode()).hexdigest()[:6]}".lstrip("-")
