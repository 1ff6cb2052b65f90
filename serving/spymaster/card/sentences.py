"""Say where an approach stands, what its odds are and what they rest on, in a trader's words.

Each function takes rows of the published relations as they are and recomputes nothing.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from typing import Any

from spymaster.clock import LocalClock
from spymaster.setups.odds_sentences import NOT_EVALUATED, duration, percent

Row = Mapping[str, Any]

# nearer than this price has been at the level
_AT_TICKS = 1
_ENDED = {
    "invalid_second": "the book of this second is not valid",
    "recording_gap": "the recording has a gap",
    "inactive_level": "the level is no longer active",
    "level_moved": "the level moved away",
}
_PHASES = {
    "approaching": "while approaching",
    "at": "at the level",
    "through": "past it",
    "back": "before it again",
}
_OUTCOMES = {"break": "break", "reject": "turn back", "chop": "neither"}
# by the verdict of the level against shifted prices
_MATTERS = {
    "supported": "it matters",
    "not shown": "not shown that it matters",
    "contradicted": "it holds less often than that",
    "too few episodes": "too few to say whether it matters",
}
_NO_ODDS = {
    "outside_study_hours": "no odds outside the hours that are studied",
    "short_history": "no odds yet: they need two minutes of valid seconds",
    "nothing_like_it": "nothing like it on earlier days: no odds",
}


def count_ticks(count: int) -> str:
    """Return a number of ticks in words."""
    return f"{count} {'tick' if count == 1 else 'ticks'}"


def place_sentence(course: Row, clock: LocalClock) -> str:
    """Return the phase of an approach: where price is, and for how long.

    Args:
        course: row of ``gold.course_odds_1s``; its times are naive UTC.
        clock: the lake's clock.
    """
    if course["resolved"] is not None:
        return resolution_sentence(course, clock)
    if course["ended_by"] is not None:
        return f"the approach is lost: {_ENDED[course['ended_by']]}"
    x, way, before, past = course["x"], course["direction"], *_sides(course)
    if course["phase"] == "approaching":
        return f"{count_ticks(-x)} {before} it, coming {way} for {course['elapsed_s']} s"
    since = f"came {way} {course['since_reached_s']} s ago"
    if course["phase"] == "at":
        where = f", {count_ticks(abs(x))} {before if x < 0 else past}" if x else ""
        return f"at the level{where}; {since}"
    if course["phase"] == "through":
        return f"through by {count_ticks(x)}; {since}"
    if course["max_x"] < -_AT_TICKS:
        back = "back " if x < course["max_x"] else ""
        nearest = f"within {count_ticks(-course['max_x'])}"
        ago = f"{course['since_reached_s']} s ago"
        return f"{back}{count_ticks(-x)} {before}; came {way} {nearest} {ago}"
    furthest = course["max_x"]
    reached = f", went {count_ticks(furthest)} through" if furthest > 0 else ""
    return f"back {count_ticks(-x)} {before}; {since}{reached}"


def resolution_sentence(course: Row, clock: LocalClock) -> str:
    """Return how an approach was resolved, when, and how long after price came to the level.

    Args:
        course: row of ``gold.course_odds_1s`` that resolves its course.
        clock: the lake's clock.
    """
    resolved_at = clock.short_time(course["resolved_ts"])
    at = f"at {resolved_at}"
    if course["resolved"] == "FADED":
        return f"faded {at}: price did not come to the level"
    after_s = (course["resolved_ts"] - course["reached_ts"]).total_seconds()
    way, back = ("up", "down") if course["direction"] == "up" else ("down", "up")
    since = f"{after_s:.0f} s after it came {way} to the level"
    if course["resolved"] == "UNRESOLVED":
        return f"neither broke nor turned back by {resolved_at}, {since}"
    did = f"broke {way}" if course["resolved"] == "BREAK" else f"turned back {back}"
    return f"{did} {at}, {since}"


def card_odds_sentence(course: Row, clock: LocalClock) -> str:
    """Return the odds that hold in a second of a course, or why there are none.

    Args:
        course: row of ``gold.course_odds_1s``.
        clock: the lake's clock.
    """
    reason = course["no_odds_reason"]
    if reason == "too_few":
        episodes, days = course["n_distinct_episodes"], course["n_distinct_days"]
        count = f"{_approaches(episodes)} like it on {_days(days)}"
        return f"too few to say: {count}{_as_of(course, clock)}"
    if reason is not None:
        return _NO_ODDS[reason] + _as_of(course, clock)
    found, usual = (
        whole_percents([course[f"{kind}_{name}"] for name in _OUTCOMES]) for kind in ("p", "base")
    )
    shares = ", ".join(
        f"{word} {share} (usually {base})"
        for word, share, base in zip(_OUTCOMES.values(), found, usual, strict=True)
    )
    return f"within {duration(course['odds_horizon_s'])}: {shares}{_as_of(course, clock)}"


def whole_percents(shares: Sequence[float | None]) -> list[str]:
    """Return shares of one in whole percent that add up to 100: the largest remainders round up.

    Args:
        shares: non-negative, sum 1; with a None among them each is said alone.
    """
    known = [share for share in shares if share is not None]
    if len(known) < len(shares):
        return [percent(share) for share in shares]
    whole = [math.floor(100 * share) for share in known]
    by_remainder = sorted(range(len(known)), key=lambda i: (whole[i] - 100 * known[i], i))
    for i in by_remainder[: round(100 * sum(known)) - sum(whole)]:
        whole[i] += 1
    return [f"{share}%" for share in whole]


def support_sentence(course: Row) -> str:
    """Return what the odds of a course rest on and what they are worth; empty without odds.

    Args:
        course: row of ``gold.course_odds_1s``.
    """
    if course["no_odds_reason"] is not None:
        return ""
    episodes, days = course["n_distinct_episodes"], course["n_distinct_days"]
    worth = f"{course['n_eff']:.0f}"
    ones = "one" if worth == "1" else "ones"
    return (
        f"{_approaches(episodes, 'similar ')} on {_days(days)}, worth {worth} independent {ones}; "
        f"these odds: {course['verdict'] or NOT_EVALUATED}"
    )


def record_sentence(record: Row | None, placebo: Row | None = None) -> str:
    """Return how earlier approaches to the level in this direction ended.

    Args:
        record: counts ``n_reached``, ``n_break``, ``n_reject`` of courses of earlier days; None
            without any.
        placebo: row of ``gold.level_placebo`` of the level; None before an evaluation.
    """
    if record is None or not record["n_reached"]:
        return "no earlier approach came to it"
    neither = record["n_reached"] - record["n_break"] - record["n_reject"]
    return (
        f"of {_approaches(record['n_reached'], 'such ')} that came to it on earlier days "
        f"{record['n_break']} broke, {record['n_reject']} turned back, {neither} did neither; "
        f"{_chance_words(placebo)}"
    )


def short_record_sentence(record: Row | None, placebo: Row | None = None) -> str:
    """Return the same in fewer words.

    Args:
        record: counts as for ``record_sentence``.
        placebo: as for ``record_sentence``.
    """
    if record is None or not record["n_reached"]:
        return "no earlier approach came to it"
    return (
        f"broke {record['n_break']}, turned back {record['n_reject']} "
        f"of {record['n_reached']}; {_chance_words(placebo)}"
    )


def _chance_words(placebo: Row | None) -> str:
    """Return how a level compares with a price nearby, or that nobody has compared them."""
    if placebo is None:
        return "not compared with chance"
    return f"compared with chance: {placebo_sentence(placebo)}"


def placebo_sentence(placebo: Row | None) -> str:
    """Return how often a level held, how often a price nearby did, and what that shows.

    Args:
        placebo: row of ``gold.level_placebo``; None before an evaluation.
    """
    if placebo is None:
        return NOT_EVALUATED
    return (
        f"held {percent(placebo['held_share'])} of {_approaches(placebo['n_episodes'], '')}; "
        f"a price nearby {percent(placebo['placebo_held_share'])}: "
        f"{_MATTERS[placebo['level_matters']]}"
    )


def _as_of(course: Row, clock: LocalClock) -> str:
    """Return from when odds are, and in which phase, unless they are of this very second."""
    if course["odds_ts"] is None or course["odds_ts"] == course["window_end_ts"]:
        return ""
    phase = "" if course["odds_phase"] == course["phase"] else f" ({_PHASES[course['odds_phase']]})"
    return f", as of {clock.short_time(course['odds_ts'])}{phase}"


def _sides(course: Row) -> tuple[str, str]:
    """Return in words the side price comes from and the side past the level."""
    return ("below", "above") if course["direction"] == "up" else ("above", "below")


def _approaches(count: int, which: str = "") -> str:
    return f"{count:,} {which}{'approach' if count == 1 else 'approaches'}"


def _days(count: int) -> str:
    return f"{count:,} {'day' if count == 1 else 'days'}"
