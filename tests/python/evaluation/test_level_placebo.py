"""Levels against shifted prices: by hand, on markets without levels, and on planted ones."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import duckdb
import numpy as np
import pytest
from numpy.typing import NDArray
from spymaster.evaluation.placebo import NamedApproaches, placebo_rows, placebo_table
from spymaster_engine.statistics.evaluation.level_placebo import Approaches, placebo_gains
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_warehouse.project_vars import project_vars
from support.conditions_market import empty_market

DAYS, STEPS = 24, 3_000
SHIFTS = (0, *(sign * ticks for ticks in (7, 11, 13, 17) for sign in (1, -1)))
REACH, BARRIER, FAR, HORIZON = 2, 8, 10, 240
# steps of the push that a planted level gives
PUSHED = 30
SCOPE = {"root": "ES", "horizon_id": "s240"}
NAMES = ("pm_high", "or_low", "vwap")

Path = NDArray[np.int64]


def approaches(*rows: tuple[int, int, str, bool]) -> Approaches:
    """Return approaches of (day, cell, outcome, is_level)."""
    day, cell, outcome, is_level = zip(*rows, strict=True)
    codes = np.array([CLASSES.index(name) for name in outcome])
    return Approaches(np.array(day), np.array(cell), codes, np.array(is_level))


def test_shares_by_hand() -> None:
    """Two of three levels hold; their cells' placebos hold in 1 of 2 and in none."""
    found = approaches(
        (0, 0, "REJECT", True),
        (0, 0, "REJECT", True),
        (0, 0, "REJECT", False),
        (1, 0, "BREAK", False),
        (1, 1, "CHOP", True),
        (1, 1, "BREAK", False),
        # nothing to compare with: no placebo, no level
        (1, 2, "REJECT", True),
        (1, 3, "REJECT", False),
    ).comparable()
    assert (found.n_levels, found.n_placebos, found.n_days) == (3, 3, 2)
    gains = placebo_gains(found, 1, 7)
    assert gains["REJECT"].share == pytest.approx(2 / 3)
    assert gains["REJECT"].base_rate == pytest.approx((0.5 + 0.5 + 0.0) / 3)
    assert gains["BREAK"].base_rate == pytest.approx((0.5 + 0.5 + 1.0) / 3)
    assert gains["CHOP"].gain == pytest.approx(1 / 3)


def episodes(path: Path, price: int) -> Iterator[tuple[str, str]]:
    """Yield direction and outcome of each approach: from FAR away to REACH, then what follows."""
    x = path - price
    place = np.flatnonzero((np.abs(x) <= REACH) | (np.abs(x) >= FAR))
    is_near = np.abs(x[place]) <= REACH
    for number in np.flatnonzero(is_near[1:] & ~is_near[:-1]):
        start = place[number + 1]
        way = 1 if x[place[number]] < 0 else -1
        after = way * x[start : start + HORIZON]
        if len(after) == HORIZON:
            hits = np.flatnonzero(np.abs(after) >= BARRIER)
            outcome = "CHOP" if not len(hits) else "BREAK" if after[hits[0]] > 0 else "REJECT"
            yield "approach_up" if way > 0 else "approach_down", outcome


def free_walk(generator: np.random.Generator) -> Path:
    """A walk that no price means anything to."""
    return np.cumsum(generator.integers(0, 2, STEPS) * 2 - 1)


def pushed_walk(generator: np.random.Generator, levels: list[int]) -> Path:
    """A walk that often turns back where it comes to a level from far away."""
    path = np.empty(STEPS, np.int64)
    steps = generator.random(STEPS)
    now, pushed, way = 0, 0, 0
    armed = dict.fromkeys(levels, 0)
    for n in range(STEPS):
        chance = 0.5 + 0.35 * way if pushed else 0.5
        now += 1 if steps[n] < chance else -1
        pushed = max(pushed - 1, 0)
        for level in levels:
            if abs(now - level) >= FAR:
                armed[level] = 1 if now > level else -1
            elif abs(now - level) <= 1 and armed[level]:
                if generator.random() < 0.5:
                    pushed, way = PUSHED, armed[level]
                armed[level] = 0
        path[n] = now
    return path


def market(seed: int, *, planted: bool) -> NamedApproaches:
    """Approaches to three levels a day and to their shifted prices."""
    generator = np.random.default_rng(seed)
    rows = []
    for day in range(DAYS):
        levels = [int(price) for price in generator.choice(np.arange(-45, 46, 3), 3, replace=False)]
        path = pushed_walk(generator, levels) if planted else free_walk(generator)
        for name, level in zip(NAMES, levels, strict=True):
            for shift in SHIFTS:
                price = level + shift
                if shift and min(abs(price - one) for one in levels) <= 2:
                    continue
                for direction, outcome in episodes(path, price):
                    rows.append((day, name, direction, CLASSES.index(outcome), not shift))
    day, level, direction, outcome, is_level = (
        np.array(column) for column in zip(*rows, strict=True)
    )
    kind = np.char.replace(np.char.replace(level, "_high", ""), "_low", "")
    cell = np.unique(np.char.add(direction, kind), return_inverse=True)[1]
    found = Approaches(day, cell, outcome, is_level)
    return NamedApproaches(found, kind, level, direction, np.full(len(day), "1-2"))


def row_of_all(seed: int, *, planted: bool) -> dict:
    rows = placebo_rows(SCOPE, market(seed, planted=planted), project_vars())
    return next(
        row
        for row in rows
        if (row["approach_dir"], row["level_kind"], row["distance_band"]) == ("both", None, None)
    )


def test_where_price_ignores_levels_nothing_is_shown() -> None:
    rows = [row_of_all(seed, planted=False) for seed in range(20)]
    assert sum(row["level_matters"] == "not shown" for row in rows) >= 19
    assert np.mean([row["held_difference"] for row in rows]) == pytest.approx(0.0, abs=0.02)


def test_planted_reactions_are_supported() -> None:
    for seed in (1, 2):
        row = row_of_all(seed, planted=True)
        assert row["level_matters"] == "supported"
        assert row["held_share"] > row["placebo_held_share"] + 0.1


def test_rows_are_of_every_kind_level_direction_and_band() -> None:
    rows = list(placebo_rows(SCOPE, market(1, planted=False), project_vars()))
    groups = {(row["level_kind"], row["level_id"]) for row in rows}
    assert groups == {
        *((None, None), ("pm", None), ("pm", "pm_high"), ("or", None), ("or", "or_low")),
        *(("vwap", None), ("vwap", "vwap")),
    }
    parts = {(row["approach_dir"], row["distance_band"]) for row in rows}
    assert parts == {
        (direction, band)
        for direction in ("both", "approach_up", "approach_down")
        for band in (None, "1-2")
    }
    for row in rows:
        placebos = [row[f"placebo_{word}_share"] for word in ("held", "broke", "chopped")]
        assert sum(placebos) == pytest.approx(1.0)


def test_with_few_days_there_is_no_verdict() -> None:
    named = market(1, planted=True)
    early = named.approaches.day < 9
    few = NamedApproaches(
        named.approaches.take(early),
        *(column[early] for column in (named.kind, named.level, named.direction, named.band)),
    )
    rows = list(placebo_rows(SCOPE, few, project_vars()))
    assert {row["level_matters"] for row in rows} == {"too few episodes"}


@pytest.fixture
def connection() -> Iterator[duckdb.DuckDBPyConnection]:
    found = empty_market()
    found.execute(
        """
        alter table silver.level_decisions add column first_window_end_ts timestamp;
        create table gold.placebo_outcomes (symbol varchar, dt date, level_id varchar,
            shift_ticks integer, approach_dir varchar, window_end_ts timestamp,
            horizon_id varchar, x0_ticks integer, outcome_reached varchar);
        insert into silver.level_definitions values ('own:my high', 'own'), ('prior_high', 'prior');
        """
    )
    yield found
    found.close()


def add_level(
    found: duckdb.DuckDBPyConnection, day: int, minute: int, level: str, outcome: str, **other: str
) -> None:
    date = dt.date(2025, 10, 1) + dt.timedelta(days=day)
    at = dt.datetime.combine(date, dt.time(14, minute))
    first = at - dt.timedelta(seconds=5) if "later" in other else at
    found.execute(
        "insert into silver.level_decisions (symbol, dt, level_id, window_end_ts, approach_dir, "
        "barrier_mode, decision_phase, first_window_end_ts) "
        "values ('ESZ5', ?, ?, ?, 'approach_up', 'fixed', ?, ?)",
        [date, level, at, other.get("phase", "approaching"), first],
    )
    for kind in ("fixed", "vol"):
        found.execute(
            "insert into gold.level_outcomes (symbol, dt, level_id, window_end_ts, barrier_kind, "
            "horizon_id, x0_ticks, outcome_reached) values ('ESZ5', ?, ?, ?, ?, 's240', -3, ?)",
            [date, level, at, kind, outcome],
        )


def test_an_approach_counts_by_its_first_window(connection: duckdb.DuckDBPyConnection) -> None:
    """Later windows, other phases, other barriers, and levels that were not reached do not."""
    for day in range(12):
        date = dt.date(2025, 10, 1) + dt.timedelta(days=day)
        connection.execute(
            "insert into silver.mbo_contract_day_selection values ('ES', ?, 'ESZ5')", [date]
        )
        add_level(connection, day, 1, "pm_high", "REJECT")
        add_level(connection, day, 2, "pm_high", "BREAK", later="yes")
        add_level(connection, day, 3, "pm_high", "BREAK", phase="at")
        add_level(connection, day, 4, "pm_high", "NOT_REACHED")
        add_level(connection, day, 5, "own:my high", "CHOP")
        for minute, level, outcome in (
            (1, "pm_high", "BREAK"),
            (2, "pm_high", "REJECT"),
            (3, "own:my high", "CHOP"),
            (4, "prior_high", "CHOP"),
        ):
            connection.execute(
                "insert into gold.placebo_outcomes values "
                "('ESZ5', ?, ?, 7, 'approach_up', ?, 's240', -4, ?)",
                [date, level, dt.datetime.combine(date, dt.time(15, minute)), outcome],
            )
    settings = project_vars() | {"condition_min_episodes": 10}
    rows = placebo_table(connection, ["ES"], ["s240", "h1"], settings).to_pylist()
    whole = {
        row["level_id"]: row
        for row in rows
        if row["approach_dir"] == "both" and row["distance_band"] is None and row["level_id"]
    }
    # prior_high has placebos and no approach of its own
    assert whole.keys() == {"pm_high", "own:my high"}
    row = whole["pm_high"]
    assert (row["level_kind"], row["n_days"], row["n_episodes"], row["n_placebos"]) == (
        *("pm", 12, 12),
        24,
    )
    assert (row["held_share"], row["placebo_held_share"]) == (1.0, 0.5)
    assert row["level_matters"] == "supported"
    row = whole["own:my high"]
    assert (row["level_kind"], row["chopped_share"], row["held_difference"]) == ("own", 1.0, 0.0)
    assert row["level_matters"] == "not shown"
    assert {row["horizon_id"] for row in rows} == {"s240"}


def test_a_lake_without_placebos_has_no_rows() -> None:
    with empty_market() as found:
        assert not placebo_table(found, ["ES"], ["s240"], project_vars()).num_rows
