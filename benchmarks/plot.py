"""Plots what was measured: how requests and seconds grow with the fleet, for light and for dark pages.

    .venv-benchmarks/bin/python benchmarks/plot.py docs/benchmarks.json docs/pictures

It runs where matplotlib is and the project is not, so it reads the file and imports nothing of ours.
"""

import json
import sys
from pathlib import Path
from typing import Any, Final

import matplotlib as mpl  # type: ignore[import-not-found]  # it is only in .venv-benchmarks
from matplotlib import pyplot as plt

Colors = dict[str, str]
PROJECT: Final = "fleet-backup"
NAMES: Final = (
    PROJECT,
    "first Prefect pipeline",
    "Ansible uri",
    "xargs -P curl",
    "bare httpx loop",
    "empty Prefect tasks",
)
LIGHT: Final[Colors] = {
    "page": "#ffffff",
    "text": "#1f2328",
    "quiet": "#59636e",
    "grid": "#d1d9e0",
    "project": "#0969da",
}
DARK: Final[Colors] = {
    "page": "#0d1117",
    "text": "#f0f6fc",
    "quiet": "#9198a1",
    "grid": "#2f353d",
    "project": "#4493f8",
}
SHADES: Final = {
    "first Prefect pipeline": ("#bc4c00", "#f0883e"),
    "Ansible uri": ("#a40e26", "#ff7b72"),
    "xargs -P curl": ("#1a7f37", "#3fb950"),
    "bare httpx loop": ("#59636e", "#9198a1"),
    "empty Prefect tasks": ("#8250df", "#be8fff"),
}
"""For light and for dark pages."""
PANELS: Final = (
    ("no-limit", "requests", "Requests", "requests"),
    ("no-limit", "seconds", "Time without a limit", "seconds"),
    ("limit", "seconds", "Time with 60 requests a window of 1 s", "seconds"),
)
MARKS: Final = ("o", "s", "^", "D", "v", "P")


def main(results: Path, pictures: Path) -> None:
    """Write `benchmarks-light.png` and `benchmarks-dark.png`."""
    rows = json.loads(results.read_text("utf-8"))["measured"]
    pictures.mkdir(parents=True, exist_ok=True)
    for name, colors in (("light", LIGHT), ("dark", DARK)):
        with mpl.rc_context(_style(colors)):
            figure = draw(rows, colors)
            figure.savefig(pictures / f"benchmarks-{name}.png", dpi=160, metadata={"Software": None})
            plt.close(figure)


def draw(rows: list[dict[str, Any]], colors: Colors) -> Any:  # noqa: ANN401 - matplotlib has no types here
    """Draw the panels next to each other and one legend for all."""
    figure, panels = plt.subplots(1, len(PANELS), figsize=(11.5, 4.4), layout="constrained")
    lines: dict[str, Any] = {}
    for panel, (conditions, column, title, unit) in zip(panels, PANELS, strict=True):
        for name, mark in zip(NAMES, MARKS, strict=True):
            points = sorted(
                (row["targets"], row[column])
                for row in rows
                if (row["peer"], row["conditions"]) == (name, conditions) and row[column]
            )
            if points:
                lines[name] = _line(panel, points, name, mark, colors)
        _frame(panel, title, unit, sorted({row["targets"] for row in rows if row["conditions"] == conditions}))
    figure.supxlabel(
        "targets (both axes are logarithmic: what is parallel to the dotted line is linear)",
        fontsize=9.5,
        color=colors["quiet"],
    )
    shown = [name for name in NAMES if name in lines]
    figure.legend([lines[name] for name in shown], shown, loc="outside upper center", ncols=len(shown), frameon=False)
    return figure


def _line(panel: Any, points: list[tuple[int, float]], name: str, mark: str, colors: Colors) -> Any:  # noqa: ANN401 - matplotlib has no types here
    is_project = name == PROJECT
    color = colors["project"] if is_project else SHADES[name][colors is DARK]
    (line,) = panel.plot(
        *zip(*points, strict=True),
        color=color,
        marker=mark,
        markersize=6 if is_project else 4.5,
        linewidth=2.6 if is_project else 1.3,
        zorder=3 if is_project else 2,
    )
    return line


def _frame(panel: Any, title: str, unit: str, sizes: list[int]) -> None:  # noqa: ANN401 - matplotlib has no types here
    panel.set_xscale("log")
    panel.set_yscale("log")
    panel.set_title(title, loc="left", fontsize=10.5)
    panel.set_ylabel(unit)
    panel.set_xticks(sizes, [f"{size:,}" for size in sizes])
    panel.xaxis.set_minor_locator(plt.NullLocator())
    panel.yaxis.set_minor_formatter(plt.NullFormatter())
    panel.yaxis.set_major_formatter(lambda value, _: f"{value:,.10g}")
    panel.grid(visible=True, which="major", linewidth=0.6)
    panel.spines[["top", "right"]].set_visible(False)
    lowest, highest = panel.get_ylim()
    if len(sizes) > 1:
        first, last = sizes[0], sizes[-1]
        base = (lowest * highest) ** 0.5 / (first * last) ** 0.5
        panel.plot([first, last], [base * first, base * last], ":", linewidth=1, color=plt.rcParams["axes.labelcolor"])
        panel.set_ylim(lowest, highest)


def _style(colors: Colors) -> dict[str, Any]:
    return {
        "figure.facecolor": colors["page"],
        "axes.facecolor": colors["page"],
        "axes.edgecolor": colors["quiet"],
        "axes.labelcolor": colors["quiet"],
        "text.color": colors["text"],
        "xtick.color": colors["quiet"],
        "ytick.color": colors["quiet"],
        "grid.color": colors["grid"],
        "font.size": 9.5,
    }


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
