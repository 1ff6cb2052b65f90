"""The plain bars and features of one second: time, trades and validity by hand."""

from __future__ import annotations

from datetime import datetime
from math import sqrt

import numpy as np
import pytest
from naive.market_by_price import BAR_COLUMNS, market_features_1s, top10_1s
from naive.market_states import State
from naive.model import NS_PER_S
from support.market_rows import ASK, BID, adjacent, bar, bars, market_day, state, trade, values
from support.strategies.mbo_script import DAY_START_NS, TICK_INT


def test_the_state_that_enters_the_bar_weighs_from_its_start() -> None:
    """Spread 1 for 1.5 s (from before the bar), 3 for 0.5 s, 2 for 3 s."""
    states = [
        state(-1, BID, ASK),
        state(1.5, BID, [(103, 5)]),
        state(2, BID, [(102, 5)]),
    ]
    row = bar(states)
    assert row["spread_ticks_twa"] == (1 * 1.5 + 3 * 0.5 + 2 * 3) / 5
    assert row["spread_ticks_eob"] == 2
    assert row["is_valid"] and not row["is_carried"] and row["update_count"] == 2


def test_mean_over_irregular_updates_is_that_of_numpy() -> None:
    rng = np.random.default_rng(5)
    times = np.concatenate([[0], np.sort(rng.integers(1, 5 * NS_PER_S, 200))])
    sizes = rng.integers(1, 500, (2, 201))
    states = [
        state(t / NS_PER_S, [(100, b)], [(101, a)])
        for t, b, a in zip(times.tolist(), *sizes.tolist(), strict=True)
    ]
    states = [
        s._replace(time_ns=DAY_START_NS + t) for s, t in zip(states, times.tolist(), strict=True)
    ]
    weights = np.diff(times, append=5 * NS_PER_S)
    expected = np.average((sizes[0] - sizes[1]) / sizes.sum(axis=0), weights=weights)
    assert bar(states)["book_imbalance_l1_twa"] == pytest.approx(expected, rel=1e-12)


def test_a_state_dated_on_a_boundary_belongs_to_the_later_bar() -> None:
    states = [state(0, [(100, 5)], ASK), state(5, [(100, 8)], ASK), state(10, BID, ASK)]
    first, second, third = bars(states, 14)
    assert values(first, "ofi_l1_sum", "update_count", "depth_bid10_qty_eob") == [0, 1, 5]
    assert values(second, "ofi_l1_sum", "update_count", "depth_bid10_qty_eob") == [3, 1, 8]
    assert second["book_imbalance_l1_twa"] == 3 / 13
    assert values(third, "ofi_l1_sum", "update_count", "depth_bid10_qty_eob") == [-3, 1, 5]
    a_nanosecond_early = states[1]._replace(time_ns=states[1].time_ns - 1)
    first, second, _ = bars([states[0], a_nanosecond_early, states[2]], 14)
    assert (first["ofi_l1_sum"], second["ofi_l1_sum"]) == (3, 0)


def test_a_bar_that_begins_without_a_state_is_not_valid() -> None:
    assert not bar([state(0.5, BID, ASK)])["is_valid"]
    assert bar([state(0, BID, ASK)])["is_valid"]


def test_a_bar_that_lacks_a_second_is_not_valid() -> None:
    states = [state(-3, BID, ASK)]
    rows = bars(states, 8, first_s=-3)
    assert [row["is_valid"] for row in rows] == [False, True, False]
    assert [row["bar_start_ts"].second for row in rows] == [55, 0, 5]


@pytest.mark.parametrize(
    "broken",
    [
        state(2, [], ASK),
        state(2, BID, []),
        state(2, [(101, 5)], ASK),
        state(2, [(102, 5)], ASK),
        state(2, BID, ASK, is_bad=True),
        state(2, BID, ASK, is_known=False),
    ],
    ids=["no bid", "no ask", "locked", "crossed", "doubted", "unknown"],
)
def test_a_moment_without_a_valid_state_spoils_the_bar(broken: State) -> None:
    """Features are missing, counts and trades stay; a moment of 0 ns spoils nothing."""
    states = [state(0, BID, ASK), broken, state(2.5, BID, ASK)]
    trades = [trade(1, 1, 101, 4, "B"), trade(2, 3, 100, 1, "A")]
    row = bar(states, trades)
    assert not row["is_valid"]
    kept = ["trade_count_sum", "trade_volume_sum", "trade_signed_volume_sum"]
    assert values(row, *kept) == [2, 5, 3]
    assert values(row, "trade_imbalance_sum", "trade_last_price_int") == [0.6, 100 * TICK_INT]
    counted = BAR_COLUMNS.index("mid_price_eob")
    missing = {name for name in BAR_COLUMNS[counted:] if not name.startswith("trade_")}
    assert all(row[name] is None for name in missing)
    at_once = [states[0], broken, state(2, BID, ASK)]
    assert bar(at_once)["is_valid"]


def test_carried_bars_repeat_the_state_and_have_no_sums() -> None:
    states = [state(0, BID, ASK), state(3, [(100, 7)], ASK), state(12, [(100, 7)], ASK)]
    traded = [trade(1, 17, 101, 2, "N")]
    rows = bars(states, 19, traded)
    assert [row["is_carried"] for row in rows] == [False, True, True, False]
    assert [row["update_count"] for row in rows] == [2, 0, 0, 0]
    for row in rows[1:]:
        sums = ["ofi_l1_sum", "ofi_l10_sum", "ofi_price_10t_sum", "trade_signed_volume_sum"]
        assert values(row, *sums) == [0, 0, 0, 0]
        assert row["book_imbalance_l1_twa"] == row["book_imbalance_l1_eob"] == 2 / 12
        assert row["trade_imbalance_sum"] is None


def test_a_change_of_orders_alone_or_there_and_back_is_an_update() -> None:
    states = [
        state(0, [(100, 5, 1)], ASK),
        state(6, [(100, 5, 2)], ASK),
        state(11, [(100, 6, 2)], ASK),
        state(12, [(100, 5, 2)], ASK),
    ]
    assert [row["update_count"] for row in bars(states, 14)] == [1, 1, 2]


def test_a_change_beyond_the_tenth_level_is_no_update() -> None:
    bids = adjacent(100, -1, 11)
    states = [
        state(0, bids, ASK, is_whole=True),
        state(6, bids[:10], ASK, is_whole=True),
    ]
    assert [row["is_carried"] for row in bars(states, 9)] == [False, True]


def test_trades_count_by_aggressor() -> None:
    trades = [
        trade(1, -1, 99, 50, "A"),
        trade(2, 0, 101, 6, "B"),
        trade(3, 4, 100, 2, "A"),
        trade(4, 4, None, 4, "N"),
        trade(5, 5, 105, 1, "B"),
    ]
    row = bar([state(0, BID, ASK)], trades)
    names = ["trade_count_sum", "trade_volume_sum", "trade_signed_volume_sum"]
    assert values(row, *names) == [3, 12, 4]
    assert values(row, "trade_imbalance_sum", "trade_last_price_int") == [0.5, 100 * TICK_INT]
    unsigned = bar([state(0, BID, ASK)], [trade(1, 0, 101, 6, "N")])
    assert values(unsigned, "trade_volume_sum", "trade_imbalance_sum") == [6, None]
    before = bar([state(0, BID, ASK)], trades[-1:])
    assert values(before, "trade_count_sum", "trade_last_price_int") == [0, None]


def test_realised_volatility_needs_all_its_bars() -> None:
    """The mid moves a tick a bar; 61 bars end in 60 differences."""
    states = [state(5 * n, [(100 + n, 5)], [(101 + n, 5)]) for n in range(62)]
    rows = bars(states, 5 * 62 - 1)
    one_minute = [row["rv_60s_ticks"] for row in rows]
    assert one_minute == [None] * 12 + [sqrt(12)] * 50
    assert [row["rv_300s_ticks"] for row in rows] == [None] * 60 + [sqrt(60)] * 2
    states[20] = states[20]._replace(is_bad=True)
    broken = [row["rv_60s_ticks"] for row in bars(states, 5 * 62 - 1)]
    assert [n for n, x in enumerate(broken) if x is None] == [*range(12), *range(20, 33)]


def test_realised_volatility_of_half_ticks() -> None:
    """One side moves by one: the mid moves half a tick in every other bar."""
    states = [state(10 * n, [(100, 5)], [(101 + n, 5)]) for n in range(7)]
    assert bars(states, 64)[-1]["rv_60s_ticks"] == pytest.approx(sqrt(6 * 0.25), rel=1e-15)


def test_top_ten_at_the_end_of_the_second() -> None:
    states = [
        state(0.5, [(100, 5, 2), (98, 1)], ASK),
        state(1, adjacent(100, -1, 12), ASK, is_whole=True),
        state(2.9, [], ASK),
    ]
    rows = top10_1s(states, market_day(2))
    assert [row["is_valid"] for row in rows] == [True, True, False]
    assert rows[0]["window_end_ts"] == datetime(2023, 12, 25, 0, 0, 1)
    bids = [
        "bid_px_00_int",
        "bid_sz_00",
        "bid_ct_00",
        "bid_px_01_int",
        "bid_px_02_int",
        "bid_sz_02",
    ]
    assert values(rows[0], *bids) == [100 * TICK_INT, 5, 2, 98 * TICK_INT, None, 0]
    assert values(rows[1], "bid_px_09_int", "bid_sz_09") == [91 * TICK_INT, 2]
    assert values(rows[2], "bid_px_00_int", "bid_ct_00", "ask_sz_00") == [None, 0, 5]
    head = ["symbol", "dt", "window_start_ts", "window_end_ts", "source", "is_valid"]
    first_level = ["bid_px_00_int", "ask_px_00_int", "bid_sz_00", "ask_sz_00", "bid_ct_00"]
    assert list(rows[0])[:11] == [*head, *first_level]
    assert len(rows[0]) == 66


def test_features_of_one_second() -> None:
    states = [
        state(0, [(100, 1), (97, 4)], [(101, 3), (103, 2)]),
        state(1.5, [(100, 4), (97, 4)], [(101, 3), (103, 2)]),
    ]
    first, second = market_features_1s(states, [trade(1, 1, 101, 3, "B")], market_day(1))
    assert values(first, "is_valid", "spread_ticks", "ofi_l1", "ofi_l10") == [True, 1, 0, 0]
    assert first["mid_price"] == 25.125
    assert first["microprice"] == 100.25 / 4
    assert values(first, "book_imbalance_l1", "book_imbalance_l10") == [-0.5, 0]
    assert first["depth_imbalance_0_4"] == 0
    assert values(second, "ofi_l1", "ofi_price_10t", "trade_count") == [3, 3, 1]
    assert second["ofi_l10"] == pytest.approx(3 / 10 / ((10 + 13) / 2 / 20), rel=1e-12)
    assert values(second, "trade_signed_volume", "trade_imbalance") == [3, 1]
    head = ["symbol", "dt", "window_start_ts", "window_end_ts", "source", "is_valid"]
    quotes = ["spread_ticks", "mid_price", "microprice", "book_imbalance_l1", "book_imbalance_l10"]
    flows = ["depth_imbalance_0_4", "ofi_l1", "ofi_l10", "ofi_price_10t"]
    trailing = [f"ofi_{s}s" for s in (5, 30, 60, 120, 300)]
    traded = ["trade_count", "trade_volume", "trade_signed_volume", "trade_imbalance"]
    assert list(second) == head + quotes + flows + trailing + traded


def test_trailing_flow_needs_every_second() -> None:
    """A contract more every second; second 20 is not valid."""
    states = [state(n, [(100, 5 + n)], ASK, is_bad=n == 20) for n in range(60)]
    rows = market_features_1s(states, [], market_day(59))
    # no pair at second 0, nor into or out of the doubted state
    expected = [0, *[1] * 19, None, 0, *[1] * 38]
    assert [row["ofi_l1"] for row in rows] == expected
    assert [row["ofi_5s"] for row in rows[:6]] == [None, None, None, None, 4, 5]
    assert [row["ofi_5s"] for row in rows[19:27]] == [5, *[None] * 5, 4, 5]
    assert [n for n, row in enumerate(rows) if row["ofi_30s"] is not None] == [*range(50, 60)]
    assert rows[59]["ofi_30s"] == 30
    assert all(row["ofi_60s"] is None for row in rows)
