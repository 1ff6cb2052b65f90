"""The loop of a day of the option market: the future moves, the maker and customers act."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import entry, kernel
from spymaster_ingest.synthetic.market_arrays import ASK, BID, FULL, OPEN, OVER
from spymaster_ingest.synthetic.options.clock import pause, wake_soon
from spymaster_ingest.synthetic.options.crowd import act
from spymaster_ingest.synthetic.options.maker import pull_quotes, requote
from spymaster_ingest.synthetic.options.option_arrays import ARRIVAL, NEVER, ROOM
from spymaster_ingest.synthetic.options.order_book import withdraw, write_quotes
from spymaster_ingest.synthetic.options.surface import STEP_S
from spymaster_ingest.synthetic.random_streams import next_exponential
from spymaster_ingest.synthetic.tuple_references import reference
from spymaster_ingest.units import NS_PER_S

# Orders of an expiry are cancelled this long before it.
_LAST_ORDERS_NS = 60 * NS_PER_S
# Most records of a step per instrument: all orders of both sides traded, or quoted again.
RECORDS_PER_INSTRUMENT = 6 * ROOM + 8
# The messages of a step may be captured in several seconds.
QUOTES_PER_INSTRUMENT = 4


@entry
def run_options(st):
    """Let the option market run until a buffer is full or the day is over; return why.

    The arguments hold all state, so a day made in pieces equals a day made at once.
    """
    return _run(reference(st))


@kernel
def _run(st):
    s = st.scalars[0]
    n = st.instruments.shape[0]
    while True:
        if (
            s.written + RECORDS_PER_INSTRUMENT * n > st.out.shape[0]
            or s.n_quotes + QUOTES_PER_INSTRUMENT * n > st.quotes.shape[0]
        ):
            return FULL
        if s.second == s.end_second:
            write_quotes(st)
            return OVER
        mid_ns = st.mid_ns[s.mid_at] if s.mid_at < st.mid_ns.size else NEVER
        moment = min(mid_ns, s.second_end_ns, s.wake_ns, s.crowd_ns)
        s.now_ns = max(s.now_ns, moment)
        if moment == mid_ns:
            s.mid = st.mids[s.mid_at]
            s.mid_at += 1
            wake_soon(st)
        elif moment == s.second_end_ns:
            _end_second(st)
            s.second += 1
            s.second_end_ns += NS_PER_S
            if s.second == s.end_second:
                pull_quotes(st)
            else:
                _begin_second(st)
        elif moment == s.wake_ns:
            if st.phase[s.second] == OPEN:
                requote(st)
            s.wake_ns = NEVER
        else:
            act(st)
            _await_customer(st)


@kernel
def _end_second(st):
    """Write the truth row of the ending second."""
    s = st.scalars[0]
    if s.second < s.start_second or st.phase[s.second] != OPEN:
        return
    row = st.seconds[s.n_seconds]
    s.n_seconds += 1
    row.second = s.second
    row.mid = s.mid
    row.step = s.step
    has_caught_up = s.wake_ns == NEVER and s.now_ns <= s.second_end_ns
    row.is_priced_in = has_caught_up and s.seen_mid == s.mid and s.seen_step == s.step


@kernel
def _begin_second(st):
    """Begin a second: take the new step of the surface, and drop an expiry that is over."""
    s = st.scalars[0]
    s.step = min((s.second - s.start_second) // STEP_S, st.sigma.shape[0] - 1)
    for expiry in range(st.expiration_ns.size):
        if s.second_end_ns > st.expiration_ns[expiry] - _LAST_ORDERS_NS:
            _delist(st, expiry)
    s.crowd_ns = NEVER
    if st.phase[s.second] == OPEN:
        if s.step != s.seen_step or s.mid != s.seen_mid:
            wake_soon(st)
        _await_customer(st)


@kernel
def _await_customer(st):
    """Draw the time of the next customer decision; past the second's end means none in it."""
    s = st.scalars[0]
    s.crowd_ns = NEVER
    rate = st.decisions[s.second]
    if rate > 0.0:
        wait = 1 + int(NS_PER_S / rate * next_exponential(st.states, ARRIVAL, st.exponential))
        s.crowd_ns = max(s.now_ns, s.second_end_ns - NS_PER_S) + wait


@kernel
def _delist(st, expiry):
    """Cancel the resting orders of an expiry, and delist its options."""
    for i in range(st.instruments.shape[0]):
        row = st.instruments[i]
        if row.is_listed == 0 or row.expiry != expiry:
            continue
        row.is_listed = 0
        for side in (BID, ASK):
            while st.counts[i, side] > 0:
                pause(st)
                at = st.counts[i, side] - 1
                withdraw(st, i, side, at, st.orders[i, side, at].size)
