"""Rows of a relation whose values a step explains, and what their inputs are looked up by."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

Row = dict[str, Any]
_SECOND = dt.timedelta(seconds=1)
_ENDS = ("window_end_ts", "ts_end", "trigger_ts", "bar_end_ts")
_STARTS = ("window_start_ts", "minute_ts", "bar_start_ts")
_LISTS = {
    "sides": "side",
    "level_ids": "level_id",
    "level_ticks": "level_tick",
    "condition_windows": "condition_window_s",
    "strikes": "strike_price_int",
    "vector_ids": "vector_id",
    "horizons": "horizon_id",
}

_OF_ALL_LEVELS = {
    *("stacked_with", "is_primary", "confluence_weight", "confluence_levels"),
    *("runway_next_level_id", "runway_ticks", "runway_quality"),
}


@dataclass(frozen=True)
class Wanted:
    """Rows of a relation in one contract-day.

    Attributes:
        relation: with its schema.
        partition: symbol, dt, root and tick_int of the contract-day.
        rows: key and traced columns of each row.
        columns: the columns to explain.
    """

    relation: str
    partition: Row
    rows: tuple[Row, ...]
    columns: frozenset[str]

    def differences(self) -> int:
        """Return the highest order of difference among the columns, 0 to 3."""
        orders = [int(name[1]) for name in self.columns if name[:3] in ("d1_", "d2_", "d3_")]
        return max(orders, default=0)

    def bindings(self, back_s: int) -> Row:
        """Return the values by which inputs are looked up.

        Args:
            back_s: seconds before the first row that its value reads.
        """
        found = dict(self.partition)
        found["from_ts"] = min(map(start_of, self.rows)) - back_s * _SECOND
        found["to_ts"] = max(map(end_of, self.rows))
        found["first_end_ts"] = min(map(end_of, self.rows))
        found["from_end_ts"] = min(map(end_of, self.rows)) - back_s * _SECOND
        for name, column in _LISTS.items():
            found[name] = sorted({row[column] for row in self.rows if row.get(column) is not None})
        # which levels form a stack, or wait beyond another, depends on all of them
        found["all_levels"] = bool(self.columns & _OF_ALL_LEVELS)
        found["carries_trade"] = "trade_last_price_int" in self.columns
        found["is_smoothed"] = bool(self.columns & {"score_smooth", "signal"})
        found["low_price_int"], found["high_price_int"] = self._range(_price)
        found["low_tick"], found["high_tick"] = self._range(_corridor)
        return found

    def _range(self, values_of: Callable[[Row], list[int]]) -> tuple[int | None, int | None]:
        values = [value for row in self.rows for value in values_of(row)]
        return (min(values), max(values)) if values else (None, None)


def _price(row: Row) -> list[int]:
    price_int = row.get("price_int")
    return [] if price_int is None else [price_int]


def _corridor(row: Row) -> list[int]:
    """Return the ticks of a level and of spot."""
    level, distance = row.get("level_tick"), row.get("k_ticks")
    return [] if level is None else [level, level - (distance or 0)]


def start_of(row: Row) -> dt.datetime:
    """Return when the window of a row starts; a second before its end where no column says."""
    for name in _STARTS:
        if row.get(name) is not None:
            return row[name]
    return end_of(row) - _SECOND


def end_of(row: Row) -> dt.datetime:
    """Return when the window of a row ends; a second after its start where no column says."""
    for name in _ENDS:
        if row.get(name) is not None:
            return row[name]
    return next(row[name] for name in _STARTS if row.get(name) is not None) + _SECOND
