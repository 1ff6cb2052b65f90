"""The latent fair price, second by second: a random walk, steered while a level is approached.

In a null market it is steered until the decision of an approach only.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import entry, kernel
from spymaster_ingest.synthetic.market_arrays import (
    BREAK,
    COMING,
    FAIR,
    NONE,
    NOT_REACHED,
    OPEN,
    PHASE,
    REJECT,
    RESOLVING,
)
from spymaster_ingest.synthetic.mechanisms import hold_ticks, is_holding
from spymaster_ingest.synthetic.random_streams import next_bell, next_below, next_unit
from spymaster_ingest.synthetic.signatures import level_of_approach

# Volatility changes between calm, ordinary and lively every few minutes; its mean square is 1.
MOODS = (0.6, 0.95, 1.3)
_MOOD_CHANGE = 1 / 240
# Some seconds have news; the average variance over all seconds is 1.
_NEWS_SHARE, _NEWS_FACTOR, _CALM_FACTOR = 0.03, 2.8, 0.888

# Where price is steered, in ticks from the level in the direction of the approach.
_STAND_OFF_TICKS = -9.5
_ARRIVAL_TICKS = -6.0
_FURTHEST_AHEAD_TICKS = -1.0
# How far price wavers while it waits, and how much of the way it returns in a second.
_WAITING_TICKS, _RETURN_SHARE = 1.2, 0.06
# Before a decision price moves less while a mechanism works.
_CALMER = 0.5
# A break runs at this speed after its sweeps, in ticks per second.
_SWEPT_SPEED = 0.3
_BEYOND_BARRIER_TICKS = 10.0
_CHOP_LIMIT_TICKS = 5.5
_HESITATION_TICKS = 6.0
# After this time without an outcome price moves faster.
_PATIENCE_S = 120


@kernel
def _clip(x, low, high):
    return min(max(x, low), high)


@entry
def next_fair(st):
    """Draw the fair price at the end of the coming second."""
    s, c = st.scalars[0], st.control[0]
    if next_unit(st.states, FAIR) < _MOOD_CHANGE:
        c.mood = next_below(st.states, FAIR, len(MOODS))
    noise = s.volatility * st.move[s.second] * MOODS[c.mood] * next_bell(st.states, FAIR)
    noise *= _NEWS_FACTOR if next_unit(st.states, FAIR) < _NEWS_SHARE else _CALM_FACTOR
    s.fair_start = s.fair_end
    if st.phase[s.second] != OPEN:
        return
    if s.is_mechanism and c.state != RESOLVING:
        noise *= _CALMER
    if st.follow.shape[0] > 0:
        s.fair_end = st.follow[s.second]
        return
    is_resolved = c.state == RESOLVING and s.is_null == 0
    if c.state == COMING or c.state == PHASE or is_resolved:
        row = st.approach[0]
        level = level_of_approach(st)
        if c.state == RESOLVING:
            level = row.level_tick - s.lowest_tick
        x = row.direction * (s.fair_end - level)
        if c.state == COMING:
            x = _wait_before_level(st, x, noise) if is_holding(st) else _walk_to_level(c, x, noise)
        elif c.state == PHASE:
            x = _creep(st, noise)
        else:
            x = _resolve(st, x, noise)
        s.fair_end = level + row.direction * x
    else:
        s.fair_end += noise


@kernel
def _wait_before_level(st, x, noise):
    """Walk to where price waits, and stay near it."""
    c, goal = st.control[0], hold_ticks(st)
    if abs(goal - x) > _WAITING_TICKS:
        return x + _clip(goal - x, -c.speed, c.speed) + noise
    return _clip(
        x + _RETURN_SHARE * (goal - x) + noise,
        goal - _WAITING_TICKS,
        goal + _WAITING_TICKS,
    )


@kernel
def _walk_to_level(c, x, noise):
    """Walk towards the level; from too near a start move away first."""
    if c.is_retreating:
        x += _clip(_STAND_OFF_TICKS - x, -c.speed, c.speed) + noise
        if x <= _STAND_OFF_TICKS + 0.5:
            c.is_retreating = 0
        return x
    return min(x + _clip(_ARRIVAL_TICKS - x, -c.speed, c.speed) + noise, _ARRIVAL_TICKS + 0.6)


@kernel
def _creep(st, noise):
    """Creep towards the level, slowly at first, without reaching it."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    share = (s.second + 1 - row.phase_start_s) / (row.decision_s - row.phase_start_s)
    c.deviation = _clip(0.6 * c.deviation + 0.4 * noise, -0.6, 0.6)
    x = c.phase_start_x + (c.phase_end_x - c.phase_start_x) * share * share
    return min(x + c.deviation, _FURTHEST_AHEAD_TICKS)


@kernel
def _resolve(st, x, noise):
    """Move to the level, then to the drawn outcome and not to the other barrier."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    speed = c.speed
    if s.second - row.decision_s > _PATIENCE_S:
        speed *= 2.5
    if row.first_sweep_s != NONE:
        if s.second < c.next_sweep_s:
            return min(x + speed + noise, _FURTHEST_AHEAD_TICKS)
        speed = max(speed, _SWEPT_SPEED)
    if row.drawn == BREAK:
        x += speed + noise
        return _reflect_above(x, -_HESITATION_TICKS)
    if row.drawn == REJECT:
        if c.is_past_peak == 0:
            x += _clip(c.peak_x - x, -c.speed, c.speed) + noise
            if x >= c.peak_x - 0.5 and row.realised != NOT_REACHED:
                c.is_past_peak = 1
        else:
            x += noise - speed
        return -_reflect_above(-x, -_HESITATION_TICKS)
    if row.realised == NOT_REACHED:
        x += speed + noise
    else:
        x += 0.02 * (c.centre_x - x) + noise
    x = _reflect_above(x, -_CHOP_LIMIT_TICKS)
    return -_reflect_above(-x, -_CHOP_LIMIT_TICKS)


@kernel
def _reflect_above(x, limit):
    return max(2.0 * limit - x, limit) if x < limit else x
