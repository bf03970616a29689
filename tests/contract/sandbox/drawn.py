"""Dialects drawn by hypothesis: every point, every form, and words at random."""

from typing import Any, get_args, get_origin, get_type_hints

from hypothesis import strategies as st

from sandbox.dialects.dialect import Dialect

_STATUSES = ("pending_status", "in_progress_status", "completed_status", "failed_status")
# Words as an API has them: letters of any script, and what stands between them.
_WORDS = st.text(st.characters(categories=["L", "Nd"], include_characters=" -_"), min_size=1, max_size=20).filter(
    str.strip
)
_OTHERS: dict[str, st.SearchStrategy[Any]] = {
    "name_length": st.integers(8, 40),
    "name_prefix": st.sampled_from(["Instant backup: ", "[api] ", "backup-of-"]),
    "name_field": st.sampled_from(["backup_name", "label", "title", "display_name"]),
    "page_size": st.integers(1, 50),
    "shows_after": st.sampled_from([0.0, 1.0, 8.0]),
    "expires_after": st.sampled_from([None, 1.0, 7.0, 365.0]),
    "zone": st.one_of(st.integers(-12, 14).map(lambda hours: hours * 60), st.sampled_from(["Asia/Kolkata", "UTC"])),
    "start_zone": st.just("UTC"),
    "clock_error": st.sampled_from([0.0, 0.0, -600.0, 90.0]),
    "first_backup_after": st.sampled_from([0.0, 5.0, None]),
    "plan_accepted": st.sampled_from(["Backup plan created successfully.", "The backup plan was created."]),
    "instant_accepted": st.sampled_from(
        ["Backup Process has been started successfully!", "Your backup has been started."]
    ),
}


@st.composite
def dialects(draw: st.DrawFn, /, **fixed: object) -> Dialect:
    """Any dialect; the four words of status differ from each other.

    Args:
        draw: hypothesis's.
        fixed: points that are not drawn.
    """
    points = {
        name: draw(_values(name, hint)) for name, hint in get_type_hints(Dialect).items() if name not in _STATUSES
    }
    words = draw(st.lists(_WORDS, min_size=4, max_size=4, unique_by=str.casefold))
    return Dialect(**{**points, **dict(zip(_STATUSES, words, strict=True)), **fixed})


def _values(name: str, hint: object) -> st.SearchStrategy[Any]:
    if hint is bool:
        return st.booleans()
    return st.sampled_from(get_args(hint)) if get_origin(hint) is not None and name not in _OTHERS else _OTHERS[name]
