"""Arrays of the planted agents, and the codes they share with their plan and their truth."""

from __future__ import annotations

import numpy as np
from spymaster_ingest.synthetic.compiled import code

AGENT_KINDS = ("periodic", "requoter", "withdrawer", "reactor", "iceberg")
PERIODIC, REQUOTER, WITHDRAWER, REACTOR, ICEBERG = range(len(AGENT_KINDS))

# what an agent did
AGENT_ACTIONS = ("add", "cancel", "refill")
ADDED, CANCELED, REFILLED = map(code, range(len(AGENT_ACTIONS)))

# states of an agent: it enters orders, waits for its trigger, takes them back, has stopped
PLACING, RESTING, LEAVING, STOPPED = range(4)

# a time that never comes
NEVER_NS = 1 << 62
# the most orders of one agent that rest at a time
MOST_ORDERS = 4
# rows of truth that one pass of the loop may write: an act, and the refills of one event
ACTIONS_OF_A_PASS = 1_024

AGENT = np.dtype(
    [
        (name, np.int64)
        for name in (
            # plan
            "kind",
            "side",
            "size",
            # contracts that an iceberg keeps in reserve, or NONE for one that refills by new orders
            "reserve",
            "n_orders",
            "near_ticks",
            "step_ticks",
            "period_ns",
            "jitter_ns",
            "delay_ns",
            # how long a periodic order rests; how long the others wait before they enter anew
            "pause_ns",
            "from_ns",
            "to_ns",
            # state
            "step",
            "due_ns",
            "trigger_ns",
            "seen_best",
            "beat",
            "level",
            "refills_left",
        )
    ]
)

# an order that an agent entered; it rests as long as the slot holds an order of this id
AGENT_ORDER = np.dtype([("slot", np.int64), ("order_id", np.uint64)])

AGENT_ACTION = np.dtype(
    [("order_id", np.uint64)]
    + [(name, np.int64) for name in ("agent", "action", "time_ns", "trigger_ns", "level", "size")]
)
