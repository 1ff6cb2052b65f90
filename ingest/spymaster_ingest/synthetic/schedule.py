"""When the synthetic market is busy: trading days, sessions and the pace of each second."""

from __future__ import annotations

import csv
import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from pathlib import Path
from zoneinfo import ZoneInfo

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_ingest.synthetic.market_arrays import CLOSED, HALTED, OPEN, PRE_OPEN
from spymaster_ingest.units import NS_PER_DAY, NS_PER_S, S_PER_DAY

HOLIDAYS_SEED = PROJECT_ROOT / "seeds" / "market_holidays.csv"
# The zone of the seed's closures, and a time at which every ordinary day trades.
_VENUE_ZONE = "America/New_York"
_MORNING = dt.time(10)
# Below, nothing happens all day; above, a day does not fit on a disk.
_LEAST_SCALE, _LARGEST_SCALE = 0.001, 1_000.0
# Records per second while orders gather in a halt.
_GATHERING_RATE = 2.0
DEFAULT_START_DATE = dt.date(2025, 10, 1)
# Times are nanoseconds in 64 bits, which end in 2262, and a snapshot's orders are months older
# than its day.
FIRST_DATE = dt.date(1980, 1, 1)
LAST_DATE = dt.date(2199, 12, 31)


@dataclass(frozen=True)
class SessionPlan:
    """Pace of a day. All local times are those of ``time_zone``; rates are records per second.

    Attributes:
        hours: length of the dense period in hours, from ``dense_open``.
        scale: multiplies every rate.
        time_zone: zone of the local times.
        premarket_open: from here the premarket rate holds.
        dense_open: start of the dense period.
        cash_open: the opening burst starts here.
        day_close: no activity at or after this time.
        overnight_rate: from 00:00 UTC to ``premarket_open``.
        premarket_rate: from ``premarket_open`` to ``dense_open``.
        pre_cash_rate: from ``dense_open`` to ``cash_open``.
        dense_rate: from ``cash_open`` on, before burst and time of day.
        burst_gain: what the opening adds to the dense rate at its first second, as a multiple of
            it.
        burst_seconds: the opening burst is over after this long.
        tail_seconds: activity continues for this long after the dense period, at half pace.
        study_open: approaches are planted from here on.
        study_close: and end before this time, or the end of the dense period.
        opening_range_seconds: length of the opening range, from ``cash_open``.
        pre_open, reopen: orders gather between them, then the next session opens.
        evening_seconds: activity after ``reopen``, at the overnight rate; 0 leaves out the
            evening with its pre-open.
        pre_open_rate: from ``pre_open`` to ``reopen``.
        settlement: the last price traded before it is the settlement price.
        statistics: after it the venue publishes the statistics of the session.
        overnight_move, premarket_move: price movement relative to the dense session.
    """

    hours: float = 1.0
    scale: float = 1.0
    time_zone: str = "America/New_York"
    premarket_open: dt.time = dt.time(4)
    dense_open: dt.time = dt.time(9, 25)
    cash_open: dt.time = dt.time(9, 30)
    day_close: dt.time = dt.time(17)
    overnight_rate: float = 1.2
    premarket_rate: float = 3.0
    pre_cash_rate: float = 30.0
    dense_rate: float = 70.0
    burst_gain: float = 3.5
    burst_seconds: int = 1200
    tail_seconds: int = 120
    study_open: dt.time = dt.time(9, 31)
    study_close: dt.time = dt.time(12, 30)
    opening_range_seconds: int = 900
    pre_open: dt.time = dt.time(17, 45)
    reopen: dt.time = dt.time(18)
    evening_seconds: int = 300
    settlement: dt.time = dt.time(16)
    statistics: dt.time = dt.time(17, 30)
    pre_open_rate: float = 0.5
    overnight_move: float = 0.2
    premarket_move: float = 0.36


@dataclass(frozen=True)
class Pace:
    """Pace of every second of a UTC day, up to the end of activity.

    Attributes:
        midnight_ns: first nanosecond of the day, since the epoch.
        record_rate: shape (seconds,), float64, records per second.
        move: shape (seconds,), float64, price movement relative to the dense session.
        phase: shape (seconds,), uint8, phase of the generated market: CLOSED, OPEN or PRE_OPEN;
            parts of a session that the plan leaves out are CLOSED.
        venue: shape (S_PER_DAY,), uint8, phase that the venue announces, also for the parts left
            out: CLOSED, OPEN, PRE_OPEN or HALTED.
        dense_start_s, dense_end_s: the dense period in seconds of the day, end exclusive.
        premarket_s, cash_s, range_end_s: start of premarket, start and end of the opening range.
        study_start_s, study_end_s: where approaches are planted, end exclusive.
        close_s, reopen_s: end of the session, and start of the next session.
        settlement_s, statistics_s: time of the settlement price, and of the statistics.
    """

    midnight_ns: int
    record_rate: np.ndarray
    move: np.ndarray
    phase: np.ndarray
    venue: np.ndarray
    dense_start_s: int
    dense_end_s: int
    premarket_s: int
    cash_s: int
    range_end_s: int
    study_start_s: int
    study_end_s: int
    close_s: int
    reopen_s: int
    settlement_s: int
    statistics_s: int


@dataclass(frozen=True)
class Closure:
    """A time without trading inside the week, in the venue's local time."""

    start: dt.datetime
    end: dt.datetime


@cache
def closures_of(root: str, seed: Path = HOLIDAYS_SEED) -> tuple[Closure, ...]:
    """Return the holidays and early closes of a product from seed ``market_holidays``."""
    zone = ZoneInfo(_VENUE_ZONE)
    with seed.open(newline="", encoding="utf-8") as lines:
        return tuple(
            Closure(*(dt.datetime.fromisoformat(row[name]).replace(tzinfo=zone) for name in ends))
            for ends in [("closed_from_local", "closed_to_local")]
            for row in csv.DictReader(lines)
            if row["root"] == root
        )


def trading_days(start: dt.date, count: int, root: str = "ES") -> list[dt.date]:
    """Return ``count`` dates with a morning session, the first not before ``start``.

    They run from Monday to Friday and leave out the holidays of the product.

    Raises:
        SpymasterError: when a date would lie outside FIRST_DATE to LAST_DATE.
    """
    days: list[dt.date] = []
    day = start
    while len(days) < count:
        if not FIRST_DATE <= day <= LAST_DATE:
            raise SpymasterError(
                f"{count} days from {start}", f"must lie from {FIRST_DATE} to {LAST_DATE}"
            )
        morning = dt.datetime.combine(day, _MORNING, tzinfo=ZoneInfo(_VENUE_ZONE))
        is_closed = any(c.start <= morning < c.end for c in closures_of(root))
        if day.weekday() < 5 and not is_closed:
            days.append(day)
        day += dt.timedelta(days=1)
    return days


def previous_trading_day(day: dt.date, root: str = "ES") -> dt.date:
    """Return the last date before a day with a morning session."""
    before = day - dt.timedelta(days=1)
    while trading_days(before, 1, root) != [before]:
        before -= dt.timedelta(days=1)
    return before


def midnight_ns(day: dt.date) -> int:
    """Return 00:00 UTC of a date in nanoseconds since the epoch."""
    return (day - dt.date(1970, 1, 1)).days * NS_PER_DAY


def pace_of(day: dt.date, plan: SessionPlan, closures: Sequence[Closure] = ()) -> Pace:
    """Return the pace of a day, silent where the venue is closed.

    Raises:
        SpymasterError: when the plan has no dense period or runs past ``day_close``, or its scale
            is out of range.
    """
    zone = ZoneInfo(plan.time_zone)

    def second_of_day(time: dt.time) -> int:
        moment = dt.datetime.combine(day, time, tzinfo=zone)
        return int(moment.timestamp()) - midnight_ns(day) // NS_PER_S

    dense_start, day_close = second_of_day(plan.dense_open), second_of_day(plan.day_close)
    latest = (day_close - dense_start) / 3600
    # Compared so that NaN fails too.
    if not 0 < plan.hours <= latest:
        raise SpymasterError(f"hours {plan.hours}", f"must lie above 0 and up to {latest:g}")
    if not _LEAST_SCALE <= plan.scale <= _LARGEST_SCALE:
        raise SpymasterError(
            f"scale {plan.scale}", f"must lie from {_LEAST_SCALE:g} to {_LARGEST_SCALE:g}"
        )
    dense_end = dense_start + round(plan.hours * 3600)
    end = min(dense_end + plan.tail_seconds, day_close)
    premarket, cash = second_of_day(plan.premarket_open), second_of_day(plan.cash_open)
    rate = np.full(end, plan.overnight_rate)
    rate[premarket:] = plan.premarket_rate
    rate[dense_start:] = plan.pre_cash_rate
    since_open = np.arange(max(end - cash, 0), dtype=np.float64)
    burst = np.maximum(0.0, 1.0 - since_open / plan.burst_seconds)
    rate[cash:] = plan.dense_rate * (_time_of_day(since_open) + plan.burst_gain * burst * burst)
    rate[dense_end:] *= 0.5
    move = np.full(end, plan.overnight_move)
    move[premarket:] = plan.premarket_move
    move[cash:] = np.sqrt(_time_of_day(since_open) + burst * burst)
    phase = np.full(end, OPEN, np.uint8)
    pre_open, reopen = second_of_day(plan.pre_open), second_of_day(plan.reopen)
    venue = np.full(S_PER_DAY, OPEN, np.uint8)
    venue[day_close:reopen] = CLOSED
    if has_evening(day):
        venue[pre_open:reopen] = PRE_OPEN
    else:
        venue[reopen:] = CLOSED
    if plan.evening_seconds and has_evening(day):
        last = min(reopen + plan.evening_seconds, S_PER_DAY)
        silent, gathering = max(pre_open - end, 0), reopen - max(pre_open, end)
        parts = (
            (silent, 0.0, 0.0, CLOSED),
            (gathering, plan.pre_open_rate, 0.0, PRE_OPEN),
            (last - reopen, plan.overnight_rate, plan.overnight_move, OPEN),
        )
        lengths = [length for length, *_ in parts]
        rate, move, phase = (
            np.concatenate([day, np.repeat([part[i] for part in parts], lengths)])
            for i, day in ((1, rate), (2, move), (3, phase))
        )
    for closure in closures:
        first, last = (
            int(moment.timestamp()) - midnight_ns(day) // NS_PER_S
            for moment in (closure.start, closure.end)
        )
        silent_part = slice(max(first, 0), max(last, 0))
        rate[silent_part], move[silent_part], phase[silent_part] = 0.0, 0.0, CLOSED
        venue[silent_part] = CLOSED
    return Pace(
        midnight_ns=midnight_ns(day),
        record_rate=rate * plan.scale,
        move=move,
        phase=phase.astype(np.uint8),
        venue=venue,
        dense_start_s=dense_start,
        dense_end_s=dense_end,
        premarket_s=premarket,
        cash_s=cash,
        range_end_s=cash + plan.opening_range_seconds,
        study_start_s=second_of_day(plan.study_open),
        study_end_s=min(second_of_day(plan.study_close), dense_end),
        close_s=day_close,
        reopen_s=reopen,
        settlement_s=second_of_day(plan.settlement),
        statistics_s=second_of_day(plan.statistics),
    )


def has_evening(day: dt.date) -> bool:
    """Return whether the next session begins in the evening of a day: not before a weekend."""
    return day.weekday() < 4


def with_halt(pace: Pace, start_s: int, seconds: int, gathering_s: int) -> Pace:
    """Return a pace in which trading halts, and orders gather before it resumes.

    Args:
        pace: the day without the halt.
        start_s: first second of the halt.
        seconds: its length.
        gathering_s: how long orders gather at its end.
    """
    rate, move, phase = pace.record_rate.copy(), pace.move.copy(), pace.phase.copy()
    venue = pace.venue.copy()
    halted = slice(start_s, start_s + seconds)
    gathering = slice(start_s + seconds - gathering_s, start_s + seconds)
    rate[halted], move[halted], phase[halted] = 0.0, 0.0, CLOSED
    rate[gathering], phase[gathering] = _GATHERING_RATE, PRE_OPEN
    venue[halted], venue[gathering] = HALTED, PRE_OPEN
    return replace(pace, record_rate=rate, move=move, phase=phase, venue=venue)


def until_expiry(pace: Pace, expiration: dt.datetime) -> Pace:
    """Return the pace of a contract that stops trading at a moment, ``pace`` if not on this day."""
    second = int(expiration.timestamp()) - pace.midnight_ns // NS_PER_S
    if second >= S_PER_DAY:
        return pace
    rate, move, phase = pace.record_rate.copy(), pace.move.copy(), pace.phase.copy()
    venue = pace.venue.copy()
    rate[second:], move[second:], phase[second:], venue[second:] = 0.0, 0.0, CLOSED, CLOSED
    return replace(pace, record_rate=rate, move=move, phase=phase, venue=venue)


def _time_of_day(since_open_s: np.ndarray) -> np.ndarray:
    """Return the U-shape of the session: 1 at the open, 0.7 at lunch, 1.6 at the cash close."""
    hours = since_open_s / 3600
    before_lunch = 1.0 - 0.3 * np.clip((hours - 1.0) / 1.5, 0.0, 1.0)
    return before_lunch + 0.9 * np.clip((hours - 4.0) / 2.5, 0.0, 1.0)
