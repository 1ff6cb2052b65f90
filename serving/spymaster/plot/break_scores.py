"""Break score, barrier state and signal at the levels of a picture."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import numpy as np

from spymaster.plot import grid
from spymaster.plot.levels import most_important
from spymaster.plot.read import Columns, Reader

_RELATIONS = ("gold.break_score_1s", "silver.barrier_engine_1s", "reference.engine_constants")


@dataclass(frozen=True)
class BreakScore:
    """Break score of a level.

    Attributes:
        score: float64 (count,), 0 to 100; NaN unknown.
        direction: break that the score is for, UP or DOWN, str (count,); empty unknown.
        state: states of the barrier, str (count,); empty unknown.
        signal: str (count,); empty unknown.
        reject_below, break_above: scores beyond which a signal can arise.
    """

    score: np.ndarray
    direction: np.ndarray
    state: np.ndarray
    signal: np.ndarray
    reject_below: float
    break_above: float


def read_break_scores(reader: Reader, levels: Collection[str], count: int) -> dict[str, BreakScore]:
    """Return the break scores of levels; a lake without the engines returns none.

    Args:
        reader: the published file.
        levels: the levels to read; without any, those that matter most in the picture.
        count: columns of the picture.
    """
    if any(reader.why_unusable(relation) for relation in _RELATIONS):
        return {}
    rows = reader.ask("break_scores")
    names = np.asarray(rows["level_id"]).astype(str)
    return {
        name: _break_score(rows, names == name, count)
        for name in levels or most_important(rows)
        if name in names
    }


def _break_score(rows: Columns, chosen: np.ndarray, count: int) -> BreakScore:
    seconds = np.asarray(rows["second"])[chosen]
    direction, state, signal = (
        _by_second(seconds, rows[name][chosen], count)
        for name in ("break_direction", "state", "signal")
    )
    return BreakScore(
        score=grid.by_second(seconds, grid.floats_of(rows["score"][chosen]), count),
        direction=direction,
        state=state,
        signal=signal,
        reject_below=float(rows["reject_below"][0]),
        break_above=float(rows["break_above"][0]),
    )


def _by_second(seconds: np.ndarray, words: np.ma.MaskedArray, count: int) -> np.ndarray:
    """Return words, str (count,), in their columns; empty where there is none."""
    columns = np.full(count, "", object)
    columns[seconds] = [word or "" for word in words.tolist()]
    return columns.astype(str)
