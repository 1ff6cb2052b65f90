"""The four conditions of a turn at the levels of a picture."""

from __future__ import annotations

import numpy as np

from spymaster.plot import grid
from spymaster.plot.levels import LEVELS
from spymaster.plot.read import Columns, Reader

CONDITIONS = "gold.turn_conditions_1s"
CONDITION_ROWS = {
    "c1": "asks retreat",
    "c2": "asks pulled",
    "c3": "bids recede",
    "c4": "bids pulled",
}
_MOST_LEVELS = 3


def read_conditions(reader: Reader, count: int) -> dict[str, np.ndarray]:
    """Return the conditions of the levels that matter most in a picture.

    Levels are ordered by the seconds that price approaches them, then by distance. A lake without
    conditions returns none.

    Returns:
        float64 (4, count) by level: 1 met, 0 not met, NaN unknown; rows as in ``CONDITION_ROWS``.
    """
    if reader.why_unusable(CONDITIONS) or reader.why_unusable(LEVELS):
        return {}
    rows = reader.ask("conditions")
    names = np.asarray(rows["level_id"]).astype(str)
    chosen = {name: names == name for name in np.unique(names)}

    def importance(name: str) -> tuple[int, float, str]:
        own = chosen[name]
        return (
            -int(np.asarray(rows["is_approached"])[own].sum()),
            float(np.asarray(rows["distance_ticks"])[own].mean()),
            name,
        )

    return {
        name: _conditions_of(rows, chosen[name], count)
        for name in sorted(chosen, key=importance)[:_MOST_LEVELS]
    }


def _conditions_of(rows: Columns, chosen: np.ndarray, count: int) -> np.ndarray:
    seconds = np.asarray(rows["second"])[chosen]
    return np.stack(
        [
            grid.by_second(seconds, grid.floats_of(rows[name][chosen]), count)
            for name in CONDITION_ROWS
        ]
    )
