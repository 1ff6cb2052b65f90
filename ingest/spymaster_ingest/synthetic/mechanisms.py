"""Mechanisms: how the defenders of a level behave over the minutes before price reaches it.

The barrier is the side that defends the level, at the prices around it. While a mechanism works,
the crowd adds to the barrier and cancels in it less than usual, its market orders stay small and
lean towards the level, and an agent withdraws the barrier's orders, attacks them, or replenishes
what is attacked. ``mechanism_flows.csv`` has the numbers of each. Price waits before the level for
that time. Attacks follow the decisions of the crowd, so that they keep their share of the trades on
days of any pace; what is withdrawn follows the clock, because the depth of the book does not grow
with the pace.

A drawn BREAK begins with sweeps: market orders, a few milliseconds apart, that together are larger
than the crowd's runs of orders.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.aggression import take
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import ACTION_ADD, announce, take_order_id
from spymaster_ingest.synthetic.market_arrays import (
    ASK,
    BID,
    FIRST_MECHANISM,
    MECHANISM,
    NO_SIGNATURE,
    NONE,
    OWNER_CROWD,
    SIGNATURE,
)
from spymaster_ingest.synthetic.order_book import arrive
from spymaster_ingest.synthetic.random_streams import next_below, next_unit
from spymaster_ingest.synthetic.signatures import (
    find_rested,
    level_of_approach,
    side_ahead,
    withdraw,
)

# The barrier engine sums 8 ticks either side; a moving level stays inside what is steered.
BARRIER_REACH_TICKS = 13
# How long price waits before the level while the mechanism works.
SHORTEST_HOLD_S, LONGEST_HOLD_S = 230, 270
# Least speed at which price then walks on, in ticks per second.
_LEAST_SPEED = 0.25
# Orders that join the barrier when its mechanism begins: their first price, and their sizes.
_WALL_TICKS = -5
_SMALLEST_OF_WALL, _SPREAD_OF_WALL = 60, 40
# What is left of the barrier at the end leaves at this pace.
_LAST_WITHDRAWAL_S = 20
_SMALLEST_ATTACK, _SPREAD_OF_ATTACK = 5, 11
_SMALLEST_REFILL, _SPREAD_OF_REFILL = 5, 16
# Refills stand at the level and behind it.
_REFILLED_TICKS = 6
_SWEEPS = 4
_SWEEP_EVERY_S = 2
_SWEEP_GROWTH = 0.1
_SWEEP_REACH_TICKS = 2


@kernel
def draw_mechanism(st):
    """Draw which mechanism a starting approach shows, if any, and for how long price waits."""
    c, row, cuts = st.control[0], st.approach[0], st.signature_cuts
    row.mechanism_start_s = NONE
    row.first_sweep_s = NONE
    c.mechanism = NONE
    c.hold_seconds = 0
    c.sweeps_left = 0
    c.sweep_qty_left = 0
    if cuts[NO_SIGNATURE] >= 1.0:
        return
    draw = next_unit(st.states, MECHANISM)
    if draw < cuts[NO_SIGNATURE]:
        return
    c.mechanism = 0
    while draw >= cuts[FIRST_MECHANISM + c.mechanism]:
        c.mechanism += 1
    length = LONGEST_HOLD_S - SHORTEST_HOLD_S + 1
    c.hold_seconds = SHORTEST_HOLD_S + next_below(st.states, MECHANISM, length)


@kernel
def hold_ticks(st):
    """Return where price waits, in ticks from the level in the direction of the approach."""
    return st.mechanism_flows[st.control[0].mechanism].hold_ticks


@kernel
def is_holding(st):
    """Return whether price waits before the level, or has yet to get there."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    if c.mechanism == NONE:
        return False
    return s.is_mechanism == 0 or s.second < row.mechanism_start_s + c.hold_seconds


@kernel
def begin_mechanism(st):
    """Let the mechanism work from this second on."""
    s, c = st.scalars[0], st.control[0]
    c.is_retreating = 0
    c.speed = max(c.speed, _LEAST_SPEED)
    s.is_mechanism = 1
    st.approach[0].mechanism_start_s = s.second
    c.barrier_orders = int(st.mechanism_flows[c.mechanism].wall_orders)
    c.pull_credit_ahead = 0.0
    c.attack_credit = 0.0
    c.refill_credit = 0.0


@kernel
def end_mechanism(st):
    """Let the crowd behave as usual again."""
    c = st.control[0]
    st.scalars[0].is_mechanism = 0
    c.mechanism = NONE
    c.hold_seconds = 0
    c.sweeps_left = 0
    c.sweep_qty_left = 0


@kernel
def is_held_back(st, side, level, is_arrival):
    """Return whether the crowd leaves out an arrival or a cancellation in the barrier."""
    if st.scalars[0].is_mechanism == 0 or side != side_ahead(st):
        return False
    if abs(level - level_of_approach(st)) > BARRIER_REACH_TICKS:
        return False
    flows = st.mechanism_flows[st.control[0].mechanism]
    kept = flows.arrivals_kept if is_arrival else flows.cancels_kept
    return next_unit(st.states, MECHANISM) >= kept


@kernel
def is_pushing(st):
    """Return whether the crowd's next market order goes towards the level."""
    if st.scalars[0].is_mechanism == 0:
        return False
    flows = st.mechanism_flows[st.control[0].mechanism]
    return next_unit(st.states, MECHANISM) < flows.pushing


@kernel
def withdraw_a_second(st):
    """At the start of a second: raise what the defenders still have to withdraw."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    if s.is_mechanism and not _have_returned(st):
        left_s = row.mechanism_start_s + st.mechanism_flows[c.mechanism].withdrawn_over_s - s.second
        c.pull_credit_ahead += _depth(st) / max(left_s, _LAST_WITHDRAWAL_S)


@kernel
def _depth(st):
    """Return the contracts of the barrier."""
    level, depth = level_of_approach(st), 0
    for at in range(level - BARRIER_REACH_TICKS, level + BARRIER_REACH_TICKS + 1):
        depth += st.levels[side_ahead(st), at].depth
    return depth


@kernel
def _have_returned(st):
    """Return whether the defenders refill what is attacked; before, they withdraw."""
    since = st.scalars[0].second - st.approach[0].mechanism_start_s
    return since >= st.mechanism_flows[st.control[0].mechanism].return_after_s


@kernel
def note_decision(st):
    """After a decision of the crowd: raise what the attacks still have to take."""
    c = st.control[0]
    if st.scalars[0].is_mechanism == 0:
        return
    flows = st.mechanism_flows[c.mechanism]
    if st.scalars[0].second >= st.approach[0].mechanism_start_s + flows.attacked_after_s:
        c.attack_credit += flows.attacked


@kernel
def is_mechanism_due(st):
    """Return whether the mechanism must act."""
    c = st.control[0]
    if st.scalars[0].is_mechanism == 0:
        return False
    return (
        c.barrier_orders > 0
        or c.pull_credit_ahead >= 1.0
        or c.refill_credit >= 1.0
        or c.attack_credit >= _SMALLEST_ATTACK
    )


@kernel
def act_on_mechanism(st):
    """Take one action of the mechanism."""
    c = st.control[0]
    if c.barrier_orders > 0:
        c.barrier_orders -= 1
        flows = st.mechanism_flows[c.mechanism]
        steps = c.barrier_orders % int(flows.wall_prices)
        ticks = _WALL_TICKS + int(flows.wall_step_ticks) * steps
        _add(st, ticks, _SMALLEST_OF_WALL, _SPREAD_OF_WALL)
    elif c.pull_credit_ahead >= 1.0:
        slot = find_rested(st, side_ahead(st), -BARRIER_REACH_TICKS, BARRIER_REACH_TICKS)
        c.pull_credit_ahead = 0.0 if slot == NONE else c.pull_credit_ahead - withdraw(st, slot)
    elif c.refill_credit >= 1.0:
        nearest = max(_beyond(st, _best_ahead(st)), 0)
        ticks = min(
            nearest + next_below(st.states, SIGNATURE, _REFILLED_TICKS), BARRIER_REACH_TICKS
        )
        c.refill_credit -= _add(st, ticks, _SMALLEST_REFILL, _SPREAD_OF_REFILL)
    else:
        _attack(st)


@kernel
def _beyond(st, level):
    """Return how far a price lies beyond the approached level, in ticks."""
    return st.approach[0].direction * (level - level_of_approach(st))


@kernel
def _best_ahead(st):
    s = st.scalars[0]
    return s.best_ask if side_ahead(st) == ASK else s.best_bid


@kernel
def _add(st, ticks, smallest, spread):
    """Add a drawn order to the barrier, this far beyond the level; return its size."""
    level = level_of_approach(st) + st.approach[0].direction * ticks
    size = smallest + next_below(st.states, SIGNATURE, spread)
    slot = arrive(st, side_ahead(st), level, size, 0, OWNER_CROWD)
    st.orders[slot].order_id = take_order_id(st, SIGNATURE)
    announce(st, ACTION_ADD, slot)
    return size


@kernel
def _attack(st):
    """Buy or sell what stands at the edge of the barrier, if price is there."""
    c, p = st.control[0], st.mechanism_flows[st.control[0].mechanism]
    nearest = _beyond(st, _best_ahead(st))
    size = _SMALLEST_ATTACK + next_below(st.states, SIGNATURE, _SPREAD_OF_ATTACK)
    c.attack_credit -= size
    if nearest < -BARRIER_REACH_TICKS:
        return
    taken = _take_ahead(st, size, max(nearest, _WALL_TICKS))
    if _have_returned(st):
        c.refill_credit += p.refilled * taken


@kernel
def _take_ahead(st, size, ticks):
    """Send a market order towards the level, at most this far beyond it; return its fills."""
    s, row = st.scalars[0], st.approach[0]
    limit = level_of_approach(st) + row.direction * ticks
    before = s.w_trade_qty_buy + s.w_trade_qty_sell
    if row.direction > 0:
        take(st, BID, size, min(limit, s.guard_high), False)
    else:
        take(st, ASK, size, max(limit, s.guard_low), False)
    return s.w_trade_qty_buy + s.w_trade_qty_sell - before


@kernel
def plan_sweeps(st):
    """Let a break begin with sweeps, which take what stands at the level."""
    s, c = st.scalars[0], st.control[0]
    if st.approach[0].direction > 0:
        s.guard_high = level_of_approach(st)
    else:
        s.guard_low = level_of_approach(st)
    c.sweeps_left = _SWEEPS
    c.next_sweep_s = s.second + 1
    st.approach[0].first_sweep_s = s.second + 1


@kernel
def is_sweeping(st):
    """Begin a sweep that is due at the start of a second; return whether one is under way."""
    s, c = st.scalars[0], st.control[0]
    if c.sweeps_left > 0 and s.second >= c.next_sweep_s:
        # Each larger than the last: the largest sweep of the minute is the youngest.
        grown = 1.0 + _SWEEP_GROWTH * (_SWEEPS - c.sweeps_left)
        c.sweep_qty_left = int(st.mechanism_flows[c.mechanism].sweep_qty * grown)
        c.sweeps_left -= 1
        c.next_sweep_s = s.second + _SWEEP_EVERY_S
    return s.second < c.next_sweep_s


@kernel
def sweep_on(st):
    """Send one market order of a sweep."""
    c = st.control[0]
    ticks = _beyond(st, _best_ahead(st)) + _SWEEP_REACH_TICKS
    c.sweep_qty_left -= max(_take_ahead(st, c.sweep_qty_left, ticks), 1)
