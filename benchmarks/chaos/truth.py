"""What became of every target, by the API's own records and not by what the product says of itself."""

from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Key = tuple[int, int]
"""Server and application: each target of the chaos has another."""


@dataclass(frozen=True)
class Truth:
    """What exists, against what was asked for and what was reported.

    Attributes:
        existing: how many backups or plans exist.
        extra: how many of them are beyond the first of their target.
        duplicates: targets that exist more than once.
        silent: those of them of which the last report does not say so.
        missing: targets that do not exist, or whose backup is not complete.
        lost: those of them that the last report shows as done.
        strangers: backups or plans that nobody asked for.
        mistaken: targets reported with the id of another one's backup.
    """

    existing: int
    extra: int
    duplicates: frozenset[Key]
    silent: frozenset[Key]
    missing: frozenset[Key]
    lost: frozenset[Key]
    strangers: int
    mistaken: frozenset[Key]

    @property
    def is_bad(self) -> bool:
        """Whether the product has broken its promise."""
        return bool(self.silent or self.lost or self.strangers or self.mistaken)


def compare(wanted: Collection[Key], rows: Iterable[Mapping[str, Any]], report: Mapping[str, Any] | None) -> Truth:
    """Compare what exists with what was asked for and with the last report.

    Args:
        wanted: the targets.
        rows: each with `key`, `complete`, and `ids`: of its backups.
        report: of the last run.
    """
    by_key: defaultdict[Key, list[Mapping[str, Any]]] = defaultdict(list)
    for row in rows:
        by_key[row["key"]].append(row)
    told = {(row["server_id"], row["application_id"]): row for row in (report or {"targets": []})["targets"]}
    duplicates = frozenset(key for key in wanted if len(by_key[key]) > 1)
    missing = frozenset(key for key in wanted if not any(row["complete"] for row in by_key[key]))
    done = {key for key, row in told.items() if row["outcome"] in {"created", "verified", "adopted"}}
    return Truth(
        existing=sum(len(by_key[key]) for key in wanted),
        extra=sum(max(0, len(by_key[key]) - 1) for key in wanted),
        duplicates=duplicates,
        silent=frozenset(key for key in duplicates if key not in told or not told[key]["twins"]),
        missing=missing,
        lost=frozenset(key for key in missing if key in done or key not in told),
        strangers=sum(len(of_key) for key, of_key in by_key.items() if key not in set(wanted)),
        mistaken=frozenset(
            key
            for key, row in told.items()
            if row["backup_id"] is not None and not any(row["backup_id"] in known["ids"] for known in by_key[key])
        ),
    )
