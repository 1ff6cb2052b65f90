"""The four conditions of a turn at the levels of a picture."""

from __future__ import annotations

import numpy as np

from spymaster.plot import grid
from spymaster.plot.levels import LEVELS, most_important
from spymaster.plot.read import Columns, Reader

CONDITIONS = "gold.conditions_in_use_1s"
CONDITION_ROWS = {
    "c1": "asks retreat",
    "c2": "asks pulled",
    "c3": "bids recede",
    "c4": "bids pulled",
}


def read_conditions(reader: Reader, count: int) -> dict[str, np.ndarray]:
    """Return the conditions of the levels that matter most in a picture.

    A lake without conditions returns none.

    Returns:
        float64 (4, count) by level: 1 met, 0 not met, NaN unknown; rows as in ``CONDITION_ROWS``.
    """
    if reader.why_unusable(CONDITIONS) or reader.why_unusable(LEVELS):
        return {}
    rows = reader.ask("conditions")
    names = np.asarray(rows["level_id"]).astype(str)
    return {name: _conditions_of(rows, names == name, count) for name in most_important(rows)}


def _conditions_of(rows: Columns, chosen: np.ndarray, count: int) -> np.ndarray:
    seconds = np.asarray(rows["second"])[chosen]
    return np.stack(
        [
            grid.by_second(seconds, grid.floats_of(rows[name][chosen]), count)
            for name in CONDITION_ROWS
        ]
    )
