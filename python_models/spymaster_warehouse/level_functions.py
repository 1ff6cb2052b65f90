"""Plugin of dbt-duckdb: the kernels of the levels as functions of SQL. Named in ``profiles.yml``.

The first of many trades settles a label; SQL would have to compare them all. ``first_hits(trades,
labels)`` takes the trades and labels of one partition as lists and returns, in the order of the
labels, the first hits after the decision and after price has come to the level, with the times of
the trades.

A price near spot lies in the zones of most levels; SQL would join it to each. ``level_book(cells,
moves, k_ticks, buckets, ladder)`` takes the rows of a second as lists and returns the sums of its
levels in their order.

A window spans several seconds; SQL would join every price to each. ``turn_flows(seconds, cells,
moves, levels, zone_ticks)`` takes the rows of one partition as lists and returns the sums of its
levels in their order.

The usual depth of a second is a median per rung over prices whose means span seconds.
``usual_depth(seconds, cells, settings)`` takes the rows of one partition as lists and returns the
medians of both sides in the order of the seconds.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine import turn_flow_columns
from spymaster_engine.label_columns import LABELS, REACHED_RESULTS, RESULTS
from spymaster_engine.level_book_columns import (
    CELLS,
    MOVES,
    RUNG_SUMS,
    SIDES,
    SUMS,
    USUAL_CELLS,
    USUAL_SECONDS,
)

from spymaster_warehouse.arrow_columns import numbers, register, values_of_lists

_TRADES = ("trade_no", "window_s", "trade_tick", "ts_event_ns")
# times of the kernel's trades for SQL, NULL without a trade
_TIMES = {
    "touch_trade": "touch_ns",
    "hit_trade": "hit_ns",
    "second_hit_trade": "second_hit_ns",
    "reaching_trade": "reaching_ns",
    "reached_hit_trade": "reached_hit_ns",
    "exit_trade": "exit_ns",
}
_FOUND = RESULTS + REACHED_RESULTS
_HITS = tuple(_TIMES.get(name, name) for name in _FOUND)
_TURN_ROWS = (turn_flow_columns.SECONDS, turn_flow_columns.CELLS, turn_flow_columns.MOVES)
_LADDER = ("rungs", "rung_ticks")
_USUAL_SETTINGS = ("ahead_ticks", "rung_ticks", "lookback_s", "min_known_s", "reach_ticks")


def _fields(names: Sequence[str], kind: str) -> str:
    return ", ".join(f"{name} {kind}" for name in names)


def _struct_of(names: Sequence[str], kind: str = "BIGINT") -> str:
    return f"STRUCT({_fields(names, kind)})"


def _list_of(names: Sequence[str], kind: str = "BIGINT") -> str:
    return f"{_struct_of(names, kind)}[]"


def first_hits_of_lists(trades: pa.ChunkedArray, labels: pa.ChunkedArray) -> pa.Array:
    """Return a list of results for every list of labels.

    Args:
        trades: lists of structs of int64: ``trade_no`` (their order),
            ``window_s``, ``trade_tick`` and ``ts_event_ns``.
        labels: lists of structs of int64, by the names of ``LABELS``, in the order that
            ``first_hits`` requires.
    """
    # imported when labels are built: it brings a compiler along
    from spymaster_engine.kernels.levels import first_hits, reached_hits

    # DuckDB passes NULL as no list at all, and then there is nothing to join
    nothing = pa.array([], pa.int64())
    columns, lengths = {name: [nothing] for name in _FOUND}, [0]
    for trades_of_day, labels_of_day in zip(
        values_of_lists(trades), values_of_lists(labels), strict=True
    ):
        in_order = np.argsort(numbers(trades_of_day, "trade_no"))
        window_s, trade_tick, ts_event_ns = (
            numbers(trades_of_day, name)[in_order] for name in _TRADES[1:]
        )
        of_day = {name: numbers(labels_of_day, name) for name in LABELS}
        found = first_hits(window_s, trade_tick, of_day)
        found |= reached_hits(window_s, trade_tick, of_day)
        for name, values in found.items():
            if name in _TIMES:
                # no trade, no time
                places = pa.array(values, mask=values < 0)
                columns[name].append(pa.array(ts_event_ns).take(places))
            else:
                columns[name].append(pa.array(values))
        lengths.append(len(labels_of_day))
    return _lists(np.cumsum(lengths), _HITS, [pa.concat_arrays(columns[name]) for name in _FOUND])


def level_book_of_lists(
    cells: pa.ChunkedArray,
    moves: pa.ChunkedArray,
    k_ticks: pa.ChunkedArray,
    buckets: pa.ChunkedArray,
    ladder: pa.ChunkedArray,
) -> pa.Array:
    """Return a list of sums around the levels of every second.

    Args:
        cells: lists of structs of int32, by the names of ``CELLS``, a list per second.
        moves: lists of structs of int32, by the names of ``MOVES``.
        k_ticks: lists of int32, the levels minus spot.
        buckets: [from, to] of each distance bucket, the same for all seconds.
        ladder: ``rungs`` on either side of a level's own and ``rung_ticks``, the same for all.
    """
    # imported when books are built: it brings a compiler along
    from spymaster_engine.kernels.levels import level_book

    cells, moves, k_ticks = (lists.combine_chunks() for lists in (cells, moves, k_ticks))
    level_bounds = _bounds(k_ticks)
    all_cells, all_moves = cells.flatten(), moves.flatten()
    sums = level_book(
        {name: numbers(all_cells, name) for name in CELLS},
        _bounds(cells),
        {name: numbers(all_moves, name) for name in MOVES},
        _bounds(moves),
        k_ticks.flatten().to_numpy(),
        level_bounds,
        buckets[0].as_py() if len(buckets) else [],
        **(ladder[0].as_py() if len(ladder) else dict.fromkeys(_LADDER, 1)),
    )
    columns = [pa.array(sums[name]) for name in SUMS]
    columns += [_equal_lists(sums[name]) for name in RUNG_SUMS]
    return _lists(level_bounds, (*SUMS, *RUNG_SUMS), columns)


def usual_depth_of_lists(
    seconds: pa.ChunkedArray, cells: pa.ChunkedArray, settings: pa.ChunkedArray
) -> pa.Array:
    """Return a list of the usual depths of both sides for every list of seconds.

    Args:
        seconds: lists of structs of int32, by the names of ``USUAL_SECONDS``, in order of time.
        cells: lists of structs of int32, by the names of ``USUAL_CELLS``.
        settings: structs of int32, the keyword arguments of ``usual_depth``.
    """
    # imported when depths are built: it brings a compiler along
    from spymaster_engine.kernels.levels import usual_depth

    columns: dict[str, list[pa.Array]] = {side: [] for side in SIDES}
    lengths = [0]
    for of_seconds, of_cells, chosen in zip(
        values_of_lists(seconds), values_of_lists(cells), settings, strict=True
    ):
        depths = usual_depth(
            {name: numbers(of_seconds, name) for name in USUAL_SECONDS},
            {name: numbers(of_cells, name) for name in USUAL_CELLS},
            **chosen.as_py(),
        )
        for side_no, side in enumerate(SIDES):
            columns[side].append(_equal_lists(depths[:, side_no]))
        lengths.append(len(of_seconds))
    nothing = pa.array([], pa.list_(pa.float64()))
    return _lists(
        np.cumsum(lengths), SIDES, [pa.concat_arrays([nothing, *columns[s]]) for s in SIDES]
    )


def _equal_lists(rows: np.ndarray) -> pa.ListArray:
    """Return the rows of a table as lists, nan as NULL."""
    values = np.ascontiguousarray(rows).reshape(-1)
    bounds = np.arange(len(rows) + 1, dtype=np.int32) * rows.shape[1]
    is_missing = np.isnan(values) if values.dtype.kind == "f" else None
    return pa.ListArray.from_arrays(pa.array(bounds), pa.array(values, mask=is_missing))


def turn_flows_of_lists(
    seconds: pa.ChunkedArray,
    cells: pa.ChunkedArray,
    moves: pa.ChunkedArray,
    levels: pa.ChunkedArray,
    zone_ticks: pa.ChunkedArray,
) -> pa.Array:
    """Return a list of sums for every list of levels, their fields NULL where unknown.

    Args:
        seconds: lists of structs of int64, by the names of ``turn_flow_columns.SECONDS``.
        cells: the same of ``CELLS``.
        moves: the same of ``MOVES``.
        levels: the same of ``LEVELS``.
        zone_ticks: int64, the same for all.
    """
    # imported when conditions are built: it brings a compiler along
    from spymaster_engine.kernels.levels import turn_flows

    # DuckDB passes NULL as no list at all, and then there is nothing to join
    columns = {name: [pa.array([], pa.int64())] for name in turn_flow_columns.SUMS}
    lengths = [0]
    inputs = (values_of_lists(lists) for lists in (seconds, cells, moves, levels))
    for of_seconds, of_cells, of_moves, of_levels, zone in zip(*inputs, zone_ticks, strict=True):
        is_known, sums = turn_flows(
            _in_order(of_seconds, turn_flow_columns.SECONDS),
            _in_order(of_cells, turn_flow_columns.CELLS),
            _in_order(of_moves, turn_flow_columns.MOVES),
            {name: numbers(of_levels, name) for name in turn_flow_columns.LEVELS},
            zone.as_py(),
        )
        for name, values in sums.items():
            columns[name].append(pa.array(values, mask=~is_known))
        lengths.append(len(is_known))
    names = turn_flow_columns.SUMS
    return _lists(np.cumsum(lengths), names, [pa.concat_arrays(columns[name]) for name in names])


def _in_order(structs: pa.StructArray, names: Sequence[str]) -> dict[str, np.ndarray]:
    """Return the columns of structs by rising second."""
    columns = {name: numbers(structs, name) for name in names}
    in_order = np.argsort(columns["second_s"], kind="stable")
    return {name: values[in_order] for name, values in columns.items()}


def _bounds(lists: pa.ListArray) -> np.ndarray:
    """Return where each list begins in the joined values, and where the last ends."""
    offsets = lists.offsets.to_numpy()
    return offsets - offsets[0]


def _lists(bounds: np.ndarray, names: Sequence[str], columns: Sequence[pa.Array]) -> pa.ListArray:
    """Return lists of structs of int64 between bounds."""
    structs = pa.StructArray.from_arrays(columns, list(names))
    return pa.ListArray.from_arrays(pa.array(bounds, pa.int32()), structs)


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        register(
            conn,
            "first_hits",
            first_hits_of_lists,
            [_list_of(_TRADES), _list_of(LABELS)],
            _list_of(_HITS),
        )
        register(
            conn,
            "level_book",
            level_book_of_lists,
            [
                _list_of(CELLS, "INTEGER"),
                _list_of(MOVES, "INTEGER"),
                "INTEGER[]",
                "INTEGER[][]",
                _struct_of(_LADDER, "INTEGER"),
            ],
            f"STRUCT({_fields(SUMS, 'BIGINT')}, {_fields(RUNG_SUMS, 'BIGINT[]')})[]",
        )
        register(
            conn,
            "usual_depth",
            usual_depth_of_lists,
            [
                _list_of(USUAL_SECONDS, "INTEGER"),
                _list_of(USUAL_CELLS, "INTEGER"),
                _struct_of(_USUAL_SETTINGS, "INTEGER"),
            ],
            _list_of(SIDES, "DOUBLE[]"),
        )
        register(
            conn,
            "turn_flows",
            turn_flows_of_lists,
            [*(_list_of(names) for names in (*_TURN_ROWS, turn_flow_columns.LEVELS)), "BIGINT"],
            _list_of(turn_flow_columns.SUMS),
        )
