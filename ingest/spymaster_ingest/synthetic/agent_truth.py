"""The truth about the planted agents of a contract-day, as columns of its tables."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pyarrow as pa
from spymaster_ingest.synthetic.agent_arrays import AGENT_ACTIONS, AGENT_KINDS, PERIODIC
from spymaster_ingest.synthetic.agent_plan import PRICE_RULES
from spymaster_ingest.units import NS_PER_S

_NS_PER_MS = 1e6
_TIME = pa.timestamp("ns")
_SIDES = ("B", "A")


def agent_columns(agents: np.ndarray, actions: np.ndarray) -> dict[str, pa.Array]:
    """Return ``truth_agents``, one row per agent, without the keys of its contract-day.

    Args:
        agents: AGENT, the plan of the day.
        actions: AGENT_ACTION, all that they did.
    """
    n_actions = np.bincount(actions["agent"], minlength=agents.size)
    is_periodic = agents["kind"] == PERIODIC
    is_native = agents["reserve"] >= 0
    rules = [
        PRICE_RULES[agent["kind"]].format(
            near=agent["near_ticks"],
            far=agent["near_ticks"] + (agent["n_orders"] - 1) * agent["step_ticks"],
            step=agent["step_ticks"],
        )
        for agent in agents
    ]

    def number(values: np.ndarray, unit: float, is_there: np.ndarray) -> pa.Array:
        return pa.array(values / unit, mask=~is_there)

    return {
        "agent_id": pa.array(np.arange(agents.size)),
        "kind": pa.array([AGENT_KINDS[kind] for kind in agents["kind"]], pa.string()),
        "side": pa.array([_SIDES[side] for side in agents["side"]], pa.string()),
        "size": _integers(agents, "size"),
        "n_orders": _integers(agents, "n_orders"),
        "period_s": number(agents["period_ns"], NS_PER_S, is_periodic),
        "jitter_ms": number(agents["jitter_ns"], _NS_PER_MS, is_periodic),
        "delay_ms": number(agents["delay_ns"], _NS_PER_MS, ~is_periodic & ~is_native),
        "pause_ms": number(agents["pause_ns"], _NS_PER_MS, np.full(agents.size, True)),
        "from_ts": _integers(agents, "from_ns").cast(_TIME),
        "to_ts": _integers(agents, "to_ns").cast(_TIME),
        "price_rule": pa.array(rules, pa.string()),
        "n_actions": pa.array(n_actions),
    }


def action_columns(
    actions: np.ndarray, prices: Callable[[np.ndarray], pa.Array]
) -> dict[str, pa.Array]:
    """Return ``truth_agent_actions``, one row per action, without the keys of its contract-day.

    Args:
        actions: AGENT_ACTION.
        prices: turns levels of the ladder into prices in 1e-9 points.
    """
    trigger = np.ascontiguousarray(actions["trigger_ns"])
    return {
        "agent_id": _integers(actions, "agent"),
        "ts_event": _integers(actions, "time_ns").cast(_TIME),
        "trigger_ts": pa.array(trigger, mask=trigger < 0).cast(_TIME),
        "action": pa.array([AGENT_ACTIONS[action] for action in actions["action"]], pa.string()),
        "order_id": _integers(actions, "order_id"),
        "price_int": prices(actions["level"]),
        "size": _integers(actions, "size"),
    }


def _integers(rows: np.ndarray, name: str) -> pa.Array:
    return pa.array(np.ascontiguousarray(rows[name]))
