"""The planted agents of a day: who acts when, with which size, period and delay."""

from __future__ import annotations

import datetime as dt

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import agent_arrays
from spymaster_ingest.synthetic.agent_arrays import (
    AGENT_KINDS,
    ICEBERG,
    PERIODIC,
    REACTOR,
    REQUOTER,
    WITHDRAWER,
)
from spymaster_ingest.synthetic.market_arrays import NONE
from spymaster_ingest.synthetic.random_streams import next_below, stream_states
from spymaster_ingest.synthetic.schedule import Pace
from spymaster_ingest.units import NS_PER_S

_NS_PER_MS = 1_000_000
# Sizes that the crowd seldom draws. Agents of the same time have different ones.
_SIZES = (11, 13, 14, 17, 19, 21, 23, 27, 29, 31, 33, 37, 39, 41)
# Small, so that trades empty what an iceberg shows.
_ICEBERG_SIZES = (6, 7, 8, 9)
_PERIODS_MS = (200, 250, 300, 400, 500, 600, 750, 1_000, 1_200, 1_500)
# An agent acts this share of its period early or late, at most.
_JITTER_SHARE = 0.02
_DELAYS_US = {
    REQUOTER: (2_000, 4_000, 8_000, 15_000),
    WITHDRAWER: (1_000, 3_000, 8_000, 15_000),
    REACTOR: (400, 700, 3_000, 12_000),
    ICEBERG: (1_000, 4_000, 12_000),
}
_PAUSE_MS = {REQUOTER: 0, WITHDRAWER: 500, REACTOR: 200, ICEBERG: 300}
_ORDERS = {PERIODIC: 1, REQUOTER: 4, WITHDRAWER: 4, REACTOR: 3, ICEBERG: 1}
_NEAR_TICKS = {REQUOTER: 1, WITHDRAWER: 2, REACTOR: 2, ICEBERG: 0}
# A requoter's orders lie so far apart that each is followed by its own next.
_STEP_TICKS = {REQUOTER: 3}
_NEAREST_PERIODIC, _SPREAD_OF_PERIODIC = 3, 4
_RESERVES = 8
# Agents of one kind and side take turns, and pause at the end of a turn.
_SHORTEST_TURN_S = 90
_ACTIVE_SHARE = 0.875

PRICE_RULES = {
    PERIODIC: "{near} ticks behind the own best quote at entry",
    REQUOTER: "{near} to {far} ticks behind the own best quote, {step} apart, move with it",
    WITHDRAWER: "{near} to {far} ticks behind the own best quote at entry",
    REACTOR: "{near} to {far} ticks behind the own best quote at entry",
    ICEBERG: "the own best quote at entry, refilled there",
}


def planned_agents(count: int, seed: int, day: dt.date, symbol: str, pace: Pace) -> np.ndarray:
    """Return the agents of a contract-day, AGENT, in the order of their numbers.

    The kinds take turns, then the sides; further agents of a kind and side act one after another
    over the dense period.

    Args:
        count: number of agents.
        seed: the market's seed.
        day: UTC date.
        symbol: the contract.
        pace: the plan of the day.

    Raises:
        SpymasterError: when the dense period is too short for so many.
    """
    if count == 0:
        return np.zeros(0, agent_arrays.AGENT)
    lanes = 2 * len(AGENT_KINDS)
    turns = -(-count // lanes)
    length_s = (pace.dense_end_s - pace.dense_start_s) / turns
    if length_s < _SHORTEST_TURN_S:
        raise SpymasterError(
            f"agents {count}",
            f"each would act for {length_s:.2g} seconds, less than {_SHORTEST_TURN_S}",
            "ask for fewer agents or more hours",
        )
    agents = np.zeros(count, agent_arrays.AGENT)
    states = stream_states(seed, day, symbol, components=("agent_plan",))
    first_size = next_below(states, 0, len(_SIZES))
    for number, agent in enumerate(agents):
        kind, turn = number % len(AGENT_KINDS), number // lanes
        agent["kind"], agent["side"] = kind, number // len(AGENT_KINDS) % 2
        sizes = _ICEBERG_SIZES if kind == ICEBERG else _SIZES
        agent["size"] = sizes[(first_size + number) % len(sizes)]
        agent["n_orders"], agent["step_ticks"] = _ORDERS[kind], _STEP_TICKS.get(kind, 1)
        start_ns = int((pace.dense_start_s + turn * length_s) * NS_PER_S)
        agent["from_ns"] = pace.midnight_ns + start_ns
        agent["to_ns"] = agent["from_ns"] + int(_ACTIVE_SHARE * length_s * NS_PER_S)
        _draw(agent, kind, turn, states)
    agents["step"] = agent_arrays.PLACING
    agents["due_ns"] = agents["from_ns"]
    for name in ("trigger_ns", "seen_best", "level"):
        agents[name] = NONE
    return agents


def _draw(agent: np.void, kind: int, turn: int, states: np.ndarray) -> None:
    agent["reserve"] = NONE
    if kind == PERIODIC:
        period_ns = _PERIODS_MS[next_below(states, 0, len(_PERIODS_MS))] * _NS_PER_MS
        agent["period_ns"], agent["pause_ns"] = period_ns, period_ns // 2
        agent["jitter_ns"] = int(_JITTER_SHARE * period_ns)
        agent["near_ticks"] = _NEAREST_PERIODIC + next_below(states, 0, _SPREAD_OF_PERIODIC)
        return
    delays_us = _DELAYS_US[kind]
    agent["delay_ns"] = delays_us[next_below(states, 0, len(delays_us))] * 1_000
    agent["pause_ns"] = _PAUSE_MS[kind] * _NS_PER_MS or agent["delay_ns"]
    agent["near_ticks"] = _NEAR_TICKS[kind]
    if kind == ICEBERG and (agent["side"] + turn) % 2 == 0:
        # the venue shows the next part of the order's reserve
        agent["delay_ns"], agent["reserve"] = 0, _RESERVES * agent["size"]
