"""Describe a level in a trader's words; unknown values are called not shown."""

from __future__ import annotations

from spymaster_ingest.units import PRICE_SCALE, price_text

from spymaster.card.sentences import (
    card_odds_sentence,
    placebo_sentence,
    record_sentence,
    support_sentence,
)
from spymaster.clock import LocalClock
from spymaster.levels.conditions import conditions_sentence
from spymaster.levels.engines import (
    barrier_words,
    engine_sentences,
    no_engines_sentence,
    score_verdict_sentence,
    score_words,
)
from spymaster.levels.read import LevelView, MomentView, Row, direction_of
from spymaster.levels.rungs import (
    NOT_SHOWN,
    is_notable,
    rung,
    rung_point,
    wall_rung,
)
from spymaster.levels.settings import WordSettings
from spymaster.levels.walls import gamma_wall_sentence, level_side_of, wall_sentence
from spymaster.setups.odds_sentences import family_sentences, odds_sentences

__all__ = [
    "NOT_SHOWN",
    "approach_lines",
    "at_a_glance",
    "beyond_sentence",
    "card_sentences",
    "compared_sentences",
    "exposure_sentence",
    "ladder_sentences",
    "level_conditions_sentence",
    "level_engine_sentences",
    "level_odds_sentences",
    "no_ladder_sentence",
    "not_there_sentence",
    "price_action_sentence",
    "rung",
    "rung_point",
    "standing_sentence",
    "strike_sentences",
]

# multiple of the average strike's gamma from which gamma is a wall
_GAMMA_WALL_RATIO = 2.0
# difference of the physics of calls and puts below which they are balanced
_BALANCED_PHYSICS = 0.05
# log of a flow ratio below which flows are balanced: 5 contracts to 4
_BALANCED_LOG = 0.22
# a touch further away in time is not printed
_SOON_S = 120


def price_action_sentence(symbol: str, facts: Row, course: Row | None = None) -> str:
    """Return the price move of the last minute and the distance to the level.

    Args:
        symbol: raw symbol of the contract.
        facts: level_id, level_price_int, k_ticks, approach_dir, approach_move_ticks and
            secs_to_touch of a level at a moment.
        course: phase of the approach under way, which goes on at the level and past it; None
            without one.
    """
    move, direction = facts["approach_move_ticks"], facts["approach_dir"]
    if move is None:
        did = f"{symbol}: the move of the last minute is {NOT_SHOWN}"
    elif direction in (None, "approach_none"):
        moved = f"{'up' if move > 0 else 'down'} {count_ticks(abs(move))}" if move else "nowhere"
        did = f"{symbol} went {moved} in the last minute" + ("" if course else ", no approach")
    else:
        way = "up" if direction == "approach_up" else "down"
        did = f"{symbol} came {way} {count_ticks(abs(move))} in the last minute"
    parts = [did, _distance(facts)]
    soon = facts["secs_to_touch"]
    is_at_level = course is not None and course["phase"] == "at"
    is_coming = move is not None and direction not in (None, "approach_none") and not is_at_level
    if is_coming and soon is not None:
        parts += [f"a touch in {soon:.0f} s at this pace"] if soon <= _SOON_S else []
    return ", ".join(parts)


def count_ticks(count: float) -> str:
    """Return a number of ticks in words."""
    return f"{count:g} {'tick' if count == 1 else 'ticks'}"


def count_points(count: float) -> str:
    """Return a number of points in words."""
    return f"{count:g} {'point' if count == 1 else 'points'}"


def _distance(facts: Row) -> str:
    level = f"{facts['level_id']} {price_text(facts['level_price_int'])}"
    ticks = facts["k_ticks"]
    if ticks is None:
        return f"{level} at a distance that is {NOT_SHOWN}"
    if ticks == 0:
        return f"at {level}"
    return f"{count_ticks(abs(ticks))} {'below' if ticks > 0 else 'above'} {level}"


def standing_sentence(facts: Row, clock: LocalClock) -> str:
    """Return whether the level is provisional, and the levels stacked with it."""
    parts = []
    if facts["is_provisional"]:
        parts.append(f"provisional until {clock.short_time(facts['available_from_ts'])}")
    if facts["stacked_with"]:
        parts.append("with " + ", ".join(facts["stacked_with"]))
        parts.append("first of its stack" if facts["is_primary"] else "not first of its stack")
    return "; ".join(parts)


def not_there_sentence(status: Row, clock: LocalClock) -> str:
    """Return why a level is neither active nor provisional.

    Args:
        status: level_id and available_from_ts of a level, and ``at``, the moment.
        clock: the lake's clock.
    """
    from_ts = status["available_from_ts"]
    if from_ts is not None and from_ts > status["at"]:
        return f"{status['level_id']} is known from {clock.short_time(from_ts)}"
    if from_ts is None:
        return f"{status['level_id']} is not known yet: too few bars"
    return f"{status['level_id']} has no value: nothing traded while it was formed"


def at_a_glance(view: MomentView, level: LevelView) -> str:
    """Return a level in one line: distance, highest wall at it or past it, barrier and score."""
    facts = level.facts
    ticks = facts["k_ticks"]
    name = f"{facts['level_id']} {price_text(facts['level_price_int'])}"
    if ticks is None:
        return f"{name}, distance {NOT_SHOWN}"
    where = _from_spot(ticks * view.tick_int / PRICE_SCALE)
    if not facts["is_active"]:
        return f"{name}, {where}: {standing_sentence(facts, view.clock)}"
    ahead = ""
    if level.rungs and all(row["bid_depth"] is None for row in level.rungs):
        ahead = f": ladder {NOT_SHOWN}"
    elif level.rungs:
        ahead = f": {_wall_ahead(level, view.settings)}"
    record = _known(wall_sentence(view, level))
    return "; ".join([f"{name}, {where}{ahead}", *record, *_break_at_a_glance(view, level)])


def _known(line: str) -> list[str]:
    return [line] if line else []


def _break_at_a_glance(view: MomentView, level: LevelView) -> list[str]:
    """Return barrier and score in a few words; empty without a known barrier."""
    row = level.engines
    if row is None or row["barrier_state"] is None:
        return []
    return [barrier_words(row, view.settings), score_words(row, view.constants, view.clock)]


def _wall_ahead(level: LevelView, settings: WordSettings) -> str:
    """Return the highest wall at a level or past it in words."""
    facts, side = level.facts, level_side_of(level)
    highest = wall_rung(level.rungs, side, settings)
    if isinstance(highest, dict):
        return rung(highest, settings)
    past = _wall_past(facts, side, settings)
    reach = f"up to {count_points(settings.reach_points)} past it"
    return past or (
        f"no wall {reach}" if highest is None else f"whether a wall stands {reach} is {NOT_SHOWN}"
    )


def _wall_past(facts: Row, side: int | None, settings: WordSettings) -> str | None:
    """Return a wall that lies across rungs of the ladder, or whose flow is unknown.

    The rungs of ``facts`` count from the level towards ``side``; those below a level therefore
    begin at other ticks than the ladder's.
    """
    depth = facts["beyond_wall_depth"]
    if depth is None or depth < settings.ladder_min_contracts:
        return None
    if facts["beyond_wall_ratio"] < settings.ladder_wall_ratio:
        return None
    from_ticks, to_ticks = facts["beyond_wall_from_ticks"], facts["beyond_wall_to_ticks"]
    orders = "asks" if side == 1 else "bids"
    return f"wall of {depth:,} {orders} {from_ticks} to {count_ticks(to_ticks)} past it"


def approach_lines(view: MomentView, level: LevelView) -> list[str]:
    """Return the first lines of a card: price, ladder, options and conditions.

    Args:
        view: the moment.
        level: one of its levels.
    """
    return [
        price_action_sentence(view.symbol, level.facts, level.course),
        *ladder_sentences(level.rungs, view.settings),
        *_known(wall_sentence(view, level)),
        *strike_sentences(level.strikes, view.settings),
        exposure_sentence(view),
        *_known(gamma_wall_sentence(view.gamma_walls)),
        level_conditions_sentence(view, level),
    ]


def level_conditions_sentence(view: MomentView, level: LevelView) -> str:
    """Return which of the four conditions hold at a level, and what that means there."""
    return conditions_sentence(
        level.conditions,
        view.settings,
        direction=direction_of(level.course),
        verdicts=view.claims,
    )


def card_sentences(level: LevelView, clock: LocalClock) -> list[str]:
    """Return the odds of the approach under way, their support and the level's own record."""
    if level.course is None:
        return []
    lines = [card_odds_sentence(level.course, clock), support_sentence(level.course)]
    return [line for line in (*lines, record_sentence(level.record, level.placebo)) if line]


def level_engine_sentences(view: MomentView, level: LevelView) -> list[str]:
    """Return barrier, tape, fuel and score of a level with its verdict, or why not."""
    if level.engines is None:
        return [no_engines_sentence(level.facts, view.constants, has_orders=view.has_orders)]
    sentences = engine_sentences(
        level.engines,
        view.constants,
        view.settings,
        view.clock,
        is_valid=view.is_valid,
        has_options=view.exposure is not None,
    )
    return [*sentences, score_verdict_sentence(view.score_verdict)]


def level_odds_sentences(view: MomentView, level: LevelView) -> list[str]:
    """Return the odds of a level from similar approaches and what they compare, or why not.

    How often the level held follows where an evaluation has compared it with prices nearby.
    """
    record = []
    if level.placebo is not None:
        record = [f"{level.facts['level_id']} {placebo_sentence(level.placebo)}"]
    if level.odds is None:
        why = view.odds_missing or "price does not approach the level, or it has no answer yet"
        return [f"No odds: {why}.", *record]
    return [*compared_sentences(view, level), *odds_sentences(level.odds), *record]


def compared_sentences(view: MomentView, level: LevelView) -> list[str]:
    """Return a sentence on what the odds of a level compare; empty where it is the level."""
    if level.odds is None:
        return []
    return family_sentences(level.odds | {"has_order_flow": view.has_orders})


def no_ladder_sentence(view: MomentView) -> str:
    """Return that a level has no ladder, and why where the day has no orders."""
    return f"its ladder is {NOT_SHOWN}{'' if view.has_orders else ' (it needs market by order)'}"


def ladder_sentences(rows: list[Row], settings: WordSettings) -> list[str]:
    """Return a sentence for each notable rung, in the order of the rows."""
    return [rung(row, settings) for row in rows if is_notable(row, settings)]


def beyond_sentence(facts: Row, settings: WordSettings) -> str:
    """Return the depth between spot and the level, the depth past it, and the flow behind price."""
    if facts["beyond_rel_depth"] is None:
        return "what lies beyond is not shown"
    parts = []
    if facts["corridor_rel_depth"] is None:
        parts.append("nothing between spot and the level")
    else:
        parts.append(
            f"on the {count_ticks(facts['corridor_len_ticks'])} to it "
            f"{facts['corridor_rel_depth']:.2f} of the side's present depth per tick around spot"
        )
    parts.append(f"beyond it {facts['beyond_rel_depth']:.2f}")
    if facts["beyond_max_depth"]:
        parts.append(
            f"most of it {facts['beyond_max_depth']:g} contracts "
            f"{count_ticks(facts['beyond_max_rho'])} past the level"
        )
    support = facts["behind_pull_add_log"]
    if support is not None and _behind_contracts(facts) >= settings.ladder_min_contracts:
        leaning = "balanced" if abs(support) < _BALANCED_LOG else "being added"
        if support >= _BALANCED_LOG:
            leaning = "being pulled"
        parts.append(f"support behind is {leaning}")
    return "; ".join(parts)


def _behind_contracts(facts: Row) -> int:
    """Return the contracts added and pulled behind price in the second."""
    return facts["behind_add_qty"] + facts["behind_pull_qty"]


def exposure_sentence(view: MomentView) -> str:
    """Return the gamma walls and the gamma flip, with distances from spot."""
    row = view.exposure
    if row is None:
        return f"options: {NOT_SHOWN}"
    walls = [
        f"{right} wall {_exact(row[f'{right}_wall_price_int'], view)}" for right in ("call", "put")
    ]
    flip = row["gamma_flip_price"]
    walls.append("gamma flip " + (NOT_SHOWN if flip is None else f"{flip:.2f}"))
    return "options: " + ", ".join(walls)


def _exact(price_int: int | None, view: MomentView) -> str:
    if price_int is None or view.spot_price_int is None:
        return NOT_SHOWN
    points = (price_int - view.spot_price_int) / PRICE_SCALE
    return f"{price_text(price_int)} ({_from_spot(points)})"


def _from_spot(points: float) -> str:
    if not points:
        return "at spot"
    return f"{count_points(abs(points))} {'above' if points > 0 else 'below'} spot"


def strike_sentences(rows: list[Row], settings: WordSettings) -> list[str]:
    """Return a sentence on the options at each strike around a level, highest first.

    Strikes lie further apart than the points of the ladder, so neighboring points share a strike.
    Each sentence names the points that are nearest to its strike.
    """
    if not rows:
        return [f"options around it: {NOT_SHOWN}"]
    return [
        f"strike {row['strike_points']:g} ({_points(row, settings)}): "
        f"{_flow(row, settings)}; {_gamma(row)}"
        for row in rows
    ]


def _points(row: Row, settings: WordSettings) -> str:
    low, high = (rung_point(row[f"{end}_point"], settings) for end in ("lowest", "highest"))
    return f"for {low}" if low == high else f"shared by {low} to {high}"


def _flow(row: Row, settings: WordSettings) -> str:
    call, put = row["call_physics"], row["put_physics"]
    if call is None or put is None:
        return f"demand of calls and puts {NOT_SHOWN}"
    if _option_contracts(row) < settings.ladder_min_contracts:
        return "no net demand in calls and puts"
    if abs(call - put) < _BALANCED_PHYSICS:
        what = "equally offered" if max(call, put) <= -_BALANCED_PHYSICS else "in equal demand"
        return f"calls and puts {what} ({call:+z.2f} against {put:+z.2f})"
    (most, high), (least, low) = sorted(
        [("calls", call), ("puts", put)], key=lambda right: right[1], reverse=True
    )
    if high <= 0:
        # nobody wants either: a right that is sold less is not in demand
        return f"{least} offered more than {most} ({low:+z.2f} against {high:+z.2f})"
    return f"{most} in demand over {least} ({high:+z.2f} against {low:+z.2f})"


def _option_contracts(row: Row) -> int:
    """Return the net contracts behind the physics of a strike's calls and puts."""
    flows = [
        row[f"{right}_net_{kind}_qty"]
        for right in ("call", "put")
        for kind in ("aggressive", "resting")
    ]
    return sum(abs(flow) for flow in flows if flow is not None)


def _gamma(row: Row) -> str:
    ratios = {right: row[f"gex_{right}_ratio"] for right in ("call", "put")}
    if None in ratios.values():
        return f"gamma {NOT_SHOWN}"
    walls = [right for right, ratio in ratios.items() if ratio >= _GAMMA_WALL_RATIO]
    name = f"{' and '.join(walls)} gamma wall" if walls else "gamma"
    numbers = " and ".join(f"{right}s {ratio:.1f}" for right, ratio in ratios.items())
    return f"{name} ({numbers} times the average strike's)"
