"""Draw the price paths of the neighbors around their decisions, and the current path."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake

from spymaster.plot.canvas import LABEL_PX, Canvas, Panel, own_settings, points
from spymaster.plot.colours import (
    BREAK,
    CHOP,
    FAINT_TEXT,
    GRID,
    LEVEL,
    RECORDING_GAP,
    REJECT,
    TEXT,
    Colour,
    unit_colour,
)
from spymaster.plot.picture_layout import Box
from spymaster.setups.card import card_heading, card_support, card_verdict
from spymaster.setups.odds_sentences import is_of_spot, percent
from spymaster.setups.read_answer import Answer, read_paths, read_recording_gaps

_WIDTH, _HEIGHT = 1240, 720
_BOX = Box(84, 64, 900, 520)
_TITLE_PX = 18
_LINE_PX = 20
_LEGEND_LEFT = _BOX.right + 24
_BEFORE_S, _AFTER_S = 120, 240
_MINUTE_S = 60
# height of the panel above and below the level, in barriers
_REACH = 2.5
_TICKS_A_LABEL = 4
_COLOURS: dict[str, Colour] = {"BREAK": BREAK, "REJECT": REJECT, "CHOP": CHOP}
# opacity of the lightest and the heaviest neighbor
_FAINTEST, _STRONGEST = 0.10, 0.45
_MEDIAN_PX, _PATH_PX, _CURRENT_PX = 3.5, 1, 2.5
# fewer paths get no median
_MEDIAN_PATHS = 5

Paths = dict[str, tuple[np.ndarray, np.ndarray]]


def draw_neighbors(lake: Lake, answer: Answer, path: Path) -> None:
    """Draw an answer's neighbors into a PNG.

    Paths are spot in ticks past the level, in the direction of the approach, so rising and falling
    approaches overlay. Second 0 is the decision.

    Raises:
        SpymasterError: There are no neighbors, or the file cannot be written.
    """
    if not answer.neighbors:
        raise SpymasterError(path, "there are no neighbors to draw")
    current = answer.moment["vector_id"]
    names = [row["vector_id"] for row in answer.neighbors]
    paths = read_paths(lake, answer, [current, *names], _BEFORE_S, _AFTER_S)
    gaps = read_recording_gaps(lake, answer, _BEFORE_S, _AFTER_S)
    barrier = answer.horizons[answer.horizon]["barrier_ticks"]
    with own_settings():
        canvas = Canvas(_WIDTH, _HEIGHT)
        reach = _REACH * barrier
        panel = canvas.panel(_BOX, (-_BEFORE_S, _AFTER_S), (-reach, reach))
        _add_grid(panel, barrier, "spot" if is_of_spot(answer.moment) else "level")
        _add_recording_gaps(panel, gaps)
        _add_neighbors(panel, answer, paths)
        _add_current(panel, paths.get(current))
        _add_words(canvas, answer, has_gaps=bool(gaps))
        try:
            canvas.save(path)
        except OSError as error:
            raise SpymasterError(path, f"cannot be written: {error.strerror}") from error


def _add_grid(panel: Panel, barrier: int, anchor: str) -> None:
    axes = panel.axes
    high = axes.get_ylim()[1]
    ticks = np.arange(-(int(high) // _TICKS_A_LABEL), int(high) // _TICKS_A_LABEL + 1)
    axes.set_yticks(
        ticks * _TICKS_A_LABEL, [f"{tick:+d}" if tick else "0" for tick in ticks * _TICKS_A_LABEL]
    )
    seconds = range(-_BEFORE_S, _AFTER_S + 1, _MINUTE_S)
    axes.set_xticks(seconds, [f"{second:+d} s" if second else "decision" for second in seconds])
    for second in seconds:
        axes.axvline(
            second, color=unit_colour(GRID, 0.35 if second == 0 else 0.08), linewidth=points(1)
        )
    axes.axhline(0, color=unit_colour(LEVEL), linewidth=points(2))
    for place in (-barrier, barrier):
        axes.axhline(
            place, color=unit_colour(TEXT, 0.6), linewidth=points(1), linestyle=(0, (6, 4))
        )
    direction = "move" if anchor == "spot" else "approach"
    panel.label(f"ticks past the {anchor}, in the direction of the {direction}")
    panel.name(-_BEFORE_S, 0, anchor, LEVEL)
    panel.name(-_BEFORE_S, barrier, f"BREAK at {barrier:+d}", TEXT)
    panel.name(-_BEFORE_S, -barrier, f"REJECT at {-barrier:+d}", TEXT)


def _add_recording_gaps(panel: Panel, gaps: list[tuple[float, float]]) -> None:
    """Hatch the recording gaps around the current decision."""
    for start_s, end_s in gaps:
        panel.axes.axvspan(
            max(start_s, -_BEFORE_S),
            min(end_s, _AFTER_S),
            facecolor="none",
            edgecolor=unit_colour(RECORDING_GAP, 0.7),
            hatch="\\\\\\\\",
            linewidth=0,
        )


def _add_neighbors(panel: Panel, answer: Answer, paths: Paths) -> None:
    heaviest = max(row["weight"] for row in answer.neighbors)
    by_outcome: dict[str, list[np.ndarray]] = {name: [] for name in _COLOURS}
    # draw the nearest last, on top
    for row in reversed(answer.neighbors):
        if row["vector_id"] not in paths:
            continue
        seconds, ticks = paths[row["vector_id"]]
        alpha = _FAINTEST + (_STRONGEST - _FAINTEST) * row["weight"] / heaviest
        if len(answer.neighbors) > 1 / _FAINTEST:
            alpha /= 2
        colour = unit_colour(_COLOURS[row["outcome"]], alpha)
        panel.axes.plot(seconds, ticks, color=colour, linewidth=points(_PATH_PX))
        by_outcome[row["outcome"]].append(_every_second(seconds, ticks))
    for name, rows in by_outcome.items():
        if len(rows) < _MEDIAN_PATHS:
            continue
        middle = np.nanmedian(np.stack(rows), axis=0)
        panel.axes.plot(
            np.arange(-_BEFORE_S, _AFTER_S + 1),
            middle,
            color=unit_colour(_COLOURS[name]),
            linewidth=points(_MEDIAN_PX),
        )


def _every_second(seconds: np.ndarray, ticks: np.ndarray) -> np.ndarray:
    """Return a path by second, (before + 1 + after,), the last known value in gaps."""
    places = np.searchsorted(seconds, np.arange(-_BEFORE_S, _AFTER_S + 1), side="right") - 1
    return np.where(places >= 0, np.asarray(ticks, float)[np.maximum(places, 0)], np.nan)


def _add_current(panel: Panel, path: tuple[np.ndarray, np.ndarray] | None) -> None:
    if path is None:
        return
    seconds, ticks = path
    for chosen, style in ((seconds <= 0, "solid"), (seconds >= 0, (0, (2, 2)))):
        panel.axes.plot(
            seconds[chosen],
            ticks[chosen],
            color=unit_colour(TEXT),
            linewidth=points(_CURRENT_PX),
            linestyle=style,
        )


def _add_words(canvas: Canvas, answer: Answer, *, has_gaps: bool) -> None:
    top = _HEIGHT - 40
    first, *others = card_heading(answer)
    canvas.text(
        _BOX.left, top, first, colour=TEXT, size_px=_TITLE_PX, fontweight="bold", va="center"
    )
    row = answer.horizons[answer.horizon]
    for place, line in enumerate(
        [others[0], *card_support(answer, row)[-1:], card_verdict(answer)], 1
    ):
        canvas.text(_BOX.left, top - place * _LINE_PX - 6, line, va="center")
    canvas.text(_BOX.left + _BOX.width / 2, 14, "seconds since the decision", ha="center")

    counts = {name: sum(row["outcome"] == name for row in answer.neighbors) for name in _COLOURS}
    below = _BOX.top - LABEL_PX
    lines: list[tuple[str, Colour]] = [("now", TEXT), ("what came of it: dashes", FAINT_TEXT)]
    for name, colour in _COLOURS.items():
        lines.append((name, colour))
        lines.append((f"{counts[name]} neighbors", FAINT_TEXT))
        if row["is_similar"]:
            share, base = row[f"p_{name.lower()}"], row[f"base_{name.lower()}"]
            lines.append((f"{share:.0%}, base rate {percent(base)}", FAINT_TEXT))
    lines.append((f"within {answer.horizon}; thick: medians", FAINT_TEXT))
    if has_gaps:
        lines.append(("hatched: recording gap of now", RECORDING_GAP))
    for place, (line, colour) in enumerate(lines):
        canvas.text(_LEGEND_LEFT, below - place * _LINE_PX, line, colour=colour, va="center")
