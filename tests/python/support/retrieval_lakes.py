"""Hand-made lakes with the inputs of retrieval, and builds of retrieval in them."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Iterable, Sequence
from pathlib import Path

import duckdb
import pyarrow as pa
from spymaster_ingest.lake import Lake
from spymaster_warehouse.view_files import name_files_by_lake

from support import lakes
from support.retrieval_inputs import (
    record_partitions,
    write_conditions_in_use,
    write_market_vectors,
)
from support.retrieval_market import (
    BLOCKS,
    CONTEXT,
    DIRECTIONS,
    FEATURES,
    LEAST_BARRIER,
    ORDERS,
    VOLATILE,
    WINDOW_S,
    Approach,
)

TICK = 250_000_000
LEVEL_TICKS = 27_200
# parts of the pressure, of any value
PRESSURES = (
    "u1_ask_com_disp_log",
    "f1_ask_com_disp_log",
    "u5_ask_pull_add_log_rest",
    "f2_ask_pull_add_log_rest",
    "u7_ask_near_pull_share_rest",
    "f2_ask_near_pull_share_rest",
    "d2_u5_ask_pull_add_log_rest",
    "d2_f2_ask_pull_add_log_rest",
    "u8_bid_com_approach_log",
    "f3_bid_com_disp_log",
    "u12_bid_add_pull_log_rest",
    "f4_bid_pull_add_log_rest",
    "u10_bid_near_share_rise",
    "f4_bid_near_pull_share_rest",
    "d2_u12_bid_add_pull_log_rest",
    "d2_f4_bid_pull_add_log_rest",
)
MODELS = (
    "own_levels",
    "level_definitions",
    "gold.retrieval",
    "gold.signals",
    "retrieval_library",
    "retrieval_index_manifest",
    "eval_retrieval_maps",
    "eval_retrieval_verdict_asof",
    "trigger_thresholds",
    "feature_mirrors",
)
# few approaches are enough for an answer
VARIABLES = {
    "retrieval_space": "robust_z",
    "retrieval_k_raw": 120,
    "retrieval_k": 40,
    "min_neighbors": 15,
    "min_neighbor_days": 3,
    "min_neighbor_episodes": 8,
    "min_band_episodes": 6,
    "similarity_floor_rows": 30,
    # too few days for a search and a verdict
    "tune_trigger_thresholds": False,
    "signals_need_verdict": False,
}
# window of the conditions in seconds, and values of other windows
CONDITION_WINDOW_S = 5
OTHER_WINDOW = {"recent_state": "none", "asks_retreat_z": 99.0}
# labels of the barriers that are not in use
OTHERWISE = {"outcome": "CHOP", "outcome_reached": "CHOP", "reached": True}
_LABEL_S = 240
_WHOLE_NUMBERS = (
    "k_ticks",
    "candle_id",
    "feature_index",
    "mfe_ticks",
    "mae_ticks",
    "mfe_to_exit_ticks",
    "mae_to_exit_ticks",
    "x0_ticks",
    "exit_x_ticks",
    "barrier_ticks",
    "barrier_min_ticks",
    "horizon_s",
)


def write_lake(root: Path, approaches: list[Approach], selected: dict[dt.date, str]) -> Lake:
    """Write a lake whose warehouse holds the inputs of retrieval."""
    lake = Lake(root)
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        for schema in ("bronze", "silver", "gold", "steps", "meta"):
            connection.execute(f"create schema {schema}")
        connection.execute(
            "create table meta.partition_state (relation varchar, owner varchar, dt date, "
            "input_fingerprint varchar, model_checksum varchar, "
            "primary key (relation, owner, dt))"
        )
        connection.execute(
            "create table bronze.ingest_manifest as select distinct 'bronze.future_mbo.mbo' as "
            f"dataset_key, unnest({sorted({row.symbol for row in approaches})}) as symbol, "
            f"unnest({[str(day) for day in selected]}::date[]) as dt, {TICK}::bigint as tick_int"
        )
        write_inputs(connection, approaches, selected)
        connection.execute(
            "create table silver.contract_days as select distinct symbol, dt, 'ES' as root, "
            f"{TICK}::bigint as tick_int from silver.levels_1s"
        )
    return lake


def copy_of(lake: Lake, root: Path) -> Lake:
    """Return a copy of a lake."""
    shutil.copytree(lake.root, root)
    return Lake(root)


def write_inputs(
    connection: duckdb.DuckDBPyConnection,
    approaches: list[Approach],
    selected: dict[dt.date, str],
) -> None:
    """Write the tables, and the state of their partitions from their content."""
    write_market_vectors(connection, [])
    _create(
        connection,
        "silver.levels_1s",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "window_end_ts": approach.window_end_ts,
                "level_id": approach.level_id,
                "level_price_int": LEVEL_TICKS * TICK,
            }
            for approach in approaches
        ],
    )
    _create(
        connection,
        "gold.mbo_trigger_vectors",
        [
            {
                "vector_id": approach.vector_id,
                "symbol": approach.symbol,
                "dt": approach.day,
                "level_id": approach.level_id,
                "window_end_ts": approach.window_end_ts,
                "session_date": approach.day,
                "level_price_int": LEVEL_TICKS * TICK,
                "k_ticks": approach.k_ticks,
                "approach_dir": approach.approach_dir,
                "decision_phase": approach.decision_phase,
                "candle_id": 5,
                "episode_id": approach.episode,
                "vector_down": approach.vector
                if approach.approach_dir == "approach_down"
                else None,
                "vector_up": approach.vector if approach.approach_dir == "approach_up" else None,
                "context": approach.context,
            }
            for approach in approaches
        ],
    )
    _create(
        connection,
        "gold.level_labels",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "level_id": approach.level_id,
                "window_end_ts": approach.window_end_ts,
                "barrier_kind": kind,
                "horizon_id": horizon,
                "decision_phase": approach.decision_phase,
                **stored(label if kind == "fixed" else label | OTHERWISE, approach.window_end_ts),
            }
            for approach in approaches
            for horizon, label in approach.labels.items()
            for kind in ("fixed", "vol")
        ],
    )
    _create(
        connection,
        "gold.mbo_trigger_vector_features",
        [
            {
                "direction": name,
                "feature_index": place,
                "feature_name": prefix + feature,
                "base_feature": feature,
                "set": kind,
            }
            for direction, name in DIRECTIONS.items()
            for kind, named in (
                ("vector", elements_of(direction)),
                ("context", [("", feature) for feature in CONTEXT]),
            )
            for place, (prefix, feature) in enumerate(named)
        ],
    )
    _create(
        connection,
        "silver.mbo_contract_day_selection",
        [
            {"root": "ES", "session_date": day, "selected_symbol": symbol}
            for day, symbol in selected.items()
        ],
    )
    # no approach is under way but those that are decided
    connection.execute(
        "create or replace table silver.approach_course_1s "
        "(symbol varchar, dt date, window_end_ts timestamp, level_id varchar, direction varchar)"
    )
    _create(
        connection,
        "silver.level_decisions",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "window_end_ts": approach.window_end_ts,
                "level_id": approach.level_id,
                "is_primary": True,
                "is_eligible": approach.episode is not None,
                "k_ticks": approach.k_ticks,
                "approach_dir": approach.approach_dir,
                "decision_phase": approach.decision_phase,
                "first_window_end_ts": approach.first_window_end_ts,
                "barrier_mode": "vol" if approach.symbol == VOLATILE else "fixed",
                "barrier_min_ticks": LEAST_BARRIER,
                "barrier_ticks": approach.barrier_ticks("s240"),
                "sigma_1s_ticks": approach.sigma,
            }
            for approach in approaches
        ],
    )
    _create(
        connection,
        "steps.approach_windows_5s",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "window_end_ts": approach.window_end_ts,
                "level_id": approach.level_id,
                "is_primary": True,
                # at and past the level price need not approach it
                "approach_dir": approach.approach_dir
                if approach.decision_phase in (None, "approaching")
                else "approach_none",
            }
            for approach in approaches
        ],
    )
    _create(
        connection,
        "silver.level_offset_1s",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "level_id": approach.level_id,
                "window_end_ts": approach.window_end_ts,
                "closing_speed_15s": approach.closing_speed,
                "speed_15s": approach.sense * approach.closing_speed,
                "k_vol": approach.volatility[0],
                "sigma_1s_ticks": approach.volatility[1],
            }
            for approach in approaches
        ],
    )
    _create(
        connection,
        "steps.turn_states_1s",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "level_id": approach.level_id,
                "window_end_ts": approach.window_end_ts,
                "condition_window_s": window_s,
                **(
                    approach.turn
                    if window_s == CONDITION_WINDOW_S
                    else approach.turn | OTHER_WINDOW
                ),
            }
            for approach in approaches
            for window_s in (CONDITION_WINDOW_S, 2)
        ],
    )
    write_conditions_in_use(connection, CONDITION_WINDOW_S)
    _create(
        connection,
        "silver.mbo_level_vacuum_5s",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "window_end_ts": approach.window_end_ts,
                "level_id": approach.level_id,
                "level_price_int": LEVEL_TICKS * TICK,
                "k_ticks": approach.k_ticks,
                "approach_dir": approach.approach_dir,
                **{name: approach.vector[0] + place / 10 for place, name in enumerate(PRESSURES)},
            }
            for approach in approaches
        ],
    )
    _create(
        connection,
        "silver.book_snapshot_1s",
        [
            {
                "symbol": approach.symbol,
                "dt": approach.day,
                "window_end_ts": approach.window_end_ts + dt.timedelta(seconds=second),
                "spot_ref_price_int": (LEVEL_TICKS - approach.k_ticks + second // 2) * TICK,
                "window_valid": True,
            }
            for approach in approaches
            for second in range(-WINDOW_S, 3 * WINDOW_S)
        ],
    )
    connection.execute(
        "create or replace table silver.recording_gaps (symbol varchar, dt date, gap_start_ts "
        "timestamp_ns, gap_end_ts timestamp_ns, known_at_ts timestamp_ns, cause varchar)"
    )
    record_partitions(connection, {(approach.symbol, approach.day) for approach in approaches})


def elements_of(direction: str) -> list[tuple[str, str]]:
    """Return prefix and feature name of each element of a vector."""
    return [
        (f"b{block}__{order}", feature)
        for block in range(BLOCKS)
        for feature in FEATURES[direction]
        for order in ORDERS
    ]


def stored(label: dict, decided: dt.datetime) -> dict:
    """Return the columns of a label, with timestamps instead of durations.

    Half of the paths with an unknown `reached` are cut after price reached the level, within the
    horizon.
    """
    columns = dict(label)
    seconds = columns.pop("reached_time_to_hit_s")
    hit = None if seconds is None else decided + dt.timedelta(seconds=seconds)
    lasts = columns["reached"] is not None
    if not lasts and decided.second % 2:
        columns["reached"] = True
    return columns | {
        "reached_hit_ts": hit,
        "horizon_s": _LABEL_S,
        "label_end_ts": decided + dt.timedelta(seconds=_LABEL_S - (0 if lasts else 1)),
    }


def run(lake: Lake, models: Sequence[str] = MODELS, **variables: object) -> None:
    """Run models, of retrieval unless others are named, and publish the warehouse."""
    lakes.run_models(lake, "--select", *models, **{**VARIABLES, **variables})
    shutil.copyfile(lake.warehouse, lake.published)
    with duckdb.connect(str(lake.published)) as connection:
        name_files_by_lake(connection, lake)


def rows_of(lake: Lake, query: str) -> list[dict]:
    """Return rows as dictionaries."""
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        result = connection.execute(query)
        names = [name for name, *_ in result.description]
        return [dict(zip(names, row, strict=True)) for row in result.fetchall()]


def _create(connection: duckdb.DuckDBPyConnection, relation: str, rows: Iterable[dict]) -> None:
    table = pa.Table.from_pylist(list(rows))
    types = {
        **{
            f"vector_{name}": f"float[{len(elements_of(direction))}]"
            for direction, name in DIRECTIONS.items()
        },
        "context": f"float[{len(CONTEXT)}]",
        **dict.fromkeys(_WHOLE_NUMBERS, "integer"),
    }
    columns = ", ".join(
        f"cast({name} as {types[name]}) as {name}" if name in types else name
        for name in table.column_names
    )
    connection.register("rows_to_write", table)
    connection.execute(f"create or replace table {relation} as select {columns} from rows_to_write")
    connection.unregister("rows_to_write")
