"""A lake of a day with levels, of copies of it changed from a moment on, and of two sessions.

The days are so small that premarket, opening range, averages, approaches, labels and setups all fit
into four minutes.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path

import duckdb
import numpy as np
import pytest

from support.changed_days import Copy, change_sizes, day_start_ns, go_on_elsewhere
from support.dbn_files import SECOND_NS
from support.engine_lakes import change_constants, write_no_answers
from support.made_once import made_once
from support.small_days import DAYS, SmallLake, drop_groups, group_starts, seconds_of, small_day

SEED = 20_251_001
# a day with approaches from both sides, setups and labels in its three busy minutes
BASE_SEED = 18
COPIES, LONG_COPIES = 12, 60
# moments late enough for vectors before them, with some future left; sometimes in the sessions
# whose extremes are levels
FIRST_MOMENT_S, LAST_MOMENT_S = 110, 200
EARLY_MOMENTS_S, EARLY_EVERY = (50, 68), 5
# an evening would add a row for every second until then
END_S = 240
BASE = "BASE"
# the second session differs from the base
SESSIONS = DAYS[:2]
SESSIONS_BASE, SESSIONS_CHANGED = "SESS", "SCHG"

VARIABLES = {
    "premarket": ["00:00:30", "00:01:10"],
    "rth_start": "00:01:10",
    "opening_range": ["00:01:10", "00:01:25"],
    "bar_lengths_s": [5, 10],
    "sma_bar_s": 5,
    "sigma_lookback_s": 60,
    "sigma_min_changes": 20,
    # small books have few contracts, and short days few seconds
    "condition_min_contracts": 1,
    "condition_min_seconds": 5,
    # in a few minutes of books price seldom moves far
    "approach_over_s": 15,
    "approach_pause_s": 5,
    "approach_min_ticks": 1,
    "approach_sigma": 0.1,
    # a level at any distance
    "level_max_k_ticks": 40,
    "wall_max_ticks": 70,
    "vector_block_windows": [2, 3, 4],
    "horizons_s": {"s10": 10, "s30": 30, "s60": 60},
    "barrier_horizon": "s60",
    "learned_horizon": "s60",
    "horizon_bars": 2,
    "barrier_ticks": 6,
    "barrier_ticks_range": [2, 20],
    "setup_rearm_bars": 1,
    "setup_rearm_ticks": 1,
    "key_move_min_ticks": 2,
    "key_move_sigmas": 0.1,
    "key_move_within_s": 15,
    # breaks, retests and what follows them within the minute
    "break_ticks": 1,
    "broken_hold_s": 2,
    "retest_ticks": 1,
    "retest_outcome_ticks": 3,
    "retest_horizon_s": 20,
}
# averages of a few bars, because a day of four minutes has few
SMA_BARS = {"sma_90": 3, "sma_200": 6, "sma_400": 12}
# windows of the level engines that four minutes fill, and limits that scores of small books reach
ENGINE_CONSTANTS = {
    "w_barrier_s": 20,
    "w_wall_s": 30,
    "w_tape_s": 10,
    "reject_score_max": 45,
    "hold_s": 1,
}
MODELS = (
    "+level_outcomes",
    "+approach_episodes",
    "+setup_events",
    "+mbo_trigger_vectors",
    "+level_surface_1s",
    "+level_ladder_1s",
    "+level_features_wide_1s",
    "+turn_conditions_1s",
    "+level_events",
    "level_signals",
    "+top10_1s",
    "+market_features_1s",
    "+setup_vectors",
    "+setup_feature_vectors",
    "+key_movements",
    "+retest_events",
    "+spot_vectors",
    "+spot_outcomes",
    "+iceberg_1s",
    "+level_fingerprints",
    "+wall_outcomes",
    "+strike_outcomes",
    "+sequence_dataset",
)


def day_of(day: dt.date, seed: int) -> np.ndarray:
    """Return the records of a day up to the end of its busy minutes."""
    return cut(small_day(day, seed))


def cut(records: np.ndarray) -> np.ndarray:
    starts = group_starts(records)
    late = starts[seconds_of(records)[starts] >= END_S]
    return records[: late[0]] if late.size else records


def delete(records: np.ndarray, start: int, _: np.random.Generator) -> np.ndarray:
    """Return the records before a position, and the last event, so that the day ends as before."""
    return np.concatenate([records[:start], records[group_starts(records)[-1] :]])


CHANGES = (delete, drop_groups, change_sizes, go_on_elsewhere)


def copies_of(records: np.ndarray, count: int) -> list[Copy]:
    rng = np.random.default_rng(SEED)
    starts = group_starts(records)
    event_ns = records["ts_event"].astype(np.int64)[starts] - day_start_ns()
    copies = []
    for number in range(count):
        is_early = number % EARLY_EVERY == EARLY_EVERY - 1
        first_s, last_s = EARLY_MOMENTS_S if is_early else (FIRST_MOMENT_S, LAST_MOMENT_S)
        moment_ns = int(rng.integers(first_s * SECOND_NS, last_s * SECOND_NS))
        if number % 3 == 0:
            # exactly where a decision window ends
            moment_ns -= moment_ns % (5 * SECOND_NS)
        change = CHANGES[number % len(CHANGES)]
        start = int(starts[np.flatnonzero(event_ns >= moment_ns)[0]])
        changed = cut(change(records, start, rng))
        copies.append(Copy(f"L{number:03}", moment_ns, change.__name__, changed))
    return copies


@dataclass(frozen=True)
class Built:
    """A lake built in a single run, and the copies of the base day."""

    lake: SmallLake
    copies: list[Copy]


@pytest.fixture(scope="session")
def level_copies(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Built:
    count = LONG_COPIES if request.config.getoption("--long") else COPIES
    return made_once(tmp_path_factory, "level_copies", lambda folder: build_copies(folder, count))


def build_copies(folder: Path, count: int) -> Built:
    """Build the base day, copies of it and the two sessions in one lake."""
    base = day_of(DAYS[0], BASE_SEED)
    copies = copies_of(base, count)
    lake = SmallLake(
        folder,
        [BASE, *(copy.root for copy in copies), SESSIONS_BASE, SESSIONS_CHANGED],
    )
    shorten_averages(lake)
    change_constants(lake.lake.warehouse, **ENGINE_CONSTANTS)
    write_no_answers(lake.lake.warehouse)
    first, second = SESSIONS
    lake.land(
        {
            (BASE, DAYS[0]): base,
            **{(copy.root, DAYS[0]): copy.records for copy in copies},
            **{(root, first): base for root in (SESSIONS_BASE, SESSIONS_CHANGED)},
            (SESSIONS_BASE, second): day_of(second, seed=1),
            (SESSIONS_CHANGED, second): day_of(second, seed=2),
        }
    )
    lake.run("--select", *MODELS, **VARIABLES)
    return Built(lake, copies)


def shorten_averages(lake: SmallLake) -> None:
    """Replace the seed of the levels by one with averages of fewer bars."""
    with duckdb.connect(str(lake.lake.warehouse)) as connection:
        connection.execute(
            "create table reference.level_weights (level_id varchar, level_kind varchar, "
            "edge varchar, sma_bars integer, priority integer, weight double)"
        )
        ranges = [("pm", 1.0), ("or", 0.9)]
        rows = [
            (f"{kind}_{edge}", kind, edge, None, weight)
            for kind, weight in ranges
            for edge in ("high", "low")
        ]
        rows += [(name, "sma", None, SMA_BARS[name], 0.8) for name in reversed(SMA_BARS)]
        connection.executemany(
            "insert into reference.level_weights values (?, ?, ?, ?, ?, ?)",
            [(*row[:4], number, row[4]) for number, row in enumerate(rows, 1)],
        )
