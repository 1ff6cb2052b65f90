"""Placebos of levels: a shift of nothing is the level, and other shifts are as the twin says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, timedelta

import pytest
from naive.levels_model import LevelRules, Second
from naive.placebo_outcomes import PlaceboRules, placebo_outcomes
from support.level_days import BUSY_DAY, TICK_INT, at, moving_levels, walk, with_gaps
from support.level_market import STRIKES_POINTS, Made
from support.model_sql import GIVEN

IDENTITY = {"placebo_shifts_ticks": [0], "placebo_min_distance_ticks": 0, "placebo_round_points": 0}
# labels that the identity is checked on
HORIZONS = ["s120", "s240", "h1"]
LABELS = (
    "symbol, dt, level_id, approach_dir, window_end_ts, horizon_id, barrier_kind, barrier_ticks, "
    "x0_ticks, reached, reached_ts, outcome_reached, outcome, label_end_ts"
)


def made(seed: int, **settings: object) -> Made:
    start = at(BUSY_DAY, "13:00")
    day = with_gaps(walk(start, 2400, seed=seed), [(1203.5, 1220.5)])
    return Made(day, moving_levels(day, seed=seed), **settings)


@pytest.fixture(scope="module", params=["fixed", "vol"])
def busy(request: pytest.FixtureRequest) -> Iterator[Made]:
    found = made(6, barrier_mode=request.param)
    yield found
    found.connection.close()


def test_a_shift_of_nothing_is_the_level(busy: Made) -> None:
    """The same episodes and outcomes as the relations of levels, from the same inputs."""
    for model in ("level_offset_1s", "approach_windows_5s", "approach_episodes"):
        busy.build(model)
    busy.connection.execute(
        f"create or replace table {GIVEN}.level_decisions as "
        f"select *, 'approaching' as decision_phase from {GIVEN}.approach_windows_5s"
    )
    busy.build("level_labels")
    busy.build("placebo_outcomes", **IDENTITY, evaluation_horizons=HORIZONS)
    expected = busy.rows(
        f"""
        select {LABELS}
        from {GIVEN}.level_labels
        inner join (
            select level_id, window_end_ts, approach_dir, barrier_mode as barrier_kind
            from {GIVEN}.level_decisions
            where window_end_ts = first_window_end_ts
        ) using (level_id, window_end_ts, barrier_kind)
        where horizon_id in {tuple(HORIZONS)}
        """
    )
    found = busy.rows(f"select {LABELS} from {GIVEN}.placebo_outcomes")
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert len(found) > 60
    episodes = busy.rows(f"select episode_id from {GIVEN}.approach_episodes order by all")
    named = busy.rows(
        "select distinct replace(episode_id, '+0', '') as episode_id "
        f"from {GIVEN}.placebo_outcomes order by all"
    )
    assert named == episodes


@pytest.mark.parametrize("round_points", [0, 10])
def test_placebos_are_as_the_twin_says(busy: Made, round_points: int) -> None:
    placebo = PlaceboRules(round_points=round_points, horizon_ids=("s240", "h1"))
    busy.build(
        "placebo_outcomes",
        placebo_shifts_ticks=list(placebo.shifts),
        placebo_min_distance_ticks=placebo.min_distance_ticks,
        placebo_round_points=round_points,
        evaluation_horizons=list(placebo.horizon_ids),
    )
    [[mode]] = busy.connection.execute(
        f"select barrier_mode from {GIVEN}.level_settings"
    ).fetchall()
    rules = replace(LevelRules(busy.day.symbol, busy.day.dt, TICK_INT), barrier_mode=mode)
    strikes = [points * 10**9 for points in STRIKES_POINTS]
    seconds = [Second.of_row(row) for row in busy.day.snapshot]
    expected = placebo_outcomes(
        seconds, busy.levels, busy.day.trades, strikes, rules, placebo, busy.day.gaps
    )
    columns = ", ".join(
        f"epoch_ns({name}) as {name}" if name == "reached_ts" else name for name in expected[0]
    )
    found = busy.rows(f"select {columns} from {GIVEN}.placebo_outcomes")
    assert sorted(found, key=str) == sorted(expected, key=str)
    assert len(found) > 60
    assert len({row["outcome_reached"] for row in found}) >= 4


def test_no_placebo_is_near_a_level_or_a_strike(busy: Made) -> None:
    """Where no option is quoted no strike counts, and there are more of them."""
    busy.build("placebo_outcomes")
    near = busy.rows(
        f"""
        select placebos.episode_id
        from {GIVEN}.placebo_outcomes as placebos
        inner join {GIVEN}.levels_1s as levels using (window_end_ts)
        where levels.is_active and abs(levels.level_tick - placebos.level_tick) <= 2
        union all
        select episode_id from {GIVEN}.placebo_outcomes
        where
            least(level_tick % 20, 20 - level_tick % 20) <= 2
            or least(level_tick % 40, 40 - level_tick % 40) <= 2
        """
    )
    assert not near
    [[before]] = busy.connection.execute(
        f"select count(*) from {GIVEN}.placebo_outcomes"
    ).fetchall()
    busy.connection.execute(f"update {GIVEN}.contract_days set quote_source = null")
    busy.build("placebo_outcomes")
    busy.connection.execute(f"update {GIVEN}.contract_days set quote_source = 'mbo'")
    [[after]] = busy.connection.execute(f"select count(*) from {GIVEN}.placebo_outcomes").fetchall()
    assert before < after


def test_what_follows_changes_nothing_before_it() -> None:
    """Price, levels and trades differ from a moment on; earlier first windows and labels do not."""
    start, cut_s = at(BUSY_DAY, "13:00"), 1500
    moment = start + timedelta(seconds=cut_s)
    day = walk(start, 2400, seed=6)
    snapshot = [
        row
        if row["window_start_ts"] < moment
        else row | {"spot_ref_price_int": None, "mid_price_int": None, "window_valid": False}
        for row in day.snapshot
    ]
    known_s = int(moment.replace(tzinfo=UTC).timestamp())
    trades = [
        trade
        if trade.window_s < known_s
        else replace(trade, price_int=trade.price_int + 20 * TICK_INT)
        for trade in day.trades
    ]
    levels = moving_levels(day, seed=6)
    moved = {
        key: row if key[0] <= known_s or not row["is_active"] else row | {"is_active": False}
        for key, row in levels.items()
    }
    names = "episode_id, window_end_ts, x0_ticks, barrier_ticks"
    labels = f"{names}, outcome, reached, reached_ts, outcome_reached, label_end_ts"
    found = []
    for one, own_levels in ((day, levels), (replace(day, snapshot=snapshot, trades=trades), moved)):
        database = Made(one, own_levels)
        database.build("placebo_outcomes")
        found.append(
            [
                database.rows(
                    f"select {columns} from {GIVEN}.placebo_outcomes "
                    f"where {known} <= timestamp '{moment}' order by all"
                )
                for columns, known in ((names, "window_end_ts"), (labels, "label_end_ts"))
            ]
        )
        database.connection.close()
    assert found[0] == found[1]
    assert all(len(rows) > 20 for rows in found[0])
