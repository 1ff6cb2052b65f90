"""Kernels of the levels.

- ``first_hits``: the first of many trades settles a label; SQL would have to compare them all.
- ``level_book``: a price near spot lies in the zones of most levels; SQL would join it to each.
- ``usual_depth``: a median per rung over prices whose means span seconds.
- ``turn_flows``: a window spans several seconds; SQL would join every price to each.
- ``approach_courses``: each second of a course follows from the one before it; SQL would need a
  recursion per level.
- ``trigger_vectors``: a vector looks back over many rows with all their features; SQL would need a
  window function per element.
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pyarrow as pa

from spymaster_engine import course_columns, turn_flow_columns
from spymaster_engine.door.kernel import Groups, Kernel
from spymaster_engine.door.tables import arrays, columns, equal_lists, in_order_of
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

# times of the kernel's trades, NULL without a trade
_TIMES = {
    "touch_trade": "touch_ns",
    "hit_trade": "hit_ns",
    "second_hit_trade": "second_hit_ns",
    "reaching_trade": "reaching_ns",
    "reached_hit_trade": "reached_hit_ns",
    "exit_trade": "exit_ns",
}
_HITS = tuple(_TIMES.get(name, name) for name in RESULTS + REACHED_RESULTS)
# names of the kernel's codes
_COURSE_NAMES = {
    "phase": course_columns.PHASES,
    "resolved": course_columns.RESOLUTIONS,
    "ended_by": course_columns.ENDINGS,
}
_INT32 = pa.int32()
_BIGINTS = pa.list_(pa.int64())


def _first_hits(trades: pa.RecordBatch, labels: pa.RecordBatch) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.levels import first_hits, reached_hits

    of_trades, of_labels = in_order_of(trades, "trade_no"), arrays(labels)
    seconds_and_ticks = of_trades["window_s"], of_trades["trade_tick"]
    found = first_hits(*seconds_and_ticks, of_labels)
    found |= reached_hits(*seconds_and_ticks, of_labels)
    times = pa.array(of_trades["ts_event_ns"])
    return {
        _TIMES.get(name, name): times.take(pa.array(values, mask=values < 0))
        if name in _TIMES
        else pa.array(values)
        for name, values in found.items()
    }


def _level_book(
    cells: Groups, moves: Groups, k_ticks: Groups, buckets: Groups, ladder: pa.StructArray
) -> Groups:
    from spymaster_engine.kernels.levels import level_book

    # the same for all seconds; without a second any will do
    first = ladder[0].as_py() if len(ladder) else {"rungs": 1, "rung_ticks": 1}
    sums = level_book(
        arrays(cells.values),
        cells.bounds,
        arrays(moves.values),
        moves.bounds,
        k_ticks.values.to_numpy(),
        k_ticks.bounds,
        buckets.values[: buckets.bounds[1]].to_pylist() if len(ladder) else [],
        **first,
    )
    found = {name: pa.array(sums[name]) for name in SUMS}
    return Groups(found | {name: equal_lists(sums[name]) for name in RUNG_SUMS}, k_ticks.bounds)


def _usual_depth(
    seconds: pa.RecordBatch, cells: pa.RecordBatch, settings: dict[str, int]
) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.levels import usual_depth

    depths = usual_depth(arrays(seconds), arrays(cells), **settings)
    return {side: equal_lists(depths[:, number]) for number, side in enumerate(SIDES)}


def _turn_flows(
    seconds: pa.RecordBatch,
    cells: pa.RecordBatch,
    moves: pa.RecordBatch,
    levels: pa.RecordBatch,
    zone_ticks: int,
) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.levels import turn_flows

    is_known, sums = turn_flows(
        in_order_of(seconds, "second_s"),
        in_order_of(cells, "second_s"),
        in_order_of(moves, "second_s"),
        arrays(levels),
        zone_ticks,
    )
    return {name: pa.array(values, mask=~is_known) for name, values in sums.items()}


def _approach_courses(
    seconds: pa.RecordBatch, trades: pa.RecordBatch, limits: dict[str, int]
) -> dict[str, pa.Array]:
    from spymaster_engine.kernels.levels.approach_course import UNKNOWN, approach_courses

    of_trades = in_order_of(trades, "trade_no", course_columns.TRADES)
    second_s, tick, ts_ns = of_trades.values()
    found = approach_courses(arrays(seconds, missing=UNKNOWN), second_s, tick, ts_ns, limits)
    return {
        name: pa.array(_COURSE_NAMES[name]).take(pa.array(values, mask=values < 0))
        if name in _COURSE_NAMES
        else pa.array(values, mask=values == UNKNOWN)
        for name, values in found.items()
    }


def _trigger_vectors(rows: Any, is_wanted: pa.Array, windows: pa.Array) -> pa.ListArray:
    from spymaster_engine.kernels.levels.trigger_vectors import trigger_vectors

    values = rows.flatten().to_numpy().reshape(len(rows), -1)
    places, vectors = trigger_vectors(
        values, is_wanted.to_numpy(zero_copy_only=False), windows.to_pylist()
    )
    lengths = np.zeros(len(rows), np.int32)
    lengths[places] = vectors.shape[1]
    bounds = pa.array(np.cumsum([0, *lengths]), pa.int32())
    return pa.ListArray.from_arrays(bounds, pa.array(vectors.ravel()), mask=pa.array(lengths == 0))


LEVEL_KERNELS = (
    Kernel(
        "first_hits",
        inputs={
            # trade_no is the order
            "trades": columns(("trade_no", "window_s", "trade_tick", "ts_event_ns")),
            "labels": columns(LABELS),
        },
        outputs={"hits": columns(_HITS, nullable=tuple(_TIMES.values()))},
        run=_first_hits,
    ),
    Kernel(
        "level_book",
        inputs={
            "cells": columns(CELLS, _INT32),
            "moves": columns(MOVES, _INT32),
            # the levels minus spot
            "k_ticks": pa.list_(_INT32),
            # from and to of each distance bucket
            "buckets": pa.list_(pa.list_(_INT32)),
            # rungs on either side of a level's own
            "ladder": pa.struct([("rungs", _INT32), ("rung_ticks", _INT32)]),
        },
        outputs={"sums": pa.schema([*columns(SUMS), *columns(RUNG_SUMS, _BIGINTS)])},
        run=_level_book,
        takes_many=True,
    ),
    Kernel(
        "usual_depth",
        inputs={
            "seconds": columns(USUAL_SECONDS, _INT32),
            "cells": columns(USUAL_CELLS, _INT32),
            "settings": pa.struct(
                columns(
                    ("ahead_ticks", "rung_ticks", "lookback_s", "min_known_s", "reach_ticks"),
                    _INT32,
                )
            ),
        },
        outputs={"depths": columns(SIDES, pa.list_(pa.float64()))},
        run=_usual_depth,
    ),
    Kernel(
        "turn_flows",
        inputs={
            "seconds": columns(turn_flow_columns.SECONDS),
            "cells": columns(turn_flow_columns.CELLS),
            "moves": columns(turn_flow_columns.MOVES),
            "levels": columns(turn_flow_columns.LEVELS),
            "zone_ticks": pa.int64(),
        },
        outputs={
            "sums": columns(turn_flow_columns.SUMS, nullable=turn_flow_columns.SUMS),
        },
        run=_turn_flows,
    ),
    Kernel(
        "approach_courses",
        inputs={
            # a level or spot may be unknown, and a second without eligible approach or gap
            "seconds": columns(course_columns.SECONDS, nullable=course_columns.SECONDS[2:]),
            "trades": columns(("trade_no", *course_columns.TRADES)),
            "limits": pa.struct(columns(course_columns.LIMITS)),
        },
        outputs={
            "courses": pa.schema(
                [
                    (name, pa.string() if name in _COURSE_NAMES else pa.int64())
                    for name in course_columns.COURSES
                ]
            )
        },
        run=_approach_courses,
    ),
    Kernel(
        "trigger_vectors",
        inputs={
            # the rows of a run of consecutive windows, equally wide
            "rows": pa.list_(pa.list_(pa.float64())),
            "is_wanted": pa.list_(pa.bool_()),
            "windows": pa.list_(_INT32),
        },
        # a vector or NULL per row
        outputs={"vectors": pa.list_(pa.list_(pa.float32()))},
        run=_trigger_vectors,
        version=2,
    ),
)
