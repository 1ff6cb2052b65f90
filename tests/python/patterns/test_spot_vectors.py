"""Moments, features and vectors around spot against plain definitions, on a day of random books."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import stdev

import duckdb
import numpy as np
import pytest
from naive.gaps import is_recorded
from naive.levels_book import UNKNOWN, anchored_features, window_book
from naive.surfaces import SurfaceDay, second_of
from naive.surfaces_radar import FEATURES
from spymaster_ingest.lake import Lake
from support import lakes, level_lakes, surface_lakes
from support.level_days import LIVELY, LIVELY_DAY, TICK_INT, WALL_TICKS, Day, at, booked, with_gaps

MODELS = (
    "bars",
    *lakes.LEVEL_MODELS,
    "vacuum_cells_1s",
    "spot_moments",
    "spot_vacuum_5s",
    "spot_vectors",
    "spot_vector_features",
)
# books of a few minutes seldom move far
LEAST_TICKS, SIGMAS = 1, 0.1
VARIABLES = {
    "wall_max_ticks": WALL_TICKS,
    "approach_min_ticks": LEAST_TICKS,
    "approach_sigma": SIGMAS,
}
WINDOW_S, HISTORY, OVER_S = 5, 27, 60
SIGMA_S, SIGMA_LEAST = 300, 120
N_SECONDS, OPENS_AFTER_S = 720, 180
GAPS_S = ((400.5, 403.0),)
SHIFT = 400 * TICK_INT
MOVED = "ESU4"
ORDERS = ("", "d1_", "d2_", "d3_")
BLOCKS = ("w0", "w3_mean", "w3_delta", "w9_mean", "w9_delta", "w24_mean", "w24_delta")
NAMES = [f"{block}__{order}{name}" for block in BLOCKS for name in FEATURES for order in ORDERS]


@dataclass(frozen=True, eq=False)
class Built:
    """A day of books, and the database that holds its relations."""

    day: Day
    database: Path

    @property
    def surface(self) -> SurfaceDay:
        """The engine's rows of the day."""
        inputs = surface_lakes.inputs_of(self.database, WALL_TICKS)
        return inputs.days[self.day.symbol, self.day.dt]

    def rows(self, relation: str, symbol: str | None = None) -> dict[int, dict]:
        """Return the rows of a contract by the second at which their window ends."""
        with duckdb.connect(str(self.database), read_only=True) as connection:
            table = connection.execute(
                f"select * from {relation} where symbol = ?", [symbol or self.day.symbol]
            ).to_arrow_table()
        return {second_of(row["window_end_ts"]): row for row in table.to_pylist()}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Built:
    start = at(LIVELY_DAY, "13:27")
    day = with_gaps(booked(start, N_SECONDS, seed=11, shape=LIVELY), GAPS_S)
    lake = Lake(tmp_path_factory.mktemp("spot") / "lake")
    level_lakes.write_days(lake, [day, shifted(day)])
    return Built(day, surface_lakes.run_models(lake, MODELS, **VARIABLES))


def shifted(day: Day) -> Day:
    """Return the same day of another contract with all prices moved."""

    def moved(row: Mapping) -> dict:
        prices = {name for name in row if name.startswith("price_") or name.endswith("price_int")}
        return {
            name: value + SHIFT if name in prices and value is not None else value
            for name, value in row.items()
        } | {"symbol": MOVED}

    books = replace(
        day.books,
        symbol=MOVED,
        **{
            name: [moved(row) for row in getattr(day.books, name)]
            for name in ("snapshot", "wall", "reprice")
        },
    )
    trades = [
        replace(trade, symbol=MOVED, price_int=trade.price_int + SHIFT) for trade in day.trades
    ]
    return Day(MOVED, day.dt, books.snapshot, trades, books, day.gaps)


def moves(built: Built) -> dict[int, dict]:
    """Return spot, volatility and the move of the last minute by second, from the snapshot."""
    snapshot = built.surface.snapshot
    mids = {
        second: 2 * row["mid_price_int"] / TICK_INT / 2
        for second, row in snapshot.items()
        if row["window_valid"] and row["mid_price_int"] is not None
    }
    found = {}
    for second in snapshot:
        steps = [
            mids[at_s] - mids[at_s - 1]
            for at_s in range(second - SIGMA_S + 1, second + 1)
            if at_s in mids and at_s - 1 in mids
        ]
        found[second + 1] = {
            "sigma": stdev(steps) if len(steps) >= SIGMA_LEAST else None,
            "move": mids[second] - mids[second - OVER_S]
            if second in mids and second - OVER_S in mids
            else None,
        }
    return found


def is_valid(surface: SurfaceDay, end_s: int) -> bool:
    return all(
        second in surface.snapshot and surface.is_valid(second)
        for second in range(end_s - WINDOW_S, end_s)
    )


def test_moments_follow_the_mid_of_the_last_minute(built: Built) -> None:
    surface, plain = built.surface, moves(built)
    opens = min(surface.snapshot) + OPENS_AFTER_S
    rows = built.rows("silver.spot_moments")
    assert rows.keys() == {end for end in plain if end % WINDOW_S == 0 and end > opens}
    last = {}
    for end_s, row in sorted(rows.items()):
        move, sigma = plain[end_s]["move"], plain[end_s]["sigma"]
        assert row["move_ticks"] == move
        assert row["sigma_1s_ticks"] == (sigma if sigma is None else pytest.approx(sigma, rel=1e-9))
        assert row["spot_price_int"] == surface.spot(end_s - 1) == row["spot_tick"] * TICK_INT
        least = max(LEAST_TICKS, SIGMAS * (sigma or 0.0) * OVER_S**0.5)
        direction = "spot_none"
        if is_valid(surface, end_s) and move is not None and abs(move) >= least:
            direction = "spot_up" if move > 0 else "spot_down"
        assert row["approach_dir"] == direction, end_s
        if direction == "spot_none":
            assert row["first_window_end_ts"] is None
            continue
        begun, before = last.get(direction, (end_s, end_s))
        begun = begun if end_s - before <= 3 * WINDOW_S else end_s
        last[direction] = begun, end_s
        assert second_of(row["first_window_end_ts"]) == begun
    assert len(last) == 2
    assert len({row["first_window_end_ts"] for row in rows.values()}) > 4


def plain_features(built: Built) -> dict[int, dict]:
    """Return the features of every five seconds around spot at their end."""
    surface = built.surface
    found = {}
    for end_s in range(min(surface.snapshot) + WINDOW_S, max(surface.snapshot) + 2):
        if end_s % WINDOW_S or not is_valid(surface, end_s):
            continue
        wall, reprice = window_book(surface, end_s)
        found[end_s] = anchored_features(surface.spot(end_s - 1), wall, reprice, TICK_INT)
    return found


def test_features_of_five_seconds_around_spot(built: Built) -> None:
    plain, rows = plain_features(built), built.rows("steps.spot_vacuum_5s")
    for end_s, row in rows.items():
        expected = plain.get(end_s, UNKNOWN)
        assert row["window_valid"] == (end_s in plain)
        for name in FEATURES:
            assert row[name] == (
                None if expected[name] is None else pytest.approx(expected[name], abs=1e-12)
            ), (end_s, name)
    assert len(plain) > 0.8 * len(rows) > 100


def plain_vector(plain: dict[int, dict], end_s: int) -> np.ndarray | None:
    """Return the blocks of the window that ends then; None without 27 valid windows in a row."""
    ends = [end_s - WINDOW_S * back for back in reversed(range(HISTORY))]
    if not all(end in plain for end in ends):
        return None
    values = np.array([[plain[end][name] for name in FEATURES] for end in ends])
    orders = [values, *(np.diff(values, order, axis=0) for order in (1, 2, 3))]
    # (24, features, orders)
    history = np.stack([order[-24:] for order in orders], axis=2).reshape(24, -1)
    blocks = [history[-1]]
    for length in (3, 9, 24):
        blocks.append(history[-length:].mean(axis=0))
        blocks.append((history[-1] - history[-length]) / (length - 1))
    return np.concatenate(blocks)


def test_vectors_by_name_and_index(built: Built) -> None:
    names = [
        name
        for (name,) in surface_lakes.ask(
            built.database,
            "select feature_name from gold.spot_vector_features where set = 'vector' "
            "order by feature_index",
        )
    ]
    assert names == NAMES
    assert len(names) == 1372
    plain, moments = plain_features(built), built.rows("silver.spot_moments")
    rows = built.rows("gold.spot_vectors")
    missing = 0
    for end_s, moment in moments.items():
        vector = plain_vector(plain, end_s)
        moved = moment["approach_dir"] != "spot_none"
        recorded = is_recorded(built.day.gaps, end_s - HISTORY * WINDOW_S, end_s)
        assert (end_s in rows) == (vector is not None and moved and recorded), end_s
        missing += vector is not None and moved and not recorded
        if end_s in rows:
            row = rows[end_s]
            np.testing.assert_allclose(row["vector"], vector, rtol=2e-6, atol=1e-6)
            assert row["context"][0] == pytest.approx(moment["sigma_1s_ticks"], rel=1e-6)
            moved_sigmas = abs(moment["move_ticks"]) / moment["sigma_1s_ticks"]
            assert row["context"][1] == pytest.approx(moved_sigmas, rel=1e-6)
            assert row["approach_dir"] == moment["approach_dir"]
    # some windows lack a vector for the gap alone
    assert len(rows) > 10
    assert missing > 5


def test_a_vector_knows_no_price(built: Built) -> None:
    """The same day at other prices has the same vectors."""
    rows, moved = built.rows("gold.spot_vectors"), built.rows("gold.spot_vectors", MOVED)
    assert rows.keys() == moved.keys()
    for end_s, row in rows.items():
        assert moved[end_s]["vector"] == row["vector"]
        assert moved[end_s]["context"] == row["context"]
        assert moved[end_s]["level_price_int"] == row["level_price_int"] + SHIFT
