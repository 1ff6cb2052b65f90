"""Price ladder: depth and flows per (side, price), dense around spot, sparse beyond.

A *cell* is an index into the per-price arrays. The first ``LADDER_CELLS`` cells are the dense
ladder (cell = tick - ladder_low); the cells after it belong to far prices, found through a
hash table on the tick. Depth lives in its own array because whole-book sums read it alone.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.config import LADDER_HALF_TICKS
from spymaster_engine.kernels.book.kernel_state import CELL, NO_QUOTE, State
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import allocating, inlined, inner

LADDER_CELLS = 2 * LADDER_HALF_TICKS + 1

BLOCK_BITS = 6
BLOCK_CELLS = 1 << BLOCK_BITS

_FAR_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_FAR_SHIFT = np.uint64(32)


@inner
def far_cell(st, tick):
    """Return the cell of a price outside the ladder, taking a new one when it has none.

    The caller has made sure that a far cell is free.
    """
    s = st.scalars[0]
    mask = st.far_slots.shape[0] - 1
    position = np.int64(((np.uint64(tick) * _FAR_MULTIPLIER) >> _FAR_SHIFT) & np.uint64(mask))
    while True:
        far = st.far_slots[position]
        if far < 0:
            far = np.int32(s.n_far)
            s.n_far += 1
            st.far_slots[position] = far
            st.far_ticks[far] = tick
            return np.int64(LADDER_CELLS + far)
        if st.far_ticks[far] == tick:
            return np.int64(LADDER_CELLS + far)
        position = (position + 1) & mask


@inlined
def cell_of(st, tick):
    """Return the cell of a price."""
    offset = tick - st.scalars[0].ladder_low
    if 0 <= offset < LADDER_CELLS:
        return offset
    return far_cell(st, tick)


@inner
def cell_in_use(st, tick):
    """Return the cell of a price, or -1 where a far price has none."""
    offset = tick - st.scalars[0].ladder_low
    if 0 <= offset < LADDER_CELLS:
        return offset
    for far in range(st.scalars[0].n_far):
        if st.far_ticks[far] == tick:
            return np.int64(LADDER_CELLS + far)
    return np.int64(-1)


@inner
def depth_at(st, side, tick):
    """Return a side's depth at a price, contracts."""
    cell = cell_in_use(st, tick)
    return st.depth[side, cell] if cell >= 0 else np.int64(0)


@inlined
def tick_of(st, cell):
    """Return the price of a cell, in ticks."""
    if cell < LADDER_CELLS:
        return st.scalars[0].ladder_low + cell
    return st.far_ticks[cell - LADDER_CELLS]


@inlined
def touch(st, side, cell):
    """Return the cell's record, opened for this window: flows zero, starting depth kept."""
    s = st.scalars[0]
    c = st.cells[side, cell]
    if c.mark != s.serial:
        c.mark = np.int32(s.serial)
        c.depth_start = st.depth[side, cell]
        c.add = 0
        c.pull = 0
        c.pull_rest = 0
        c.fill = 0
        c.reprice_in = 0
        c.reprice_out = 0
        c.reset = 0
        sd = st.sides[side]
        st.touched[side, sd.n_touched] = cell
        sd.n_touched += 1
    return c


@inlined
def raise_depth(st, side, cell, qty):
    """Add ``qty`` contracts of depth at a cell and keep the best quote."""
    st.depth[side, cell] += qty
    st.block_depth[side, cell >> BLOCK_BITS] += qty
    sd = st.sides[side]
    sd.depth += qty
    key = price_key(side, tick_of(st, cell))
    if qty > 0 and key > sd.best_key:
        sd.best_key = key


@inlined
def lower_depth(st, side, cell, qty):
    """Remove ``qty`` contracts of depth at a cell and keep the best quote."""
    left = st.depth[side, cell] - qty
    st.depth[side, cell] = left
    st.block_depth[side, cell >> BLOCK_BITS] -= qty
    if left < 0:
        st.scalars[0].negative_depth_moments += 1
    sd = st.sides[side]
    sd.depth -= qty
    if left <= 0 and price_key(side, tick_of(st, cell)) == sd.best_key:
        sd.best_key = next_key(st, side, sd.best_key)


@inner
def sum_depth(st, side, low, high):
    """Return a side's depth over cells [low, high)."""
    depth, blocks = st.depth[side], st.block_depth[side]
    first = (low + BLOCK_CELLS - 1) >> BLOCK_BITS
    last = high >> BLOCK_BITS
    total = np.int64(0)
    if first > last:
        for cell in range(low, high):
            total += depth[cell]
        return total
    for cell in range(low, first << BLOCK_BITS):
        total += depth[cell]
    for block in range(first, last):
        total += blocks[block]
    for cell in range(last << BLOCK_BITS, high):
        total += depth[cell]
    return total


@inner
def next_key(st, side, below):
    """Return the key of a side's best price worse than a key, or NO_QUOTE."""
    low = st.scalars[0].ladder_low
    high = low + LADDER_CELLS - 1
    worst = min(price_key(side, low), price_key(side, high))
    best = worst + LADDER_CELLS - 1
    if below > best + 1:
        far = _next_far_key(st, side, below)
        if far > best:
            return far
    for key in range(min(below - 1, best), worst - 1, -1):
        if st.depth[side, price_key(side, key) - low] > 0:
            return key
    return _next_far_key(st, side, below)


@inner
def _next_far_key(st, side, below):
    best = NO_QUOTE
    for far in range(st.scalars[0].n_far):
        key = price_key(side, st.far_ticks[far])
        if best < key < below and st.depth[side, LADDER_CELLS + far] > 0:
            best = key
    return best


def ladder_arrays(far_capacity: int) -> dict[str, np.ndarray]:
    """Allocate empty ladder arrays with room for ``far_capacity`` (a power of two) far prices."""
    n_cells = LADDER_CELLS + far_capacity
    return {
        "cells": np.zeros((2, n_cells), CELL),
        "depth": np.zeros((2, n_cells), np.int64),
        "block_depth": np.zeros((2, n_cells // BLOCK_CELLS + 1), np.int64),
        "touched": np.zeros((2, n_cells), np.int32),
        "far_ticks": np.zeros(far_capacity, np.int64),
        "far_slots": np.full(4 * far_capacity, -1, np.int32),
    }


@allocating
def _move_cells(old, new):
    """Copy every cell in use from one state to another and re-point orders and lists."""
    s = old.scalars[0]
    moved = np.full(old.depth.shape[1], -1, np.int64)
    for cell in range(LADDER_CELLS + s.n_far):
        for side in range(2):
            c = old.cells[side, cell]
            if old.depth[side, cell] != 0 or c.order_count != 0 or c.mark == s.serial:
                moved[cell] = 0
    ticks = np.empty(old.depth.shape[1], np.int64)
    for cell in range(LADDER_CELLS + s.n_far):
        ticks[cell] = tick_of(old, cell)
    low = new.scalars[0].ladder_low
    # far cells are handed out anew, in the order of the old cells
    new.scalars[0].n_far = 0
    for cell in range(LADDER_CELLS + s.n_far):
        if moved[cell] < 0:
            continue
        offset = ticks[cell] - low
        target = offset if 0 <= offset < LADDER_CELLS else far_cell(new, ticks[cell])
        moved[cell] = target
        for side in range(2):
            new.depth[side, target] = old.depth[side, cell]
            new.block_depth[side, target >> BLOCK_BITS] += old.depth[side, cell]
            new.cells[side, target] = old.cells[side, cell]
    for side in range(2):
        for i in range(old.sides[side].n_touched):
            new.touched[side, i] = moved[old.touched[side, i]]
    for slot in range(old.orders.shape[0]):
        if old.orders[slot].alive:
            new.orders[slot].cell = np.int32(moved[old.orders[slot].cell])


def relaid(state: State, ladder_low: int, far_capacity: int) -> State:
    """Return a state whose ladder starts at ``ladder_low``, with room for more far prices.

    Orders, cells in use and lists of touched cells are carried over; far prices that nothing
    uses any more are forgotten. ``far_capacity`` is a power of two and must hold every price
    in use that the new ladder does not cover.
    """
    scalars = state.scalars.copy()
    scalars[0]["ladder_low"] = ladder_low
    new = state._replace(scalars=scalars, orders=state.orders.copy(), **ladder_arrays(far_capacity))
    _move_cells(state, new)
    return new
