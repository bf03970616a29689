"""Sizes, and whether a server has room for a backup."""

GIGABYTE = 10**9
_MEGABYTE = 10**6
# A server packs on its own disk before it uploads, and is "full" before the last byte: the sandbox's choice.
RESERVED_SHARE = 0.02


def has_room(total_gb: float, used_gb: float, needed_bytes: int) -> bool:
    """Whether `needed_bytes` fit on a disk and leave the reserved share free."""
    free = (total_gb - used_gb) * GIGABYTE
    return free - needed_bytes >= RESERVED_SHARE * total_gb * GIGABYTE


def megabytes(size: int) -> float:
    """Bytes as the API writes them: MB, rounded to three digits, and above 0 unless empty."""
    return max(0.001, round(size / _MEGABYTE, 3)) if size else 0
