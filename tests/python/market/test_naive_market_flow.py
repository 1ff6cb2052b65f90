"""The plain order flow imbalance and net flow, computed by hand."""

from __future__ import annotations

from itertools import pairwise

import pytest
from naive.market_ofi import price_ofi, rank_ofi
from support.market_rows import ASK, BID, CENTRED, DAY_S, adjacent, bar, state, values, wall_row
from support.strategies.mbo_script import TICK_INT

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
        wall_row(1, "B", 102, 99, 0),  # moved through: it was at the touch
        wall_row(4, "A", 105, 7, 1),  # on the microprice: the first band includes 0
        wall_row(4, "A", 106, 0, 2),
    ]
    whole = bar(states, source="mbo", wall_rows=rows)
    # mean depth of bids 0_4: 8 for 2.5 s, 5 for 2.5 s; of 4_8: 0, then 3 (distance 8)
    assert values(whole, *NET_FLOW) == [107 / 6.5, -4 / 1.5, 4 / 5]
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
