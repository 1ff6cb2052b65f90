"""How fills match the reductions that follow them, and what a reduction is made of.

A fill record (F) moves no depth: it waits on its order, as *pending*, for the C or M of the same
``ts_event`` that books the reduction. ``order`` is a record with the fields ``qty``,
``pending_qty`` and ``pending_ts``.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import inlined


@inlined
def wait_for_reduction(order, size, ts_event):
    """F: make a quantity of an order pending; return what was pending of an earlier event."""
    unmatched = np.int64(0)
    if order.pending_ts != ts_event:
        unmatched = order.pending_qty
        order.pending_qty = 0
    order.pending_ts = ts_event
    order.pending_qty += size
    return unmatched


@inlined
def waiting_fill(order, ts_event):
    """Return an order's pending fill quantity of this event."""
    if order.pending_ts == ts_event:
        return order.pending_qty
    return np.int64(0)


@inlined
def parts_of_cancel(order, size, ts_event):
    """C: return the reduction of the order as (filled, pulled)."""
    cancelled = min(size, order.qty)
    filled = min(cancelled, waiting_fill(order, ts_event))
    return filled, cancelled - filled


@inlined
def parts_of_modify(order, size, stays, ts_event):
    """M: return (filled, pulled, added); fills of the same event are read first.

    At the same price and side the rest of the order is compared with its new size; otherwise all
    of it leaves the one price and arrives at the other.
    """
    filled = min(order.qty, waiting_fill(order, ts_event))
    left = order.qty - filled
    if stays:
        return filled, max(left - size, np.int64(0)), max(size - left, np.int64(0))
    return filled, left, size
