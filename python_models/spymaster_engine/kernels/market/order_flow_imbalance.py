"""Order flow imbalance between two states of the book.

By rank: Cont, Kukanov and Stoikov, The Price Impact of Order Book Events, Journal of Financial
Econometrics 12 (2014), for every rank of the sorted book. By price: the change of depth at each
price that both states show.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.kernel_state import ASK, BID
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import inlined
from spymaster_engine.kernels.market.kernel_state import LEVELS


@inlined
def _arrived(views, before, after, side, level):
    """Return contracts that arrived at a rank of a side, less those that left it."""
    key_before = price_key(side, views.price[before, side, level])
    key_after = price_key(side, views.price[after, side, level])
    arrived = np.int64(0)
    if key_after >= key_before:
        arrived += views.qty[after, side, level]
    if key_after <= key_before:
        arrived -= views.qty[before, side, level]
    return arrived


@inlined
def add_rank_imbalance(views, before, after, ofi):
    """Add the imbalance of every rank that both states have on both sides to ``ofi`` (LEVELS,)."""
    ranks = LEVELS
    for side in range(2):
        ranks = min(ranks, views.n[before, side], views.n[after, side])
    for level in range(ranks):
        ofi[level] += _arrived(views, before, after, BID, level)
        ofi[level] -= _arrived(views, before, after, ASK, level)


@inlined
def _least_key(views, which, side):
    """Return the key of the worst price of which the ten best prices say the depth."""
    if views.n[which, side] < LEVELS:
        return np.iinfo(np.int64).min
    return price_key(side, views.price[which, side, LEVELS - 1])


@inlined
def _depth_between(views, which, side, least_key, most_key):
    """Return a side's depth over the ten best prices whose keys lie between two, both included."""
    depth = np.int64(0)
    for level in range(views.n[which, side]):
        key = price_key(side, views.price[which, side, level])
        if key < least_key:
            break
        if key <= most_key:
            depth += views.qty[which, side, level]
    return depth


@inlined
def price_imbalance(views, before, after, reach_ticks):
    """Return the imbalance by price: bid depth gained less ask depth gained, contracts.

    Counts the prices that both states show, at most ``reach_ticks`` from the microprice of the
    second state on either side of it.
    """
    bid_qty, ask_qty = views.qty[after, BID, 0], views.qty[after, ASK, 0]
    parts = bid_qty + ask_qty
    bid, ask = views.price[after, BID, 0], views.price[after, ASK, 0]
    # the microprice lies this far above the bid, in parts of a tick
    above_bid = (ask - bid) * bid_qty
    lowest = bid + -((reach_ticks * parts - above_bid) // parts)
    highest = bid + (reach_ticks * parts + above_bid) // parts
    bid_least = max(_least_key(views, before, BID), _least_key(views, after, BID), lowest)
    ask_least = max(_least_key(views, before, ASK), _least_key(views, after, ASK), -highest)
    bids = _depth_between(views, after, BID, bid_least, highest)
    bids -= _depth_between(views, before, BID, bid_least, highest)
    asks = _depth_between(views, after, ASK, ask_least, -lowest)
    asks -= _depth_between(views, before, ASK, ask_least, -lowest)
    return bids - asks
