"""Turns what a terminal shows, with its colours, into an SVG: `tmux capture-pane -e -p | terminal.py FILE.svg`."""

import io
import re
import sys
from pathlib import Path

from rich.console import Console
from rich.text import Text

WIDTH = 100


def main(target: Path) -> None:
    """Read standard input to its end and write the picture."""
    shown = sys.stdin.read().split("ended-")[0].rstrip()
    console = Console(record=True, width=WIDTH, file=io.StringIO(), force_terminal=True)
    console.print(Text.from_ansi(shown))
    picture = console.export_svg(title="fleet-backup demo")
    # rich's fonts lie on the web; the reader's own monospaced font does as well.
    target.write_text(re.sub(r"@font-face \{.*?\}\n", "", picture, flags=re.DOTALL), "utf-8")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
