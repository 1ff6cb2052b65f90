"""Draws of a planted signature: its class, the conditions it shows, and its gain."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.market_arrays import (
    APPROACH,
    BREAK_FULL,
    FOLLOW_BEHIND,
    NO_SIGNATURE,
    PULL_AHEAD,
    PULL_BEHIND,
    REJECT_FULL,
    RETREAT_AHEAD,
    RETREAT_BEHIND,
)
from spymaster_ingest.synthetic.random_streams import next_bell, next_below, next_unit


@kernel
def draw_class(st, draw):
    """Return the class at a quantile of their frequencies."""
    for i in range(st.signature_cuts.shape[0]):
        if draw < st.signature_cuts[i]:
            return i
    return st.signature_cuts.shape[0] - 1


@kernel
def draw_conditions(st, signature):
    """Return the conditions a signature shows; one or two at random for a partial signature."""
    first = next_below(st.states, APPROACH, 4)
    second = next_below(st.states, APPROACH, 3)
    both = next_unit(st.states, APPROACH) < 0.5
    if signature == REJECT_FULL:
        return RETREAT_AHEAD | PULL_AHEAD | RETREAT_BEHIND | PULL_BEHIND
    if signature == BREAK_FULL:
        return RETREAT_AHEAD | PULL_AHEAD | FOLLOW_BEHIND
    if signature >= NO_SIGNATURE:
        return 0
    conditions = 1 << first
    if both:
        conditions |= 1 << ((first + 1 + second) % 4)
    return conditions


@kernel
def draw_gain(st):
    """Return a log-normal gain of median one: doublings and halvings added up."""
    exponent = st.signature_rates[0].gain_spread * next_bell(st.states, APPROACH)
    gain, step = 1.0, 1.0 + exponent / 64.0
    for _ in range(64):
        gain *= step
    return gain * st.signature_rates[0].gain
