"""Artificial moments without a level, in a lake that holds the inputs of their retrieval.

Prices of every day go down as they went up: each rise has a fall as its mirror image, with bids
for asks, and the same outcome.
"""

from __future__ import annotations

import datetime as dt
import hashlib
import shutil
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from naive.surfaces_radar import FEATURES
from numpy.typing import NDArray
from spymaster_ingest.lake import Lake
from spymaster_warehouse.view_files import name_files_by_lake

from support import lakes

SYMBOL = "ESZ5"
DAYS = [
    day for day in (dt.date(2025, 9, 8) + dt.timedelta(n) for n in range(26)) if day.weekday() < 5
]
EPISODES, WINDOWS_S = 8, (0, 15, 30, 35)
EVERY_S, WINDOW_S, TICK, SPOT, BARRIER = 15, 5, 250_000_000, 26_000, 8
# 13:40 UTC is 09:40 in New York; an episode begins every three minutes, its image 75 s later
FIRST_S, EPISODE_S, IMAGE_S = 13 * 3600 + 40 * 60, 180, 75
HORIZONS = ("s120", "s240", "s480", "h1")
OUTCOMES = ("BREAK", "REJECT", "CHOP")
BLOCKS, ORDERS = 7, 4
# the pull of both sides tells the outcome
TELLING = ("f2_ask_pull_add_log_rest", "f4_bid_pull_add_log_rest")
STRENGTH = {"BREAK": 1.6, "REJECT": -1.6, "CHOP": 0.0}
MODELS = (
    "feature_names",
    "feature_mirrors",
    "retrieval_settings",
    "eval_retrieval_maps",
    "eval_retrieval_verdict_asof",
    "spot_vector_features",
    "spot_mirror",
    "spot_library_days",
    "spot_days",
    "spot_pools",
    "spot_library_rows",
    "spot_library_plan",
    "spot_library",
    "spot_library_files",
    "spot_norm_stats",
    "spot_answers",
    "spot_odds",
)
# few moments are enough for an answer
VARIABLES = {
    "retrieval_space": "robust_z",
    "retrieval_k_raw": 200,
    "retrieval_k": 40,
    "min_neighbors": 15,
    "min_neighbor_days": 3,
    "min_neighbor_episodes": 8,
    "min_band_episodes": 6,
    "similarity_floor_rows": 30,
}
_INPUTS = {"spot_vectors": "gold", "spot_outcomes": "gold", "spot_moments": "silver"}


@dataclass(frozen=True, eq=False)
class Moment:
    """A window with its vector and its outcome at horizon s240."""

    day: dt.date
    window_end_ts: dt.datetime
    approach_dir: str
    episode: str
    vector: NDArray[np.float32]
    context: NDArray[np.float32]
    outcome: str

    @property
    def vector_id(self) -> str:
        """Name of its vector."""
        direction = self.approach_dir.removeprefix("spot_")
        epoch = int(self.window_end_ts.replace(tzinfo=dt.UTC).timestamp())
        return f"{SYMBOL}_spot_{direction}_{epoch}"

    @property
    def is_query(self) -> bool:
        """Whether it enters the library and is judged."""
        return self.window_end_ts.second % EVERY_S == 0

    def outcome_at(self, horizon: str) -> str:
        """Outcome at a horizon; some episodes end otherwise than at s240."""
        number = int(self.episode.rsplit("_", 1)[1])
        if self.outcome == "CENSORED":
            return self.outcome
        if horizon == "s120" and number % 3 == 0:
            return "CHOP"
        if horizon == "s480" and number % 4 == 1:
            return OUTCOMES[(OUTCOMES.index(self.outcome) + 1) % 3]
        return "CENSORED" if horizon == "h1" and number % 5 == 2 else self.outcome

    def label_at(self, horizon: str) -> dict:
        """Its outcome in the words of the plain retrieval."""
        outcome = self.outcome_at(horizon)
        is_hit = outcome in ("BREAK", "REJECT")
        ticks = {"BREAK": (9, -2), "REJECT": (3, -10)}.get(outcome, (5, -4))
        return {
            "outcome_reached": outcome,
            "reached": None if outcome == "CENSORED" else True,
            "reached_time_to_hit_s": 40.0 + self.window_end_ts.minute if is_hit else None,
            "mfe_ticks": ticks[0],
            "mae_ticks": ticks[1],
            "mae_to_exit_ticks": ticks[1],
            "mfe_to_exit_ticks": ticks[0],
            "whipsaw_reached": False,
        }


def made_moments(seed: int) -> list[Moment]:
    """Return the moments of all days in the order of time."""
    rng = np.random.default_rng(seed)
    moments = []
    for day in DAYS:
        for number in range(EPISODES):
            outcome = OUTCOMES[rng.integers(3)]
            sides = made_sides(rng)
            sides[..., _ONE_SIDED] = 0
            for place, begin_s in enumerate(WINDOWS_S):
                moved = sides + 0.4 * rng.normal(size=sides.shape)
                moved[..., _ONE_SIDED] = 0
                moved[..., 0, _TELLING] += STRENGTH[outcome]
                moved[..., 1, _TELLING] -= STRENGTH[outcome]
                # one path of an episode is cut off
                stated = "CENSORED" if number == 0 and place == 1 else outcome
                context = rng.uniform(0.5, 2.0, 2).astype(np.float32)
                for direction, values, late_s in (
                    ("spot_up", moved, 0),
                    ("spot_down", moved[..., ::-1, :], IMAGE_S),
                ):
                    first = dt.datetime.combine(day, dt.time()) + dt.timedelta(
                        seconds=FIRST_S + number * EPISODE_S + late_s
                    )
                    moments.append(
                        Moment(
                            day,
                            first + dt.timedelta(seconds=begin_s),
                            direction,
                            f"{day}_{direction}_{number}",
                            vector_of(values),
                            context,
                            stated,
                        )
                    )
    return sorted(moments, key=lambda moment: moment.window_end_ts)


_SIDE = [
    name.removeprefix("f1_ask_").removeprefix("f2_ask_")
    for name in FEATURES
    if name.startswith(("f1_ask_", "f2_ask_"))
]
_TELLING = _SIDE.index("pull_add_log_rest")
# a vector holds these twice of the asks and once of the bids: distances would not be symmetric
_ONE_SIDED = [
    number for number, name in enumerate(_SIDE) if "pull" in name and name != "pull_add_log_rest"
]


def made_sides(rng: np.random.Generator) -> NDArray[np.float64]:
    """Return random values of both sides for ``vector_of``."""
    return rng.normal(size=(BLOCKS, ORDERS, 2, len(_SIDE)))


def vector_of(sides: NDArray[np.float64]) -> NDArray[np.float32]:
    """Return a vector from the values of both sides, (blocks, orders, 2, n): asks, then bids.

    Every feature is one of a side's, with either sign, or a sum of them; additions to the bids,
    which have no image, stay 0.
    """
    values = {}
    for place, (shape, flow, side) in enumerate((("f1", "f2", "ask"), ("f3", "f4", "bid"))):
        for number, name in enumerate(_SIDE):
            family = flow if "pull" in name else shape
            values[f"{family}_{side}_{name}"] = sides[..., place, number]
    ask_distance, bid_distance = sides[..., 0, 0] + 3, sides[..., 1, 0] + 3
    values |= {"f8_ask_bbo_dist_ticks": ask_distance, "f9_bid_bbo_dist_ticks": bid_distance}
    sums = {
        "f5_vacuum_expansion_log": ("f1_ask_com_disp_log", "f3_bid_com_disp_log"),
        "f6_vacuum_decay_log": TELLING,
    }
    values |= {name: values[one] + values[other] for name, (one, other) in sums.items()}
    values["f7_vacuum_total_log"] = (
        values["f5_vacuum_expansion_log"] + values["f6_vacuum_decay_log"]
    )
    values |= {
        "u15_up_expansion_log": values["f1_ask_com_disp_log"] - values["f3_bid_com_disp_log"],
        "u16_up_flow_log": values[TELLING[0]] - values[TELLING[1]],
        "u18_ask_bbo_dist_ticks": ask_distance,
        "u19_bid_bbo_dist_ticks": bid_distance,
    }
    values["u17_up_total_log"] = values["u15_up_expansion_log"] + values["u16_up_flow_log"]
    for name, (sign, of) in _OF_OTHERS.items():
        values[name] = sign * values[of]
    nothing = np.zeros(sides.shape[:2])
    rows = [values.get(name, nothing) for name in FEATURES]
    return np.stack(rows, axis=1).reshape(-1).astype(np.float32)


_OF_OTHERS = {
    "u1_ask_com_disp_log": (1, "f1_ask_com_disp_log"),
    "u2_ask_slope_convex_log": (1, "f1_ask_slope_convex_log"),
    "u2_ask_slope_inner_log": (1, "f1_ask_slope_inner_log"),
    "u3_ask_at_share_decay": (-1, "f1_ask_at_share_delta"),
    "u3_ask_near_share_decay": (-1, "f1_ask_near_share_delta"),
    "u4_ask_reprice_away_share_rest": (1, "f1_ask_reprice_away_share_rest"),
    "u5_ask_pull_add_log_rest": (1, "f2_ask_pull_add_log_rest"),
    "u6_ask_pull_intensity_log_rest": (1, "f2_ask_pull_intensity_log_rest"),
    "u7_ask_at_pull_share_rest": (1, "f2_ask_at_pull_share_rest"),
    "u7_ask_near_pull_share_rest": (1, "f2_ask_near_pull_share_rest"),
    "u8_bid_com_approach_log": (-1, "f3_bid_com_disp_log"),
    "u9_bid_slope_support_log": (-1, "f3_bid_slope_convex_log"),
    "u9_bid_slope_inner_log": (-1, "f3_bid_slope_inner_log"),
    "u10_bid_at_share_rise": (1, "f3_bid_at_share_delta"),
    "u10_bid_near_share_rise": (1, "f3_bid_near_share_delta"),
    "u11_bid_reprice_toward_share_rest": (-1, "f3_bid_reprice_away_share_rest"),
    "u12_bid_add_pull_log_rest": (-1, "f4_bid_pull_add_log_rest"),
}


def write_lake(root: Path, moments: list[Moment]) -> Lake:
    """Write a lake whose warehouse holds the inputs of retrieval without a level."""
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
        days = f"unnest({[str(day) for day in DAYS]}::date[])"
        connection.execute(
            f"create table bronze.ingest_manifest as select '{SYMBOL}' as symbol, {days} as dt, "
            f"{TICK}::bigint as tick_int, 'bronze.future_mbo.mbo' as dataset_key"
        )
        connection.execute(
            "create table silver.mbo_contract_day_selection as select 'ES' as root, "
            f"{days} as session_date, '{SYMBOL}' as selected_symbol"
        )
        connection.execute(
            f"create table gold.retrieval_families as select 'ES' as root, {days} as dt, "
            "'level' as retrieval_family"
        )
        connection.execute(
            f"create table silver.book_snapshot_1s as select '{SYMBOL}' as symbol, {days} as dt"
        )
        write_moments(connection, moments)
    return lake


def write_moments(connection: duckdb.DuckDBPyConnection, moments: list[Moment]) -> None:
    """Write the tables of moments, and the state of their partitions from their content."""
    keys = [
        {
            "vector_id": one.vector_id,
            "symbol": SYMBOL,
            "dt": one.day,
            "level_id": "spot",
            "window_end_ts": one.window_end_ts,
            "session_date": one.day,
            "level_price_int": SPOT * TICK,
            "approach_dir": one.approach_dir,
            "episode_id": one.episode,
            "retrieval_family": "spot",
            "vector": one.vector,
            "context": one.context,
        }
        for one in moments
    ]
    outcomes = [
        {
            "window_end_ts": one.window_end_ts,
            "horizon_id": horizon,
            "outcome": one.outcome_at(horizon),
            **{name: one.label_at(horizon)[name] for name in ("mfe_ticks", "mae_ticks")},
            "time_to_hit_s": one.label_at(horizon)["reached_time_to_hit_s"],
        }
        for one in moments
        for horizon in HORIZONS
    ]
    connection.register("moments", pa.Table.from_pylist(keys))
    connection.register("outcomes", pa.Table.from_pylist(outcomes))
    width = len(moments[0].vector)
    connection.execute(
        "create or replace table gold.spot_vectors as select vector_id, symbol, dt, level_id, "
        "window_end_ts, session_date, level_price_int, 0::integer as k_ticks, approach_dir, "
        "episode_id, 5::integer as candle_id, retrieval_family, "
        f"vector::float[{width}] as vector, context::float[2] as context from moments"
    )
    connection.execute(
        "create or replace table silver.spot_moments as select symbol, dt, window_end_ts, "
        "true as window_valid, 0.8::double as sigma_1s_ticks, 0.1::double as speed_15s, "
        "if(approach_dir = 'spot_up', 5.5, -5.5)::double as move_ticks, "
        "3::double as least_move_ticks, approach_dir, 'fixed' as barrier_mode, "
        "4::integer as barrier_min_ticks from moments"
    )
    connection.execute(
        "create or replace table gold.spot_outcomes as select symbol, dt, level_id, "
        f"window_end_ts, unnest(['fixed', 'vol']) as barrier_kind, horizon_id, approach_dir, "
        f"{BARRIER}::integer as barrier_ticks, 240::integer as horizon_s, outcome, "
        "time_to_hit_s, false as whipsaw_flag, mfe_ticks::integer as mfe_ticks, "
        "mae_ticks::integer as mae_ticks, case outcome when 'BREAK' then -mae_ticks "
        "when 'REJECT' then mfe_ticks end::integer as adverse_before_hit_ticks, "
        "case outcome when 'BREAK' then 8 when 'REJECT' then -8 when 'CHOP' then 1 end::integer "
        "as exit_x_ticks, window_end_ts + interval 240 second as label_end_ts "
        "from moments join outcomes using (window_end_ts)"
    )
    connection.unregister("moments")
    connection.unregister("outcomes")
    for relation, schema in _INPUTS.items():
        connection.execute("delete from meta.partition_state where relation = ?", [relation])
        for day in DAYS:
            rows = connection.execute(
                f"select cast(t as varchar) from {schema}.{relation} as t where dt = ? "
                "order by all",
                [day],
            ).fetchall()
            fingerprint = hashlib.md5(repr(rows).encode()).hexdigest()
            connection.execute(
                "insert into meta.partition_state values (?, ?, ?, ?, 'code')",
                [relation, SYMBOL, day, fingerprint],
            )


def run(lake: Lake, *arguments: str) -> None:
    """Run the models of retrieval without a level and publish the warehouse."""
    lakes.run_models(lake, "--select", *MODELS, *arguments, **VARIABLES)
    shutil.copyfile(lake.warehouse, lake.published)
    with duckdb.connect(str(lake.published)) as connection:
        name_files_by_lake(connection, lake)


def with_vectors_turned(moments: list[Moment], day: dt.date) -> list[Moment]:
    """Return the moments with the vectors of a day turned around."""
    return [replace(one, vector=-one.vector) if one.day == day else one for one in moments]
