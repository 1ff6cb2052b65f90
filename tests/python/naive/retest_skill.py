"""`eval_retests`: how retests ended by the state at them, and what the state was worth.

Rules chosen where the specification leaves room:
- Only CONTINUES, FAILS and CHOP count. Rows exist for states that occurred in their directions.
- A base rate is the mean, over the events of the row, of the share of their own direction among
  events of known state.
- Days are days with a counted retest of the product, on either basis. A day is scored after as many
  days as the warm-up and the embargo have together; its past are the days before it but for the
  last ones, as many as the embargo has.
- Past shares count events of known state: of the row with one added to each of three ends, then of
  the direction with these as `weight` events, then of the state in the direction with those as
  `weight` events. The rival is the direction's. A row of one direction knows no other.
- Intervals resample whole days with replacement, as many as there are; events count alike.
- Two bases share 5 % of error, so that an interval of skill is one of 97.5 %.
- Chance deals out the ends of events of known state, within each day and direction, past and
  scored.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from math import log
from typing import NamedTuple

import numpy as np

ENDS = ("CONTINUES", "FAILS", "CHOP")
LEAST_DAYS = 10


class Retest(NamedTuple):
    """A retest: day, direction of the break, state of the conditions if known, and its end."""

    day: int
    direction: str
    state: str | None
    end: str


class Rules(NamedTuple):
    """Days before the first judged day, days left out before a judged one, weight, least events."""

    warm_up_days: int
    embargo_days: int
    weight: float
    least_events: int


def counted(retests: Iterable[Retest]) -> list[Retest]:
    """Retests that ended."""
    return [one for one in retests if one.end in ENDS]


def shares(retests: Sequence[Retest]) -> dict[str, float]:
    """Share of each end."""
    return {end: sum(one.end == end for one in retests) / len(retests) for end in ENDS}


def base_rates(own: Sequence[Retest], retests: Sequence[Retest]) -> dict[str, float]:
    """Shares after any known state, in the directions of some retests."""
    rates = {
        direction: shares([one for one in retests if one.direction == direction and one.state])
        for direction in {one.direction for one in own}
    }
    return {end: sum(rates[one.direction][end] for one in own) / len(own) for end in ENDS}


def day_draws(days: Sequence[int], draws: int, random: np.random.Generator) -> np.ndarray:
    """How often each day was drawn, (draws, days)."""
    drawn = random.integers(len(days), size=(draws, len(days)))
    return np.array([np.bincount(row, minlength=len(days)) for row in drawn])


def share_draws(
    retests: Sequence[Retest], end: str, draws: int, random: np.random.Generator
) -> np.ndarray:
    """Share of an end by draw of days."""
    days = sorted({one.day for one in retests})
    drawn = day_draws(days, draws, random)
    n = np.array([sum(one.day == day for one in retests) for day in days])
    hits = np.array([sum(one.day == day and one.end == end for one in retests) for day in days])
    return (drawn @ hits) / (drawn @ n)


class Score(NamedTuple):
    """Log-losses of one scored retest."""

    day: int
    own: float
    rival: float


def scores(retests: Sequence[Retest], days: Sequence[int], rules: Rules) -> list[Score]:
    """Score retests of known state by the days before theirs.

    Args:
        retests: Those of a row.
        days: Days of the product, in order.
        rules: Settings.
    """
    found = []
    for place, day in enumerate(days):
        if place < rules.warm_up_days + rules.embargo_days:
            continue
        allowed = set(days[: place - rules.embargo_days])
        past = [one for one in retests if one.day in allowed and one.state]
        every = Counter(one.end for one in past)
        of_direction = Counter((one.direction, one.end) for one in past)
        of_state = Counter((one.direction, one.state, one.end) for one in past)
        for one in retests:
            if one.day != day or not one.state:
                continue
            chance = {end: (every[end] + 1) / (len(past) + len(ENDS)) for end in ENDS}
            for counts, key in (
                (of_direction, (one.direction,)),
                (of_state, (one.direction, one.state)),
            ):
                n = sum(counts[*key, end] for end in ENDS)
                rival = chance
                chance = {
                    end: (counts[*key, end] + rules.weight * rival[end]) / (n + rules.weight)
                    for end in ENDS
                }
            found.append(Score(day, -log(chance[one.end]), -log(rival[one.end])))
    return found


def skill(found: Sequence[Score]) -> float:
    """Log-loss that the state takes away from a retest."""
    return sum(one.rival - one.own for one in found) / len(found)


def skill_draws(found: Sequence[Score], draws: int, random: np.random.Generator) -> np.ndarray:
    """Skill by draw of days."""
    days = sorted({one.day for one in found})
    drawn = day_draws(days, draws, random)
    n = np.array([sum(one.day == day for one in found) for day in days])
    gains = [sum(one.rival - one.own for one in found if one.day == day) for day in days]
    return (drawn @ np.array(gains)) / (drawn @ n)


def chance_skills(
    retests: Sequence[Retest],
    days: Sequence[int],
    rules: Rules,
    draws: int,
    random: np.random.Generator,
) -> np.ndarray:
    """Skills of ends that are dealt out anew."""
    groups: dict[tuple[int, str], list[int]] = {}
    for place, one in enumerate(retests):
        if one.state:
            groups.setdefault((one.day, one.direction), []).append(place)
    found = []
    for _ in range(draws):
        dealt = list(retests)
        for places in groups.values():
            for place, source in zip(places, random.permutation(places), strict=True):
                dealt[place] = retests[place]._replace(end=retests[source].end)
        found.append(skill(scores(dealt, days, rules)))
    return np.array(found)


def verdict(
    found: Sequence[Score],
    least_events: int,
    interval: tuple[float, float],
    chance: tuple[float, float],
) -> str:
    """Whether the state knew more than the base rate of the direction."""
    if len({one.day for one in found}) < LEAST_DAYS or len(found) < least_events:
        return "too few episodes"
    own = skill(found)
    if interval[0] > 0 and own > chance[1]:
        return "supported"
    if interval[1] < 0 and own < chance[0]:
        return "contradicted"
    return "not shown"
