"""Hand-made rows of the relations that alerts read, second by second, and what rules say."""

from __future__ import annotations

import datetime as dt
import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

import pyarrow as pa
from spymaster.alerts.alert import Alert
from spymaster.alerts.evaluate import Evaluator
from spymaster.alerts.known import NO_FATES, Known
from spymaster.clock import LocalClock
from spymaster_warehouse.settings.alerts import AlertSettings, alert_settings

START = dt.datetime(2025, 10, 16, 13, 45)
SECOND = dt.timedelta(seconds=1)
TICK_INT = 250_000_000
LEVEL_INT = 6_731_250_000_000
_TS, _TEXT, _INT, _DOUBLE, _BOOL = (
    pa.timestamp("us"),
    pa.string(),
    pa.int64(),
    pa.float64(),
    pa.bool_(),
)
_BANDS = {"ratio_from": _DOUBLE, "age_from_s": _INT, "distance_from_ticks": _INT}
_OF_LEVEL = {"window_end_ts": _TS, "level_id": _TEXT}
_OF_PRICE = {"window_end_ts": _TS, "side": _TEXT, "price_int": _INT}
COLUMNS: dict[str, dict[str, pa.DataType]] = {
    "silver.levels_1s": {
        **_OF_LEVEL,
        "level_price_int": _INT,
        "is_active": _BOOL,
        "is_primary": _BOOL,
        "stacked_with": pa.list_(_TEXT),
    },
    "silver.level_offset_1s": {
        **_OF_LEVEL,
        "k_ticks": _INT,
        "approach_dir": _TEXT,
        "approach_move_ticks": _DOUBLE,
        "secs_to_touch": _DOUBLE,
    },
    "silver.book_snapshot_1s": {"window_end_ts": _TS, "spot_ref_price_int": _INT},
    "gold.conditions_in_use_1s": {**_OF_LEVEL, "state": _TEXT, "level_side": _INT, "held_s": _INT},
    "silver.approach_course_1s": {**_OF_LEVEL, "direction": _TEXT, "phase": _TEXT},
    "gold.break_score_1s": {
        **_OF_LEVEL,
        "score_smooth": _DOUBLE,
        "signal": _TEXT,
        "implied_dir": _TEXT,
        "confidence": _TEXT,
    },
    "gold.mbo_pressure_stream": {
        "ts_end": _TS,
        "level_id": _TEXT,
        "signal_state": _TEXT,
        "signal": _TEXT,
    },
    "silver.walls_1s": {
        **_OF_PRICE,
        "wall_ratio": _DOUBLE,
        "depth_qty": _INT,
        "age_s": _INT,
        **_BANDS,
    },
    "silver.wall_fates_1s": {
        **_OF_PRICE,
        "started_ts": _TS,
        "outcome": _TEXT,
        "wall_ratio": _DOUBLE,
        "depth_qty": _INT,
        "age_s": _INT,
        **_BANDS,
    },
    "silver.iceberg_1s": {
        **_OF_PRICE,
        "refill_count": _INT,
        "refill_qty": _INT,
        "hidden_fill_qty": _INT,
        "window_valid": _BOOL,
    },
    "silver.gex_summary_1s": {
        "window_end_ts": _TS,
        "call_wall_price_int": _INT,
        "call_wall_ticks": _INT,
        "put_wall_price_int": _INT,
        "put_wall_ticks": _INT,
    },
    "gold.level_signals": {"window_end_ts": _TS, "payload": _TEXT},
}


@dataclass
class GivenRows:
    """Rows by relation, of the seconds that end at START + 1 s, + 2 s and so on."""

    rows_of: dict[str, list[dict[str, Any]]] = field(default_factory=dict)

    def add(self, relation: str, second: int, **row: Any) -> None:
        """Add a row of a second, from 1."""
        clock = next(name for name in COLUMNS[relation] if name.endswith(("end_ts", "ts_end")))
        self.rows_of.setdefault(relation, []).append({clock: START + second * SECOND, **row})

    def rows(self, relation: str, from_ts: dt.datetime, to_ts: dt.datetime) -> pa.Table:
        """Return rows whose seconds end in (from_ts, to_ts]."""
        columns = COLUMNS[relation]
        clock = next(name for name in columns if name.endswith(("end_ts", "ts_end")))
        rows = [row for row in self.rows_of.get(relation, []) if from_ts < row[clock] <= to_ts]
        return pa.Table.from_pylist(rows, pa.schema(list(columns.items())))

    def add_level(
        self,
        second: int,
        k_ticks: int | None,
        level_id: str = "pm_high",
        *,
        is_active: bool = True,
        is_primary: bool = True,
        level_price_int: int = LEVEL_INT,
    ) -> None:
        """Add a level and spot k_ticks below it; None is a second without a spot."""
        self.add(
            "silver.levels_1s",
            second,
            level_id=level_id,
            level_price_int=level_price_int,
            is_active=is_active,
            is_primary=is_primary,
            stacked_with=[],
        )
        self.add(
            "silver.level_offset_1s",
            second,
            level_id=level_id,
            k_ticks=k_ticks,
            approach_dir="approach_none",
            approach_move_ticks=3,
        )
        spot = None if k_ticks is None else level_price_int - k_ticks * TICK_INT
        self.add("silver.book_snapshot_1s", second, spot_ref_price_int=spot)

    def add_payload(self, second: int, level_id: str = "pm_high", **retrieval: Any) -> None:
        """Add the payload of a second with the answer of a level; keys left out are null."""
        names = ("p_break", "p_reject", "p_chop", "base_break", "base_reject", "base_chop")
        answer = dict.fromkeys((*names, "n_eff", "neighbors_ok")) | retrieval
        payload = json.dumps({"levels": [{"id": level_id, "retrieval": answer}]})
        self.add("gold.level_signals", second, payload=payload)


def levels_at(k_ticks: Iterable[int | None], **more: Any) -> GivenRows:
    """Return rows of a level at these distances, second after second."""
    given = GivenRows()
    for second, ticks in enumerate(k_ticks, 1):
        given.add_level(second, ticks, **more)
    return given


def known(**values: Any) -> Known:
    """Return what is known of the day: two levels, and nothing evaluated."""
    levels = pa.table({"level_id": ["pm_high", "sma_90"], "level_kind": ["pm", "sma"]})
    clock = LocalClock(ZoneInfo("UTC"))
    return Known("ESZ5", "ES", TICK_INT, clock, **({"levels": levels, "fates": NO_FATES} | values))


def rules(**tables: dict[str, Any]) -> AlertSettings:
    """Return the settings of a file with these rules and none of the project's."""
    off = {name: {"on": False} for name in ("near", "touch", "held")}
    return alert_settings(Path("spymaster.toml"), {"rearm_s": 0, **off, **tables})


def said(
    settings: AlertSettings,
    given: GivenRows,
    n_seconds: int,
    before: Known | None = None,
    there: Iterable[str] = COLUMNS,
) -> list[Alert]:
    """Return the alerts of some seconds, which are the same in steps of any length."""
    found: list[list[Alert]] = []
    for step_s in sorted({1, 3, n_seconds} if n_seconds > 4 else {1, n_seconds}):
        evaluator = Evaluator(before or known(), settings, set(there), "live", print)
        alerts: list[Alert] = []
        for first in range(0, n_seconds, step_s):
            last = min(first + step_s, n_seconds)
            alerts += evaluator.alerts(given, START + first * SECOND, START + last * SECOND)
        evaluator.close()
        found.append(alerts)
    assert all(alerts == found[0] for alerts in found)
    return found[0]


def own_levels(names: Sequence[str]) -> Known:
    """Return what is known of a day whose levels are these."""
    return known(levels=pa.table({"level_id": list(names), "level_kind": ["own"] * len(names)}))


def seconds_by_level(
    settings: AlertSettings, given: GivenRows, n_seconds: int, names: Sequence[str]
) -> dict[str, list[int]]:
    """Return the seconds of the alerts at each of some levels, the day's only ones."""
    alerts = said(settings, given, n_seconds, own_levels(names))
    return {
        name: seconds_of([alert for alert in alerts if alert.level_id == name]) for name in names
    }


def seconds_of(alerts: Sequence[Alert]) -> list[int]:
    """Return the seconds of alerts, from 1."""
    return [int((alert.time - START).total_seconds()) for alert in alerts]
