"""The plain bars and features of one second on states made by hand, and their symmetries."""

from __future__ import annotations

from datetime import date, datetime
from itertools import pairwise
from math import log1p, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.levels_model import Trade
from naive.market_by_price import (
    BAR_COLUMNS,
    MarketDay,
    market_by_price_10_bar5s,
    market_features_1s,
    top10_1s,
)
from naive.market_ofi import price_ofi, rank_ofi
from naive.market_states import Level, State
from naive.model import NS_PER_S
from naive.surfaces import Row
from support.market_days import drawn_states, ten_levels
from support.strategies.mbo_script import DAY_START_NS, TICK_INT

DAY_S = DAY_START_NS // NS_PER_S
DT = date(2023, 12, 25)
Ladder = list[tuple]


def state(at_s: float, bids: Ladder, asks: Ladder, **fields: bool) -> State:
    """A state at seconds after the day's start; levels are (ticks, size[, count])."""
    sides = [
        tuple(Level(x[0] * TICK_INT, x[1], x[2] if len(x) > 2 else 1) for x in ladder)
        for ladder in (bids, asks)
    ]
    return State(DAY_START_NS + round(at_s * NS_PER_S), *sides, **fields)


def market_day(last_s: int = 4, first_s: int = 0, **fields: object) -> MarketDay:
    defaults = {"symbol": "ESH4", "dt": DT, "tick_int": TICK_INT, "source": "mbp10"}
    return MarketDay(**defaults | fields, first_s=DAY_S + first_s, last_s=DAY_S + last_s)


def bars(states: list[State], last_s: int = 4, trades: list[Trade] = (), **fields) -> list[Row]:
    wall_rows = fields.pop("wall_rows", None)
    return market_by_price_10_bar5s(states, trades, market_day(last_s, **fields), wall_rows)


def bar(states: list[State], trades: list[Trade] = (), **fields) -> Row:
    [row] = bars(states, 4, trades, **fields)
    assert tuple(row) == BAR_COLUMNS
    return row


def trade(number: int, at_s: float, ticks: int | None, size: int, side: str) -> Trade:
    price_int = None if ticks is None else ticks * TICK_INT
    second = DAY_S + int(at_s)
    return Trade("ESH4", DT, number, second * NS_PER_S, second, price_int, size, side)


def values(row: Row, *names: str) -> list:
    return [row[name] for name in names]


BID, ASK = [(100, 5)], [(101, 5)]
# best prices two ticks apart with equal sizes: the microprice is tick 101 exactly
CENTRED = [(100, 5)], [(102, 5)]


def adjacent(first: int, step: int, n: int = 10, size: int = 2) -> Ladder:
    """Levels of one size a tick apart."""
    return [(first + step * i, size) for i in range(n)]


# Time


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


# Order flow imbalance


FIVE_STEPS = [
    state(0, [(100, 5)], [(101, 7)]),
    state(0.5, [(100, 8)], [(101, 7)]),  # bid grows: 8 - 5 - 7 + 7 = 3
    state(1, [(100, 8)], [(102, 4)]),  # ask steps back: 8 - 8 + 7 = 7
    state(2, [(101, 2)], [(102, 4)]),  # bid steps up: 2 - 4 + 4 = 2
    state(3, [(101, 2)], [(102, 9)]),  # ask grows: 2 - 2 - 9 + 4 = -5
    state(4, [(100, 6)], [(101, 3)]),  # both step down: -2 - 3 = -5
]


def test_order_flow_imbalance_of_five_steps() -> None:
    pairs = list(pairwise(FIVE_STEPS))
    assert [rank_ofi(*pair, 0) for pair in pairs] == [3, 7, 2, -5, -5]
    row = bar(FIVE_STEPS)
    assert row["ofi_l1_sum"] == 2
    # by price: bid +3; ask -(0 - 7) - (4 - 0); bid +2 at 101 (all 8 at 100 go); ask -(9 - 4);
    # bid -2 at 101, +6 at 100; ask -3 at 101, +9 at 102
    assert [price_ofi(*pair, TICK_INT) for pair in pairs] == [3, 3, -6, -5, 10]
    assert row["ofi_price_10t_sum"] == 5
    # one rank of ten; mean of 12, 15, 12, 6, 11, 9 contracts over both sides and ten levels
    depth = (12 * 0.5 + 15 * 0.5 + 12 + 6 + 11 + 9) / 5 / 20
    assert row["ofi_l10_sum"] == pytest.approx(2 / 10 / depth, rel=1e-12)


def test_the_rank_compares_other_prices_when_the_book_shifts() -> None:
    """A new best bid of 5: every rank reports an arrival, the prices report 5 contracts."""
    asks = adjacent(103, 1)
    before, after = adjacent(100, -1), [(101, 5), *adjacent(100, -1, 9)]
    states = [state(0, before, asks), state(1, after, asks)]
    assert [rank_ofi(*states, rank) for rank in range(10)] == [5, *[2] * 9]
    row = bar(states)
    assert (row["ofi_l1_sum"], row["ofi_price_10t_sum"]) == (5, 5)
    depth = (40 * 1 + 43 * 4) / 5 / 20
    assert row["ofi_l10_sum"] == pytest.approx((5 + 9 * 2) / 10 / depth, rel=1e-12)


def test_a_price_that_scrolls_out_of_the_view_is_no_cancellation() -> None:
    """With nine bids the same change is seen whole: the view covers every price."""
    asks = adjacent(103, 1)
    nine = [state(0, adjacent(100, -1, 9), asks), state(1, adjacent(100, -1, 8), asks)]
    assert price_ofi(*nine, TICK_INT) == -2
    shifted = [state(0, adjacent(100, -1), asks), state(1, adjacent(101, -1), asks)]
    assert price_ofi(*shifted, TICK_INT) == 2
    assert price_ofi(*shifted[::-1], TICK_INT) == -2


def test_prices_count_up_to_ten_ticks_from_the_microprice() -> None:
    bids = [(100, 5), (91, 1), (90, 1)]
    before = state(0, bids, [(102, 5)])
    at_ten = state(1, [(100, 5), (91, 4), (90, 1)], [(102, 5)])
    beyond = state(1, [(100, 5), (91, 1), (90, 4)], [(102, 5)])
    assert price_ofi(before, at_ten, TICK_INT) == 3
    assert price_ofi(before, beyond, TICK_INT) == 0
    # 10 + 1/11 ticks away
    nearer_ask = state(1, [(100, 6), (91, 4), (90, 1)], [(102, 5)])
    assert price_ofi(before, nearer_ask, TICK_INT) == 1


def test_a_rank_that_is_empty_on_a_side_contributes_nothing() -> None:
    states = [
        state(0, [(100, 5), (99, 4)], [(101, 5), (102, 1)]),
        state(1, [(100, 5), (99, 9)], [(101, 5)]),
    ]
    assert [rank_ofi(*states, rank) for rank in range(3)] == [0, 0, 0]


def test_a_reset_is_no_flow() -> None:
    states = [
        state(0, BID, ASK),
        state(1, [(100, 50)], ASK, is_reset=True),
        state(2, [(100, 57)], ASK),
    ]
    assert bar(states)["ofi_l1_sum"] == 7


def test_pairs_with_a_one_sided_state_count_and_contribute_nothing() -> None:
    states = [
        state(0, BID, ASK),
        state(1, BID, []),
        state(1, BID, []),
        state(1, [(100, 9)], ASK),
        state(2, [(100, 10)], ASK),
    ]
    row = bar(states)
    assert values(row, "is_valid", "one_sided_count", "ofi_l1_sum") == [True, 2, 1]
    reset = [s._replace(is_reset=n in (1, 3)) for n, s in enumerate(states)]
    assert bar(reset)["one_sided_count"] == 0
    doubted = [s._replace(is_bad=n < 4) for n, s in enumerate(states)]
    assert bar(doubted)["one_sided_count"] == 0


# Bands

IMBALANCES = [f"depth_imbalance_{band}" for band in ("0_4", "4_8", "8_12", "12_20", "20_40")]


def test_bands_hold_their_upper_edge() -> None:
    """Bids at distances 1, 4 | 5, 8 | 9, 12 | 13, 20 | 21, 40, 41 from tick 101."""
    bids = [(101 - d, n) for n, d in enumerate((1, 4, 5, 8, 9, 12, 13, 20, 21, 40, 41), 1)]
    bids[0] = (100, 5)
    row = bar([state(0, bids, [(102, 5)], is_whole=True)])
    fractions = [row[f"depth_bid_{b}_frac_eob"] for b in ("0_4", "4_8", "8_12", "12_20", "20_40")]
    total = 5 + sum(range(2, 11))
    assert fractions == [7 / total, 7 / total, 11 / total, 15 / total, 19 / total]
    assert [row[f"{name}_eob"] for name in IMBALANCES] == [2 / 12, 1, 1, 1, 1]
    assert [row[f"{name}_twa"] for name in IMBALANCES] == [2 / 12, 1, 1, 1, 1]


def test_the_distance_is_exact_where_the_microprice_is_between_ticks() -> None:
    """The microprice is 100 + 1/3: the bid at 96 lies 4 1/3 away, the ask at 104 only 3 2/3."""
    row = bar([state(0, [(100, 1), (96, 7)], [(101, 2), (104, 9)])])
    assert row["microprice_eob"] == pytest.approx((100 + 1 / 3) / 4, rel=1e-15)
    assert row["mid_price_eob"] == 25.125
    assert [row[f"{name}_eob"] for name in IMBALANCES[:2]] == [(1 - 11) / 12, 1]


def test_a_band_past_the_tenth_level_is_not_known() -> None:
    """The tenth bid is 10 ticks away, or 12, or only nine bids exist, or all are known."""
    asks = [(102, 2)]
    ten = adjacent(100, -1)
    known = {
        "ten": bar([state(0, ten, asks)]),
        "reaching": bar([state(0, [*ten[:-1], (89, 2)], asks)]),
        "nine": bar([state(0, ten[:-1], asks)]),
        "whole": bar([state(0, ten, asks, is_whole=True)]),
    }
    names = [f"{name}_{moment}" for name in IMBALANCES for moment in ("eob", "twa")]
    none = {key: [name for name in names if row[name] is None] for key, row in known.items()}
    assert none["ten"] == names[4:]
    assert none["reaching"] == names[6:]
    # known and empty: no depth to compare
    assert none["nine"] == names[6:]
    assert none["whole"] == names[6:]
    fractions = [
        [row[f"depth_bid_{band}_frac_eob"] for band in ("8_12", "12_20")] for row in known.values()
    ]
    assert fractions == [[None, None], [4 / 20, None], [2 / 18, 0], [4 / 20, 0]]
    assert known["ten"]["depth_ask_20_40_frac_eob"] == 0


def test_a_band_that_was_not_known_for_a_moment_has_no_mean() -> None:
    asks = [(102, 2)]
    states = [state(0, adjacent(100, -1), asks), state(1, adjacent(100, -1, 9), asks)]
    row = bar(states)
    assert values(row, "depth_imbalance_8_12_eob", "depth_imbalance_8_12_twa") == [1, None]
    assert values(row, "depth_bid_8_12_frac_eob", "depth_bid_8_12_frac_twa") == [2 / 18, None]
    assert row["depth_ask_8_12_frac_twa"] == 0


def test_the_time_of_an_empty_band_is_left_out() -> None:
    """The band 4_8 is empty for 4 s; then 3 bids face 1 ask."""
    states = [state(0, *CENTRED), state(4, [(100, 5), (95, 3)], [(102, 5), (107, 1)])]
    row = bar(states)
    assert row["depth_imbalance_4_8_twa"] == 0.5
    assert row["depth_bid_4_8_frac_twa"] == pytest.approx(3 / 8 / 5, rel=1e-15)


# Shape, ladder, walls


def test_ladder_gaps() -> None:
    row = bar([state(0, [(100, 1), (98, 1), (95, 1)], ASK)])
    names = ["ladder_bid_gap_max_ticks_eob", "ladder_bid_gap_mean_ticks_eob"]
    assert values(row, *names) == [3, 2.5]
    assert values(row, *(name.replace("bid", "ask") for name in names)) == [None, None]
    far = bar([state(0, [*adjacent(100, -1), (50, 1)], ASK, is_whole=True)])
    assert values(far, *names) == [1, 1]


def test_shares_of_the_levels() -> None:
    row = bar([state(0, [(100, 6, 1), (98, 2, 3)], ASK)])
    assert [row[f"shape_bid_sz_frac_l{n:02}_eob"] for n in range(10)] == [0.75, 0.25, *[0] * 8]
    assert [row[f"shape_bid_ct_frac_l{n:02}_eob"] for n in range(10)] == [0.25, 0.75, *[0] * 8]
    assert row["depth_bid10_qty_eob"] == 8


WALL = ["wall_bid_max_z", "wall_bid_max_level", "wall_bid_nearest_dist_ticks"]


def wall_of(sizes: list[int]) -> list:
    bids = [(100 - n, size) for n, size in enumerate(sizes)]
    return values(bar([state(0, bids, [(102, sizes[0])])]), *WALL)


def test_one_large_level_among_ten() -> None:
    """Nine equal and one larger: z = sqrt(9) = 3, four ticks and one from the microprice."""
    max_z, level, distance = wall_of([5, 5, 5, 80, 5, 5, 5, 5, 5, 5])
    assert max_z == pytest.approx(3, rel=1e-12)
    assert (level, distance) == (3, 4)


def test_z_of_sizes_that_all_differ() -> None:
    sizes = [1, 3, 7]
    logs = [log1p(size) for size in sizes]
    assert logs == pytest.approx([log1p(1), 2 * log1p(1), 3 * log1p(1)])
    # evenly spaced logs: mean in the middle, standard deviation sqrt(2/3) spacings
    assert wall_of(sizes) == [pytest.approx(1 / sqrt(2 / 3), rel=1e-12), 2, None]


@pytest.mark.parametrize("sizes", [[5], [5, 5], [3] * 10])
def test_equal_sizes_have_no_wall(sizes: list[int]) -> None:
    assert wall_of(sizes) == [None, None, None]


@pytest.mark.parametrize(
    ("sizes", "level"),
    [([3, 3, 9, 3, 3, 9, 3, 3, 3, 3], 2), ([4, 4, 4, 4, 44], 4), ([1, 1, 2, 2, *[1] * 6], 2)],
)
def test_a_z_of_two_is_a_wall_however_it_rounds(sizes: list[int], level: int) -> None:
    """Two of ten or one of five: z = 2 exactly; of equals the nearest counts."""
    max_z, max_level, distance = wall_of(sizes)
    assert max_z == pytest.approx(2, rel=1e-12)
    assert (max_level, distance) == (level, level + 1)


def test_three_large_levels_of_ten_are_no_wall() -> None:
    max_z, max_level, distance = wall_of([9, 9, 9, *[3] * 7])
    assert max_z == pytest.approx(sqrt(7 / 3), rel=1e-12)
    assert (max_level, distance) == (0, None)


# Net flow


def wall_row(second: int, side: str, ticks: int, add: int, pull: int) -> Row:
    row = {"window_start_s": DAY_S + second, "side": side, "price_int": ticks * TICK_INT}
    return row | {"add_qty": add, "pull_qty_total": pull}


NET_FLOW = ["flow_net_bid_0_4_sum", "flow_net_bid_4_8_sum", "flow_net_ask_0_4_sum"]


def test_net_flow_follows_the_microprice_of_each_second() -> None:
    """The market rises 4 ticks in second 2: tick 97 is 4, then 8 ticks away."""
    states = [
        state(0, [(100, 5), (97, 3)], [(102, 5)], is_whole=True),
        state(2.5, [(104, 5), (97, 3)], [(106, 5)], is_whole=True),
    ]
    rows = [
        wall_row(0, "B", 97, 10, 2),
        wall_row(2, "B", 97, 1, 5),
        wall_row(1, "B", 102, 99, 0),  # in front of the microprice
        wall_row(4, "A", 105, 7, 1),  # on the microprice: the first band includes 0
        wall_row(4, "A", 106, 0, 2),
    ]
    whole = bar(states, source="mbo", wall_rows=rows)
    # mean depth of bids 0_4: 8 for 2.5 s, 5 for 2.5 s; of 4_8: 0, then 3 (distance 8)
    assert values(whole, *NET_FLOW) == [8 / 6.5, -4 / 1.5, 4 / 5]
    assert whole["flow_net_bid_8_12_sum"] == 0
    shallow = [s._replace(bids=s.bids[:1]) for s in states]
    assert bar(shallow, source="mbo", wall_rows=rows)["flow_net_bid_4_8_sum"] == -4


def test_net_flow_needs_the_wall_of_every_second() -> None:
    states = [state(0, *CENTRED, is_whole=True)]
    rows = [wall_row(1, "B", 100, 3, 1)]
    inside = (DAY_S, DAY_S + 5)
    assert values(
        bar(states, source="mbo", wall_rows=rows, surface_window_s=inside), *NET_FLOW
    ) == [
        2 / 5,
        0,
        0,
    ]
    cut = (DAY_S + 1, DAY_S + 9)
    nothing = [None] * 3
    assert (
        values(bar(states, source="mbo", wall_rows=rows, surface_window_s=cut), *NET_FLOW)
        == nothing
    )
    assert values(bar(states, source="mbp10", wall_rows=rows), *NET_FLOW) == nothing
    assert values(bar(states, source="mbo"), *NET_FLOW) == nothing


# Trades and volatility


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


# One second


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


# Properties

SECONDS = 13
PROPERTY = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@st.composite
def drawn_trades(draw: st.DrawFn) -> list[Trade]:
    seconds = sorted(draw(st.lists(st.integers(0, SECONDS), max_size=6)))
    return [
        trade(
            n,
            second,
            1_000 + draw(st.integers(-2, 2)),
            draw(st.integers(1, 9)),
            draw(st.sampled_from("ABN")),
        )
        for n, second in enumerate(seconds, 1)
    ]


@st.composite
def drawn_walls(draw: st.DrawFn) -> list[Row]:
    return [
        wall_row(
            draw(st.integers(0, SECONDS)),
            draw(st.sampled_from("AB")),
            1_000 + draw(st.integers(-45, 45)),
            draw(st.integers(0, 20)),
            draw(st.integers(0, 20)),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]


def rows_of(states: list[State], trades: list[Trade], walls: list[Row]) -> list[Row]:
    """Bars and one-second features of a drawn day."""
    day = market_day(SECONDS, source="mbo")
    return [
        *market_by_price_10_bar5s(states, trades, day, walls),
        *market_features_1s(states, trades, day),
    ]


def mirrored_name(name: str) -> str:
    marked = name.replace("bid", "?").replace("ask", "bid")
    return marked.replace("?", "ask")


def turns_sign(name: str) -> bool:
    signed = ("mid_price", "microprice", "trade_last_price_int", "trade_signed_volume")
    is_flow = name.startswith("ofi_") or "imbalance" in name
    return is_flow or name.startswith(signed)


@PROPERTY
@given(drawn_states(), drawn_trades(), drawn_walls())
def test_the_mirror_swaps_sides_and_turns_signs(
    states: list[State], trades: list[Trade], walls: list[Row]
) -> None:
    def mirrored(levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(level._replace(price_int=-level.price_int) for level in levels)

    other_states = [s._replace(bids=mirrored(s.asks), asks=mirrored(s.bids)) for s in states]
    other_side = {"A": "B", "B": "A", "N": "N"}
    other_trades = [
        Trade(x.symbol, x.dt, x.ordinal, x.ts_event_ns, x.window_s, -x.price_int, x.size, side)
        for x in trades
        for side in [other_side[x.side]]
    ]
    other_walls = [
        row | {"side": other_side[row["side"]], "price_int": -row["price_int"]} for row in walls
    ]
    straight = rows_of(states, trades, walls)
    turned = rows_of(other_states, other_trades, other_walls)
    for row, other in zip(straight, turned, strict=True):
        for name, value in row.items():
            changes = value is not None and turns_sign(name)
            assert other[mirrored_name(name)] == (-value if changes else value), name


@PROPERTY
@given(drawn_states(), drawn_trades(), drawn_walls(), st.sampled_from([-2_500, 7, 19_000]))
def test_a_shift_by_whole_ticks_moves_prices_alone(
    states: list[State], trades: list[Trade], walls: list[Row], ticks: int
) -> None:
    shift = ticks * TICK_INT

    def moved(levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(level._replace(price_int=level.price_int + shift) for level in levels)

    other_states = [s._replace(bids=moved(s.bids), asks=moved(s.asks)) for s in states]
    other_trades = [
        Trade(x.symbol, x.dt, x.ordinal, x.ts_event_ns, x.window_s, price_int, x.size, x.side)
        for x in trades
        for price_int in [x.price_int + shift]
    ]
    other_walls = [row | {"price_int": row["price_int"] + shift} for row in walls]
    straight = rows_of(states, trades, walls)
    for row, other in zip(straight, rows_of(other_states, other_trades, other_walls), strict=True):
        for name, value in row.items():
            if value is not None and name.startswith(("mid_price", "microprice")):
                assert other[name] == pytest.approx(value + ticks / 4, rel=1e-12)
            elif value is not None and name == "trade_last_price_int":
                assert other[name] == value + shift
            else:
                assert other[name] == value, name


@PROPERTY
@given(drawn_states(), drawn_trades())
def test_ten_levels_tell_what_the_whole_book_tells(
    states: list[State], trades: list[Trade]
) -> None:
    """But for the bands that reach past them, and the net flow."""
    whole, seen = (
        [market_by_price_10_bar5s(s, trades, market_day(SECONDS)), top10_1s(s, market_day(SECONDS))]
        for s in (states, ten_levels(states))
    )
    assert whole[1] == seen[1]
    for row, other in zip(whole[0], seen[0], strict=True):
        for name, value in row.items():
            is_unknown_band = name.startswith("depth_") and other[name] is None
            assert other[name] == value or is_unknown_band, name


@PROPERTY
@given(drawn_states())
def test_flow_of_a_bar_is_that_of_its_seconds(states: list[State]) -> None:
    seconds = market_features_1s(states, [], market_day(14))
    for number, row in enumerate(bars(states, 14)):
        inside = seconds[5 * number : 5 * number + 5]
        assert row["is_valid"] == all(second["is_valid"] for second in inside)
        if row["is_valid"]:
            for name in ("ofi_l1", "ofi_price_10t"):
                assert row[f"{name}_sum"] == sum(second[name] for second in inside)
            assert row["ofi_l1_sum"] == inside[-1]["ofi_5s"]


def test_properties_reach_valid_bars_and_unknown_bands() -> None:
    """The drawn states are worth drawing."""
    found = {"valid": 0, "unknown": 0, "one_sided": 0, "flow": 0}

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(drawn_states(is_whole=False))
    def count(states: list[State]) -> None:
        for row in bars(states, SECONDS):
            found["valid"] += row["is_valid"]
            found["unknown"] += row["is_valid"] and row["depth_imbalance_4_8_twa"] is None
            found["one_sided"] += row["one_sided_count"] > 0
            found["flow"] += bool(row["ofi_price_10t_sum"])

    count()
    assert min(found.values()) > 10, found
