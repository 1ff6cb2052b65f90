"""Plugin of dbt-duckdb: the kernel of the course of an approach as a function of SQL.

Each second of a course follows from the one before it; SQL would need a recursion per level.
``approach_courses(seconds, trades, limits)`` takes the seconds of all levels and the trades of one
partition as lists and returns the rows of its courses. Named in ``profiles.yml``.
"""

from __future__ import annotations

from collections.abc import Sequence

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.course_columns import (
    COURSES,
    ENDINGS,
    LIMITS,
    PHASES,
    RESOLUTIONS,
    SECONDS,
    TRADES,
)

from spymaster_warehouse.arrow_columns import numbers, register, values_of_lists

# names of the kernel's codes
_NAMED = {"phase": PHASES, "resolved": RESOLUTIONS, "ended_by": ENDINGS}


def approach_courses_of_lists(
    seconds: pa.ChunkedArray, trades: pa.ChunkedArray, limits: pa.ChunkedArray
) -> pa.Array:
    """Return a list of the rows of courses for every list of seconds.

    Args:
        seconds: lists of structs of int64, by the names of ``SECONDS``, in the order that
            ``approach_courses`` requires; a NULL ``gap_end_ns`` is no gap.
        trades: lists of structs of int64: ``trade_no`` (their order) and the names of ``TRADES``.
        limits: structs of int64, by the names of ``LIMITS``.
    """
    # imported when courses are built: it brings a compiler along
    from spymaster_engine.kernels.levels.approach_course import UNKNOWN, approach_courses

    columns: dict[str, list[pa.Array]] = {
        name: [pa.array([], pa.string() if name in _NAMED else pa.int64())] for name in COURSES
    }
    lengths = [0]
    for of_seconds, of_trades, chosen in zip(
        values_of_lists(seconds), values_of_lists(trades), limits, strict=True
    ):
        in_order = np.argsort(numbers(of_trades, "trade_no"))
        second_s, trade_tick, ts_ns = (numbers(of_trades, name)[in_order] for name in TRADES)
        found = approach_courses(
            {name: numbers(of_seconds, name, UNKNOWN) for name in SECONDS},
            second_s,
            trade_tick,
            ts_ns,
            chosen.as_py(),
        )
        for name, values in found.items():
            if name in _NAMED:
                codes = pa.array(values, mask=values < 0)
                columns[name].append(pa.array(_NAMED[name]).take(codes))
            else:
                columns[name].append(pa.array(values, mask=values == UNKNOWN))
        lengths.append(len(found["row"]))
    structs = pa.StructArray.from_arrays(
        [pa.concat_arrays(columns[name]) for name in COURSES], list(COURSES)
    )
    return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths), pa.int32()), structs)


def _fields(names: Sequence[str]) -> str:
    return ", ".join(f"{name} BIGINT" for name in names)


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        columns = (f"{name} {'VARCHAR' if name in _NAMED else 'BIGINT'}" for name in COURSES)
        register(
            conn,
            "approach_courses",
            approach_courses_of_lists,
            [
                f"STRUCT({_fields(SECONDS)})[]",
                f"STRUCT({_fields(('trade_no', *TRADES))})[]",
                f"STRUCT({_fields(LIMITS)})",
            ],
            f"STRUCT({', '.join(columns)})[]",
        )
