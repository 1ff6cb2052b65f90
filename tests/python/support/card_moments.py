"""Moments of approaches with the sentences that a trader would agree with."""

from __future__ import annotations

import datetime as dt
from typing import Any, NamedTuple

Row = dict[str, Any]

# 09:50:00 in New York
START = dt.datetime(2025, 10, 16, 13, 50)


def at(seconds: float) -> dt.datetime:
    """Return the moment so many seconds after the start."""
    return START + dt.timedelta(seconds=seconds)


def course(second: int, **changes: Any) -> Row:
    """Return a row of course_odds_1s: four ticks below a level, without odds yet."""
    row: Row = {
        "window_end_ts": at(second),
        "direction": "up",
        "barrier_ticks": 8,
        "started_ts": START,
        "x": -4,
        "phase": "approaching",
        "reached_ts": None,
        "max_x": -4,
        "min_x_since_reached": None,
        "elapsed_s": second,
        "since_reached_s": None,
        "resolved": None,
        "resolved_ts": None,
        "ended_by": None,
        "odds_ts": None,
        "odds_phase": None,
        "odds_horizon_s": 240,
        **dict.fromkeys([f"p_{name}" for name in ("break", "reject", "chop", "reached")]),
        **dict.fromkeys([f"base_{name}" for name in ("break", "reject", "chop", "reached")]),
        "n_distinct_days": None,
        "n_distinct_episodes": None,
        "n_eff": None,
        "verdict": None,
        "no_odds_reason": "short_history",
    }
    return row | changes


def reached(second: int, since_s: int, x: int, **changes: Any) -> Row:
    """Return a row of a course that came to its level so many seconds ago."""
    phase = "at" if abs(x) <= 1 else "through" if x > 1 else "back"
    row = {
        "x": x,
        "phase": phase,
        "reached_ts": at(second - since_s),
        "since_reached_s": since_s,
        "max_x": max(x, 0),
        "min_x_since_reached": min(x, -2),
    }
    return course(second, **row | changes)


def odds(row: Row, shares: tuple[float, float, float], **changes: Any) -> Row:
    """Return the row with odds of its own second and phase, on ten days."""
    p_break, p_reject, p_chop = shares
    found = {
        "odds_ts": row["window_end_ts"],
        "odds_phase": row["phase"],
        "p_break": p_break,
        "p_reject": p_reject,
        "p_chop": p_chop,
        "base_break": 0.33,
        "base_reject": 0.51,
        "base_chop": 0.16,
        "n_distinct_days": 11,
        "n_distinct_episodes": 79,
        "n_eff": 67.2,
        "verdict": "not shown",
        "no_odds_reason": None,
    }
    return row | found | changes


class Moment(NamedTuple):
    """A row and what is to be said of it: place, odds and support."""

    row: Row
    place: str
    odds: str
    support: str = ""


USUAL = "(usually 33%), turn back 42% (usually 51%), neither 21% (usually 16%)"
ODDS = f"within 4 minutes: break 37% {USUAL}"
SHARES = (0.37, 0.42, 0.21)
SUPPORT = "79 similar approaches on 11 days, worth 67 independent ones; these odds: not shown"
TOO_SHORT = "no odds yet: they need two minutes of valid seconds"
OUTSIDE = "no odds outside the hours that are studied"
NOTHING = "nothing like it on earlier days: no odds"
FEW: Row = {"no_odds_reason": "too_few", "n_distinct_episodes": 12, "n_distinct_days": 4}
DOWN: Row = {"direction": "down"}

APPROACHING = (
    Moment(course(0), "4 ticks below it, coming up for 0 s", TOO_SHORT),
    Moment(course(25, x=-1), "1 tick below it, coming up for 25 s", TOO_SHORT),
    Moment(course(25, **DOWN), "4 ticks above it, coming down for 25 s", TOO_SHORT),
    Moment(
        course(9, no_odds_reason="outside_study_hours"),
        "4 ticks below it, coming up for 9 s",
        OUTSIDE,
    ),
    Moment(odds(course(30), SHARES), "4 ticks below it, coming up for 30 s", ODDS, SUPPORT),
    Moment(
        odds(course(32), SHARES, odds_ts=at(30)),
        "4 ticks below it, coming up for 32 s",
        f"{ODDS}, as of 09:50:30 New York",
        SUPPORT,
    ),
    Moment(
        odds(course(62, x=-9), SHARES, odds_ts=at(60)),
        "9 ticks below it, coming up for 62 s",
        f"{ODDS}, as of 09:51 New York",
        SUPPORT,
    ),
    Moment(
        odds(course(30), SHARES, verdict="useful"),
        "4 ticks below it, coming up for 30 s",
        ODDS,
        "79 similar approaches on 11 days, worth 67 independent ones; these odds: useful",
    ),
    Moment(
        odds(course(30), SHARES, verdict="too few episodes"),
        "4 ticks below it, coming up for 30 s",
        ODDS,
        "79 similar approaches on 11 days, worth 67 independent ones; these odds: too few episodes",
    ),
    Moment(
        odds(course(30), SHARES, verdict=None),
        "4 ticks below it, coming up for 30 s",
        ODDS,
        "79 similar approaches on 11 days, worth 67 independent ones; these odds: not evaluated",
    ),
    Moment(
        odds(course(30), SHARES, odds_horizon_s=90),
        "4 ticks below it, coming up for 30 s",
        f"within 90 seconds: break 37% {USUAL}",
        SUPPORT,
    ),
    Moment(
        odds(course(30), (1.0, 0.0, 0.0), base_break=None, base_reject=None, base_chop=None),
        "4 ticks below it, coming up for 30 s",
        "within 4 minutes: break 100% (usually too few to say), turn back 0% (usually too few to "
        "say), neither 0% (usually too few to say)",
        SUPPORT,
    ),
    Moment(
        odds(course(30), SHARES, n_distinct_days=1, n_distinct_episodes=1, n_eff=1.0),
        "4 ticks below it, coming up for 30 s",
        ODDS,
        "1 similar approach on 1 day, worth 1 independent one; these odds: not shown",
    ),
    Moment(
        odds(course(30), SHARES, n_distinct_episodes=1_234, n_distinct_days=250, n_eff=812.5),
        "4 ticks below it, coming up for 30 s",
        ODDS,
        "1,234 similar approaches on 250 days, worth 812 independent ones; these odds: not shown",
    ),
)
AT = (
    Moment(reached(58, 0, 0), "at the level; came up 0 s ago", TOO_SHORT),
    Moment(odds(reached(60, 2, 0), SHARES), "at the level; came up 2 s ago", ODDS, SUPPORT),
    Moment(
        odds(reached(60, 12, -1), SHARES),
        "at the level, 1 tick below; came up 12 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(60, 12, 1), SHARES),
        "at the level, 1 tick above; came up 12 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(60, 12, -1, **DOWN), SHARES),
        "at the level, 1 tick above; came down 12 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(60, 12, 1, **DOWN), SHARES),
        "at the level, 1 tick below; came down 12 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(57, 2, 0), SHARES, odds_ts=at(55), odds_phase="approaching"),
        "at the level; came up 2 s ago",
        f"{ODDS}, as of 09:50:55 New York (while approaching)",
        SUPPORT,
    ),
    Moment(
        odds(reached(72, 9, 0), SHARES, odds_ts=at(70), odds_phase="through"),
        "at the level; came up 9 s ago",
        f"{ODDS}, as of 09:51:10 New York (past it)",
        SUPPORT,
    ),
    Moment(
        reached(60, 2, 0, odds_ts=at(60), odds_phase="at", **FEW),
        "at the level; came up 2 s ago",
        "too few to say: 12 approaches like it on 4 days",
    ),
    Moment(
        reached(63, 5, 0, odds_ts=at(60), odds_phase="at", **FEW),
        "at the level; came up 5 s ago",
        "too few to say: 12 approaches like it on 4 days, as of 09:51 New York",
    ),
    Moment(
        reached(
            60,
            2,
            0,
            odds_ts=at(60),
            odds_phase="at",
            **FEW | {"n_distinct_episodes": 1, "n_distinct_days": 1},
        ),
        "at the level; came up 2 s ago",
        "too few to say: 1 approach like it on 1 day",
    ),
    Moment(
        reached(60, 2, 0, odds_ts=at(60), odds_phase="at", no_odds_reason="nothing_like_it"),
        "at the level; came up 2 s ago",
        NOTHING,
    ),
    Moment(
        reached(62, 4, 0, odds_ts=at(60), odds_phase="at", no_odds_reason="nothing_like_it"),
        "at the level; came up 4 s ago",
        f"{NOTHING}, as of 09:51 New York",
    ),
    Moment(
        reached(60, 2, 0, no_odds_reason="outside_study_hours"),
        "at the level; came up 2 s ago",
        OUTSIDE,
    ),
)
THROUGH = (
    Moment(
        odds(reached(90, 25, 2), SHARES),
        "through by 2 ticks; came up 25 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(90, 25, 7), (0.96, 0.0, 0.04)),
        "through by 7 ticks; came up 25 s ago",
        "within 4 minutes: break 96% (usually 33%), turn back 0% (usually 51%), neither 4% "
        "(usually 16%)",
        SUPPORT,
    ),
    Moment(
        odds(reached(90, 25, 3, **DOWN), SHARES),
        "through by 3 ticks; came down 25 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(91, 26, 3), SHARES, odds_ts=at(90), odds_phase="at"),
        "through by 3 ticks; came up 26 s ago",
        f"{ODDS}, as of 09:51:30 New York (at the level)",
        SUPPORT,
    ),
    Moment(
        reached(90, 25, 3, odds_ts=at(90), odds_phase="through", **FEW),
        "through by 3 ticks; came up 25 s ago",
        "too few to say: 12 approaches like it on 4 days",
    ),
)
BACK = (
    Moment(
        odds(reached(90, 25, -4), SHARES),
        "back 4 ticks below; came up 25 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(90, 25, -4, max_x=3), SHARES),
        "back 4 ticks below; came up 25 s ago, went 3 ticks through",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(90, 25, -4, max_x=1, **DOWN), SHARES),
        "back 4 ticks above; came down 25 s ago, went 1 tick through",
        ODDS,
        SUPPORT,
    ),
    # price has not been at the level yet: it came within two ticks
    Moment(
        odds(reached(60, 1, -2, max_x=-2), SHARES),
        "2 ticks below; came up within 2 ticks 1 s ago",
        ODDS,
        SUPPORT,
    ),
    Moment(
        odds(reached(75, 16, -5, max_x=-2), SHARES),
        "back 5 ticks below; came up within 2 ticks 16 s ago",
        ODDS,
        SUPPORT,
    ),
)
_HIT = {"resolved_ts": at(127.4), "reached_ts": at(58.2)}
RESOLVED = (
    Moment(
        odds(reached(128, 70, 8, resolved="BREAK", **_HIT), SHARES, odds_ts=at(125)),
        "broke up at 09:52:07 New York, 69 s after it came up to the level",
        f"{ODDS}, as of 09:52:05 New York",
        SUPPORT,
    ),
    Moment(
        odds(reached(128, 70, -8, resolved="REJECT", **_HIT), SHARES, odds_ts=at(125)),
        "turned back down at 09:52:07 New York, 69 s after it came up to the level",
        f"{ODDS}, as of 09:52:05 New York",
        SUPPORT,
    ),
    Moment(
        odds(
            reached(300, 242, 3, resolved="UNRESOLVED", reached_ts=at(58), resolved_ts=at(300)),
            SHARES,
            odds_ts=at(295),
        ),
        "neither broke nor turned back by 09:55 New York, 242 s after it came up to the level",
        f"{ODDS}, as of 09:54:55 New York",
        SUPPORT,
    ),
    Moment(
        odds(course(75, x=-12, resolved="FADED", resolved_ts=at(75)), SHARES, odds_ts=at(15)),
        "faded at 09:51:15 New York: price did not come to the level",
        f"{ODDS}, as of 09:50:15 New York",
        SUPPORT,
    ),
    Moment(
        reached(90, 25, 0, ended_by="invalid_second"),
        "the approach is lost: the book of this second is not valid",
        TOO_SHORT,
    ),
    Moment(
        reached(90, 25, 0, ended_by="recording_gap"),
        "the approach is lost: the recording has a gap",
        TOO_SHORT,
    ),
    Moment(
        reached(90, 25, 0, ended_by="inactive_level"),
        "the approach is lost: the level is no longer active",
        TOO_SHORT,
    ),
    Moment(
        reached(90, 25, -3, ended_by="level_moved"),
        "the approach is lost: the level moved away",
        TOO_SHORT,
    ),
)
MOMENTS = (*APPROACHING, *AT, *THROUGH, *BACK, *RESOLVED)
