"""Timing of the market maker of the options."""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.options.option_arrays import NEVER, QUOTING
from spymaster_ingest.synthetic.random_streams import next_below, next_exponential

# Reaction time of the maker, and time between its messages.
_QUICKEST_NS, _MEAN_REACTION_NS = 400_000, 1_500_000
_SHORTEST_GAP_NS, _DRAWN_GAP_NS = 800, 2_400


@kernel
def wake_soon(st):
    """Make the maker check the market after a drawn reaction time."""
    s = st.scalars[0]
    if s.wake_ns == NEVER:
        drawn = int(_MEAN_REACTION_NS * next_exponential(st.states, QUOTING, st.exponential))
        s.wake_ns = s.now_ns + _QUICKEST_NS + drawn


@kernel
def pause(st):
    """Let the time between two messages pass."""
    st.scalars[0].now_ns += _SHORTEST_GAP_NS + next_below(st.states, QUOTING, _DRAWN_GAP_NS)
