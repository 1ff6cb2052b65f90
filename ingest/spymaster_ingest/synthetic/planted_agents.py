"""Planted agents: algorithms whose size, period and delay are known.

An agent acts at its own times, between the decisions of the crowd: the loop stops its wait for the
crowd when an agent is due. A periodic agent enters an order every period and cancels it half a
period later. The others rest orders near the touch until their trigger comes, take them back after
their delay and enter them anew: a requoter when the best quote of its side has moved away from its
order, a withdrawer when the quote has come nearer, a reactor after a trade on its side. An iceberg
shows a part of what it wants to trade, and the next part when that is filled: by the venue in the
event of the fill, or by a new order after its delay.

The orders are ordinary ones, with ids, queues and fills, but the crowd leaves them alone.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.agent_arrays import (
    ADDED,
    CANCELED,
    ICEBERG,
    LEAVING,
    NEVER_NS,
    PERIODIC,
    PLACING,
    REACTOR,
    REFILLED,
    REQUOTER,
    RESTING,
    STOPPED,
    WITHDRAWER,
)
from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.event_records import (
    ACTION_ADD,
    ACTION_CANCEL,
    announce,
    close_event,
    emit,
    open_packet,
    take_order_id,
    venue_side,
)
from spymaster_ingest.synthetic.market_arrays import AGENTS, BID, NONE, OPEN, OWNER_AGENT
from spymaster_ingest.synthetic.order_book import arrive, cancel
from spymaster_ingest.synthetic.random_streams import next_unit
from spymaster_ingest.units import NS_PER_S

# An agent's next order of the same act follows this much later.
_STEP_NS = 5_000
# An iceberg follows the quote when that has left it this far behind.
_ICEBERG_TICKS = 2
_PARTS_OF_ICEBERG = 8


@kernel
def next_agent(st):
    """Return the agent that is due first, NONE without any."""
    first, first_ns = NONE, NEVER_NS
    for i in range(st.agents.shape[0]):
        due_ns = _due_ns(st.agents[i])
        if due_ns < first_ns:
            first, first_ns = i, due_ns
    return first


@kernel
def _due_ns(agent):
    if agent.step == STOPPED:
        return NEVER_NS
    return min(agent.due_ns, agent.to_ns)


@kernel
def agent_due_ns(st, i):
    """Return when an agent is due."""
    return _due_ns(st.agents[i])


@kernel
def act_as_agent(st, i):
    """Take one action of an agent."""
    s, agent = st.scalars[0], st.agents[i]
    if s.now_ns >= agent.to_ns:
        if not _take_back(st, i, 0):
            agent.step = STOPPED
        agent.due_ns = s.now_ns + _STEP_NS
    elif st.phase[s.second] != OPEN or s.is_auction_due or s.best_bid >= s.best_ask:
        if agent.kind == PERIODIC:
            _await_beat(st, agent)
        else:
            agent.due_ns = s.now_ns + NS_PER_S
    elif agent.step == PLACING:
        _place(st, i)
    else:
        _leave(st, i)


@kernel
def _best(st, side):
    s = st.scalars[0]
    return s.best_bid if side == BID else s.best_ask


@kernel
def _behind(st, side, level):
    """Return how far a price lies behind the best quote of its side, in ticks."""
    distance = level - _best(st, side)
    return -distance if side == BID else distance


@kernel
def _at(st, side, ticks):
    """Return the level this far behind the best quote of a side."""
    return _best(st, side) - ticks if side == BID else _best(st, side) + ticks


@kernel
def _rests(st, i, j):
    """Return whether an agent's order still rests."""
    held = st.agent_orders[i, j]
    if held.slot == NONE:
        return False
    order = st.orders[held.slot]
    return order.size > 0 and order.order_id == held.order_id


@kernel
def _has_orders(st, i):
    """Return whether any order of an agent still rests."""
    count = 0
    for j in range(st.agents[i].n_orders):
        count += _rests(st, i, j)
    return count > 0


@kernel
def _note(st, i, action, order_id, level, size, trigger_ns):
    """Write a row of truth."""
    s = st.scalars[0]
    row = st.agent_actions[s.n_agent_actions]
    s.n_agent_actions += 1
    row.order_id = order_id
    row.agent = i
    row.action = action
    row.time_ns = s.now_ns
    row.trigger_ns = trigger_ns
    row.level = level
    row.size = size


@kernel
def _enter(st, i, j, level, action):
    """Enter an order of an agent."""
    agent = st.agents[i]
    hidden = max(agent.reserve, 0)
    slot = arrive(st, agent.side, level, agent.size, hidden, OWNER_AGENT)
    order = st.orders[slot]
    order.order_id = take_order_id(st, AGENTS)
    held = st.agent_orders[i, j]
    held.slot = slot
    held.order_id = order.order_id
    announce(st, ACTION_ADD, slot)
    _note(st, i, action, order.order_id, level, agent.size, agent.trigger_ns)


@kernel
def _withdraw(st, i, j):
    """Cancel an order of an agent."""
    agent, slot = st.agents[i], st.agent_orders[i, j].slot
    order = st.orders[slot]
    order_id, level, size = order.order_id, order.level, order.size
    cancel(st, slot, size)
    open_packet(st)
    emit(st, ACTION_CANCEL, venue_side(agent.side), order_id, level, size)
    close_event(st)
    _note(st, i, CANCELED, order_id, level, size, agent.trigger_ns)


@kernel
def _take_back(st, i, nearest_ticks):
    """Cancel the agent's next order that lies at least this far behind the quote, if any."""
    agent = st.agents[i]
    for j in range(agent.n_orders):
        if not _rests(st, i, j):
            continue
        ticks = _behind(st, agent.side, st.orders[st.agent_orders[i, j].slot].level)
        if ticks >= nearest_ticks:
            _withdraw(st, i, j)
            return True
    return False


@kernel
def _place(st, i):
    """Enter the agent's next order; with all of them, wait for the trigger."""
    s, agent = st.scalars[0], st.agents[i]
    if agent.kind == ICEBERG:
        _place_iceberg(st, i)
        return
    for j in range(agent.n_orders):
        if _rests(st, i, j):
            continue
        level = _at(st, agent.side, agent.near_ticks + j * agent.step_ticks)
        if 1 <= level < st.levels.shape[1] - 1:
            _enter(st, i, j, level, ADDED)
            agent.due_ns = s.now_ns + _STEP_NS
        else:
            agent.due_ns = s.now_ns + NS_PER_S
        break
    else:
        agent.step = RESTING
        agent.due_ns = NEVER_NS
        agent.trigger_ns = NONE
        agent.seen_best = _best(st, agent.side)
        return
    if agent.kind == PERIODIC:
        agent.step = LEAVING
        agent.due_ns = s.now_ns + agent.pause_ns


@kernel
def _leave(st, i):
    """Cancel the agent's next order; after the last one, plan when to enter anew."""
    s, agent = st.scalars[0], st.agents[i]
    if agent.kind == PERIODIC:
        _take_back(st, i, 0)
        _await_beat(st, agent)
        return
    # what has become the best quote itself is left to be hit
    if _take_back(st, i, 1 if agent.kind == WITHDRAWER else 0):
        if agent.kind != REQUOTER or _has_orders(st, i):
            agent.due_ns = s.now_ns + _STEP_NS
            return
        agent.trigger_ns = s.now_ns
    else:
        agent.trigger_ns = NONE
    agent.step = PLACING
    agent.level = NONE
    agent.due_ns = s.now_ns + agent.pause_ns


@kernel
def _await_beat(st, agent):
    """Plan a periodic agent's next order."""
    s = st.scalars[0]
    agent.step = PLACING
    while agent.from_ns + agent.beat * agent.period_ns <= s.now_ns + agent.jitter_ns:
        agent.beat += 1
    late = 2.0 * next_unit(st.states, AGENTS) - 1.0
    agent.due_ns = agent.from_ns + agent.beat * agent.period_ns + int(late * agent.jitter_ns)


@kernel
def _place_iceberg(st, i):
    """Enter an iceberg at the best quote, or the next part of one where the last was."""
    s, agent = st.scalars[0], st.agents[i]
    is_refill = agent.level != NONE
    level = agent.level if is_refill else _best(st, agent.side)
    opposite = s.best_ask if agent.side == BID else s.best_bid
    is_gone = is_refill and (opposite - level) * (1 if agent.side == BID else -1) <= 0
    if is_gone or not 1 <= level < st.levels.shape[1] - 1:
        agent.level = NONE
        agent.due_ns = s.now_ns + agent.pause_ns
        return
    if not is_refill:
        agent.trigger_ns = NONE
        agent.refills_left = _PARTS_OF_ICEBERG
    agent.level = level
    _enter(st, i, 0, level, REFILLED if is_refill else ADDED)
    agent.step = RESTING
    agent.due_ns = NEVER_NS


@kernel
def watch_quotes(st):
    """After an event: let the agents notice how the best quotes and their orders changed."""
    for i in range(st.agents.shape[0]):
        agent = st.agents[i]
        best, before = _best(st, agent.side), agent.seen_best
        agent.seen_best = best
        if agent.step != RESTING:
            continue
        if agent.kind == ICEBERG:
            _watch_iceberg(st, i)
        elif best != before and before != NONE:
            is_nearer = best < before if agent.side == BID else best > before
            if (agent.kind == WITHDRAWER and is_nearer) or (
                agent.kind == REQUOTER and not _is_placed(st, i)
            ):
                _trigger(st, agent)


@kernel
def _is_placed(st, i):
    """Return whether a requoter's order rests at its distance from the quote."""
    agent = st.agents[i]
    if not _rests(st, i, 0):
        return False
    level = st.orders[st.agent_orders[i, 0].slot].level
    return level == _at(st, agent.side, agent.near_ticks)


@kernel
def _trigger(st, agent):
    """Let an agent take back its orders after its delay."""
    agent.trigger_ns = st.scalars[0].now_ns
    agent.step = LEAVING
    agent.due_ns = agent.trigger_ns + agent.delay_ns


@kernel
def _watch_iceberg(st, i):
    """Plan an iceberg's next part when the last is filled; follow a quote that has left."""
    s, agent = st.scalars[0], st.agents[i]
    if _rests(st, i, 0):
        if _behind(st, agent.side, agent.level) > _ICEBERG_TICKS:
            _trigger(st, agent)
        return
    agent.step = PLACING
    if agent.reserve == NONE and agent.refills_left > 0:
        agent.refills_left -= 1
        agent.trigger_ns = s.now_ns
        agent.due_ns = s.now_ns + agent.delay_ns
    else:
        agent.level = NONE
        agent.due_ns = s.now_ns + agent.pause_ns


@kernel
def note_trade(st, resting_side):
    """After an aggressive order: let the reactors of the side that was hit notice it."""
    for i in range(st.agents.shape[0]):
        agent = st.agents[i]
        if agent.kind == REACTOR and agent.side == resting_side and agent.step == RESTING:
            _trigger(st, agent)


@kernel
def note_refill(st, slot):
    """Book that the venue showed the next part of an agent's order."""
    order, now_ns = st.orders[slot], st.scalars[0].now_ns
    for i in range(st.agents.shape[0]):
        if st.agents[i].kind == ICEBERG and st.agent_orders[i, 0].order_id == order.order_id:
            _note(st, i, REFILLED, order.order_id, order.level, order.size, now_ns)
