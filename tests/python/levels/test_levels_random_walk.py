"""Labels of random walks follow the gambler's ruin probabilities.

A symmetric walk that starts x ticks past the level [x < 0] reaches +B before -B with probability
(B + x) / (2B). Every walk is a few minutes of a contract-day, and the inputs of the labels
are tables.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from math import sqrt
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster_ingest.lake import Lake
from support import surface_lakes

DAY = date(2025, 10, 1)
MIDNIGHT = datetime(2025, 10, 1)
SYMBOL, TICK_INT, LEVEL_TICK = "ESZ5", 250_000_000, 20_000
BARRIER, REACH_TICKS = 8, 2
# within the 720 trades of a horizon all but one walk in a million hits a barrier
TRADES_PER_S, HORIZON_S, WALK_S = 12, 60, 65
WALKS = 1311
STARTS = range(1 - BARRIER, 0)
# in every fourth round the book is lost after some trades, and the day ends soon after the last
# walk began: later trades belong to no label
CUT_S = 2
DAY_S = (WALKS - 1) * WALK_S + CUT_S
VARIABLES = {"horizons_s": {"s60": HORIZON_S}, "barrier_horizon": "s60", "horizon_bars": 0}
# [book invalid after a reset], a bit of invalid_flags that ends a path
LOST = 2


def start_of(walk: int) -> int:
    """Ticks past the level at which a walk starts; one walk per round has no label."""
    return [*STARTS, -BARRIER][walk % BARRIER]


def direction_of(walk: int) -> str:
    return "approach_up" if walk // BARRIER % 2 == 0 else "approach_down"


def is_cut(walk: int) -> bool:
    return walk // (2 * BARRIER) % 4 == 3 or walk == WALKS - 1


@pytest.fixture(scope="module")
def walks() -> np.ndarray:
    """Ticks past the level trade by trade, shape (walks, trades); the first step is the start's."""
    rng = np.random.default_rng(8)
    steps = rng.choice((-1, 1), (WALKS, HORIZON_S * TRADES_PER_S))
    return np.array([[start_of(walk)] for walk in range(WALKS)]) + np.cumsum(steps, axis=1)


@pytest.fixture(scope="module")
def database(walks: np.ndarray, tmp_path_factory: pytest.TempPathFactory) -> Path:
    signs = np.where([direction_of(walk) == "approach_up" for walk in range(WALKS)], 1, -1)
    second = np.repeat(
        np.arange(WALKS)[:, None] * WALK_S + np.arange(HORIZON_S), TRADES_PER_S, axis=1
    )
    ticks = LEVEL_TICK + signs[:, None] * walks
    is_traded = second < DAY_S
    second, ticks = second[is_traded], ticks[is_traded]
    start_us = second * 1_000_000
    trades = pa.table(
        {
            "symbol": [SYMBOL] * second.size,
            "dt": [DAY] * second.size,
            "trade_no": np.arange(1, second.size + 1),
            "ts_event": pa.array(_epoch_us() + start_us, pa.timestamp("us")).cast(
                pa.timestamp("ns")
            ),
            "window_start_ts": pa.array(_epoch_us() + start_us, pa.timestamp("us")),
            "price_int": ticks * TICK_INT,
        }
    )
    decisions = pa.Table.from_pylist([_decision(walk) for walk in range(WALKS)])
    lost = ", ".join(str(walk * WALK_S + CUT_S) for walk in range(WALKS) if is_cut(walk))
    lake = Lake(tmp_path_factory.mktemp("walks") / "lake")
    lake.make_root()
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute("create schema silver; create schema steps; create schema meta")
        connection.register("trades", trades)
        connection.register("decisions", decisions)
        connection.execute(
            f"""
            create table steps.contract_trades as select * from trades;
            create table silver.level_decisions as select
                * replace (
                    cast(k_ticks as integer) as k_ticks,
                    cast(x_ticks as integer) as x_ticks,
                    cast(sigma_1s_ticks as double) as sigma_1s_ticks
                )
            from decisions;
            create table silver.contract_days as
            select '{SYMBOL}' as symbol, date '{DAY}' as dt, {TICK_INT}::bigint as tick_int;
            create table silver.book_snapshot_1s as
            select
                '{SYMBOL}' as symbol,
                date '{DAY}' as dt,
                timestamp '{MIDNIGHT}' + to_seconds(second) as window_start_ts,
                timestamp '{MIDNIGHT}' + to_seconds(second + 1) as window_end_ts,
                if(second in ({lost}), {LOST}, 0)::utinyint as invalid_flags
            from range({DAY_S}) as seconds (second);
            create table silver.recording_gaps (
                symbol varchar, dt date, gap_start_ts timestamp_ns, gap_end_ts timestamp_ns,
                known_at_ts timestamp_ns
            );
            create table meta.partition_state (
                relation varchar, owner varchar, dt date, input_fingerprint varchar,
                model_checksum varchar, primary key (relation, owner, dt)
            );
            insert into meta.partition_state values
                ('level_decisions', '{SYMBOL}', '{DAY}', 'walks', ''),
                ('recording_gaps', '{SYMBOL}', '{DAY}', 'no gaps', '');
            """
        )
    models = ["level_labels", "level_outcomes"]
    return surface_lakes.run_models(lake, models, **VARIABLES)


def _epoch_us() -> int:
    return int(np.datetime64(MIDNIGHT, "us").astype(np.int64))


def _decision(walk: int) -> dict:
    end = MIDNIGHT + timedelta(seconds=walk * WALK_S)
    x, direction = start_of(walk), direction_of(walk)
    return {
        "symbol": SYMBOL,
        "dt": DAY,
        "window_end_ts": end,
        "level_id": "pm_high",
        "window_valid": True,
        "is_active": True,
        "is_primary": True,
        "level_tick": LEVEL_TICK,
        "k_ticks": -x if direction == "approach_up" else x,
        "sigma_1s_ticks": 1.0,
        "approach_dir": direction,
        "x_ticks": x,
        "barrier_mode": "fixed",
        "barrier_min_ticks": 4,
        "barrier_ticks": BARRIER,
        "is_eligible": x > -BARRIER,
        "decision_phase": "approaching" if x > -BARRIER else None,
        "first_window_end_ts": end,
        "level_tick_first": LEVEL_TICK,
    }


def labels(database: Path) -> list[tuple]:
    """Start, direction, outcome and reason of every walk, in order, and when its label ended."""
    return surface_lakes.ask(
        database,
        "select x0_ticks, outcome_dir, outcome, label_reason, label_end_ts "
        "from gold.level_outcomes where barrier_kind = 'fixed' and horizon_id = 's60' "
        "order by window_end_ts",
    )


def test_break_frequency_follows_the_distance_to_the_barrier(database: Path) -> None:
    z_scores: dict[str, list[float]] = {"approach_up": [], "approach_down": []}
    for direction, scores in z_scores.items():
        whole = [
            label
            for walk, label in enumerate(labels(database))
            if not is_cut(walk) and direction_of(walk) == direction
        ]
        for x in STARTS:
            outcomes = [outcome for x0, _, outcome, *_ in whole if x0 == x]
            assert len(outcomes) > 60
            assert set(outcomes) == {"BREAK", "REJECT"}
            chance = (BARRIER + x) / (2 * BARRIER)
            share = outcomes.count("BREAK") / len(outcomes)
            scores.append((share - chance) / sqrt(chance * (1 - chance) / len(outcomes)))
    for scores in z_scores.values():
        assert max(map(abs, scores)) < 3, z_scores
        # all starts together: detects a bias too small to show at a single start
        assert abs(sum(scores)) / sqrt(len(scores)) < 2, z_scores


def label_end_s(walk: int, path: np.ndarray) -> int:
    """The end of the horizon, of the horizon from the level, or the next lost second.

    The walks follow each other, so that a path from the level continues into the next walk.
    """
    start_s = walk * WALK_S
    [near] = np.nonzero(path >= -REACH_TICKS)
    is_there = start_of(walk) >= -REACH_TICKS
    late_s = 0 if is_there or not near.size else int(near[0]) // TRADES_PER_S
    lost_s = (w * WALK_S + CUT_S for w in range(walk, WALKS) if is_cut(w))
    return min(start_s + late_s + HORIZON_S, next(lost_s, DAY_S))


def test_every_walk_has_the_label_of_its_own_first_hit(database: Path, walks: np.ndarray) -> None:
    """A label whose future ends before a hit is CENSORED, and known when the future ends."""
    found = labels(database)
    assert len(found) == WALKS
    of_cut = []
    for walk, (x0, outcome_dir, outcome, _, label_end_ts) in enumerate(found):
        assert x0 == start_of(walk)
        if x0 <= -BARRIER:
            continue
        known_s = CUT_S if is_cut(walk) else HORIZON_S
        path = walks[walk, : known_s * TRADES_PER_S]
        hits = path[np.abs(path) >= BARRIER]
        expected = "CENSORED" if not hits.size else "BREAK" if hits[0] > 0 else "REJECT"
        assert outcome == expected
        assert label_end_ts == MIDNIGHT + timedelta(seconds=label_end_s(walk, path))
        if hits.size:
            is_up = (outcome == "BREAK") == (direction_of(walk) == "approach_up")
            assert outcome_dir == f"{outcome}_{'UP' if is_up else 'DOWN'}"
        if is_cut(walk):
            of_cut.append(outcome)
    assert of_cut.count("CENSORED") > 50
    assert min(map(of_cut.count, ("BREAK", "REJECT"))) > 5


def test_labels_exist_only_between_the_barriers(database: Path) -> None:
    reasons = {(x0, reason) for x0, _, outcome, reason, _ in labels(database) if outcome is None}
    assert reasons == {(-BARRIER, "beyond_barrier")}
    assert {x0 for x0, _, outcome, *_ in labels(database) if outcome} == set(STARTS)
