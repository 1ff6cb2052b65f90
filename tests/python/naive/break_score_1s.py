"""`break_score_1s`: how ready a level is to break, and what waits around it.

Rules chosen where the specification leaves room:
- Without a direction there is no score; without a barrier state there is no s_l, and so no score,
  signal or confidence, but s_h and s_t. Without an effect s_h is that of NEUTRAL.
- A velocity or imbalance that is 0 or missing is not in the break direction.
- The smooth score and the hold run over consecutive seconds in which a level has a score in one
  direction; anything else in between begins both anew, a moved level does not.
- A REJECT needs a second of the current run of low scores in which price touched the level, however
  long ago, and ends with the run.
- A BREAK says that price goes on through the level, a REJECT that it turns; the other signals say
  no direction.
- Confidence is the mean of those of barrier and tape that are known.
- The next level is the nearest primary level strictly past the level, at any distance. The runway
  is obstructed if the largest tick of the defending side, at the level or up to
  `runway_reach_ticks` past it (the nearest of equals), is large enough and not past the next level.
- Confluence counts all active levels, primary or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from math import exp
from typing import Any

from naive.engine_rows import (
    DEFENDING_SIDES,
    KEY_COLUMNS,
    SIGNS,
    Constants,
    Wall,
    by_level,
    end_of,
)
from naive.levels_model import LEVEL_IDS
from naive.surfaces import Row

COLUMNS = (
    "s_l",
    "s_h",
    "s_t",
    "score_raw",
    "score_smooth",
    "signal",
    "implied_dir",
    "signal_means",
    "confidence",
    "runway_direction",
    "runway_next_level_id",
    "runway_ticks",
    "runway_quality",
    "confluence_weight",
    "confluence_levels",
)
BEST_SCORE, MIDDLE_SCORE, WORST_SCORE = 100.0, 50.0, 0.0
EFFECT_SCORES = {
    "AMPLIFY": BEST_SCORE,
    "NEUTRAL": MIDDLE_SCORE,
    "DAMPEN": WORST_SCORE,
    None: MIDDLE_SCORE,
}


def break_score_1s(
    snapshot: Iterable[Row],
    wall: Iterable[Row],
    levels: Iterable[Row],
    barrier: Iterable[Row],
    tape: Iterable[Row],
    fuel: Iterable[Row],
    weights: Mapping[str, float],
    constants: Constants,
) -> list[Row]:
    """Rows of `gold.break_score_1s` of one contract-day, by second and priority.

    Args:
        snapshot: Rows of `book_snapshot_1s`.
        wall: Rows of `wall_surface_1s`.
        levels: Rows of `levels_1s`.
        barrier: Rows of `barrier_engine_1s`.
        tape: Rows of `tape_engine_1s`.
        fuel: Rows of `fuel_engine_1s`.
        weights: Weight of each level, of seed `level_weights`.
        constants: See `engine_rows`.
    """
    book = Wall(snapshot, wall, constants)
    level_of, tape_of, fuel_of = by_level(levels), by_level(tape), by_level(fuel)
    states: dict[str, SignalState] = {}
    rows = []
    for reading in barrier:
        key = end_of(reading), reading["level_id"]
        row = {name: reading[name] for name in KEY_COLUMNS}
        row |= scores(reading, tape_of[key], fuel_of[key], constants)
        state = states.setdefault(reading["level_id"], SignalState())
        row["score_smooth"], row["signal"] = state.after(row, reading, constants)
        row["implied_dir"], row["signal_means"] = signal_words(
            row["signal"], row["break_direction"], row["level_id"]
        )
        row["confidence"] = None
        if row["score_raw"] is not None:
            row["confidence"] = confidence_of(
                [reading["confidence"], tape_of[key]["confidence"]], constants
            )
        row |= runway(book, level_of, row, constants)
        row |= confluence(level_of, row, weights, constants)
        rows.append(row)
    return rows


def scores(barrier: Row, tape: Row, fuel: Row, constants: Constants) -> dict[str, Any]:
    """The three parts and their weighted sum."""
    if barrier["direction"] is None:
        return dict.fromkeys(COLUMNS[:4])
    s_l = barrier_score(barrier["state"], constants)
    s_h = EFFECT_SCORES[fuel["effect"]]
    s_t = tape_score(tape, constants)
    raw = None
    if s_l is not None:
        raw = constants["w_l"] * s_l + constants["w_h"] * s_h + constants["w_t"] * s_t
        raw = min(BEST_SCORE, max(WORST_SCORE, raw))
    return {"s_l": s_l, "s_h": s_h, "s_t": s_t, "score_raw": raw}


def barrier_score(state: str | None, constants: Constants) -> float | None:
    """Score of a state of the barrier."""
    values = {
        "VACUUM": BEST_SCORE,
        "WEAK": float(constants["s_l_weak"]),
        "CONSUMED": float(constants["s_l_consumed"]),
        "NEUTRAL": MIDDLE_SCORE,
        "WALL": WORST_SCORE,
        "ABSORPTION": WORST_SCORE,
    }
    return values.get(state)


def tape_score(tape: Row, constants: Constants) -> float:
    """Score of the trades: 100 for a fresh sweep through the level, else up to 50."""
    direction = tape["break_direction"]
    if (
        tape["sweep_direction"] == direction
        and tape["sweep_age_s"] is not None
        and tape["sweep_age_s"] <= constants["w_velocity_s"]
    ):
        return BEST_SCORE
    sign, score = SIGNS[direction], 0.0
    velocity, imbalance = tape["velocity_ticks_s"], tape["imbalance"]
    if velocity is not None and sign * velocity > 0:
        score += constants["s_t_part"] * min(1.0, abs(velocity) / constants["velocity_ref_ticks_s"])
    if imbalance is not None and sign * imbalance > 0:
        score += constants["s_t_part"] * abs(imbalance)
    return score


@dataclass
class SignalState:
    """Smooth score and runs of one level, as of its last scored second.

    Attributes:
        end_s: That second.
        direction: Its direction.
        smooth: Its smooth score.
        n_high, n_low: Consecutive seconds with a high, a low score.
        was_touched: Whether price touched the level in the run of low scores.
    """

    end_s: int | None = None
    direction: str | None = None
    smooth: float = 0.0
    n_high: int = 0
    n_low: int = 0
    was_touched: bool = False

    def after(
        self, row: Row, barrier: Row, constants: Constants
    ) -> tuple[float | None, str | None]:
        """Smooth score and signal after one more second of the level."""
        raw, end_s = row["score_raw"], end_of(row)
        if raw is None:
            self.end_s = None
            return None, None
        if self.end_s == end_s - 1 and self.direction == row["direction"]:
            alpha = 1 - exp(-1 / constants["tau_score"])
            self.smooth = alpha * raw + (1 - alpha) * self.smooth
        else:
            self.smooth, self.n_high, self.n_low, self.was_touched = raw, 0, 0, False
        self.end_s, self.direction = end_s, row["direction"]
        self.n_high = self.n_high + 1 if self.smooth > constants["break_score_min"] else 0
        is_low = self.smooth < constants["reject_score_max"]
        self.n_low = self.n_low + 1 if is_low else 0
        touches = abs(row["k_ticks"]) <= constants["touch_band_ticks"]
        self.was_touched = is_low and (self.was_touched or touches)
        return self.smooth, self._signal(barrier, constants)

    def _signal(self, barrier: Row, constants: Constants) -> str:
        hold_s = constants["hold_s"]
        # true at t - hold_s ... t
        if self.n_high > hold_s:
            return "BREAK"
        if self.n_low > hold_s and self.was_touched:
            return "REJECT"
        if (
            constants["contested_low"] <= self.smooth <= constants["contested_high"]
            and barrier["state"] == "CONSUMED"
            and barrier["churn"] > constants["contested_activity"]
        ):
            return "CONTESTED"
        return "NEUTRAL"


def signal_words(
    signal: str | None, break_direction: str | None, level: str
) -> tuple[str | None, str | None]:
    """Direction that a signal names, and what it means in words; None where it names none."""
    if signal == "BREAK":
        implied, verb = break_direction, "breaks"
    elif signal == "REJECT":
        implied, verb = {"UP": "DOWN", "DOWN": "UP"}[break_direction], "rejected"
    else:
        return None, None
    return implied, f"{break_direction.lower()} through {level} {verb}: {implied.lower()}"


def confidence_of(parts: Iterable[float | None], constants: Constants) -> str | None:
    """Word for the mean of the known confidences."""
    known = [part for part in parts if part is not None]
    if not known:
        return None
    mean = sum(known) / len(known)
    if mean >= constants["confidence_high"]:
        return "HIGH"
    return "MEDIUM" if mean >= constants["confidence_medium"] else "LOW"


def active_levels(level_of: Mapping[tuple[int, str], Row], row: Row) -> list[Row]:
    """The other active levels of the second, by priority."""
    others = [level for level in LEVEL_IDS if level != row["level_id"]]
    found = [level_of.get((end_of(row), level)) for level in others]
    return [level for level in found if level is not None and level["is_active"]]


def runway(
    book: Wall, level_of: Mapping[tuple[int, str], Row], row: Row, constants: Constants
) -> dict[str, Any]:
    """What lies past the level in the break direction."""
    direction = row["break_direction"]
    found: dict[str, Any] = dict.fromkeys(
        ("runway_direction", "runway_next_level_id", "runway_ticks", "runway_quality")
    )
    if direction is None:
        return found
    sign, tick_int, level_int = SIGNS[direction], constants["tick_int"], row["level_price_int"]
    past = [
        (sign * (level["level_price_int"] - level_int) // tick_int, level["level_id"])
        for level in active_levels(level_of, row)
        if level["is_primary"] and sign * (level["level_price_int"] - level_int) > 0
    ]
    ticks, next_level = min(past, key=lambda place: place[0], default=(None, None))
    found |= {
        "runway_direction": direction,
        "runway_next_level_id": next_level,
        "runway_ticks": ticks,
    }
    if book.is_valid(end_of(row)):
        found["runway_quality"] = runway_quality(book, row, ticks, constants)
    return found


def runway_quality(book: Wall, row: Row, ticks: int | None, constants: Constants) -> str:
    """Whether a wall stands between a level and the next."""
    sign, tick_int, end_s = SIGNS[row["break_direction"]], constants["tick_int"], end_of(row)
    side = DEFENDING_SIDES[row["direction"]]
    spot_int = row["level_price_int"] - row["k_ticks"] * tick_int
    reach = constants["runway_reach_ticks"]

    def depth(from_int: int, distance: int) -> int:
        price_int = from_int + sign * distance * tick_int
        return book.quantity(end_s, side, price_int, "depth_qty_end")

    # `max` keeps the first of equals
    largest = max(range(reach + 1), key=lambda rho: depth(row["level_price_int"], rho))
    wall = depth(row["level_price_int"], largest)
    around = sum(depth(spot_int, distance) for distance in range(1, reach + 1)) / reach
    is_obstructed = (
        wall > 0
        and wall >= constants["runway_wall_ratio"] * around
        and (ticks is None or largest <= ticks)
    )
    return "OBSTRUCTED" if is_obstructed else "CLEAR"


def confluence(
    level_of: Mapping[tuple[int, str], Row],
    row: Row,
    weights: Mapping[str, float],
    constants: Constants,
) -> dict[str, Any]:
    """The other active levels near the level, and the sum of their weights."""
    band_int = constants["confluence_band_ticks"] * constants["tick_int"]
    near = [
        level["level_id"]
        for level in active_levels(level_of, row)
        if abs(level["level_price_int"] - row["level_price_int"]) <= band_int
    ]
    return {
        "confluence_weight": sum((weights[level] for level in near), 0.0),
        "confluence_levels": near,
    }
