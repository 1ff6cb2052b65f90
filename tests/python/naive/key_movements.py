"""`key_movements`, `key_movement_matches` and the means of `key_movement_profile`.

Rules chosen where the specification leaves room:
- A second belongs to the session in which it starts. Its mid is unknown if it is invalid.
- No movement is sought from a second without sigma; a sigma of zero takes the least move.
- A second that is missing, has no mid or lies outside the session ends both directions.
- Of one second, reaching A is looked at before a third of A the other way.
- The label of a movement looked at every second that the search had to look at to find it, also in
  vain, and also at the one that ended a direction by being unknown.
- sigma and spread are those of the start; threshold_ticks belongs to the second of the search.
- Candidates for matches have a sigma above zero and a spread; their distances are divided by the
  sample standard deviation over all candidates of the root and half-hour, and a quantity that does
  not vary there is left out.
- Turns look at seconds of the whole partition, also before and after the session. A match is a turn
  towards the movement's direction after an extreme at least as long as that of the start.
- The divisors are those of all candidates, also of those that are no turns.
- A movement without sigma, or with a sigma of zero, has no matches and no part in the profile.
- welch_t counts movements and matched moments, not days: the difference of the means over the root
  of the sum of variance by number of both.
- A missing reading is left out of the means and counts of its element alone. n_days counts the days
  of its movements.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import log, sqrt
from statistics import fmean, stdev
from typing import NamedTuple

from naive.levels_model import NEW_YORK, LevelRules, Row, timestamp_of

PROFILE_SECONDS = range(-30, 0)
HALF_HOUR_S = 1800


@dataclass(frozen=True)
class MovementRules:
    """Settings: moves in ticks, times in seconds."""

    min_ticks: int = 8
    sigmas: float = 3.0
    within_s: int = 60
    n_matches: int = 5
    history_s: int = 30
    away_s: int = 120
    apart_s: int = 30


class Moment(NamedTuple):
    """One second of a contract, known at its end.

    Attributes:
        end_s: Window end.
        is_study: Whether it starts inside rth_study.
        is_valid: `window_valid`.
        half_ticks: Mid in half ticks; None if unknown.
        sigma_ticks: Standard deviation of the mid over one second.
        spread_ticks: Best ask minus best bid.
    """

    end_s: int
    is_study: bool
    is_valid: bool
    half_ticks: int | None
    sigma_ticks: float | None
    spread_ticks: int | None

    @property
    def mid(self) -> int | None:
        """Mid in half ticks where the second is valid."""
        return self.half_ticks if self.is_valid else None

    @property
    def is_known(self) -> bool:
        """Whether a movement may pass through it."""
        return self.is_study and self.mid is not None


def threshold(sigma_ticks: float, settings: MovementRules) -> float:
    """Least move that is a key movement, A."""
    return max(settings.min_ticks, settings.sigmas * sigma_ticks * sqrt(settings.within_s))


def search(
    moments: Mapping[int, Moment], scanned_s: int, settings: MovementRules
) -> tuple[str | None, int, int]:
    """Look for a movement from one second on.

    Returns:
        Its direction (None without one), its end, and the last second that was looked at.
    """
    now = moments[scanned_s]
    least = threshold(now.sigma_ticks, settings)
    possible = {"up": 1, "down": -1}
    later_s = scanned_s
    for later_s in range(scanned_s + 1, scanned_s + settings.within_s + 1):
        later = moments.get(later_s)
        if later is None or not later.is_known:
            break
        moved = (later.half_ticks - now.half_ticks) / 2
        for direction, sign in possible.items():
            if sign * moved >= least:
                return direction, later_s, later_s
        possible = {d: sign for d, sign in possible.items() if sign * moved > -least / 3}
        if not possible:
            break
    return None, later_s, later_s


def key_movements(
    all_moments: Iterable[Moment], rules: LevelRules, settings: MovementRules | None = None
) -> list[Row]:
    """Rows of `gold.key_movements` of one contract-day.

    Args:
        all_moments: Seconds of the partition.
        rules: Symbol, date and tick.
        settings: Moves and times.
    """
    settings = settings or MovementRules()
    moments = {moment.end_s: moment for moment in all_moments}
    rows = []
    looked_until_s = free_from_s = 0
    for scanned_s, scanned in sorted(moments.items()):
        if scanned_s < free_from_s or not scanned.is_known or scanned.sigma_ticks is None:
            continue
        direction, end_s, looked_s = search(moments, scanned_s, settings)
        looked_until_s = max(looked_until_s, looked_s)
        if direction is None:
            continue
        sign = 1 if direction == "up" else -1
        passed = [moments[s] for s in range(scanned_s, end_s + 1)]
        extreme = min(sign * moment.half_ticks for moment in passed)
        start = [moment for moment in passed if sign * moment.half_ticks == extreme][-1]
        rows.append(
            {
                "symbol": rules.symbol,
                "dt": rules.dt,
                "direction": direction,
                "scanned_window_end_ts": timestamp_of(scanned_s),
                "start_window_end_ts": timestamp_of(start.end_s),
                "end_window_end_ts": timestamp_of(end_s),
                "move_ticks": sign * (moments[end_s].half_ticks - start.half_ticks) / 2,
                "threshold_ticks": threshold(scanned.sigma_ticks, settings),
                "duration_s": end_s - start.end_s,
                "sigma_1s_ticks": start.sigma_ticks,
                "spread_ticks": start.spread_ticks,
                "start_mid_price_int": start.half_ticks * rules.tick_int // 2,
                "label_end_ts": timestamp_of(looked_until_s),
            }
        )
        free_from_s = end_s
    return rows


# ---------------------------------------------------------------- turns


class Turn(NamedTuple):
    """What a second is to the seconds around it.

    Attributes:
        low_for_s: Consecutive seconds before it that were not lower; None if its mid is unknown.
        high_for_s: Consecutive seconds before it that were not higher.
        turned_up: Whether the next second is higher.
        turned_down: Whether the next second is lower.
    """

    low_for_s: int | None
    high_for_s: int | None
    turned_up: bool
    turned_down: bool

    def extreme_for_s(self, direction: str) -> int | None:
        """Seconds before for which it was the extreme that a movement of a direction leaves."""
        return self.low_for_s if direction == "up" else self.high_for_s

    def is_towards(self, direction: str) -> bool:
        """Whether the next second lies in a direction."""
        return self.turned_up if direction == "up" else self.turned_down


def turn_at(moments: Mapping[int, Moment], end_s: int, settings: MovementRules) -> Turn:
    """Turn of one second, from the mids around it.

    Args:
        moments: Seconds of the partition by window end.
        end_s: The second.
        settings: Seconds that are looked at before it.
    """
    here = moments[end_s].mid
    if here is None:
        return Turn(None, None, False, False)
    n_before = {1: 0, -1: 0}
    for sign in n_before:
        for before_s in range(end_s - 1, end_s - settings.history_s - 1, -1):
            before = moments[before_s].mid if before_s in moments else None
            if before is None or sign * before < sign * here:
                break
            n_before[sign] += 1
    after = moments[end_s + 1].mid if end_s + 1 in moments else None
    return Turn(
        low_for_s=n_before[1],
        high_for_s=n_before[-1],
        turned_up=after is not None and after > here,
        turned_down=after is not None and after < here,
    )


# ---------------------------------------------------------------- matches


class Movement(NamedTuple):
    """A movement as its matches see it."""

    day: str
    direction: str
    start_s: int
    end_s: int
    sigma_ticks: float | None
    spread_ticks: int | None
    turn: Turn


class Candidate(NamedTuple):
    """A moment that may be a match of some movement."""

    day: str
    moment: Moment
    turn: Turn


class Match(NamedTuple):
    """A moment that resembles the start of a movement: contract-day, window end, distance."""

    day: str
    end_s: int
    distance: float


def half_hour(end_s: int) -> tuple[int, int]:
    """Hour and half of the New York clock at the start of a second."""
    local = datetime.fromtimestamp(end_s - 1, NEW_YORK)
    return local.hour, local.minute // 30


def candidates(
    days: Mapping[str, Iterable[Moment]],
    movements: Sequence[Movement],
    settings: MovementRules,
) -> list[Candidate]:
    """Moments of every contract-day that may be matches of movements of the same root.

    Args:
        days: Seconds by contract-day, of contracts of one root.
        movements: All movements of these contract-days.
        settings: Distances in time.
    """
    found = []
    for day, all_moments in days.items():
        moments = {moment.end_s: moment for moment in all_moments}
        own = [movement for movement in movements if movement.day == day]
        for end_s, moment in sorted(moments.items()):
            before = range(end_s - settings.history_s, end_s + 1)
            if (
                moment.is_study
                and moment.sigma_ticks
                and moment.spread_ticks is not None
                and all(s in moments and moments[s].is_valid for s in before)
                and all(
                    end_s <= movement.start_s - settings.away_s
                    or end_s >= movement.end_s + settings.away_s
                    for movement in own
                )
            ):
                found.append(Candidate(day, moment, turn_at(moments, end_s, settings)))
    return found


def matches(
    movement: Movement,
    possible: Iterable[Candidate],
    settings: MovementRules,
    lot: Callable[[str, int], int],
) -> list[Match]:
    """Matched moments of one movement, nearest first.

    Args:
        movement: The movement.
        possible: Candidates of its root, of all half-hours.
        settings: Number of matches and their distance in time.
        lot: Seeded number that orders candidates at the same distance, by contract-day and second.
    """
    if not movement.sigma_ticks or movement.spread_ticks is None:
        return []
    alike = [
        candidate
        for candidate in possible
        if half_hour(candidate.moment.end_s) == half_hour(movement.start_s)
    ]
    places = [(log(moment.sigma_ticks), moment.spread_ticks) for _, moment, _ in alike]
    own = log(movement.sigma_ticks), movement.spread_ticks
    spreads = [stdev(values) if len(values) > 1 else 0.0 for values in zip(*places, strict=True)]
    direction = movement.direction
    ranked = sorted(
        (
            sum(
                ((there - here) / spread) ** 2
                for there, here, spread in zip(place, own, spreads, strict=True)
                if spread > 0
            ),
            lot(day, moment.end_s),
            day,
            moment.end_s,
        )
        for (day, moment, turn), place in zip(alike, places, strict=True)
        if turn.is_towards(direction)
        and turn.extreme_for_s(direction) >= movement.turn.extreme_for_s(direction)
    )
    taken: list[Match] = []
    for squared, _, day, end_s in ranked:
        is_apart = all(
            match.day != day or abs(match.end_s - end_s) >= settings.apart_s for match in taken
        )
        if is_apart and len(taken) < settings.n_matches:
            taken.append(Match(day, end_s, sqrt(squared)))
    return taken


# ---------------------------------------------------------------- profile


def profile_element(
    movements: Mapping[tuple[str, int], Sequence[Match]],
    reading_at: Mapping[tuple[str, int], float | None],
    second: int,
) -> Row:
    """Means of one reading and derivative at one second before movements of one direction.

    Args:
        movements: Matches of each movement by contract-day and start.
        reading_at: Values by contract-day and window end.
        second: Seconds from the start, -30 to -1.
    """
    own = {(day, start_s): reading_at.get((day, start_s + second)) for day, start_s in movements}
    known = {key: value for key, value in own.items() if value is not None}
    matched = [
        reading_at.get((match.day, match.end_s + second))
        for taken in movements.values()
        for match in taken
    ]
    compared = [value for value in matched if value is not None]
    mean = fmean(known.values()) if known else None
    matched_mean = fmean(compared) if compared else None
    spread = stdev(compared) if len(compared) > 1 else None
    error = None
    if len(known) > 1 and len(compared) > 1:
        sides = known.values(), compared
        error = sqrt(sum(stdev(side) ** 2 / len(side) for side in sides))
    return {
        "n_movements": len(known),
        "n_matches": len(compared),
        "n_days": len({day for day, _ in known}),
        "mean": mean,
        "matched_mean": matched_mean,
        "matched_std": spread,
        "z": None if mean is None or not spread else (mean - matched_mean) / spread,
        "welch_t": (mean - matched_mean) / error if error else None,
    }
