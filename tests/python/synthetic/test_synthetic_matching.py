"""Matching of the synthetic market, order by order, and its booked flows."""

from __future__ import annotations

import numpy as np
from numba import njit
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket
from spymaster_ingest.synthetic.aggression import take
from spymaster_ingest.synthetic.auction import auction
from spymaster_ingest.synthetic.contract_days import day_pieces, empty_market
from spymaster_ingest.synthetic.eligibility import is_primary
from spymaster_ingest.synthetic.market_arrays import (
    ASK,
    BID,
    LEVEL_IDS,
    OR_LOW,
    OWNER_CROWD,
    SMA_90,
    SMA_200,
    Market,
)
from spymaster_ingest.synthetic.order_book import arrive
from support.synthetic_book import DAY, ES

WORST = 1 << 30
_outside = njit(_nrt=False)


@_outside
def _rest(st, order_id, side, level, size, hidden):
    slot = arrive(st, side, level, size, hidden, OWNER_CROWD)
    st.orders[slot].order_id = order_id


@_outside
def _take(st, side, wanted, limit, rests):
    st.scalars[0].written = 0
    take(st, side, wanted, limit, rests)


@_outside
def _auction(st):
    st.scalars[0].written = 0
    auction(st)


@_outside
def _first_of_its_stack(st):
    return is_primary(st)


def market() -> Market:
    """Return a market without resting orders."""
    plan = SessionPlan(hours=0.01, evening_seconds=0)
    return empty_market(SyntheticMarket(ES, plan=plan), DAY, "front", 1 << 12)


def last_event(st: Market) -> list[tuple[str, str, int, int, int]]:
    """Return the last event: action, side, order, level and size per record."""
    s = st.scalars[0]
    return [
        (
            chr(r["action"]),
            chr(r["side"]),
            int(r["order_id"]) if r["action"] != ord("T") else 0,
            int(r["price"] // s["tick_int"] - s["lowest_tick"]),
            int(r["size"]),
        )
        for r in st.out[: s["written"]]
    ]


def rest(st: Market, *orders: tuple[int, int, int, int, int]) -> None:
    for order_id, side, level, size, hidden in orders:
        _rest(st, np.uint64(order_id), side, level, size, hidden)


def test_fills_go_by_time_and_take_hidden_quantity_last() -> None:
    st = market()
    rest(st, (1, ASK, 1000, 5, 0), (2, ASK, 1000, 3, 7), (3, ASK, 1000, 4, 0), (4, ASK, 1005, 1, 0))
    # The iceberg displays 3; taken out, it goes to the end of the queue with 3 of its 7 left.
    _take(st, BID, 9, 1000, False)
    assert last_event(st) == [
        ("T", "B", 0, 1000, 9),
        ("F", "A", 1, 1000, 5),
        ("F", "A", 2, 1000, 3),
        ("F", "A", 3, 1000, 1),
        ("C", "A", 1, 1000, 5),
        ("M", "A", 2, 1000, 3),
        ("M", "A", 3, 1000, 3),
    ]
    # Displayed 3 + 3, then 2 of the 4 hidden: a fill of 5 on a display of 3, refilled with 2.
    _take(st, BID, 8, 1000, False)
    assert last_event(st) == [
        ("T", "B", 0, 1000, 8),
        ("F", "A", 3, 1000, 3),
        ("F", "A", 2, 1000, 5),
        ("C", "A", 3, 1000, 3),
        ("M", "A", 2, 1000, 2),
    ]
    _take(st, BID, 5, 1000, True)
    assert last_event(st) == [
        ("T", "B", 0, 1000, 2),
        ("F", "A", 2, 1000, 2),
        ("C", "A", 2, 1000, 2),
        ("A", "B", int(st.out[0]["order_id"]), 1000, 3),
    ]
    assert (st.scalars[0]["best_bid"], st.scalars[0]["best_ask"]) == (1000, 1005)
    row = st.levels[ASK, 1000]
    # Booked: 12 displayed at first, refilled with 3 and 2; hidden quantity is never depth.
    assert (row["add"], row["fill"], row["pull"], row["depth"]) == (17, 17, 0, 0)


def test_an_aggressive_order_stops_at_its_limit_and_its_event_has_all_prices() -> None:
    st = market()
    rest(st, (1, BID, 900, 2, 0), (2, BID, 899, 2, 0), (3, BID, 898, 2, 0))
    _take(st, ASK, WORST, 899, False)
    assert [(a, level) for a, _, _, level, _ in last_event(st)] == [
        ("T", 900),
        ("F", 900),
        ("T", 899),
        ("F", 899),
        ("C", 900),
        ("C", 899),
    ]
    records = st.out[: st.scalars[0]["written"]]
    assert len(set(records["ts_event"])) == 1
    assert list(records["flags"]) == [0] * 5 + [130]
    assert st.scalars[0]["best_bid"] == 898


def test_the_auction_matches_crossed_orders_at_one_price() -> None:
    st = market()
    rest(st, (1, BID, 1004, 3, 0), (2, BID, 1002, 4, 0), (3, BID, 999, 9, 0))
    rest(st, (4, ASK, 1000, 2, 0), (5, ASK, 1001, 4, 0), (6, ASK, 1003, 9, 0))
    _auction(st)
    assert last_event(st) == [
        ("T", "N", 0, 1001, 6),
        ("F", "N", 1, 1001, 3),
        ("F", "N", 2, 1001, 3),
        ("F", "N", 4, 1001, 2),
        ("F", "N", 5, 1001, 4),
        ("C", "B", 1, 1004, 3),
        ("M", "B", 2, 1002, 1),
        ("C", "A", 4, 1000, 2),
        ("C", "A", 5, 1001, 4),
    ]
    assert st.scalars[0]["best_bid"] == 1002
    assert st.scalars[0]["best_ask"] == 1003


def test_the_length_of_pieces_changes_no_truth() -> None:
    plan = SessionPlan(hours=0.05, overnight_rate=0.01, premarket_rate=0.05)
    whole = SyntheticMarket(ES, seed=5, plan=plan)
    runs = []
    for chunk_records in (1 << 18, 4_000):
        pieces = [
            [part.copy() for part in p[:4]] for p in day_pieces(whole, DAY, "front", chunk_records)
        ]
        runs.append([np.concatenate(parts) for parts in zip(*pieces, strict=True)])
    assert runs[0][0].size > 5_000
    for one, other in zip(*runs, strict=True):
        assert np.array_equal(one, other)


def test_only_the_first_level_of_a_stack_has_a_label() -> None:
    st = market()
    st.named["tick"], st.named["is_active"] = 500 + 10 * np.arange(len(LEVEL_IDS)), 1
    st.approach["level"] = SMA_200
    assert _first_of_its_stack(st)
    # A level of lower priority joins it and links a level of higher priority two ticks off.
    st.named["tick"][SMA_90] = st.named["tick"][SMA_200] + 1
    assert _first_of_its_stack(st)
    st.named["tick"][OR_LOW] = st.named["tick"][SMA_200] + 2
    assert not _first_of_its_stack(st)
    st.named["is_active"][OR_LOW] = 0
    assert _first_of_its_stack(st)
    st.named["is_active"][OR_LOW], st.named["is_active"][SMA_90] = 1, 0
    assert _first_of_its_stack(st)
    st.approach["level"] = OR_LOW
    st.named["is_active"] = 1
    assert _first_of_its_stack(st)
