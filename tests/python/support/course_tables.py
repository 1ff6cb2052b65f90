"""The kernel and the SQL of `approach_course_1s` and `level_decisions` over days made by hand."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, date, datetime
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from naive.approach_course import (
    NS_PER_S,
    SIGNS,
    CourseGap,
    CourseRow,
    CourseRules,
    CourseSecond,
    CourseTrade,
)
from naive.approach_course_decisions import DecisionWindow
from spymaster_engine.course_columns import ENDINGS, PHASES, RESOLUTIONS
from spymaster_engine.door import KERNELS, register
from spymaster_engine.kernels.levels import approach_courses
from spymaster_engine.kernels.levels.approach_course import NOTHING, UNKNOWN

from support.drawn_course_days import windows_of
from support.relations_of_models import create_relation

TICK_INT = 250_000_000
INPUTS = (
    "steps.approach_windows_5s",
    "silver.levels_1s",
    "silver.level_offset_1s",
    "silver.book_snapshot_1s",
    "silver.contract_days",
    "silver.recording_gaps",
    "steps.contract_trades",
    "silver.approach_course_1s",
)
# settings of the project; the twin's rules are the same
RULES = CourseRules()
Row = dict[str, Any]


def kernel_rows(
    seconds: Sequence[CourseSecond],
    trades: Sequence[CourseTrade],
    gaps: Iterable[CourseGap] = (),
    rules: CourseRules = RULES,
    *,
    n_levels: int = 1,
) -> list[CourseRow]:
    """Return the rows of the kernel as the twin returns them.

    The seconds are those of `n_levels` levels, one after the other and as many of each.
    """
    columns: dict[str, list[int]] = {
        "level_no": [n * n_levels // len(seconds) for n in range(len(seconds))],
        "end_s": [second.end_s for second in seconds],
        "is_valid": [int(second.is_valid) for second in seconds],
        "spot_tick": [_or_unknown(second.spot_tick) for second in seconds],
        "level_tick": [_or_unknown(second.level_tick) for second in seconds],
        "is_active": [
            int(second.is_active and second.level_tick is not None) for second in seconds
        ],
        "approach": [SIGNS.get(second.approach, 0) for second in seconds],
        "eligible": [SIGNS.get(second.eligible, 0) for second in seconds],
        "barrier_ticks": [_or_unknown(second.barrier_ticks) for second in seconds],
        "gap_end_ns": _gap_ends(seconds, gaps),
    }
    found = approach_courses(
        {name: np.array(values, np.int64) for name, values in columns.items()},
        *(np.array([trade[i] for trade in trades], np.int64) for i in range(3)),
        {
            "reach_ticks": rules.reach_ticks,
            "faded_s": rules.faded_s,
            "faded_barriers": rules.faded_barriers,
            "unresolved_s": rules.unresolved_s,
            "drift_ticks": rules.max_drift_ticks,
        },
    )
    names = list(found)
    values = zip(*(column.tolist() for column in found.values()), strict=True)
    return [_row(dict(zip(names, row, strict=True)), seconds, rules) for row in values]


def _gap_ends(seconds: Sequence[CourseSecond], gaps: Iterable[CourseGap]) -> list[int]:
    ends: dict[int, int] = {}
    for gap in gaps:
        known_s = gap.known_ns // NS_PER_S + 1
        ends[known_s] = max(ends.get(known_s, UNKNOWN), gap.end_ns)
    return [ends.get(second.end_s, UNKNOWN) for second in seconds]


def _or_unknown(number: int | None) -> int:
    return UNKNOWN if number is None else number


def _row(
    values: Mapping[str, int], seconds: Sequence[CourseSecond], rules: CourseRules
) -> CourseRow:
    direction = "up" if values["direction"] == 1 else "down"
    end_s = seconds[values["row"]].end_s
    parts = rules.symbol, rules.dt, rules.level_id, direction, values["started_s"]

    def known(name: str) -> int | None:
        return None if values[name] == UNKNOWN else values[name]

    def named(name: str, names: Sequence[str]) -> str | None:
        return None if values[name] == NOTHING else names[values[name]]

    return CourseRow(
        window_end_s=end_s,
        course_id="_".join(map(str, parts)),
        direction=direction,
        level_tick_frozen=values["level_tick_frozen"],
        barrier_ticks=values["barrier_ticks"],
        started_s=values["started_s"],
        x=known("x"),
        phase=PHASES[values["phase"]],
        reached_ns=known("reached_ns"),
        max_x=values["max_x"],
        min_x_since_reached=known("min_x_since_reached"),
        elapsed_s=end_s - values["started_s"],
        since_reached_s=known("since_reached_s"),
        resolved=named("resolved", RESOLUTIONS),
        resolved_ns=known("resolved_ns"),
        ended_by=named("ended_by", ENDINGS),
    )


class CourseTables:
    """The inputs of both models for the levels of one day, in memory."""

    def __init__(self, connection: duckdb.DuckDBPyConnection) -> None:
        """Create the inputs, empty."""
        self._connection = connection
        register(connection, KERNELS.values())
        for relation in INPUTS:
            create_relation(connection, relation)

    def insert_day(
        self,
        levels: Mapping[str, Sequence[CourseSecond]],
        trades: Sequence[CourseTrade],
        gaps: Sequence[CourseGap],
    ) -> None:
        """Insert a day: the same seconds for each level, by its id.

        A level without a row is in `levels_1s` without a value, as the model writes it. A trade
        without a price follows each trade.
        """
        seconds = next(iter(levels.values()))
        self._insert("silver.contract_days", [{"tick_int": TICK_INT}])
        self._insert(
            "silver.book_snapshot_1s",
            [
                {
                    "window_start_ts": _ts(second.end_s - 1),
                    "window_end_ts": _ts(second.end_s),
                    "window_valid": second.is_valid,
                    "spot_ref_price_int": _price_int(second.spot_tick),
                }
                for second in seconds
            ],
        )
        self._insert(
            "silver.recording_gaps",
            [
                {"gap_end_ts": _ts_ns(gap.end_ns), "known_at_ts": _ts_ns(gap.known_ns)}
                for gap in gaps
            ],
        )
        self._insert(
            "steps.contract_trades",
            [
                {
                    "trade_no": 2 * number + is_unpriced,
                    "ts_event": _ts_ns(trade.ts_ns),
                    "window_start_ts": _ts(trade.start_s),
                    "price_int": None if is_unpriced else _price_int(trade.tick),
                }
                for number, trade in enumerate(trades)
                for is_unpriced in (0, 1)
            ],
        )
        for level_id, of_level in levels.items():
            self._insert_level(level_id, of_level)

    def _insert_level(self, level_id: str, seconds: Sequence[CourseSecond]) -> None:
        keys = [{"level_id": level_id, "window_end_ts": _ts(second.end_s)} for second in seconds]
        self._insert(
            "silver.levels_1s",
            [
                key | {"level_tick": second.level_tick, "is_active": second.is_active}
                for key, second in zip(keys, seconds, strict=True)
            ],
        )
        self._insert(
            "silver.level_offset_1s",
            [
                key | {"approach_dir": f"approach_{second.approach or 'none'}"}
                for key, second in zip(keys, seconds, strict=True)
            ],
        )
        self._insert(
            "steps.approach_windows_5s",
            [
                {
                    "level_id": level_id,
                    "window_end_ts": _ts(window.end_s),
                    "window_valid": window.is_valid,
                    "is_eligible": window.is_eligible,
                    "approach_dir": window.approach_dir,
                    "level_tick": window.level_tick,
                    "x_ticks": window.x_ticks,
                    "k_ticks": window.k_ticks,
                    "barrier_ticks": window.barrier_ticks,
                    "first_window_end_ts": _ts(window.first_window_end_s),
                }
                for window in windows_of(seconds)
            ],
        )

    def _insert(self, relation: str, rows: list[Row]) -> None:
        if rows:
            key = {"symbol": RULES.symbol, "dt": date.fromisoformat(RULES.dt)}
            own = pa.Table.from_pylist([key | row for row in rows])
            self._connection.register("own_rows", own)
            self._connection.execute(f"insert into {relation} by name select * from own_rows")
            self._connection.unregister("own_rows")

    def courses(self, query: str) -> list[Row]:
        """Return the rows of `approach_course_1s` by its compiled SQL, and keep them as an input.

        Times of nanoseconds come as numbers, as those of `published`.
        """
        self._connection.execute(
            f"insert into silver.approach_course_1s by name {_of_partition(query)}"
        )
        return self._rows(
            "select * replace (epoch_ns(reached_ts) as reached_ts, "
            "epoch_ns(resolved_ts) as resolved_ts, cast(dt as varchar) as dt) "
            "from silver.approach_course_1s order by level_id, window_end_ts"
        )

    def decisions(self, query: str, level_id: str) -> list[DecisionWindow]:
        """Return the decisions of a level by the compiled SQL of `level_decisions`."""
        rows = self._rows(
            f"select * from ({_of_partition(query)}) where level_id = '{level_id}' "
            "order by window_end_ts"
        )
        return [
            DecisionWindow(
                end_s=_seconds(row["window_end_ts"]),
                is_valid=row["window_valid"],
                first_window_end_s=_seconds(row["first_window_end_ts"]),
                **{
                    name: row[name]
                    for name in DecisionWindow._fields
                    if name not in ("end_s", "is_valid", "first_window_end_s")
                },
            )
            for row in rows
        ]

    def _rows(self, query: str) -> list[Row]:
        found = self._connection.execute(query)
        names = [name for name, *_ in found.description]
        return [dict(zip(names, row, strict=True)) for row in found.fetchall()]


def _of_partition(query: str) -> str:
    return query.replace("__partition_symbol__", RULES.symbol).replace("__partition_dt__", RULES.dt)


def _price_int(tick: int | None) -> int | None:
    return None if tick is None else tick * TICK_INT


def _ts(at_s: int | None) -> datetime | None:
    return None if at_s is None else datetime.fromtimestamp(at_s, UTC).replace(tzinfo=None)


def _ts_ns(at_ns: int) -> np.datetime64:
    return np.datetime64(at_ns, "ns")


def _seconds(at: datetime | None) -> int | None:
    return None if at is None else round(at.replace(tzinfo=UTC).timestamp())
