"""What one applied record adds to the fingerprints of its side."""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.book.kernel_state import NULL
from spymaster_engine.kernels.book.sides import price_key
from spymaster_engine.kernels.compiled import inlined
from spymaster_engine.kernels.patterns.kernel_state import LIFE_NS, REACT_NS
from spymaster_engine.kernels.patterns.waiting import take, wait


@inlined
def _sign(difference):
    if difference > 0:
        return np.int64(1)
    return np.int64(-1) if difference < 0 else np.int64(0)


@inlined
def is_near(pr, limits, tick):
    """Return whether a price counts: near spot as it was before this second."""
    s = pr.scalars[0]
    return s.has_spot != 0 and abs(tick - s.spot_tick) <= limits.max_ticks


@inlined
def _is_within(clock, since, within_ns):
    return since != NULL and clock - since <= within_ns


@inlined
def note_event(pr, limits):
    """Count an order event, and what it has in common with both sides' trades and quotes."""
    s = pr.scalars[0]
    clock, number = s.clock, s.n_events
    pr.lists.event_clock[number] = clock
    while clock - pr.lists.event_clock[s.first_near] > limits.requote_ns:
        s.first_near += 1
    s.near_pairs += number - s.first_near
    s.n_events = number + 1
    for both in range(2):
        sd = pr.sides[both]
        if sd.trade_ns != NULL:
            delay = clock - sd.trade_ns
            if delay <= REACT_NS[2]:
                sd.after_trade_2 += 1
                if delay <= REACT_NS[1]:
                    sd.after_trade_1 += 1
                    if delay <= REACT_NS[0]:
                        sd.after_trade_0 += 1
        if _is_within(clock, sd.move_ns, limits.chase_ns):
            if sd.move_direction > 0:
                sd.after_up += 1
            else:
                sd.after_down += 1
        if _is_within(clock, sd.open_ns, limits.withdraw_ns):
            sd.while_open += 1


@inlined
def _followed(pr, limits, side):
    """Return the direction of the side's last best quote move while it is fresh, else 0."""
    sd = pr.sides[side]
    if _is_within(pr.scalars[0].clock, sd.move_ns, limits.chase_ns):
        return sd.move_direction
    return np.int64(0)


@inlined
def _note_move(pr, side, direction, followed):
    """Count an order that moved, and whether it follows the quote."""
    sd = pr.sides[side]
    if direction > 0:
        sd.moved_up += 1
    elif direction < 0:
        sd.moved_down += 1
    else:
        sd.moved_level += 1
    if direction != 0 and direction == followed:
        sd.chases += 1


@inlined
def _note_withdrawal(pr, limits, side, tick, pulled, ts_enter):
    """Count quantity that left 1 to 4 ticks behind the best quote."""
    s, sd = pr.scalars[0], pr.sides[side]
    key = price_key(side, tick)
    if 1 <= sd.best_key - key <= limits.withdraw_ticks:
        sd.second_pulled += pulled
        sd.second_squares += pulled * pulled
    if (
        _is_within(s.clock, sd.open_ns, limits.withdraw_ns)
        and 1 <= sd.open_key - key <= limits.withdraw_ticks
        and ts_enter <= sd.open_ns
    ):
        sd.withdrawn += pulled


@inlined
def note_taken(pr, limits, side, tick, pulled, ts_enter):
    """Note a take-away."""
    s = pr.scalars[0]
    number = s.n_taken
    pr.lists.taken_side[number] = side
    pr.lists.taken_size[number] = pulled
    pr.lists.taken_tick[number] = tick
    s.n_taken = number + 1
    wait(pr.taken, s.clock, side, pulled, tick, _followed(pr, limits, side))
    _note_withdrawal(pr, limits, side, tick, pulled, ts_enter)


@inlined
def note_cancel(pr, side, born, is_gone):
    """Count a cancel."""
    clock, sd = pr.scalars[0].clock, pr.sides[side]
    sd.cancels += 1
    sd.second_cancels += 1
    if sd.trade_ns != NULL:
        delay = clock - sd.trade_ns
        sd.react_0 += delay <= REACT_NS[0]
        sd.react_1 += delay <= REACT_NS[1]
        sd.react_2 += delay <= REACT_NS[2]
    if is_gone and born != NULL and clock - born < LIFE_NS:
        sd.short_lives += 1


@inlined
def note_reprice(pr, limits, side, tick_from, tick_to, pulled, ts_enter):
    """Note a modify to a new price."""
    pr.sides[side].reprices += 1
    _note_move(pr, side, _sign(tick_to - tick_from), _followed(pr, limits, side))
    if price_key(side, tick_to) < price_key(side, tick_from):
        _note_withdrawal(pr, limits, side, tick_from, pulled, ts_enter)


@inlined
def note_arrival(pr, limits, side, tick, size):
    """Note an arriving order, and the take-away that it makes up for."""
    s, sd, lists = pr.scalars[0], pr.sides[side], pr.lists
    number = sd.n_arrivals
    lists.arrival_clock[side, number] = s.clock
    lists.arrival_second[side, number] = s.second
    lists.arrival_size[side, number] = size
    lists.arrival_tick[side, number] = tick
    sd.n_arrivals = number + 1
    sd.adds += 1
    place = take(pr.taken, s.clock, side, size, tick, limits.requote_ticks, limits.requote_ns)
    if place >= 0:
        entry = pr.taken.entries[place]
        lists.waits[side, sd.n_waits] = s.clock - entry.clock
        sd.n_waits += 1
        sd.requotes += 1
        _note_move(pr, side, _sign(tick - entry.tick), entry.direction)


@inlined
def _price_entry(pr, side, tick):
    """Return the number of the entry of a side and price in this second's list of icebergs."""
    s, prices = pr.scalars[0], pr.lists.prices
    for back in range(s.n_prices):
        number = s.n_prices - 1 - back
        if prices[number].tick == tick and prices[number].side == side:
            return number
    number = s.n_prices
    entry = prices[number]
    entry.side = side
    entry.tick = tick
    entry.refill_count = 0
    entry.refill_qty = 0
    entry.reload_count = 0
    entry.reload_qty = 0
    entry.hidden_fill_qty = 0
    s.n_prices = number + 1
    return number


@inlined
def note_hidden(pr, side, tick, qty):
    """Count filled quantity that was not displayed."""
    if qty != 0:
        pr.lists.prices[_price_entry(pr, side, tick)].hidden_fill_qty += qty
        pr.sides[side].hidden_qty += qty


@inlined
def note_refill(pr, side, tick, qty):
    """Count what the same order showed anew after a fill."""
    entry, sd = pr.lists.prices[_price_entry(pr, side, tick)], pr.sides[side]
    entry.refill_count += 1
    entry.refill_qty += qty
    sd.refills += 1
    sd.refill_qty += qty


@inlined
def note_reload(pr, side, tick, qty):
    """Count a new order of the size of one that fills had emptied."""
    entry, sd = pr.lists.prices[_price_entry(pr, side, tick)], pr.sides[side]
    entry.reload_count += 1
    entry.reload_qty += qty
    sd.reloads += 1
    sd.reload_qty += qty
