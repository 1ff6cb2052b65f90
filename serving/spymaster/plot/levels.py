"""Levels and approaches of a picture: lines in ticks, and runs of windows with their outcome."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spymaster.built_settings import RELATION as SETTINGS
from spymaster.plot import grid
from spymaster.plot.read import Columns, Reader

LEVELS = "silver.levels_1s"
APPROACHES = "gold.approach_episodes"
OUTCOMES = "gold.level_outcomes"
DECISIONS = "silver.level_decisions"
# levels with strips of their own
_MOST_LEVELS = 3


@dataclass(frozen=True)
class Approach:
    """A run of windows in which price came up or down to a level.

    Attributes:
        start, end: columns ``[start, end)`` within the picture; none of an approach before it.
        tick: price of the level at its first window, in ticks.
        outcome: outcome of its last window at the level, by the barriers that the contract's
            decisions use; None without an outcome.
        outcome_at: column in which the outcome was decided, which may lie beyond the picture: that
            of the trade at a barrier, else of the end of the label; None without an outcome.
    """

    start: int
    end: int
    tick: int
    outcome: str | None
    outcome_at: int | None


def most_important(rows: Columns) -> list[str]:
    """Return the levels that matter most: those approached for most seconds, then the nearest.

    Args:
        rows: level_id, is_approached and distance_ticks of seconds.
    """
    names = np.asarray(rows["level_id"]).astype(str)

    def importance(name: str) -> tuple[int, float, str]:
        own = names == name
        return (
            -int(np.asarray(rows["is_approached"])[own].sum()),
            float(np.asarray(rows["distance_ticks"])[own].mean()),
            name,
        )

    return sorted(np.unique(names).tolist(), key=importance)[:_MOST_LEVELS]


def read_level_lines(reader: Reader, tick_int: int, count: int) -> dict[str, np.ndarray]:
    """Return the price of each level in ticks, float64 (count,), NaN while it is not active.

    A lake without levels returns none.
    """
    if reader.why_unusable(LEVELS):
        return {}
    rows = reader.ask("levels")
    lines = {}
    for level_id in sorted(set(rows["level_id"].tolist())):
        chosen = np.asarray(rows["level_id"] == level_id)
        ticks = grid.ticks_of(rows["level_price_int"][chosen], tick_int)
        lines[level_id] = grid.by_second(np.asarray(rows["second"])[chosen], ticks, count)
    return lines


def read_approaches(reader: Reader, count: int) -> tuple[Approach, ...]:
    """Return the approaches with a window or their outcome in the picture.

    A lake without approaches returns none.
    """
    if any(
        reader.why_unusable(relation) for relation in (APPROACHES, OUTCOMES, DECISIONS, SETTINGS)
    ):
        return ()
    return tuple(_approaches(reader.ask("approaches"), count))


def _approaches(rows: Columns, count: int) -> list[Approach]:
    return [
        # the column of a window is the second before its end
        Approach(
            min(max(int(first) - 1, 0), count),
            min(max(int(last), 0), count),
            int(tick),
            outcome,
            outcome_at,
        )
        for first, last, tick, outcome, outcome_at in zip(
            rows["first_second"],
            rows["last_second"],
            rows["level_tick_first"],
            # tolist turns NULL into None
            rows["outcome"].tolist(),
            rows["outcome_second"].tolist(),
            strict=True,
        )
    ]
