"""A lake of a few rows for ``spymaster levels``."""

from __future__ import annotations

import csv
import datetime as dt
from pathlib import Path
from typing import Any

import duckdb
from spymaster_ingest.lake import PROJECT_ROOT, Lake

from support.settings import write_word_settings

DAY = dt.date(2025, 10, 1)
TICK = 250_000_000
SPOT_TICKS = 27_200
# 09:40:00 and the second after it in New York
AT, LATER = dt.datetime(2025, 10, 1, 13, 40), dt.datetime(2025, 10, 1, 13, 40, 1)
OPEN = dt.datetime(2025, 10, 1, 13, 45)
SIDES = ("bid", "ask")
PHYSICS = (
    *("long_physics", "short_physics", "wall_ratio", "bid_wall_ratio", "ask_wall_ratio"),
    *("bid_usual_depth", "ask_usual_depth", "bid_net_flow_share", "ask_net_flow_share"),
    *("bid_state", "ask_state"),
)
POINT = 1_000_000_000
OF_OPTIONS = (
    "strike_points",
    "strike_distance_ticks",
    "call_physics",
    "put_physics",
    "gex_call_abs",
    "gex_put_abs",
    "call_net_aggressive_qty",
    "put_net_aggressive_qty",
    "call_net_resting_qty",
    "put_net_resting_qty",
    "strike_rungs",
)


def write_lake(root: Path, **there: bool) -> Lake:
    lake = Lake(root)
    lake.make_root()
    with duckdb.connect(str(lake.published)) as connection:
        write(connection, **there)
    return lake


def engine_constants() -> dict[str, float]:
    """Return the constants of the engines by name."""
    with (PROJECT_ROOT / "seeds" / "engine_constants.csv").open(encoding="utf-8") as seed:
        return {constant["name"]: float(constant["value"]) for constant in csv.DictReader(seed)}


def write(
    connection: duckdb.DuckDBPyConnection,
    *,
    has_options: bool = True,
    has_odds: bool = False,
    has_engines: bool = False,
    has_orders: bool = True,
    compares_market: bool = False,
) -> None:
    """Write pm_high 12 ticks above spot with a wall beyond, or_high provisional, sma_90 on spot.

    Options are listed at 6805, a wall of puts with calls in demand, and at 6800, where half of it
    is not known. Without orders the book is market by price, and no level has a ladder.
    """
    nothing = [None] * len(OF_OPTIONS)
    above = [6805.0, 1, 0.4, -0.2, 150.0, 600.0, 30, -10, 10, -10, 2] if has_options else nothing
    below = [6800.0, -5, None, 0.1, None, 100.0, 5, 5, None, 1, 1] if has_options else nothing
    for schema in ("bronze", "silver", "gold", "steps"):
        connection.execute(f"create schema {schema}")
    landed = "bronze.future_mbo.mbo" if has_orders else "bronze.future.market_by_price_10"
    connection.execute(
        f"create table bronze.ingest_manifest as select 'ESZ5' as symbol, date '{DAY}' as dt, "
        f"'{landed}' as dataset_key, {TICK}::bigint as tick_int"
    )
    family = "market" if compares_market else "level"
    connection.execute(
        f"create table gold.retrieval_families as select 'ES' as root, date '{DAY}' as dt, "
        f"'{family}' as retrieval_family"
    )
    seconds = [(AT, SPOT_TICKS * TICK, True), (LATER, None, False)]
    create(connection, "book_snapshot_1s", "spot_ref_price_int, window_valid", seconds)
    create(
        connection,
        "levels_1s",
        "level_id, level_price_int, is_active, is_provisional, is_primary, stacked_with, "
        "available_from_ts",
        [
            (AT, "pm_high", (SPOT_TICKS + 12) * TICK, True, False, True, ["sma_400"], AT),
            (AT, "pm_low", (SPOT_TICKS + 20) * TICK, False, True, False, [], OPEN),
            (AT, "sma_90", SPOT_TICKS * TICK - TICK, True, False, True, [], AT),
            (AT, "or_high", None, False, False, False, None, OPEN),
            (AT, "sma_400", None, False, False, False, None, None),
            (AT, "or_low", None, False, False, False, None, AT),
        ],
    )
    create(
        connection,
        "level_offset_1s",
        "level_id, k_ticks, closing_speed_15s, secs_to_touch, approach_dir, approach_move_ticks",
        [
            (AT, "pm_high", 12, 0.4, 30.0, "approach_up", 5.5),
            (AT, "pm_low", 20, 0.4, 50.0, "approach_none", 5.5),
            (AT, "sma_90", -13, None, None, "approach_none", 5.5),
        ],
    )
    create(
        connection,
        "level_corridor_1s",
        "level_id, corridor_len_ticks, corridor_rel_depth, beyond_rel_depth, beyond_max_depth, "
        "beyond_max_rho, beyond_wall_ratio, beyond_wall_offset, beyond_wall_depth, "
        "beyond_wall_from_ticks, beyond_wall_to_ticks, behind_pull_add_log, behind_add_qty, "
        "behind_pull_qty",
        [(AT, "pm_high", 11, 0.8, 1.5, 664, 8, 4.2, 1, 529, 4, 7, 0.9, 19, 48)],
    )
    flows = [f"{side}_{what}" for side in SIDES for what in ("depth", "add", "pull", "fill")]
    wall = [0, 0, 0, 0, 529, 0, 4, 0, 1.6, -1.6, 4.2, 0.0, 4.2, 120, 122]
    usual = [0, 0, 0, 0, 120, 0, 0, 0, None, None, 1.0, 0.0, 1.0, 120, 122]
    unknown = [None] * 19
    pm_high = ("pm_high", (SPOT_TICKS + 12) * TICK, 12)
    create(
        connection,
        "level_ladder_1s",
        ", ".join(("level_id, level_price_int, k_ticks, point_offset", *flows, *PHYSICS))
        + ", "
        + ", ".join(OF_OPTIONS),
        [
            (AT, *pm_high, 1, *wall, None, None, None, "wall_holds", *above),
            (AT, *pm_high, 0, *usual, None, None, None, "quiet", *above),
            (AT, *pm_high, -1, *unknown, *below),
        ]
        if has_orders
        else [],
    )
    create(connection, "conditions_in_use_1s", "level_id, state", [], schema="gold")
    write_word_settings(connection)
    create(
        connection,
        "retrieval_outcomes",
        "level_id, horizon_id, is_judged, k_ticks, barrier_ticks, retrieval_family",
        [
            (AT, "pm_high", "s120", True, 12, 8, family),
            (AT, "pm_high", "s240", False, 12, 8, family),
            (AT - dt.timedelta(seconds=5), "pm_high", "s240", True, 12, 8, family),
        ]
        if has_odds
        else [],
        schema="gold",
    )
    connection.execute(
        "create table gold.retrieval_settings as "
        "select 's240' as horizon_id, 5 as window_s, 2 as reach_ticks"
    )
    create(
        connection,
        "gex_surface_1s",
        "n_options, gex_call_abs, gex_put_abs",
        # a strike at which nothing is listed is not part of the average
        [(AT, 2, 100.0, 300.0), (AT, 2, 100.0, 100.0), (AT, 0, 0.0, 0.0)],
    )
    create(
        connection,
        "gex_summary_1s",
        "gex, gex_abs, gamma_flip_price, gamma_flip_ticks, call_wall_price_int, call_wall_ticks, "
        "put_wall_price_int, put_wall_ticks, sign_convention",
        [(AT, 1.0, 2.0, 6790.5, -38, 6820 * POINT, 80, None, None, "a")] if has_options else [],
    )
    if has_engines:
        _write_engines(connection)


def _write_engines(connection: duckdb.DuckDBPyConnection) -> None:
    """Write pm_high in a BREAK of two seconds after a gap, and sma_90 without a signal."""
    connection.execute("create schema reference")
    connection.execute("create table reference.engine_constants (name varchar, value double)")
    connection.executemany(
        "insert into reference.engine_constants values (?, ?)", list(engine_constants().items())
    )
    ago = {second: AT - dt.timedelta(seconds=second) for second in range(6)}
    high, low = ("pm_high", "RESISTANCE", "UP"), ("sma_90", "SUPPORT", "DOWN")
    scores: list[tuple[Any, ...]] = [
        *((ago[second], *high, 100.0, 50.0, 100.0, 84.2, "BREAK") for second in (0, 1, 2)),
        # after a gap of a second
        *((ago[second], *high, 100.0, 50.0, 100.0, 84.2, "BREAK") for second in (4, 5)),
        *((ago[second], *low, 0.0, 50.0, 0.0, 17.5, "NEUTRAL") for second in (0, 1)),
    ]
    names = "level_id, direction, break_direction, s_l, s_h, s_t, score_smooth, signal"
    create(connection, "break_score_1s", names, scores, schema="gold")
    create(
        connection,
        "barrier_engine_1s",
        "level_id, state, delta_liq, replenishment_ratio, added, canceled, filled, churn, "
        "depth_in_zone, wall_ratio, defending_quote_price_int, defending_quote_size, confidence",
        [
            (AT, "pm_high", "VACUUM", -283, 0.13, 42, 310, 15, 367, 120, 0.4, 1, 1, 0.7),
            (AT, "sma_90", "ABSORPTION", 5, 1.02, 300, 295, 0, 595, 509, 1.1, 1, 1, 1.0),
        ],
    )
    create(
        connection,
        "tape_engine_1s",
        "level_id, buy_vol, sell_vol, imbalance, velocity_ticks_s, sweep_detected, "
        "sweep_direction, sweep_num_prints, sweep_span_ms, sweep_notional, sweep_age_s, confidence",
        [
            (AT, level_id, 312, 88, 0.56, 1.4, True, "UP", 14, 85.4, 1_249_999.0, 8.2, 0.8)
            for level_id in ("pm_high", "sma_90")
        ],
    )
    create(
        connection,
        "fuel_engine_1s",
        "level_id, fuel_available, net_dealer_gamma, effect",
        [(AT, "pm_high", False, None, None), (AT, "sma_90", True, 1.0, "NEUTRAL")],
    )
    verdicts = (
        "('ES', 's240', 'all', 'break_score', 'distance', 12, 812, 'not shown'), "
        "('E', 's240', 'all', 'break_score', 'distance', 12, 812, 'worse'), "
        "('ES', 's120', 'all', 'break_score', 'distance', 12, 812, 'better'), "
        "('ES', 's240', 'all', 'break_score', 'base_rate', 12, 812, null), "
        "('ES', 's240', 'all', 'fitted_weights', 'hand_weights', 12, 812, 'better')"
    )
    connection.execute(
        "create table gold.eval_break_score as select *, 0.0 as skill, 0.0 as skill_lo, "
        f"0.0 as skill_hi from (values {verdicts}) as judged "
        "(root, horizon_id, slice, model, rival, n_days, n_episodes, verdict)"
    )


def create(
    connection: duckdb.DuckDBPyConnection,
    name: str,
    columns: str,
    rows: list[tuple],
    schema: str = "silver",
) -> None:
    count = len(columns.split(", ")) + 1
    if not rows:
        names = ", ".join(["symbol varchar, dt date", _empty(columns)])
        connection.execute(f"create table {schema}.{name} ({names})")
        return
    marks = ", ".join(["?"] * count)
    values = ", ".join([f"({marks})"] * len(rows))
    connection.execute(
        f"create table {schema}.{name} as select 'ESZ5' as symbol, date '{DAY}' as dt, v.* "
        f"from (values {values}) as v (window_end_ts, {columns})",
        [value for row in rows for value in row],
    )


def _empty(columns: str) -> str:
    kinds = dict.fromkeys(("sign_convention", "level_id", "state", "horizon_id"), "varchar")
    kinds |= dict.fromkeys(("ask_state", "bid_state", "retrieval_family"), "varchar")
    kinds |= {"is_judged": "boolean"}
    names = columns.split(", ")
    return ", ".join(
        ["window_end_ts timestamp", *(f"{name} {kinds.get(name, 'double')}" for name in names)]
    )
