"""A reading that is nothing but the price change of a second says nothing about what follows."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from naive.key_movements import Moment, MovementRules, turn_at
from numpy.typing import NDArray
from spymaster_engine.kernels.patterns import key_movements
from spymaster_engine.statistics.evaluation.movement_profile import (
    SHOWN,
    Profile,
    ProfileSums,
    placebo_largest,
)
from support.inline_query import Rows
from support.model_over_tables import model_rows

DAYS, SECONDS_A_DAY = 12, 5_400
DAY, OPEN = dt.date(2025, 10, 1), dt.datetime(2025, 10, 1, 13, 30)
DAY_S = 86_400
RULES = MovementRules(min_ticks=12)
LEAST, DRAWS, SEED = 30, 200, 7

Mids = NDArray[np.int64]


def seconds_table(mids: Mids) -> pa.Table:
    """Return seconds of movement_seconds_1s; mids (days, seconds) in half ticks."""
    columns: dict[str, list] = {name: [] for name in ("low_for_s", "high_for_s")}
    for day in mids.tolist():
        moments = {n: Moment(n, True, True, mid, 0.1, 1) for n, mid in enumerate(day)}
        turns = [turn_at(moments, second, RULES) for second in moments]
        columns["low_for_s"] += [turn.low_for_s for turn in turns]
        columns["high_for_s"] += [turn.high_for_s for turn in turns]
    day_no, second = (places.ravel() for places in np.indices(mids.shape))
    return pa.table(
        {
            "symbol": ["ESZ5"] * mids.size,
            "dt": [DAY + dt.timedelta(days=day) for day in day_no.tolist()],
            "window_end_ts": [
                OPEN + dt.timedelta(days=day, seconds=after)
                for day, after in zip(day_no.tolist(), second.tolist(), strict=True)
            ],
            "in_study": [True] * mids.size,
            "ny_half_hour": 19 + second // 1_800,
            "valid_run_s": second + 1,
            "mid_half_ticks": mids.ravel(),
            # each movement has matches of its own
            "sigma_1s_ticks": np.random.default_rng(SEED).uniform(0.1, 0.2, mids.size),
            "spread_ticks": [1] * mids.size,
            **columns,
        }
    )


def always_rising(seconds: pa.Table) -> pa.Table:
    """Return the seconds with mids that make each of them a turn upwards."""
    kept = seconds.drop_columns(["mid_half_ticks", "low_for_s"])
    return kept.append_column("mid_half_ticks", [np.arange(len(seconds))]).append_column(
        "low_for_s", [np.full(len(seconds), RULES.history_s)]
    )


def movements_table(mids: Mids) -> pa.Table:
    """Return the movements of every day by the project's kernel."""
    rows = []
    for number, day in enumerate(mids):
        found = key_movements(
            {
                "second_s": np.arange(len(day)),
                "mid_half_ticks": day,
                "threshold_ticks": np.full(len(day), float(RULES.min_ticks)),
            },
            RULES.within_s,
            3.0,
        )
        begin = OPEN + dt.timedelta(days=number)
        rows += [
            {
                "symbol": "ESZ5",
                "dt": DAY + dt.timedelta(days=number),
                "start_window_end_ts": begin + dt.timedelta(seconds=int(start)),
                "end_window_end_ts": begin + dt.timedelta(seconds=int(end)),
                "label_end_ts": begin + dt.timedelta(seconds=int(end)),
                "direction": "up" if sign > 0 else "down",
            }
            for start, end, sign in zip(
                found["start_s"], found["end_s"], found["direction"], strict=True
            )
        ]
    return pa.Table.from_pylist(rows)


def profile_of(mids: Mids, matches: Rows, direction: str) -> Profile:
    """Return the profile of the change of the mid in each second before movements."""
    own = [row for row in matches if row["direction"] == direction]
    starts = sorted({place_of(row["start_window_end_ts"]) for row in own})
    members = {place: [place] for place in starts}
    for row in own:
        members[place_of(row["start_window_end_ts"])].append(place_of(row["match_window_end_ts"]))
    # before the first change nothing is known
    unknown = ((0, 0), (1 + RULES.history_s, 0))
    change = np.pad(np.diff(mids, axis=1) / 2, unknown, constant_values=np.nan)
    sums = ProfileSums(
        np.unique([day for day, _ in starts], return_inverse=True)[1],
        np.array([len(moments) for moments in members.values()]),
        RULES.history_s,
        DRAWS,
        SEED,
    )
    for set_no, moments in enumerate(members.values()):
        values = [change[day, second : second + RULES.history_s] for day, second in moments]
        numbers = np.arange(len(moments))
        sums.add(np.array(values), np.full(len(moments), set_no), numbers)
    return sums.profile()


def place_of(text: str) -> tuple[int, int]:
    """Return day and second of a moment as JSON writes it."""
    after = int((dt.datetime.fromisoformat(text) - OPEN).total_seconds())
    return after // DAY_S, after % DAY_S


def shown(profiles: list[Profile]) -> list[NDArray[np.bool_]]:
    _, largest = placebo_largest(profiles, LEAST)
    return [np.array(profile.verdicts(LEAST, largest)) == SHOWN for profile in profiles]


def matches_of(folder: Path, seconds: pa.Table, movements: pa.Table) -> Rows:
    inputs = {
        "silver.mbo_contract_day_selection": "select 'ES' as root, 'ESZ5' as selected_symbol, "
        f"unnest(range(date '{DAY}', date '{DAY}' + {DAYS}, interval 1 day))::date as session_date"
    }
    for relation, table in (
        ("steps.movement_seconds_1s", seconds),
        ("gold.key_movements", movements),
    ):
        path = folder / f"{relation}.given.parquet"
        pq.write_table(table, path)
        inputs[relation] = f"select * from read_parquet('{path}')"
    return model_rows("key_movement_matches", inputs)


def test_the_price_change_itself_is_not_shown(tmp_path: Path) -> None:
    """Chance shows something in one of twenty markets; this one is among the others."""
    steps = np.random.default_rng(SEED + 1).choice([-2, -1, 0, 0, 1, 2], (DAYS, SECONDS_A_DAY))
    mids = steps.cumsum(axis=1)
    seconds, movements = seconds_table(mids), movements_table(mids)
    matches = matches_of(tmp_path, seconds, movements)
    profiles = [profile_of(mids, matches, direction) for direction in ("up", "down")]
    assert min(profile.n_movements.min() for profile in profiles) >= LEAST
    assert not np.any(shown(profiles))

    # where every second counts as a turn, the choice of the start is shown in what led to it
    moves_up = movements.filter(pc.equal(movements["direction"], "up"))
    everywhere = matches_of(tmp_path, always_rising(seconds), moves_up)
    anywhere = profile_of(mids, everywhere, "up")
    [found] = shown([anywhere])
    assert found[-1]
    assert anywhere.z[-1] < -0.3
