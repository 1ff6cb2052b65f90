"""The loop of a synthetic day: time passes, agents act, seconds end."""

from __future__ import annotations

from spymaster_ingest.synthetic.agent_arrays import ACTIONS_OF_A_PASS
from spymaster_ingest.synthetic.aggression import market_order
from spymaster_ingest.synthetic.approaches import control_approach
from spymaster_ingest.synthetic.auction import auction
from spymaster_ingest.synthetic.compiled import entry, kernel
from spymaster_ingest.synthetic.crowd import crowd_act, crowd_act_before_open, crowd_pace
from spymaster_ingest.synthetic.fair_price import next_fair
from spymaster_ingest.synthetic.fills import MAX_EVENT_RECORDS
from spymaster_ingest.synthetic.levels import renew_levels
from spymaster_ingest.synthetic.market_arrays import (
    ASK,
    BAR_SECONDS,
    BID,
    CLOSED,
    DECISION,
    FULL,
    NO_SLOTS,
    NONE,
    OPEN,
    OVER,
    PACE,
    PAUSED,
    PRE_OPEN,
)
from spymaster_ingest.synthetic.mechanisms import (
    act_on_mechanism,
    is_mechanism_due,
    note_decision,
    sweep_on,
)
from spymaster_ingest.synthetic.planted_agents import (
    act_as_agent,
    agent_due_ns,
    next_agent,
    watch_quotes,
)
from spymaster_ingest.synthetic.quoting import is_quoting_due, quote
from spymaster_ingest.synthetic.random_streams import decay, next_exponential, next_unit
from spymaster_ingest.synthetic.signatures import act_on_signature, is_signature_due
from spymaster_ingest.synthetic.tuple_references import reference
from spymaster_ingest.units import NS_PER_S

_QUICK_NS = 60_000.0
# Time between the market orders of a sweep.
_SWEEP_NS = 10_000_000.0
_SLOTS_PER_EVENT = 4
# A bar without a trade until this second gets a market order.
_HEARTBEAT_AFTER_S = 90
_PROFILE_EVERY_S = 5


@entry
def run_market(st):
    """Let the market run until a buffer is full or the day is over; return why it stopped.

    The arguments hold all state, so a day made in pieces equals a day made at once.
    """
    return _run(reference(st))


@kernel
def _run(st):
    s = st.scalars[0]
    has_agents = st.agents.shape[0] > 0
    while True:
        if s.written + MAX_EVENT_RECORDS > st.out.shape[0]:
            return FULL
        if has_agents:
            if s.n_agent_actions + ACTIONS_OF_A_PASS > st.agent_actions.shape[0]:
                return FULL
            watch_quotes(st)
        if s.now_ns >= s.second_end_ns:
            if (
                s.n_flows + s.n_touched > st.flows.shape[0]
                or s.n_seconds == st.seconds.shape[0]
                or s.n_approaches == st.approaches.shape[0]
            ):
                return FULL
            _end_second(st)
            if s.second == s.end_second:
                return OVER
            _begin_second(st)
            if s.second == s.pause_second:
                return PAUSED
            continue
        if s.orders_bid + s.orders_ask + _SLOTS_PER_EVENT > st.orders.shape[0]:
            return NO_SLOTS
        phase = st.phase[s.second]
        if phase == CLOSED or st.rate[s.second] <= 0.0:
            s.now_ns = s.second_end_ns
        elif phase == PRE_OPEN:
            if _wait(st, NS_PER_S / st.rate[s.second]):
                crowd_act_before_open(st)
        elif s.is_auction_due:
            _open_market(st)
        elif is_quoting_due(st):
            if _wait(st, _QUICK_NS):
                quote(st)
        elif is_signature_due(st):
            if _wait(st, _QUICK_NS):
                act_on_signature(st)
        elif st.control[0].sweep_qty_left > 0:
            if _wait(st, _SWEEP_NS):
                sweep_on(st)
        elif is_mechanism_due(st):
            if _wait(st, _QUICK_NS):
                act_on_mechanism(st)
        elif s.is_heartbeat_due:
            if _wait(st, _QUICK_NS):
                s.is_heartbeat_due = 0
                market_order(st, BID if next_unit(st.states, DECISION) < 0.5 else ASK)
        elif _wait_for_crowd(st):
            crowd_act(st)
            note_decision(st)
            s.is_fresh = 1


@kernel
def _wait(st, mean_ns):
    """Let a drawn time pass; return whether it ended before the second did.

    It also ends when an agent is due, which then acts. Waiting has no memory: the caller waits
    anew.
    """
    s = st.scalars[0]
    wait = mean_ns * next_exponential(st.states, PACE, st.exponential)
    i = next_agent(st)
    if i != NONE:
        due_ns = max(agent_due_ns(st, i), s.now_ns + 1)
        if due_ns < s.second_end_ns and due_ns - s.now_ns <= wait + 1:
            s.now_ns = due_ns
            act_as_agent(st, i)
            return False
    # compared before it becomes an integer, which centuries do not fit into
    if wait >= s.second_end_ns - s.now_ns - 1:
        s.now_ns = s.second_end_ns
        return False
    s.now_ns += 1 + int(wait)
    return True


@kernel
def _wait_for_crowd(st):
    """Let time pass until the crowd's next decision; return whether it is in this second.

    A share of decisions follows the last within microseconds; the others are a point process whose
    rate falls with the excitement, drawn by thinning.
    """
    p, s = st.settings[0], st.scalars[0]
    mean_ns = NS_PER_S * p.records_per_decision / st.rate[s.second]
    quick_ns = min(_QUICK_NS, 0.3 * mean_ns)
    if s.is_fresh:
        s.is_fresh = 0
        if next_unit(st.states, PACE) < p.reaction_share:
            return _wait(st, quick_ns)
    slow_ns = (mean_ns - p.reaction_share * quick_ns) / (1.0 - p.reaction_share)
    before_ns, factor = s.now_ns, crowd_pace(st)
    is_here = _wait(st, slow_ns / factor)
    calm = 1.0 - p.branching
    passed = (s.now_ns - before_ns) / NS_PER_S
    s.excitement = calm + (s.excitement - calm) * decay(p.excitement_decay * passed)
    return is_here and next_unit(st.states, PACE) * factor < crowd_pace(st)


@kernel
def _open_market(st):
    """Open the venue: match crossed orders, then quote around the resulting price."""
    s = st.scalars[0]
    if s.best_bid >= s.best_ask:
        auction(st)
        s.now_ns += 1
        return
    s.is_auction_due = 0
    s.reference_bid = (s.best_bid + s.best_ask - 1) // 2
    s.fair_start = s.reference_bid + 0.5
    s.fair_end = s.fair_start


@kernel
def _begin_second(st):
    s = st.scalars[0]
    s.second += 1
    s.second_end_ns += NS_PER_S
    if st.phase[s.second] == OPEN and st.phase[s.second - 1] == PRE_OPEN:
        s.is_auction_due = 1
    renew_levels(st)
    if s.second % BAR_SECONDS == _HEARTBEAT_AFTER_S and s.bar_close == NONE:
        s.is_heartbeat_due = 1
    control_approach(st)
    next_fair(st)


@kernel
def _end_second(st):
    """Write the truth rows of the ending second, and reset the sums."""
    s = st.scalars[0]
    n_levels = st.levels.shape[1]
    for i in range(s.n_touched):
        key = st.touched[i]
        side, level = key // n_levels, key % n_levels
        cell = st.levels[side, level]
        row = st.flows[s.n_flows]
        row.second = s.second
        row.side = side
        row.level = level
        row.depth = cell.depth
        row.add = cell.add
        row.pull = cell.pull
        row.pull_rest = cell.pull_rest
        row.fill = cell.fill
        row.reprice_in = cell.reprice_in
        row.reprice_out = cell.reprice_out
        row.reset = cell.reset
        cell.is_touched = 0
        s.n_flows += 1
    s.n_touched = 0
    if s.second % _PROFILE_EVERY_S == 0 and s.cash_second <= s.second < s.dense_end_second:
        _count_profile(st)
    s.spot = s.lowest_tick + _spot(st)
    if st.phase[s.second] == OPEN and s.best_bid < s.best_ask:
        st.mids[s.second + 1] = 2 * s.lowest_tick + s.best_bid + s.best_ask
    _write_second(st)


@kernel
def _count_profile(st):
    """Count the resting orders by distance from the touch."""
    s = st.scalars[0]
    for i in range(st.profile.shape[0]):
        st.profile[i] += st.levels[BID, s.best_bid - i].count
        st.profile[i] += st.levels[ASK, s.best_ask + i].count


@kernel
def _spot(st):
    """Return the reference price as a level: the last trade, clamped into the quotes."""
    s = st.scalars[0]
    if s.last_trade == NONE or s.best_bid > s.best_ask:
        return (s.best_bid + s.best_ask) // 2
    return min(max(s.last_trade, s.best_bid), s.best_ask)


@kernel
def _write_second(st):
    s = st.scalars[0]
    row = st.seconds[s.n_seconds]
    s.n_seconds += 1
    row.second = s.second
    row.best_bid = s.best_bid
    row.best_ask = s.best_ask
    row.best_bid_qty = st.levels[BID, s.best_bid].depth
    row.best_ask_qty = st.levels[ASK, s.best_ask].depth
    row.last_trade = s.last_trade
    row.spot = _spot(st)
    row.trade_count = s.w_trades
    row.trade_qty_buy = s.w_trade_qty_buy
    row.trade_qty_sell = s.w_trade_qty_sell
    row.trade_qty_none = s.w_trade_qty_none
    row.n_records = s.w_records
    row.n_groups = s.w_groups
    row.partial_cancels = s.w_partial_cancels
    row.bid_depth_total = s.depth_bid
    row.ask_depth_total = s.depth_ask
    row.bid_order_count = s.orders_bid
    row.ask_order_count = s.orders_ask
    row.phase = st.phase[s.second]
    row.fair = s.fair_end
    s.w_trades = 0
    s.w_trade_qty_buy = 0
    s.w_trade_qty_sell = 0
    s.w_trade_qty_none = 0
    s.w_records = 0
    s.w_groups = 0
    s.w_partial_cancels = 0
