"""Zero-intelligence order flow with state: who does what next, in Numba.

Time runs from decision to decision. A decision is an aggressive order, a modification, or a
visit to a price, which adds an order where there are fewer than usual and cancels one where
there are more. The best prices move only because aggressive orders and cancellations empty
them; a latent fair price, which the sides lean towards, decides how far that goes.
"""

from __future__ import annotations

import numba as nb
import numpy as np

from spymaster.synthetic.aggression import MAX_EVENT_RECORDS, take_liquidity
from spymaster.synthetic.feed import (
    ACTION_ADD,
    ACTION_CANCEL,
    ACTION_MODIFY,
    SIDE_ASK,
    SIDE_BID,
    TS_EVENT,
    WRITTEN,
    close_event,
    emit,
    open_packet,
)
from spymaster.synthetic.flow_tables import FlowTables
from spymaster.synthetic.matching import (
    ASK,
    BEST_ASK,
    BEST_BID,
    BID,
    Book,
    add_order,
    dequeue,
    enqueue,
    remove_order,
)
from spymaster.synthetic.random_streams import (
    next_below,
    next_choice,
    next_exponential,
    next_unit,
)

# Streams of random numbers, one per component of the market.
COMPONENTS = ("pace", "decision", "price", "size", "aggression", "feed")
PACE, DECISION, PRICE, SIZE, AGGRESSION, FEED = range(len(COMPONENTS))

# Positions in the market's state (float64).
EXCITATION, LAST_SIGN, SETTLED_MID = 0, 1, 2
MARKET_SIZE = 3

_NS = 1_000_000_000
_TRIES = 64
_TILTED_TICKS = 4
# A price that an event emptied is quoted again unless the fair price lies this far beyond it.
_HYSTERESIS_TICKS = 0.35


@nb.njit(cache=True)
def run_market(
    book: Book,
    tables: FlowTables,
    states: np.ndarray,
    market: np.ndarray,
    next_order_id: np.ndarray,
    writer: np.ndarray,
    midnight_ns: int,
    end_ns: int,
    out: np.ndarray,
) -> bool:
    """Let the market run until ``out`` is full or the day is over.

    All state lies in the arguments, so a day made in pieces equals a day made at once.

    Args:
        book: resting orders, both sides populated.
        tables: the order flow and the pace of the day.
        states: random streams, in the order of COMPONENTS.
        market: float64 state, positions above.
        next_order_id: shape (1,), uint64.
        writer: the feed's state; WRITTEN is set to the number of records in ``out``.
        midnight_ns: start of the day, nanoseconds since the epoch.
        end_ns: no event at or after this time.
        out: shape (capacity,), KERNEL_MBO_DTYPE, capacity above MAX_EVENT_RECORDS.

    Returns:
        Whether the day is over.
    """
    writer[WRITTEN] = 0
    while writer[WRITTEN] + MAX_EVENT_RECORDS < out.size:
        spread = book.scalars[BEST_ASK] - book.scalars[BEST_BID]
        now = writer[TS_EVENT] + _wait_ns(tables, states, market, writer, midnight_ns, spread)
        if now >= end_ns:
            return True
        writer[TS_EVENT] = now
        lean = _lean(book, tables, now - midnight_ns)
        market[EXCITATION] *= 1.0 - tables.excitation_decay
        before = writer[WRITTEN]
        choice = next_unit(states, DECISION)
        if spread == 1:
            market[SETTLED_MID] = 0.5 * (book.scalars[BEST_BID] + book.scalars[BEST_ASK])
        if spread > 1:
            pull = _quoting_pull(book, market, lean)
            _narrow_spread(book, tables, states, next_order_id, writer, pull, out)
        elif choice < tables.trade_share:
            side = _aggressor_side(tables, states, market, lean)
            market[EXCITATION] += tables.excitation_gain
            open_packet(writer, states, FEED, tables.exponential)
            take_liquidity(
                book,
                tables.trade_size,
                tables.exponential,
                states,
                next_order_id,
                writer,
                side,
                AGGRESSION,
                FEED,
                out,
            )
        elif choice < tables.trade_share + tables.modify_share:
            _modify(book, tables, states, writer, lean, out)
        else:
            _visit(book, tables, states, next_order_id, writer, lean, out)
        if writer[WRITTEN] > before:
            close_event(out, writer)
    return False


@nb.njit(cache=True)
def _wait_ns(
    tables: FlowTables,
    states: np.ndarray,
    market: np.ndarray,
    writer: np.ndarray,
    midnight_ns: int,
    spread: int,
) -> int:
    """Return the time to the next decision; trades quicken the market, wide spreads more so."""
    second = min((writer[TS_EVENT] - midnight_ns) // _NS, tables.record_rate.size - 1)
    mean_ns = _NS / (tables.record_rate[second] * (0.5 + market[EXCITATION]))
    quick_ns = min(60_000.0, 0.3 * mean_ns)
    draw = next_exponential(states, PACE, tables.exponential)
    if spread > 1:
        return 1 + int(draw * min(400_000.0, mean_ns))
    if next_unit(states, PACE) < tables.reaction_share:
        return 1 + int(draw * quick_ns)
    slow_ns = (mean_ns - tables.reaction_share * quick_ns) / (1.0 - tables.reaction_share)
    # A wait never skips far into a busier period.
    return 1 + int(min(draw * slow_ns, 20.0 * _NS))


@nb.njit(cache=True)
def _lean(book: Book, tables: FlowTables, since_midnight_ns: int) -> float:
    """Return fair price minus mid price in ticks: positive when the market leans upwards."""
    second = since_midnight_ns // _NS
    share = (since_midnight_ns - second * _NS) / _NS
    start, end = tables.fair_level[second], tables.fair_level[second + 1]
    mid = 0.5 * (book.scalars[BEST_BID] + book.scalars[BEST_ASK])
    return start + share * (end - start) - mid


@nb.njit(cache=True)
def _aggressor_side(tables: FlowTables, states: np.ndarray, market: np.ndarray, lean: float) -> int:
    """Return BID for a buyer, ASK for a seller; runs of one side, leaning to the fair price."""
    if next_unit(states, DECISION) < tables.sign_persistence:
        return BID if market[LAST_SIGN] > 0 else ASK
    bias = 0.45 * lean / (0.6 + abs(lean))
    buys = next_unit(states, DECISION) < 0.5 + bias
    market[LAST_SIGN] = 1.0 if buys else -1.0
    return BID if buys else ASK


@nb.njit(cache=True)
def _level_at(book: Book, side: int, distance: int) -> int:
    """Return the level of a side that lies ``distance`` + 1 ticks behind the opposite best."""
    if side == BID:
        return book.scalars[BEST_ASK] - 1 - distance
    return book.scalars[BEST_BID] + 1 + distance


@nb.njit(cache=True)
def _usual_orders(tables: FlowTables, side: int, distance: int, lean: float) -> float:
    """Return the resting orders a price tends to; thinner where the price is about to go."""
    usual = tables.target_orders[distance]
    if distance < _TILTED_TICKS:
        tilt = lean if side == BID else -lean
        usual *= min(max(1.0 + 0.9 * tilt, 0.05), 1.9)
    return usual


@nb.njit(cache=True)
def _is_removal(states: np.ndarray, orders: int, usual: float) -> int:
    """Return 1 to remove an order from a price, 0 to add one, -1 to leave it alone.

    Either happens at rates whose balance is ``usual`` orders; for prices that are mostly empty
    the balance is in the chance of doing anything at all.
    """
    draw = next_unit(states, PRICE)
    if usual >= 1.0:
        return 1 if draw * (orders + usual) < orders else 0
    if draw < 0.5:
        return 0 if 2.0 * draw < usual else -1
    return 1 if orders > 0 else -1


@nb.njit(cache=True)
def _pick_order(book: Book, tables: FlowTables, states: np.ndarray, level: int) -> int:
    """Return an order of a populated level: often its newest, otherwise one of its oldest."""
    if next_unit(states, PRICE) < tables.newest_cancel_share:
        return book.last[level]
    slot = book.first[level]
    for _ in range(next_below(states, PRICE, min(book.count[level], 8))):
        slot = book.behind[slot]
    return slot


@nb.njit(cache=True)
def _venue_side(side: int) -> int:
    return SIDE_BID if side == BID else SIDE_ASK


@nb.njit(cache=True)
def _arrive(
    book: Book,
    tables: FlowTables,
    states: np.ndarray,
    next_order_id: np.ndarray,
    writer: np.ndarray,
    side: int,
    level: int,
    near: bool,
    out: np.ndarray,
) -> None:
    """Rest a new order."""
    size = next_choice(states, SIZE, tables.order_size)
    hidden = 0
    if near and next_unit(states, SIZE) < tables.iceberg_share:
        hidden = size * (2 + next_below(states, SIZE, 7))
    order_id = next_order_id[0]
    next_order_id[0] += np.uint64(1 + next_below(states, SIZE, 3))
    add_order(book, order_id, side, level, size, hidden)
    open_packet(writer, states, FEED, tables.exponential)
    emit(out, writer, ACTION_ADD, _venue_side(side), order_id, level, size)


@nb.njit(cache=True)
def _quoting_pull(book: Book, market: np.ndarray, lean: float) -> float:
    """Return where a wide spread closes: above zero by a new bid, otherwise by a new ask."""
    if abs(lean) > _HYSTERESIS_TICKS:
        return lean
    return market[SETTLED_MID] - 0.5 * (book.scalars[BEST_BID] + book.scalars[BEST_ASK])


@nb.njit(cache=True)
def _narrow_spread(
    book: Book,
    tables: FlowTables,
    states: np.ndarray,
    next_order_id: np.ndarray,
    writer: np.ndarray,
    pull: float,
    out: np.ndarray,
) -> None:
    """Quote inside a wide spread: bid above ``pull`` zero, ask below."""
    buys = pull > 0
    side = BID if buys else ASK
    level = book.scalars[BEST_BID] + 1 if buys else book.scalars[BEST_ASK] - 1
    _arrive(book, tables, states, next_order_id, writer, side, level, True, out)


@nb.njit(cache=True)
def _visit(
    book: Book,
    tables: FlowTables,
    states: np.ndarray,
    next_order_id: np.ndarray,
    writer: np.ndarray,
    lean: float,
    out: np.ndarray,
) -> None:
    """Add an order at a price, or cancel one there."""
    for _ in range(_TRIES):
        distance = next_choice(states, PRICE, tables.distance)
        side = BID if next_unit(states, PRICE) < 0.5 else ASK
        level = _level_at(book, side, distance)
        if level < 1 or level >= book.count.size - 1:
            continue
        usual = _usual_orders(tables, side, distance, lean)
        removal = _is_removal(states, book.count[level], usual)
        if removal == 0:
            near = distance < _TILTED_TICKS
            _arrive(book, tables, states, next_order_id, writer, side, level, near, out)
            return
        if removal == 1:
            _cancel(book, tables, states, writer, _pick_order(book, tables, states, level), out)
            return


@nb.njit(cache=True)
def _cancel(
    book: Book,
    tables: FlowTables,
    states: np.ndarray,
    writer: np.ndarray,
    slot: int,
    out: np.ndarray,
) -> None:
    """Cancel an order, now and then only a part of it."""
    size = book.size[slot]
    side, level, order_id = book.side[slot], book.level[slot], book.order_id[slot]
    open_packet(writer, states, FEED, tables.exponential)
    if size > 1 and next_unit(states, SIZE) < tables.partial_cancel_share:
        size = 1 + next_below(states, SIZE, size - 1)
        book.size[slot] -= size
    else:
        remove_order(book, slot)
    emit(out, writer, ACTION_CANCEL, _venue_side(side), order_id, level, size)


@nb.njit(cache=True)
def _modify(
    book: Book,
    tables: FlowTables,
    states: np.ndarray,
    writer: np.ndarray,
    lean: float,
    out: np.ndarray,
) -> None:
    """Modify an order: mostly to another price, sometimes to another size."""
    for _ in range(_TRIES):
        distance = next_choice(states, PRICE, tables.distance)
        side = BID if next_unit(states, PRICE) < 0.5 else ASK
        level = _level_at(book, side, distance)
        if level < 1 or level >= book.count.size - 1:
            continue
        usual = _usual_orders(tables, side, distance, lean)
        if _is_removal(states, book.count[level], usual) != 1:
            continue
        slot = _pick_order(book, tables, states, level)
        kind = next_unit(states, DECISION)
        if kind < 0.12:
            if book.size[slot] < 2:
                continue
            # A smaller size keeps the order's place in the queue.
            book.size[slot] = 1 + next_below(states, SIZE, book.size[slot] - 1)
            target = level
        elif kind < 0.22:
            if book.size[slot] > 60:
                continue
            book.size[slot] += next_choice(states, SIZE, tables.order_size)
            target = level
            dequeue(book, slot)
            enqueue(book, slot, side, level)
        else:
            target = _new_level(book, tables, states, side, distance, lean)
            if target < 0:
                continue
            dequeue(book, slot)
            enqueue(book, slot, side, target)
        open_packet(writer, states, FEED, tables.exponential)
        order_id = book.order_id[slot]
        emit(out, writer, ACTION_MODIFY, _venue_side(side), order_id, target, book.size[slot])
        return


@nb.njit(cache=True)
def _new_level(
    book: Book, tables: FlowTables, states: np.ndarray, side: int, distance: int, lean: float
) -> int:
    """Return a level to re-price to, a few ticks away or anywhere, or -1 when none takes it."""
    if next_unit(states, PRICE) < 0.5:
        step = 1 + next_below(states, PRICE, 3)
        goal = distance + step if next_unit(states, PRICE) < 0.5 else distance - step
    else:
        goal = next_choice(states, PRICE, tables.distance)
    level = _level_at(book, side, goal)
    if goal < 0 or goal == distance or goal >= tables.target_orders.size:
        return -1
    if level < 1 or level >= book.count.size - 1:
        return -1
    usual = _usual_orders(tables, side, goal, lean)
    return level if _is_removal(states, book.count[level], usual) == 0 else -1
