"""Drawn days for `course_odds_1s` and `approaches`: courses, answers, books, decisions, labels."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import cache
from random import Random
from typing import Any

from naive.approach_course import CourseRules, courses, published
from naive.approaches import ApproachInputs
from naive.course_odds import SENSES, course_odds_1s

from support.course_records import (
    DT,
    KINDS,
    LEVEL,
    ODDS_RULES,
    OTHER_LEVEL,
    PUBLISHED_ODDS,
    TICK_INT,
)
from support.drawn_course_days import BASE_S, WINDOW_S, drawn_day

OPENS = datetime(2025, 10, 9, 13, 30)
CLOSES = datetime(2025, 10, 9, 16, 30)
EPOCH = datetime(1970, 1, 1)
SECOND = timedelta(seconds=1)
# the day begins so long before an edge of the study hours
BEFORE_S = 600
SHARES = (0.125, 0.25, 0.375, 0.5)
STATES = ("all_four", "ahead_only", "behind_only", "partial", "none", None)
OUTCOMES = ("BREAK", "REJECT", "CHOP", "CENSORED", "NOT_REACHED")
HORIZONS = ("s120", "s240")
BARRIERS = ("fixed", "vol")
Row = dict[str, Any]


@cache
def drawn_courses(seed: int) -> list[Row]:
    """Return rows of `approach_course_1s` of two levels, across an edge of the study hours."""
    edge = (OPENS, CLOSES)[seed % 2] - BEFORE_S * SECOND
    shift = edge - (EPOCH + BASE_S * SECOND)
    found = []
    for number, level_id in enumerate((LEVEL, OTHER_LEVEL)):
        rules = CourseRules(dt=f"{DT}", level_id=level_id)
        for row in published(courses(*drawn_day(2 * seed + number), rules), rules):
            for name in ("window_end_ts", "started_ts"):
                row[name] += shift
            for name in ("reached_ts", "resolved_ts"):
                at_ns = row[name]
                row[name] = at_ns and EPOCH + timedelta(microseconds=at_ns // 1000) + shift
            row["dt"] = DT
            found.append(row)
    return found


def places_of(rows: list[Row], seed: int) -> list[tuple[str, datetime, str, bool]]:
    """Return level, time and direction of decisions, and whether a course starts there.

    They lie at windows within courses and around them, most of them in the direction of the course.
    """
    random = Random(seed)
    directions: dict[tuple[str, datetime], tuple[str, bool]] = {}
    for row in rows:
        place = row["level_id"], row["window_end_ts"]
        is_start = row["elapsed_s"] == 0
        of_course = is_start or random.random() < 0.85
        ways = ("up", "down") if of_course == (row["direction"] == "up") else ("down", "up")
        if int((row["window_end_ts"] - EPOCH) / SECOND) % WINDOW_S == 0:
            directions[place] = ways[0], is_start
        before = row["started_ts"] - WINDOW_S * SECOND
        directions.setdefault((row["level_id"], before), (row["direction"], False))
    return [(*place, *way) for place, way in sorted(directions.items())]


@cache
def drawn_answers(seed: int) -> list[Row]:
    """Return rows of `retrieval_outcomes` of a drawn day, in any order."""
    rows, random = drawn_courses(seed), Random(seed + 100)
    xs = {(row["level_id"], row["window_end_ts"]): row for row in rows}
    found = []
    for level_id, end, direction, is_start in places_of(rows, seed):
        if random.random() < (0.6 if is_start else 0.3):
            continue
        course = xs.get((level_id, end))
        x = random.randint(-7, 7) if course is None or course["x"] is None else course["x"]
        for horizon_id in HORIZONS:
            is_judged = random.random() < 0.9
            neighbors_ok = is_judged and random.random() < 0.8
            is_similar = neighbors_ok and random.random() < 0.85
            odds = {
                name: random.choice(SHARES) if name.startswith("base") or is_similar else None
                for name in PUBLISHED_ODDS
            }
            found.append(
                {
                    "level_id": level_id,
                    "window_end_ts": end,
                    "horizon_id": horizon_id,
                    "vector_id": f"{level_id}_{direction}_{end:%H%M%S}",
                    "approach_dir": f"approach_{direction}",
                    "decision_phase": "approaching" if course is None else course["phase"],
                    "k_ticks": -SENSES[direction] * x,
                    "horizon_s": int(horizon_id[1:]),
                    "is_judged": is_judged,
                    "distance_band": random.choice(("0_2", "2_4", None)),
                    "n_distinct_days": random.randint(0, 30),
                    "n_distinct_episodes": random.randint(0, 300),
                    "n_eff": random.random() * 100,
                    "neighbors_ok": neighbors_ok,
                    "is_similar": is_similar,
                    "verdict": random.choice(("useful", "not shown", "not evaluated")),
                    **odds,
                }
            )
    random.shuffle(found)
    return found


@cache
def drawn_inputs(seed: int) -> ApproachInputs:
    """Return all that `approaches` reads, of a drawn day."""
    rows, random = drawn_courses(seed), Random(seed + 200)
    decisions, labels = _decisions(seed, random)
    corridors, walls = _walls(rows, random)
    return ApproachInputs(
        odds=course_odds_1s(rows, drawn_answers(seed), ODDS_RULES),
        conditions=_conditions(rows, random),
        corridors=corridors,
        walls=walls,
        decisions=decisions,
        labels=labels,
        kinds=KINDS,
    )


def _decisions(seed: int, random: Random) -> tuple[list[Row], list[Row]]:
    """Draw decisions, and labels of both kinds of barriers of those that are eligible."""
    decisions, labels = [], []
    own_kind = random.choice(BARRIERS)
    for level_id, end, direction, is_start in places_of(drawn_courses(seed), seed):
        place = {"level_id": level_id, "window_end_ts": end}
        is_eligible = is_start or random.random() < 0.9
        decisions.append(
            place
            | {
                "approach_dir": f"approach_{direction}",
                "is_eligible": is_eligible,
                "barrier_mode": own_kind,
            }
        )
        labels += [
            place
            | {
                "barrier_kind": kind,
                "horizon_id": horizon_id,
                "outcome_reached": random.choice(OUTCOMES),
                "x0_ticks": random.randint(-7, 7),
                "exit_x_ticks": random.choice((None, -8, 8, random.randint(-7, 7))),
            }
            for kind in BARRIERS
            for horizon_id in HORIZONS
            if is_eligible
        ]
    return decisions, labels


def _conditions(rows: list[Row], random: Random) -> list[Row]:
    """Draw states that often hold across starts and phases of courses."""
    found = []
    for level_id in KINDS:
        of_level = [row for row in rows if row["level_id"] == level_id]
        spots = {
            row["window_end_ts"]: -SENSES[row["direction"]] * (row["x"] or 0) for row in of_level
        }
        end, last = of_level[0]["window_end_ts"] - 30 * SECOND, of_level[-1]["window_end_ts"]
        state, side, held_s, before = None, 1, 0, None
        while end < last:
            end += SECOND
            if random.random() < 0.1:
                state = random.choice(STATES)
            k_ticks = spots.get(end, 0)
            side = (1 if k_ticks > 0 else -1) if k_ticks else side
            if random.random() < 0.03:
                before = None
                continue
            held_s = held_s + 1 if (state, side) == before else 1
            before = state, side
            found.append(
                {
                    "level_id": level_id,
                    "window_end_ts": end,
                    "level_side": side,
                    "state": state,
                    "held_s": held_s if state else None,
                    "conditions_basis": "orders",
                }
            )
    return found


def _walls(rows: list[Row], random: Random) -> tuple[list[Row], list[Row]]:
    """Draw a corridor at most starts, and the book around it until its course ends."""
    corridors, walls = [], []
    starts = [row for row in rows if row["elapsed_s"] == 0]
    for start in starts:
        if random.random() < 0.1:
            continue
        sense, from_ticks = SENSES[start["direction"]], random.randint(0, 17)
        qty = random.choice((19, 20, 60, 61))
        corridors.append(
            {
                "level_id": start["level_id"],
                "window_end_ts": start["started_ts"],
                "beyond_wall_ratio": random.choice((None, 2.99, 3.0, 5.5, 5.5)),
                "beyond_wall_depth": qty,
                "beyond_wall_from_ticks": from_ticks,
                "beyond_wall_to_ticks": from_ticks + 3,
            }
        )
        depth, taken_share = random.choice((1, 4, 7, 8, 15)), random.choice((0, 0.01, 0.3))
        for row in rows:
            if row["course_id"] != start["course_id"]:
                continue
            walls += [
                {
                    "window_end_ts": row["window_end_ts"],
                    "side": side,
                    "price_int": (row["level_tick_frozen"] + sense * ticks) * TICK_INT,
                    "depth_qty_end": depth,
                    "fill_qty": int(random.random() < taken_share) * 5,
                }
                for ticks in range(from_ticks - 1, from_ticks + 5)
                for side in "AB"
                if random.random() < 0.9
            ]
    # a price has one row: courses of two levels may share it
    unique = {(row["window_end_ts"], row["side"], row["price_int"]): row for row in walls}
    return corridors, list(unique.values())
