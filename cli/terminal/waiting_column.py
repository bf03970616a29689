"""The wait beside a progress bar."""

from collections.abc import Callable

from rich import progress as bars
from rich.text import Text

from cli.terminal.literal import literal


class WaitingColumn(bars.ProgressColumn):
    """Counts down beside the bar of the current phase, and shows nothing beside the others.

    Args:
        countdown: what is waited for, now.
    """

    def __init__(self, countdown: Callable[[], str]) -> None:
        super().__init__()
        self._countdown = countdown

    def render(self, task: bars.Task) -> Text:
        """What the run waits for, cut to the room that is left."""
        if task.stop_time is not None:
            return Text()
        shown = literal(self._countdown().replace("\n", " "), "dim")
        shown.overflow, shown.no_wrap = "ellipsis", True
        return shown
