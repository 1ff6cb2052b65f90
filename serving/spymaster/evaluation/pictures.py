"""Pictures of an evaluation: the reliability of the odds and their gain over each rival."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any

from matplotlib.axes import Axes
from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.plot import colours

Row = dict[str, Any]

_PANEL_INCHES = 4.2
_ROW_INCHES = 0.42
_DPI = 110
_OUTCOME_COLOURS = dict(zip(CLASSES, (colours.BREAK, colours.REJECT, colours.CHOP), strict=True))


def draw_reliability(
    rows: Sequence[Row], panels: Sequence[tuple[str, str]], path: Path, title: str
) -> None:
    """Draw stated probability against observed share, one panel per direction and outcome.

    Args:
        rows: rows of eval_retrieval_reliability for one model.
        panels: (approach_dir, title), one row of panels each.
        path: PNG to write.
        title: title of the figure.
    """
    figure = _figure(len(CLASSES) * _PANEL_INCHES, len(panels) * _PANEL_INCHES + 0.8, title)
    axes = figure.subplots(len(panels), len(CLASSES), squeeze=False)
    for line, (direction, words) in zip(axes, panels, strict=True):
        for axis, outcome in zip(line, CLASSES, strict=True):
            bins = [
                row
                for row in rows
                if row["approach_dir"] == direction and row["outcome"] == outcome
            ]
            _draw_bins(axis, bins, _rgb(_OUTCOME_COLOURS[outcome]))
            _label(axis, f"{outcome}, {words}", "stated probability", "share that happened")
    _save(figure, path)


def draw_skill(
    rows: Sequence[Row], panels: Sequence[tuple[str, str]], path: Path, title: str
) -> None:
    """Draw one model's gain in log-loss over each rival, with intervals.

    Args:
        rows: approach_dir, rival, value, lo and hi, from top to bottom.
        panels: (approach_dir, title), side by side.
        path: PNG to write.
        title: title of the figure.
    """
    rivals = list(dict.fromkeys(row["rival"] for row in rows))
    figure = _figure(len(panels) * 1.5 * _PANEL_INCHES, len(rivals) * _ROW_INCHES + 1.8, title)
    axes = figure.subplots(1, len(panels), squeeze=False, sharey=True, sharex=True)[0]
    for axis, (direction, words) in zip(axes, panels, strict=True):
        axis.axvline(0.0, color=_rgb(colours.FAINT_TEXT), linewidth=1.0)
        for row in rows:
            if row["approach_dir"] != direction:
                continue
            height = rivals.index(row["rival"])
            better = row["lo"] > 0
            colour = _rgb(colours.BUY if better else colours.FAINT_TEXT)
            axis.plot([row["lo"], row["hi"]], [height, height], color=colour, linewidth=2.0)
            axis.plot(row["value"], height, "o", color=colour, markersize=6)
        axis.set_yticks(range(len(rivals)), rivals)
        axis.set_ylim(len(rivals) - 0.5, -0.5)
        _label(axis, words, "gain in log-loss, nats per episode (95 % interval over days)", "")
    _save(figure, path)


def _draw_bins(axis: Axes, bins: Sequence[Row], colour: tuple[float, ...]) -> None:
    axis.plot([0, 1], [0, 1], color=_rgb(colours.FAINT_TEXT), linewidth=1.0, linestyle="--")
    for row in bins:
        stated = row["mean_probability"]
        axis.plot(
            [stated, stated], [row["observed_lo"], row["observed_hi"]], color=colour, alpha=0.6
        )
    axis.plot(
        [row["mean_probability"] for row in bins],
        [row["observed_share"] for row in bins],
        "o",
        color=colour,
        markersize=5,
    )
    axis.set_xlim(0, 1)
    axis.set_ylim(0, 1)
    axis.set_aspect("equal")


def _figure(width: float, height: float, title: str) -> Figure:
    figure = Figure(
        (width, height), dpi=_DPI, facecolor=_rgb(colours.BACKGROUND), layout="constrained"
    )
    FigureCanvasAgg(figure)
    figure.suptitle(title, color=_rgb(colours.TEXT), fontsize=12)
    return figure


def _label(axis: Axes, title: str, horizontal: str, vertical: str) -> None:
    axis.set_facecolor(_rgb(colours.BACKGROUND))
    axis.set_title(title, color=_rgb(colours.TEXT), fontsize=11)
    axis.set_xlabel(horizontal, color=_rgb(colours.FAINT_TEXT), fontsize=9)
    axis.set_ylabel(vertical, color=_rgb(colours.FAINT_TEXT), fontsize=9)
    axis.tick_params(colors=_rgb(colours.FAINT_TEXT), labelsize=9)
    axis.grid(color=_rgb(colours.FRAME), linewidth=0.5, alpha=0.5)
    for spine in axis.spines.values():
        spine.set_color(_rgb(colours.FRAME))


def _rgb(colour: colours.Colour) -> tuple[float, float, float]:
    red, green, blue = colour
    return red / 255, green / 255, blue / 255


def _save(figure: Figure, path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    figure.savefig(path, facecolor=figure.get_facecolor())
