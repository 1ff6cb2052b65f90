"""Order store: an open-addressing hash table from (instrument, order id) to a stable slot.

Slots never move while an order rests, so other lists may refer to an order by its slot. The
table uses linear probing at a load of at most one half and deletes by shifting back, so it
needs no tombstones and does not age.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.kernel_state import ORDER
from spymaster_engine.kernels.compiled import inlined, kernel

_MULTIPLIER = np.uint64(0x9E3779B97F4A7C15)
_INSTRUMENT_MULTIPLIER = np.uint64(0xC2B2AE3D27D4EB4F)
_SHIFT = np.uint64(29)


@inlined
def order_key(instrument_id, order_id):
    """Mix an instrument id and a 64-bit order id into one 64-bit key.

    For one instrument the mapping is one to one, so the key alone identifies an order; the
    instrument is compared as well where several share a store.
    """
    return np.uint64(order_id) ^ (np.uint64(instrument_id) * _INSTRUMENT_MULTIPLIER)


@inlined
def _home(key, mask):
    """First position of a key in the table (Fibonacci hashing)."""
    mixed = key * _MULTIPLIER
    return np.int64((mixed ^ (mixed >> _SHIFT)) & np.uint64(mask))


@inlined
def find_order(table, table_keys, orders, instrument_id, order_id):
    """Return the slot of an order, or -1 when it does not rest."""
    mask = table.shape[0] - 1
    key = order_key(instrument_id, order_id)
    position = _home(key, mask)
    while True:
        slot = table[position]
        if slot < 0:
            return -1
        if (
            table_keys[position] == key
            and orders[slot].order_id == order_id
            and orders[slot].instrument_id == instrument_id
        ):
            return np.int64(slot)
        position = (position + 1) & mask


@inlined
def insert_order(st, instrument_id, order_id):
    """Give an order a slot and return it; the caller has made sure that one is free."""
    s = st.scalars[0]
    s.n_free -= 1
    slot = st.free[s.n_free]
    mask = st.table.shape[0] - 1
    key = order_key(instrument_id, order_id)
    position = _home(key, mask)
    while st.table[position] >= 0:
        position = (position + 1) & mask
    st.table[position] = slot
    st.table_keys[position] = key
    order = st.orders[slot]
    order.order_id = order_id
    order.instrument_id = instrument_id
    order.pending_qty = 0
    order.pending_ts = 0
    order.alive = 1
    return np.int64(slot)


@inlined
def delete_order(st, slot):
    """Free the slot of an order and close the gap it leaves in the table."""
    s = st.scalars[0]
    table, keys = st.table, st.table_keys
    mask = table.shape[0] - 1
    order = st.orders[slot]
    hole = _home(order_key(order.instrument_id, order.order_id), mask)
    while table[hole] != slot:
        hole = (hole + 1) & mask
    position = hole
    while True:
        position = (position + 1) & mask
        if table[position] < 0:
            break
        home = _home(keys[position], mask)
        # an entry may move into the hole unless its home lies cyclically after the hole
        if ((position - home) & mask) >= ((position - hole) & mask):
            table[hole] = table[position]
            keys[hole] = keys[position]
            hole = position
    table[hole] = -1
    order.alive = 0
    st.free[s.n_free] = slot
    s.n_free += 1


@kernel
def _rebuild_table(orders, n_orders, table, table_keys):
    mask = table.shape[0] - 1
    for slot in range(n_orders):
        if orders[slot].alive:
            key = order_key(orders[slot].instrument_id, orders[slot].order_id)
            position = _home(key, mask)
            while table[position] >= 0:
                position = (position + 1) & mask
            table[position] = slot
            table_keys[position] = key


def order_arrays(capacity: int, order: np.dtype = ORDER) -> dict[str, np.ndarray]:
    """Allocate an empty order store for ``capacity`` (a power of two) resting orders.

    ``order`` has at least the fields order_id, instrument_id, alive, pending_ts and
    pending_qty.
    """
    return {
        "orders": np.zeros(capacity, order),
        "free": np.arange(capacity - 1, -1, -1, dtype=np.int32),
        "table": np.full(4 * capacity, -1, np.int32),
        "table_keys": np.zeros(4 * capacity, np.uint64),
    }


def grown_order_arrays(orders: np.ndarray) -> tuple[dict[str, np.ndarray], int]:
    """Return an order store of twice the size with the same slots, and its free-slot count.

    Only called when every slot is taken, so the new free slots are exactly the new half.
    """
    capacity = orders.shape[0]
    grown = order_arrays(2 * capacity, orders.dtype)
    grown["orders"][:capacity] = orders
    grown["free"][:capacity] = np.arange(2 * capacity - 1, capacity - 1, -1, dtype=np.int32)
    _rebuild_table(grown["orders"], capacity, grown["table"], grown["table_keys"])
    return grown, capacity
