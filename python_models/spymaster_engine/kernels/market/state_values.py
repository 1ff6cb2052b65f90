"""What one state of the book says: spread, imbalances, depth by distance from the microprice.

The microprice is (ask * bid quantity + bid * ask quantity) / (bid quantity + ask quantity) of the
best quotes. A band holds the prices whose distance from it is above the band's lower end, which the
first band includes, and at most its upper end.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.kernel_state import ASK, BID
from spymaster_engine.kernels.book.ladder import LADDER_CELLS, depth_at
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import inlined
from spymaster_engine.kernels.market.kernel_state import (
    FIRST_BAND_VALUE,
    IMBALANCE_L1,
    IMBALANCE_L10,
    LEVELS,
    SPREAD,
    UNKNOWN,
)


@inlined
def ten_level_depth(views, which, side):
    """Return the depth of a side's ten best prices, contracts."""
    depth = np.int64(0)
    for level in range(views.n[which, side]):
        depth += views.qty[which, side, level]
    return depth


@inlined
def _ticks_to_best(views, which, side):
    """Return the distance of a side's best price from the microprice, rounded up to ticks.

    Ends of bands are whole ticks, so a price n ticks behind the best one lies within an end exactly
    if n and the rounded distance do.
    """
    parts = views.qty[which, ASK, 0] + views.qty[which, BID, 0]
    spread = views.price[which, ASK, 0] - views.price[which, BID, 0]
    return -((-spread * views.qty[which, side, 0]) // parts)


@inlined
def sum_bands_of_levels(st):
    """Set ``band`` of the state in force from its ten levels; UNKNOWN beyond the tenth."""
    views, which, band = st.views, st.scalars[0].current, st.band
    n_bands = st.edges.shape[0]
    for side in range(2):
        band[side, :] = 0
        n = views.n[which, side]
        to_best = _ticks_to_best(views, which, side)
        b = 0
        distance = to_best
        for level in range(n):
            distance = to_best + abs(views.price[which, side, level] - views.price[which, side, 0])
            while b < n_bands and distance > st.edges[b]:
                b += 1
            if b == n_bands:
                break
            band[side, b] += views.qty[which, side, level]
        if n == LEVELS:
            # rounded up, the tenth price may lie within a band that ends just before it
            parts = views.qty[which, ASK, 0] + views.qty[which, BID, 0]
            spread = views.price[which, ASK, 0] - views.price[which, BID, 0]
            last = abs(views.price[which, side, LEVELS - 1] - views.price[which, side, 0])
            exact = spread * views.qty[which, side, 0] + last * parts
            for b in range(n_bands):
                if exact < st.edges[b] * parts:
                    band[side, b] = UNKNOWN


@inlined
def sum_bands_of_book(book, st):
    """Set ``band`` of the state in force from every price of the rebuilt book.

    Args:
        book: ``State`` of the book engine, in that state.
        st: ``State``, changed in place.
    """
    views, which, band = st.views, st.scalars[0].current, st.band
    n_bands = st.edges.shape[0]
    low = book.scalars[0].ladder_low
    for side in range(2):
        best = views.price[which, side, 0]
        to_best = _ticks_to_best(views, which, side)
        step = price_key(side, np.int64(1))
        # ticks behind the best price at which the next band begins
        begin = np.int64(0)
        for b in range(n_bands):
            end = max(st.edges[b] - to_best + 1, begin)
            total = np.int64(0)
            first, last = best - step * begin - low, best - step * (end - 1) - low
            if min(first, last) >= 0 and max(first, last) < LADDER_CELLS:
                for cell in range(min(first, last), min(first, last) + end - begin):
                    total += book.depth[side, cell]
            else:
                for behind in range(begin, end):
                    total += depth_at(book, side, best - step * behind)
            band[side, b] = total
            begin = end


@inlined
def calculate_values(st):
    """Set ``values`` of the state in force, which is valid, from its levels and ``band``."""
    which = st.scalars[0].current
    views, values, band = st.views, st.values, st.band
    n_bands = st.edges.shape[0]
    bid_qty, ask_qty = views.qty[which, BID, 0], views.qty[which, ASK, 0]
    bids, asks = ten_level_depth(views, which, BID), ten_level_depth(views, which, ASK)
    values[SPREAD] = views.price[which, ASK, 0] - views.price[which, BID, 0]
    values[IMBALANCE_L1] = (bid_qty - ask_qty) / (bid_qty + ask_qty)
    values[IMBALANCE_L10] = (bids - asks) / (bids + asks)
    first = FIRST_BAND_VALUE + n_bands
    for b in range(n_bands):
        below, above = band[BID, b], band[ASK, b]
        is_known = below != UNKNOWN and above != UNKNOWN
        values[FIRST_BAND_VALUE + b] = (
            (below - above) / (below + above) if is_known and below + above > 0 else np.nan
        )
        values[first + b] = np.nan if above == UNKNOWN else above / asks
        values[first + n_bands + b] = np.nan if below == UNKNOWN else below / bids
