"""Lakes in which only the models of level events are built: all they read are tables."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from random import Random
from typing import Any

import duckdb
import pyarrow as pa
from naive.break_score_1s import signal_words
from naive.surfaces import Row, second_of, timestamp_of
from spymaster_ingest.lake import Lake

from support import lakes
from support.engine_days import WALL_TICKS, EngineDay
from support.engine_market import NS_PER_S, TICK_INT
from support.schemas import with_schema

EVENT_MODELS = (
    "own_levels",
    "level_definitions",
    "level_event_moments",
    "level_event_order_flow",
    "level_event_kinematics",
    "level_event_surroundings",
    "level_event_approach",
    "level_event_labels",
    "level_events",
    "level_event_columns",
    "signals_production",
    "signals_production_report",
)
EVENT_KEY = ("event_ts", "level_id", "direction")
_GOLD = ("approach_episodes", "break_score_1s")
_UNUSED = (
    "constants",
    "approach_course_1s",
    "option_trades",
    "option_contracts",
    "option_iv_1s",
    "retrieval_outcomes",
)
# of invalid_flags, not in var path_invalid_flags
_HARMLESS_FLAG = 8
# types that values in Python do not show; times are given in ns
_TYPES = {
    **dict.fromkeys(
        ("ts_event", "touch_ts", "gap_start_ts", "gap_end_ts", "known_at_ts"), pa.timestamp("ns")
    ),
    **dict.fromkeys(("k_ticks", "attempt_index"), pa.int32()),
}

Engines = Mapping[str, Sequence[Row]]


def write_days(lake: Lake, days: Iterable[tuple[EngineDay, Engines]]) -> None:
    """Make a warehouse of drawn days and the rows of their engines."""
    days = list(days)
    relations: dict[str, list[Row]] = {"contract_days": [_input_of(day) for day, _ in days]}
    for day, engines in days:
        for name, rows in {**vars(day), **engines}.items():
            if name not in _UNUSED:
                relations.setdefault(name, []).extend(rows)
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        for schema in ("silver", "gold", "steps", "meta"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table meta.partition_state (relation varchar, owner varchar, dt date, "
            "input_fingerprint varchar, model_checksum varchar, "
            "primary key (relation, owner, dt))"
        )
        for name, rows in relations.items():
            connection.register("rows", table_of(rows))
            relation = with_schema(name, "gold" if name in _GOLD else "silver")
            connection.execute(f"create table {relation} as select * from rows")
            connection.unregister("rows")
            for day, _ in days:
                snapshot = day.book_snapshot_1s[0]
                connection.execute(
                    "insert into meta.partition_state values (?, ?, ?, 'drawn', '')",
                    [name, snapshot["symbol"], snapshot["dt"]],
                )


def build_events(lake: Lake) -> None:
    """Build the models of level events."""
    lakes.run_models(lake, "--select", *EVENT_MODELS, wall_max_ticks=WALL_TICKS)


def without_cuts(day: EngineDay) -> EngineDay:
    """The day with no gap, no missing second, and invalid seconds that end no path of a label."""
    seconds: list[Row] = []
    for row in day.book_snapshot_1s:
        if seconds and seconds[-1]["window_end_ts"] < row["window_start_ts"]:
            times = {"window_start_ts": seconds[-1]["window_end_ts"]}
            seconds.append(seconds[-1] | times | {"window_end_ts": row["window_start_ts"]})
        flags = row["invalid_flags"] and _HARMLESS_FLAG
        seconds.append(row | {"invalid_flags": flags})
    return replace(day, book_snapshot_1s=seconds, recording_gaps=[])


def changed_after(day: EngineDay, moment: datetime) -> EngineDay:
    """The day with other trades, books, bars, exposures, touches and gaps from a moment on."""

    def changed(rows: Sequence[Row], known: str, **changes: Callable[[Any], Any]) -> list[Row]:
        return [
            row
            if row[known] <= moment
            else row | {n: change(row[n]) for n, change in changes.items() if row[n] is not None}
            for row in rows
        ]

    def higher(price_int: int) -> int:
        return price_int + 5 * TICK_INT

    after_s = second_of(moment) + 30
    gap = {"gap_start_ts": after_s, "gap_end_ts": after_s + 1, "known_at_ts": after_s + 2}
    keys = {name: day.book_snapshot_1s[0][name] for name in ("symbol", "dt")}
    ns = second_of(moment) * NS_PER_S
    return replace(
        day,
        contract_trades=[
            row
            if row["window_start_ts"] < moment
            else row | {"price_int": higher(row["price_int"])}
            for row in day.contract_trades
        ],
        book_snapshot_1s=changed(
            day.book_snapshot_1s,
            "window_end_ts",
            mid_price_int=higher,
            best_bid_qty=lambda qty: qty + 7,
            spot_ref_price=lambda price: price + 1,
        ),
        wall_surface_1s=changed(
            day.wall_surface_1s, "window_end_ts", depth_qty_end=lambda qty: qty + 3
        ),
        bars=changed(day.bars, "bar_end_ts", close_price_int=higher),
        gex_surface_1s=changed(day.gex_surface_1s, "window_end_ts", gex=lambda gex: gex + 1),
        approach_episodes=[
            row | {"touch_ts": None, "touched": False}
            if row["touch_ts"] is not None and row["touch_ts"] >= ns
            else row
            for row in day.approach_episodes
        ],
        recording_gaps=[
            *day.recording_gaps,
            keys | {name: s * NS_PER_S for name, s in gap.items()} | {"cause": "drawn"},
        ],
    )


def _input_of(day: EngineDay) -> Row:
    snapshot = day.book_snapshot_1s[0]
    start_s, end_s = day.constants["surface_window_s"]
    window = {"start_ts": timestamp_of(start_s), "end_ts": timestamp_of(end_s)}
    keys = {name: snapshot[name] for name in ("symbol", "dt")}
    windows = {"surface_windows": [window], "option_windows": [window]}
    return keys | {"root": "ES", "tick_int": TICK_INT} | windows


def table_of(rows: Sequence[Row]) -> pa.Table:
    """Rows as a table; a column without a value is of doubles."""
    table = pa.Table.from_pylist(list(rows))
    for place, field in enumerate(table.schema):
        kind = _TYPES.get(field.name, field.type)
        if pa.types.is_null(kind):
            kind = pa.float64()
        table = table.set_column(place, field.name, table[field.name].cast(kind))
    return table


def drawn_engines(day: EngineDay, seed: int) -> dict[str, list[Row]]:
    """Drawn readings of the engines at primary levels near spot, which need not fit the book."""
    random = Random(seed)
    spots = {row["window_end_ts"]: row["spot_ref_price_int"] for row in day.book_snapshot_1s}
    start_s, end_s = day.constants["surface_window_s"]
    found: dict[str, list[Row]] = {
        name: []
        for name in ("barrier_engine_1s", "tape_engine_1s", "fuel_engine_1s", "break_score_1s")
    }
    for level in day.levels_1s:
        end = level["window_end_ts"]
        if spots[end] is None or not level["is_primary"] or not start_s < second_of(end) <= end_s:
            continue
        k_ticks = (level["level_price_int"] - spots[end]) // TICK_INT
        direction = random.choice(("RESISTANCE", "SUPPORT", None)) if k_ticks == 0 else None
        if k_ticks:
            direction = "RESISTANCE" if k_ticks > 0 else "SUPPORT"
        keys = {name: level[name] for name in ("symbol", "dt", "window_end_ts")} | {
            "window_start_ts": timestamp_of(second_of(end) - 1),
            "level_id": level["level_id"],
            "level_price_int": level["level_price_int"],
            "k_ticks": k_ticks,
            "direction": direction,
            "break_direction": {"RESISTANCE": "UP", "SUPPORT": "DOWN"}.get(direction),
            "in_monitor_band": abs(k_ticks) <= day.constants["monitor_band_ticks"],
        }
        for name, reading in _readings(random, keys["break_direction"], level["level_id"]).items():
            found[name].append(keys | reading)
    return found


def _readings(random: Random, break_direction: str | None, level: str) -> dict[str, Row]:
    """One reading of every engine; now and then nothing is known, nor without a direction."""
    is_known = random.random() < 0.9 and break_direction is not None
    delta_liq = random.choice((0, 1, -1)) * random.randint(1, 900)
    barrier = {
        "state": random.choice(("VACUUM", "WALL", "CONSUMED", "NEUTRAL")),
        "delta_liq": delta_liq,
        "replenishment_ratio": random.uniform(0, 3),
        "added": random.randint(0, 900),
        "canceled": random.randint(0, 900),
        "filled": random.randint(0, 900),
        "churn": random.randint(0, 2_000),
        "depth_in_zone": random.randint(0, 400),
        "wall_ratio": random.choice((0.0, random.uniform(0, 4))),
        "confidence": random.random(),
    }
    signal = random.choice(("BREAK", "REJECT", "CONTESTED", "NEUTRAL"))
    implied, means = signal_words(signal, break_direction, level) if is_known else (None, None)
    score = {
        "score_raw": random.uniform(0, 100),
        "score_smooth": random.uniform(0, 100),
        "signal": signal,
        "implied_dir": implied,
        "signal_means": means,
        "confidence": random.choice(("HIGH", "MEDIUM", "LOW")),
    }
    sweep = random.choice(("UP", "DOWN", None))
    gamma = random.choice((None, random.uniform(-20_000, 20_000)))
    return {
        "barrier_engine_1s": barrier if is_known else dict.fromkeys(barrier),
        "tape_engine_1s": {
            "buy_vol": random.randint(0, 300),
            "sell_vol": random.randint(0, 300),
            "imbalance": random.choice((None, random.uniform(-1, 1))),
            "velocity_ticks_s": random.choice((None, random.uniform(-3, 3))),
            "sweep_detected": sweep is not None,
            "sweep_direction": sweep,
            "sweep_notional": sweep and random.uniform(500_000, 900_000),
        },
        "fuel_engine_1s": {
            "net_dealer_gamma": gamma,
            "effect": gamma and ("AMPLIFY" if gamma < 0 else "DAMPEN"),
        },
        "break_score_1s": score if is_known else dict.fromkeys(score),
    }
