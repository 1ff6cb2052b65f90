"""Reads the ten best prices of a rebuilt book into a view."""

from __future__ import annotations

from spymaster_engine.kernels.book.kernel_state import NO_QUOTE
from spymaster_engine.kernels.book.ladder import (
    BLOCK_BITS,
    BLOCK_CELLS,
    LADDER_CELLS,
    cell_in_use,
    next_key,
)
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import inlined
from spymaster_engine.kernels.market.kernel_state import LEVELS


@inlined
def _append(book, views, which, side, tick, cell):
    n = views.n[which, side]
    views.price[which, side, n] = tick
    views.qty[which, side, n] = book.depth[side, cell]
    views.orders[which, side, n] = book.cells[side, cell].order_count
    views.n[which, side] = n + 1


@inlined
def read_side(book, views, which, side):
    """Read the ten best occupied prices of a side.

    Args:
        book: ``State`` of the book engine, between two event groups.
        views: ``View``, filled in place.
        which: Which of its two views to fill.
        side: Side of the book.
    """
    views.n[which, side] = 0
    key = book.sides[side].best_key
    if key == NO_QUOTE:
        return
    low = book.scalars[0].ladder_low
    step = price_key(side, 1)
    cell = price_key(side, key) - low
    depth, blocks = book.depth[side], book.block_depth[side]
    while 0 <= cell < LADDER_CELLS and views.n[which, side] < LEVELS:
        if depth[cell] > 0:
            _append(book, views, which, side, price_key(side, key), cell)
        elif blocks[cell >> BLOCK_BITS] == 0:
            # only the last step into the next block is left
            first = cell >> BLOCK_BITS << BLOCK_BITS
            skipped = cell - first if step > 0 else first + BLOCK_CELLS - 1 - cell
            cell -= step * skipped
            key -= skipped
        cell -= step
        key -= 1
    if views.n[which, side] == LEVELS:
        return
    # beyond the ladder
    key = next_key(book, side, key + 1)
    while key != NO_QUOTE and views.n[which, side] < LEVELS:
        tick = price_key(side, key)
        _append(book, views, which, side, tick, cell_in_use(book, tick))
        key = next_key(book, side, key)
