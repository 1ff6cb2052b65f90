"""The controller of the planted approaches: which level, which signature, which outcome.

An approach is COMING (steered to within six ticks), then in its PHASE (the signature works,
price creeps on), then RESOLVING from its decision time on, until a barrier is reached or the
label's horizon is over. The outcome is drawn when the phase begins, from its own random stream,
and nothing before the decision depends on it. The drawn outcome happens once price has reached the
level. In a null market no outcome is drawn: from the decision on price is left to its noise.
"""

from __future__ import annotations

from spymaster_ingest.synthetic.compiled import kernel
from spymaster_ingest.synthetic.eligibility import APPROACH_OVER_S, is_eligible, least_move
from spymaster_ingest.synthetic.levels import BARRIER_TICKS, HORIZON_S, REACH_TICKS, note_reached
from spymaster_ingest.synthetic.market_arrays import (
    APPROACH,
    BAR_SECONDS,
    BREAK,
    CENSORED,
    CHOP,
    COMING,
    FIRST_MECHANISM,
    IDLE,
    INELIGIBLE,
    LEVEL_IDS,
    NO_SIGNATURE,
    NONE,
    NOT_REACHED,
    OPEN,
    OUTCOME,
    PHASE,
    REJECT,
    RESOLVING,
)
from spymaster_ingest.synthetic.mechanisms import (
    LONGEST_HOLD_S,
    begin_mechanism,
    draw_mechanism,
    end_mechanism,
    hold_ticks,
    is_holding,
    is_sweeping,
    plan_sweeps,
    withdraw_a_second,
)
from spymaster_ingest.synthetic.random_streams import next_below, next_unit
from spymaster_ingest.synthetic.signature_draws import draw_class, draw_conditions, draw_gain
from spymaster_ingest.synthetic.signatures import WALL_TICKS, level_of_approach
from spymaster_ingest.units import NS_PER_S

DECISION_STEP_S = 5
_N_LEVELS = len(LEVEL_IDS)
_SHORTEST_PHASE_S, _LONGEST_PHASE_S = 10, 30
_LONGEST_COMING_S = 200
_LONGEST_WAIT_S = _LONGEST_PHASE_S + DECISION_STEP_S
# At the decision, price is a few ticks before the level and reaches it soon.
_LONGEST_REACH_S = 40
_LONGEST_APPROACH_S = _LONGEST_COMING_S + _LONGEST_WAIT_S + _LONGEST_REACH_S + HORIZON_S
_ARRIVED_TICKS = -6.6
# A mechanism begins this near to where price waits.
_NEAR_HOLD_TICKS = 1.5
# A rejection by a mechanism turns at the level.
_PEAK_AT_BARRIER = -0.3
_TOO_NEAR_TICKS = -8.5
# Distance at which the phase ends: the least, and the range of the random part.
NEAREST_END_TICKS, END_SPREAD_TICKS = -1.3, 1.2
# Price moves this much further than an approach needs, because its path wavers.
_SPARE_MOVE_TICKS = 1.0
# A level this close to another forms a stack, whose label may belong to the other.
_APART_TICKS = 3
_FAR_TICKS = 60


@kernel
def control_approach(st):
    """At the start of a second: advance the current approach by a step."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    withdraw_a_second(st)
    if st.phase[s.second] != OPEN or s.second == s.pause_second:
        _interrupt(st)
        return
    if c.state == IDLE:
        if _may_start(st):
            _start(st)
        return
    if c.state == COMING:
        level = level_of_approach(st)
        x = row.direction * (s.fair_end - level)
        if is_holding(st):
            if s.is_mechanism == 0 and x >= hold_ticks(st) - _NEAR_HOLD_TICKS:
                begin_mechanism(st)
        elif c.is_retreating == 0 and x >= _ARRIVED_TICKS and _is_from_afar(st):
            _begin_phase(st, x)
        if c.state == COMING and s.second - row.start_s > _LONGEST_COMING_S + c.hold_seconds:
            _end(st)
    elif c.state == PHASE:
        s.is_phase = 1 if s.second < row.phase_end_s else 0
        _guard_level(st)
        if s.second == row.decision_s:
            _decide(st)
    elif is_sweeping(st):
        pass
    elif s.second == c.next_sweep_s:
        _guard_barriers(st)
    elif not _is_open(row) or s.second >= c.label_end_s:
        _finish(st)
    elif s.second >= s.study_end_second:
        row.realised = CENSORED
        _finish(st)


@kernel
def _interrupt(st):
    """The market is not open: break off the approach and cut its label short."""
    c, row = st.control[0], st.approach[0]
    if c.state == RESOLVING:
        if _is_open(row):
            row.realised = CENSORED
        _finish(st)
    elif c.state != IDLE:
        _end(st)


@kernel
def _is_open(row):
    """Return whether the label can still change."""
    return row.realised == CHOP or row.realised == NOT_REACHED


@kernel
def _may_start(st):
    s, c = st.scalars[0], st.control[0]
    return (
        c.n_started < s.approaches_wanted
        and c.is_wall_leaving == 0
        and s.second >= c.next_start_s
        and s.second + _longest_approach(st) <= s.study_end_second
    )


@kernel
def _longest_approach(st):
    """Return the longest time from the start of an approach to the end of its label."""
    has_mechanisms = st.signature_cuts[NO_SIGNATURE] < 1.0
    return _LONGEST_APPROACH_S + (LONGEST_HOLD_S if has_mechanisms else 0)


@kernel
def _start(st):
    """Choose a level, place its wall, and begin to approach."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    draw_mechanism(st)
    index = _choose_level(st)
    if index == NONE:
        return
    row.level = index
    distance = st.named[index].tick - s.lowest_tick - s.fair_end
    row.direction = 1 if distance > 0 else -1
    row.start_s = s.second
    c.is_retreating = 1 if abs(distance) < -_TOO_NEAR_TICKS else 0
    # Far levels are reached in time, near levels not at once.
    c.speed = max((abs(distance) - 6.0) / (60.0 + 80.0 * next_unit(st.states, APPROACH)), 0.12)
    row.has_wall = 1 if next_unit(st.states, APPROACH) < st.signature_rates[0].wall_share else 0
    if row.has_wall:
        c.walls_to_place = st.signature_rates[0].wall_orders
        c.wall_level = level_of_approach(st) + row.direction * WALL_TICKS
    c.state = COMING


@kernel
def _choose_level(st):
    """Return a level in reach that is not stacked, nearer levels more often, or NONE."""
    chosen, best = NONE, 0.0
    nearest, nearest_ticks = NONE, 1e9
    fair_tick = st.scalars[0].fair_end + st.scalars[0].lowest_tick
    for i in range(_N_LEVELS):
        draw = next_unit(st.states, APPROACH)
        if st.named[i].is_active == 0 or _is_stacked(st, i):
            continue
        ticks = abs(st.named[i].tick - fair_tick)
        if ticks < nearest_ticks:
            nearest, nearest_ticks = i, ticks
        # the largest of draw / (1 + distance): nearer levels win more often
        weight = draw / (20.0 + ticks)
        if ticks <= _FAR_TICKS and weight > best:
            chosen, best = i, weight
    return chosen if chosen != NONE else nearest


@kernel
def _is_stacked(st, index):
    for j in range(_N_LEVELS):
        is_near = abs(st.named[j].tick - st.named[index].tick) < _APART_TICKS
        if j != index and st.named[j].is_active and is_near:
            return True
    return False


@kernel
def _is_from_afar(st):
    """Return whether price has moved far enough for an approach, whenever the decision is."""
    s, direction = st.scalars[0], st.approach[0].direction
    level = st.named[st.approach[0].level].tick
    furthest = NEAREST_END_TICKS - _SPARE_MOVE_TICKS - least_move(st)
    first = s.second + _SHORTEST_PHASE_S - APPROACH_OVER_S
    for second in range(first, s.second + _LONGEST_WAIT_S - APPROACH_OVER_S):
        if st.mids[second] == NONE or direction * (0.5 * st.mids[second] - level) > furthest:
            return False
    return True


@kernel
def _begin_phase(st, x):
    """Draw class, gain and outcome, and start the signature."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    c.state = PHASE
    c.n_started += 1
    s.is_phase = 1
    row.phase_start_s = s.second
    length = _LONGEST_PHASE_S - _SHORTEST_PHASE_S + 1
    seconds = _SHORTEST_PHASE_S + next_below(st.states, APPROACH, length)
    if _decision_after(s.second + seconds) % BAR_SECONDS == 0:
        # A moving average may jump, even across the price.
        seconds += DECISION_STEP_S if seconds < 2 * _SHORTEST_PHASE_S else -DECISION_STEP_S
    row.phase_end_s = s.second + seconds
    row.decision_s = _decision_after(row.phase_end_s)
    c.phase_start_x = x
    c.phase_end_x = _phase_end_x(st, next_unit(st.states, APPROACH))
    c.deviation = 0.0
    draw = next_unit(st.states, APPROACH)
    if c.mechanism == NONE:
        row.signature = draw_class(st, draw * st.signature_cuts[NO_SIGNATURE])
    else:
        row.signature = FIRST_MECHANISM + c.mechanism
    row.conditions = draw_conditions(st, row.signature)
    row.gain = draw_gain(st)
    c.pull_credit_ahead = 0.0
    c.pull_credit_behind = 0.0
    c.move_credit_ahead = 0.0
    c.move_credit_behind = 0.0
    c.follow_credit = 0.0
    row.add_ahead = 0
    row.pull_ahead = 0
    row.add_behind = 0
    row.pull_behind = 0
    row.away_ahead = 0
    row.away_behind = 0
    _draw_outcome(st)
    _guard_level(st)


@kernel
def _phase_end_x(st, draw):
    """Return where the phase ends: at a drawn distance, or nearer for a long enough move."""
    row = st.approach[0]
    level = st.named[row.level].tick
    before = row.direction * (0.5 * st.mids[row.decision_s - APPROACH_OVER_S] - level)
    drawn = NEAREST_END_TICKS - END_SPREAD_TICKS * draw
    return min(max(drawn, before + least_move(st) + _SPARE_MOVE_TICKS), NEAREST_END_TICKS)


@kernel
def _decision_after(second):
    """Return the first end of a decision window that is not before a second."""
    return -(-second // DECISION_STEP_S) * DECISION_STEP_S


@kernel
def _draw_outcome(st):
    """Draw the outcome of the signature and the wall; none in a null market."""
    row = st.approach[0]
    row.drawn = NONE
    if st.scalars[0].is_null:
        return
    # The third number of the stream decides; another would change the records of every market.
    next_unit(st.states, OUTCOME)
    next_unit(st.states, OUTCOME)
    draw = next_unit(st.states, OUTCOME)
    cuts = st.outcome_cuts[row.has_wall, row.signature]
    row.drawn = BREAK if draw < cuts[0] else REJECT if draw < cuts[1] else CHOP


@kernel
def _guard_level(st):
    """Keep trades from going through the level before the decision."""
    s, row = st.scalars[0], st.approach[0]
    level = level_of_approach(st)
    if row.direction > 0:
        s.guard_high = level - 1
    else:
        s.guard_low = level + 1


@kernel
def _no_guards(st):
    s = st.scalars[0]
    s.guard_low = 0
    s.guard_high = st.levels.shape[1] - 1


@kernel
def _decide(st):
    """Freeze the level, note whether a label exists here, and let a drawn outcome happen."""
    s, c, row = st.scalars[0], st.control[0], st.approach[0]
    s.is_phase = 0
    row.level_tick = st.named[row.level].tick
    row.realised = NOT_REACHED
    row.reached_ns = NONE
    row.hit_ns = NONE
    row.x0_ticks = row.direction * (s.spot - row.level_tick)
    c.label_end_s = s.second + HORIZON_S
    if not is_eligible(st) or st.signature_rates[0].ends_at_decision:
        row.realised = INELIGIBLE
    elif row.x0_ticks >= -REACH_TICKS:
        note_reached(st, s.midnight_ns + s.second * NS_PER_S, s.second)
    c.state = RESOLVING
    if s.is_null:
        _no_guards(st)
        return
    c.is_past_peak = 0
    c.peak_x = -1.0 + 5.0 * next_unit(st.states, OUTCOME)
    if c.mechanism != NONE:
        c.peak_x = min(c.peak_x, _PEAK_AT_BARRIER)
    c.centre_x = -2.0 + 3.0 * next_unit(st.states, OUTCOME)
    c.speed = 12.0 / (45.0 + 90.0 * next_unit(st.states, OUTCOME))
    _guard_barriers(st)
    if c.mechanism != NONE and row.drawn == BREAK:
        plan_sweeps(st)


@kernel
def _guard_barriers(st):
    """Keep the crowd's orders from a barrier that the outcome does not reach."""
    s, row = st.scalars[0], st.approach[0]
    level = row.level_tick - s.lowest_tick
    _no_guards(st)
    is_ahead_open = row.drawn == BREAK
    is_behind_open = row.drawn == REJECT
    if row.direction < 0:
        is_ahead_open, is_behind_open = is_behind_open, is_ahead_open
    if not is_ahead_open:
        s.guard_high = level + BARRIER_TICKS - 1
    if not is_behind_open:
        s.guard_low = level - BARRIER_TICKS + 1


@kernel
def _finish(st):
    """Write the row of a finished approach."""
    s = st.scalars[0]
    st.approaches[s.n_approaches] = st.approach[0]
    s.n_approaches += 1
    _end(st)


@kernel
def _end(st):
    """End the steering of price, and let the wall leave."""
    s, c = st.scalars[0], st.control[0]
    c.state = IDLE
    s.is_phase = 0
    c.walls_to_place = 0
    c.is_wall_leaving = st.approach[0].has_wall
    end_mechanism(st)
    left = s.approaches_wanted - c.n_started
    c.next_start_s = s.second + 1
    if left > 0:
        # Spread the time left until the last possible start over the remaining approaches.
        busy = (left - 1) * st.signature_rates[0].usual_seconds
        spare = (s.study_end_second - _longest_approach(st) - s.second - busy) // (left + 1)
        if spare > 0:
            c.next_start_s += next_below(st.states, APPROACH, 2 * spare)
    _no_guards(st)
