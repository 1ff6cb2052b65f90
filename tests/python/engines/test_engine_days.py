"""Drawn days hold every case, and the plain engines keep the laws of the surfaces on them."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import replace

import pytest
from naive.barrier_engine_1s import barrier_engine_1s
from naive.break_score_1s import break_score_1s
from naive.engine_rows import end_of, last_seconds
from naive.surfaces import Row, second_of
from naive.tape_engine_1s import tape_engine_1s
from support.engine_days import EngineDay, on_date, random_day
from support.engine_market import TICK_INT, WEIGHTS
from support.engine_options import FIRST_SPOT
from support.engine_twins import ComparedDays, plain_engines

MIRROR_INT = 2 * FIRST_SPOT * TICK_INT
SWAP = {"A": "B", "B": "A", "N": "N"}
OPPOSITE = {
    "RESISTANCE": "SUPPORT",
    "SUPPORT": "RESISTANCE",
    "UP": "DOWN",
    "DOWN": "UP",
    None: None,
}

Engines = dict[str, list[Row]]


@pytest.fixture(scope="module")
def drawn(engine_days: ComparedDays) -> ComparedDays:
    return engine_days


def test_days_are_reproducible() -> None:
    """A seed always draws the same day, another seed another."""
    assert random_day(5, 60) == random_day(5, 60)
    assert random_day(5, 60) != random_day(6, 60)


def test_days_of_another_date(small: tuple[EngineDay, Engines, Engines]) -> None:
    """The engines of a later date are the same rows, dated later."""
    day, engines, _ = small
    later = plain_engines(on_date(day, 3))
    for name, rows in engines.items():
        moved = on_date(replace(day, bars=rows), 3).bars
        assert later[name] == moved, name


def test_days_hold_every_case(drawn: Sequence[tuple[EngineDay, Engines]]) -> None:
    """Seconds and levels of every kind, and every reading there is."""
    for day, _ in drawn:
        seconds = [second_of(row["window_end_ts"]) for row in day.book_snapshot_1s]
        assert {True, False} == {row["window_valid"] for row in day.book_snapshot_1s}
        assert any(row["is_active"] and not row["is_primary"] for row in day.levels_1s)
        assert any(row["is_provisional"] for row in day.levels_1s)
        assert len({(row["level_id"], row["level_tick"]) for row in day.levels_1s}) > 12
    books = [row for day, _ in drawn for row in day.book_snapshot_1s]
    assert len(books) < len(drawn) * (seconds[-1] - seconds[0] + 1)
    assert any(row["spot_ref_price_int"] is None for row in books)
    found: dict[str, set[object]] = {}
    for _, engines in drawn:
        for rows in engines.values():
            for row in rows:
                for name, value in row.items():
                    if isinstance(value, (str, bool)) or value is None:
                        found.setdefault(name, set()).add(value)
        barrier = engines["barrier_engine_1s"]
        assert any(row["k_ticks"] == 0 and row["direction"] for row in barrier)
        # levels that price has passed in an approach, on both sides
        passed = {row["direction"] for row in barrier if _is_passed(row)}
        assert passed == {"RESISTANCE", "SUPPORT"}
    states = {"VACUUM", "WALL", "CONSUMED", "ABSORPTION", "WEAK", "NEUTRAL", None}
    assert found["state"] == states
    assert found["direction"] == {"RESISTANCE", "SUPPORT", None}
    assert found["effect"] == {"AMPLIFY", "DAMPEN", "NEUTRAL", None}
    assert found["sweep_direction"] == {"UP", "DOWN", None}
    assert found["signal"] == {"BREAK", "REJECT", "CONTESTED", "NEUTRAL", None}
    assert found["runway_quality"] == {"CLEAR", "OBSTRUCTED", None}
    assert found["confidence"] >= {"HIGH", "MEDIUM", None}
    assert len(found["level_id"]) == 7


def _is_passed(row: Row) -> bool:
    """Whether spot is past the level that the side defends."""
    return row["k_ticks"] * (1 if row["direction"] == "RESISTANCE" else -1) < 0


def test_flows_explain_the_change_of_depth(drawn: Sequence[tuple[EngineDay, Engines]]) -> None:
    """Where every second is known, delta_liq is depth now less depth before the window."""
    day, _ = drawn[0]
    n_window = 40
    rows = barrier_engine_1s(
        day.book_snapshot_1s,
        day.wall_surface_1s,
        day.levels_1s,
        day.level_offset_1s,
        day.constants | {"w_barrier_s": n_window},
    )
    reach_int = day.constants["barrier_zone_ticks"] * TICK_INT
    valid = {end_of(row) for row in day.book_snapshot_1s if row["window_valid"]}
    first_s = min(end_of(cell) for cell in day.wall_surface_1s)
    started = Counter[tuple[int, str, int]]()
    for cell in day.wall_surface_1s:
        started[end_of(cell), cell["side"], cell["price_int"]] += cell["depth_qty_start"]
    n_compared = 0
    for row in rows:
        window = last_seconds(end_of(row), n_window)
        if window[0] < first_s or not valid.issuperset(window) or abs(row["k_ticks"]) > 30:
            continue
        side = "A" if row["direction"] == "RESISTANCE" else "B"
        level_int = row["level_price_int"]
        prices = range(level_int - reach_int, level_int + reach_int + 1, TICK_INT)
        before = sum(started[window[0], side, price_int] for price_int in prices)
        assert row["delta_liq"] == row["depth_in_zone"] - before
        n_compared += 1
    assert n_compared > 100


def moved(day: EngineDay, by_ticks: int) -> EngineDay:
    """The same day at other prices."""
    by_int = by_ticks * TICK_INT

    def shifted(rows: list[Row]) -> list[Row]:
        return [
            row
            | {
                name: value + by_int
                for name, value in row.items()
                if name.endswith("price_int") and value is not None
            }
            for row in rows
        ]

    return replace(
        day,
        book_snapshot_1s=shifted(day.book_snapshot_1s),
        wall_surface_1s=shifted(day.wall_surface_1s),
        levels_1s=shifted(day.levels_1s),
        contract_trades=shifted(day.contract_trades),
    )


def mirrored(day: EngineDay) -> EngineDay:
    """The day with both sides exchanged and prices reflected at the first spot."""

    def reflected(rows: list[Row]) -> list[Row]:
        found = []
        for row in rows:
            own = row | {
                name: MIRROR_INT - value
                for name, value in row.items()
                if name.endswith("price_int") and value is not None
            }
            if own.get("direction") in ("up", "down"):
                own["direction"] = "down" if own["direction"] == "up" else "up"
            if "side" in own:
                own["side"] = SWAP[own["side"]]
            if "k_ticks" in own and own["k_ticks"] is not None:
                own["k_ticks"] = -own["k_ticks"]
            if "best_bid_qty" in own:
                for name in ("price_int", "qty"):
                    bid, ask = f"best_bid_{name}", f"best_ask_{name}"
                    own[bid], own[ask] = own[ask], own[bid]
            found.append(own)
        return found

    return replace(
        day,
        book_snapshot_1s=reflected(day.book_snapshot_1s),
        wall_surface_1s=reflected(day.wall_surface_1s),
        levels_1s=reflected(day.levels_1s),
        level_offset_1s=reflected(day.level_offset_1s),
        approach_course_1s=reflected(day.approach_course_1s),
        contract_trades=reflected(day.contract_trades),
    )


def rows_of(day: EngineDay, fuel: list[Row]) -> Engines:
    """Barrier, tape and score of a day with a given fuel."""
    snapshot, wall, levels = day.book_snapshot_1s, day.wall_surface_1s, day.levels_1s
    offsets, constants = day.level_offset_1s, day.constants | {"sweep_notional_usd": 1}
    courses = day.approach_course_1s
    barrier = barrier_engine_1s(snapshot, wall, levels, offsets, constants, courses)
    tape = tape_engine_1s(snapshot, day.contract_trades, levels, offsets, constants, courses)
    scores = break_score_1s(snapshot, wall, levels, barrier, tape, fuel, WEIGHTS, constants)
    return {"barrier": barrier, "tape": tape, "score": scores}


@pytest.fixture(scope="module")
def small() -> tuple[EngineDay, Engines, Engines]:
    """A short day with windows that it fills, its engines, and its rows with small sweeps."""
    day = random_day(4, 170)
    day = replace(day, constants=day.constants | {"w_barrier_s": 60, "w_wall_s": 80})
    engines = plain_engines(day)
    return day, engines, rows_of(day, engines["fuel_engine_1s"])


def without(rows: list[Row], *names: str) -> list[Row]:
    return [{name: row[name] for name in row if name not in names} for row in rows]


def test_shift_changes_prices_only(small: tuple[EngineDay, Engines, Engines]) -> None:
    """At prices 40 ticks higher every reading is the same, but the value of sweeps."""
    day, engines, own = small
    shifted = rows_of(moved(day, 40), engines["fuel_engine_1s"])
    prices = ("level_price_int", "defending_quote_price_int", "sweep_notional")
    assert any(row["sweep_detected"] for row in own["tape"])
    for name, rows in own.items():
        assert without(shifted[name], *prices) == without(rows, *prices)


def test_mirror_changes_signs_only(small: tuple[EngineDay, Engines, Engines]) -> None:
    """With both sides exchanged the scores stay, and directions and signs turn over."""
    day, engines, own = small
    mirror = rows_of(mirrored(day), engines["fuel_engine_1s"])
    prices = ("level_price_int", "defending_quote_price_int")
    n_states = 0
    for row, other in zip(own["barrier"], mirror["barrier"], strict=True):
        turned = {name: OPPOSITE[row[name]] for name in ("direction", "break_direction")}
        (expected,) = without([row | turned | {"k_ticks": -row["k_ticks"]}], *prices)
        assert without([other], *prices) == [expected]
        n_states += row["state"] is not None
    assert n_states > 100
    for row, other in zip(own["tape"], mirror["tape"], strict=True):
        assert (row["buy_vol"], row["sell_vol"]) == (other["sell_vol"], other["buy_vol"])
        for name in ("imbalance", "velocity_ticks_s"):
            assert other[name] == (None if row[name] is None else -row[name])
    kept = (
        "s_l",
        "s_h",
        "signal",
        "runway_ticks",
        "runway_quality",
        "confluence_weight",
        "confidence",
    )
    for row, other in zip(own["score"], mirror["score"], strict=True):
        assert [row[name] for name in kept] == [other[name] for name in kept]
        for name in ("runway_direction", "implied_dir"):
            assert other[name] == OPPOSITE[row[name]]
