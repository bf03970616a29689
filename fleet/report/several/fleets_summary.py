"""The report of several fleets for people, in Markdown, with problems first."""

from collections.abc import Sequence

from fleet.report.markdown_text import plain, sentence
from fleet.report.outcome import Exit
from fleet.report.several.fleets_report import FleetEnding


def markdown(endings: Sequence[FleetEnding]) -> str:
    """A table of the fleets: whether each is done, and what happened."""
    bad = [ending for ending in endings if ending.exit_code != Exit.DONE]
    good = [ending for ending in endings if ending.exit_code == Exit.DONE]
    lines = [f"# {len(good)} of {len(endings)} fleets done", ""]
    lines += ["| fleet | done | what happened |", "| --- | --- | --- |"]
    for ending in [*bad, *good]:
        done = "yes" if ending.exit_code == Exit.DONE else "**no**"
        lines.append(f"| {plain(ending.fleet)} | {done} | {sentence(ending.verdict)} |")
    return "\n".join(lines)
