"""Named levels computed from trades: premarket and opening range, moving averages, labels."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.market_arrays import (
    BAR_SECONDS,
    BID,
    BREAK,
    CHOP,
    NONE,
    NOT_REACHED,
    OR_HIGH,
    OR_LOW,
    PM_HIGH,
    PM_LOW,
    REJECT,
    RESOLVING,
    SMA_90,
    SMA_200,
    SMA_400,
)

BARRIER_TICKS = 8
REACH_TICKS = 2
HORIZON_S = 240


@kernel
def note_trade_at_levels(st, level, quantity, side):
    """Book a trade: last price, volume, the bar, the ranges, and barriers it reaches.

    ``side`` is the aggressor's, NONE in an auction.
    """
    s = st.scalars[0]
    s.last_trade = level
    s.w_trades += 1
    if side == NONE:
        s.w_trade_qty_none += quantity
    elif side == BID:
        s.w_trade_qty_buy += quantity
    else:
        s.w_trade_qty_sell += quantity
    tick = s.lowest_tick + level
    s.bar_close = tick
    s.is_heartbeat_due = 0
    if s.premarket_second <= s.second < s.cash_second:
        _widen(st, PM_HIGH, PM_LOW, tick)
    elif s.cash_second <= s.second < s.range_end_second:
        _widen(st, OR_HIGH, OR_LOW, tick)
    if st.control[0].state == RESOLVING:
        _note_path(st, tick)


@kernel
def _note_path(st, tick):
    """Follow the path of a label: it begins with the trade that reaches the level."""
    s, row = st.scalars[0], st.approach[0]
    x = row.direction * (tick - row.level_tick)
    if row.realised == NOT_REACHED and x >= -REACH_TICKS:
        note_reached(st, s.now_ns, s.second)
    if row.realised == CHOP and abs(x) >= BARRIER_TICKS:
        row.realised = BREAK if x > 0 else REJECT
        row.hit_ns = s.now_ns


@kernel
def note_reached(st, now_ns, second):
    """Note that price has reached the level: the label's whole horizon begins."""
    row = st.approach[0]
    row.realised = CHOP
    row.reached_ns = now_ns
    st.control[0].label_end_s = second + HORIZON_S


@kernel
def _widen(st, high, low, tick):
    if st.named[high].tick == NONE:
        st.named[high].tick = tick
        st.named[low].tick = tick
    st.named[high].tick = max(st.named[high].tick, tick)
    st.named[low].tick = min(st.named[low].tick, tick)


@kernel
def close_bar(st):
    """At the end of a bar: keep its close and update the moving averages."""
    s = st.scalars[0]
    if s.bar_close != NONE:
        st.bars[s.n_bars].end_s = s.second
        st.bars[s.n_bars].close_tick = s.bar_close
        s.n_bars += 1
        _average(st, SMA_90, 90)
        _average(st, SMA_200, 200)
        _average(st, SMA_400, 400)
    s.bar_close = NONE
    s.is_heartbeat_due = 0


@kernel
def _average(st, index, bars):
    """Update a moving average, rounded half even to the tick, once there are enough bars."""
    n = st.scalars[0].n_bars
    if n < bars:
        return
    total = 0
    for i in range(n - bars, n):
        total += st.bars[i].close_tick
    tick = total // bars
    twice = 2 * (total - tick * bars)
    if twice > bars or (twice == bars and tick % 2 == 1):
        tick += 1
    st.named[index].tick = tick
    st.named[index].is_active = 1


@kernel
def renew_levels(st):
    """At the start of a second: close the ended bar, and open levels that may now be used."""
    s = st.scalars[0]
    if s.second % BAR_SECONDS == 0 and s.second > 0:
        close_bar(st)
    if s.second == s.cash_second:
        _open(st, PM_HIGH)
        _open(st, PM_LOW)
    elif s.second == s.range_end_second:
        _open(st, OR_HIGH)
        _open(st, OR_LOW)


@kernel
def _open(st, index):
    if st.named[index].tick != NONE:
        st.named[index].is_active = 1
