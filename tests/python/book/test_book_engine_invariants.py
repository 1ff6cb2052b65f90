"""Invariants of the compiled book engine on any market."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from naive.model import UNDEFINED_PRICE
from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import BookConfig
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, generate_day, load_product
from spymaster_ingest.synthetic.schedule import DEFAULT_START_DATE
from support.engine_rows import EngineRows, engine_config
from support.strategies.mbo import MarketCase, random_case, random_options, random_stream
from support.strategies.mbo_records import MBO_DTYPE
from support.strategies.mbo_script import (
    DAY_START_NS,
    LAST,
    TICK_INT,
    message,
    script,
    script_config,
)
from test_book_engine import assert_agrees


def outputs(rows: EngineRows) -> tuple[Any, ...]:
    return rows.snapshot, rows.wall, rows.reprice, rows.qa


@pytest.mark.parametrize("chunk_records", [1, 7, 100])
def test_the_size_of_chunks_changes_no_row(chunk_records: int) -> None:
    case = random_case(np.random.default_rng(5), 500)
    config = engine_config(case.config)
    whole = EngineRows(case.records, config)
    assert outputs(EngineRows(case.records, config, chunk_records)) == outputs(whole)


@pytest.mark.parametrize("shift_ticks", [-25_000, 3, 50_000])
def test_shifted_prices_shift_the_outputs_only(shift_ticks: int) -> None:
    case = random_case(np.random.default_rng(8), 500)
    shift = shift_ticks * case.config.tick_int
    moved = case.records.copy()
    moved["price"][moved["price"] != UNDEFINED_PRICE] += shift
    config = engine_config(case.config)
    before, after = EngineRows(case.records, config), EngineRows(moved, config)
    assert before.wall
    for name in ("snapshot", "wall", "reprice"):
        shifted = [
            {
                column: value + shift if column.endswith("_int") and value is not None else value
                for column, value in row.items()
            }
            for row in getattr(before, name)
        ]
        assert shifted == getattr(after, name)


def mirrored(records: np.ndarray, tick_int: int) -> np.ndarray:
    """Swap the sides and reflect the prices."""
    mirror = records.copy()
    defined = mirror["price"] != UNDEFINED_PRICE
    mirror["price"][defined] = 40_000 * tick_int - records["price"][defined]
    mirror["side"][records["side"] == b"A"] = b"B"
    mirror["side"][records["side"] == b"B"] = b"A"
    return mirror


@pytest.mark.parametrize("seed", range(5))
def test_mirrored_sides_swap_the_outputs(seed: int) -> None:
    rng = np.random.default_rng(seed)
    options = random_options(rng, tick_int=TICK_INT, base_ticks=19_200)
    records = random_stream(rng, 500, options)
    config = engine_config(script_config())
    rows = EngineRows(records, config)
    mirror = EngineRows(mirrored(records, TICK_INT), config)
    # the mid is floored to the tick, which has no mirror image when the spread is odd
    symmetric = {
        r["window_start_s"] for r in rows.snapshot if r["spot_source"] not in (None, "mid")
    }
    swap = {"A": "B", "B": "A"}

    def reflect(price_int: int) -> int:
        return 40_000 * TICK_INT - price_int

    expected = [
        {
            **row,
            "side": swap[row["side"]],
            "price_int": reflect(row["price_int"]),
            "spot_ref_price_int": reflect(row["spot_ref_price_int"]),
            "rel_ticks": -row["rel_ticks"],
        }
        for row in rows.wall
        if row["window_start_s"] in symmetric
    ]
    expected.sort(key=lambda r: (r["window_start_s"], r["side"], r["price_int"]))
    ours = [row for row in mirror.wall if row["window_start_s"] in symmetric]
    assert expected == ours
    assert len(ours) > 100
    for row, other in zip(rows.snapshot, mirror.snapshot, strict=True):
        assert row["trade_qty_buy"] == other["trade_qty_sell"]
        assert row["bid_depth_total"] == other["ask_depth_total"]
        assert row["bid_order_count"] == other["ask_order_count"]
        assert row["invalid_flags"] == other["invalid_flags"]


def test_file_order_is_the_only_order() -> None:
    case = random_case(np.random.default_rng(4), 500)
    by_event_time = case.records[np.argsort(case.records["ts_event"], kind="stable")]
    config = engine_config(case.config)
    assert outputs(EngineRows(by_event_time, config)) != outputs(EngineRows(case.records, config))


def test_stores_of_orders_and_prices_grow() -> None:
    rng = np.random.default_rng(3)
    n = 40_000
    records = np.zeros(n, MBO_DTYPE)
    records["action"], records["flags"] = b"A", LAST
    records["order_id"] = np.arange(1, n + 1)
    records["size"] = rng.integers(1, 9, n)
    is_bid = rng.random(n) < 0.5
    records["side"] = np.where(is_bid, b"B", b"A")
    # a few thousand prices beyond the ladder, on both sides
    distance = np.where(rng.random(n) < 0.3, rng.integers(4_001, 9_000, n), rng.integers(1, 500, n))
    records["price"] = (20_000 + np.where(is_bid, -distance, distance)) * TICK_INT
    records["ts_event"] = DAY_START_NS + np.sort(rng.integers(0, 3 * 10**9, n))
    records["ts_recv"] = records["ts_event"]
    records["instrument_id"] = 1
    cancels = records[rng.permutation(n)[: n // 2]].copy()
    cancels["action"] = b"C"
    cancels["ts_event"] = cancels["ts_recv"] = DAY_START_NS + 4 * 10**9
    assert_agrees(MarketCase(np.concatenate([records, cancels]), script_config()))


def test_buffers_grow_for_the_reprices_of_a_second() -> None:
    n = 70_000
    adds = np.zeros(2, MBO_DTYPE)
    adds["action"], adds["flags"], adds["size"] = b"A", LAST, 2
    adds["order_id"], adds["side"] = [1, 2], [b"B", b"A"]
    adds["price"] = np.array([10_000, 20_000]) * TICK_INT
    moves = np.zeros(n, MBO_DTYPE)
    moves["action"], moves["flags"], moves["size"], moves["side"] = b"M", LAST, 2, b"B"
    moves["order_id"] = 1
    # every move reaches a price of its own
    moves["price"] = (10_000 - np.arange(1, n + 1)) * TICK_INT
    moves["price"][::2] = (10_001 + np.arange(n // 2) % 9_000) * TICK_INT
    records = np.concatenate([adds, moves])
    records["ts_event"] = records["ts_recv"] = DAY_START_NS + 1
    rows = EngineRows(records, replace(engine_config(script_config()), wall_max_ticks=5))
    assert sum(row["n_orders"] for row in rows.reprice) == n
    assert sum(row["qty"] for row in rows.reprice) == 2 * n
    assert rows.qa["bid_add_inside"] + rows.qa["bid_add_outside"] == 2 * n + 2


def test_synthetic_day_agrees_with_plain_engine() -> None:
    plan = SessionPlan(hours=0.03, overnight_rate=0.005, premarket_rate=0.01)
    market = SyntheticMarket(load_product("ES"), seed=3, plan=plan)
    records = generate_day(market, DEFAULT_START_DATE)
    day_ns = int(np.datetime64(DEFAULT_START_DATE, "ns").astype(np.int64))
    live_ns = int(np.median(records["ts_event"]))
    config = script_config(
        day_start_ns=day_ns,
        trading_intervals=((day_ns, day_ns + 86_400 * 10**9, True),),
        surface_window_ns=(live_ns, live_ns + 20 * 10**9),
    )
    assert_agrees(MarketCase(records, config), chunk_records=9_999)


def test_record_beyond_the_day_is_an_error() -> None:
    late = script(
        message("A", "B", 1, 100, 1), message("A", "B", 2, 100, 1, at_ns=3 * 86_400 * 10**9)
    )
    with pytest.raises(KernelError, match=r"record 1 is dated .* 2023-12-25"):
        EngineRows(late, engine_config(script_config()))


@pytest.mark.parametrize(
    ("fields", "message_part"),
    [
        ({"tick_int": 0}, "tick_int"),
        ({"wall_max_ticks": -1}, "wall_max_ticks"),
        ({"unknown_cancel_lookback_s": 0}, "lookback"),
        ({"stale_after_s": 0}, "stale_after_s"),
        ({"day_start_ns": 5}, "whole second"),
    ],
)
def test_config_is_checked(fields: dict[str, int], message_part: str) -> None:
    with pytest.raises(ValueError, match=message_part):
        BookConfig(**{"tick_int": 1, "day_start_ns": 0} | fields)
