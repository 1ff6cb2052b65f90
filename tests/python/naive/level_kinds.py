"""The further kinds of `levels_1s`, each from trades and spots, second by second.

Slow and plain: every value is computed anew from all that is known at the second. Choices that the
specification leaves open:
- The session in force is the product's by the clock, from its open to the next open. Trades count
  for it from its open to its close and `grace_s` after that.
- The session before is the latest one with trades, at most `max_days` before by date; without one
  the level has no value.
- Round levels are the nearest even and the nearest odd multiple to the last known spot, the upper
  one of two equally near.
- The average price starts at the open of the partition's date and ends with its session.
- The overnight range is provisional until the open. Its trades are those of the session before it.
- The point of control is the lowest of equals; the value area grows by one traded price at a time,
  to the side with more contracts, upward when equal.
- A swing's bars lie in a row, in one session and one partition. The first of equal highs counts.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from fractions import Fraction
from functools import cached_property
from math import floor, sqrt
from zoneinfo import ZoneInfo

from naive.levels_model import PRICE_UNITS, Second, Trade

BAR_S = 120
SWING_BARS = 2
SHARE = Fraction(7, 10)


@dataclass(frozen=True)
class Hours:
    """Session hours of a product, local times, and the open by which a day is studied."""

    opens: str
    closes: str
    zone: str
    study: str
    study_zone: str = "America/New_York"
    grace_s: int = 60
    max_days: int = 5

    @property
    def is_overnight(self) -> bool:
        """Whether a session opens the evening before its date."""
        return self.opens >= self.closes

    def start_s(self, day: date) -> int:
        """Open of the session of a date."""
        return _instant(day - timedelta(days=self.is_overnight), self.opens, self.zone)

    def end_s(self, day: date) -> int:
        """Close of the session of a date."""
        return _instant(day, self.closes, self.zone)

    def study_s(self, day: date) -> int:
        """The open by which a date is studied."""
        return _instant(day, self.study, self.study_zone)

    def session_of(self, second: int) -> date:
        """Date of the session in force at an instant."""
        guess = datetime.fromtimestamp(second, ZoneInfo(self.zone)).date() + timedelta(days=2)
        while self.start_s(guess) > second:
            guess -= timedelta(days=1)
        return guess

    def session_of_trade(self, second: int) -> date | None:
        """Date of the session that a trade counts for."""
        day = self.session_of(second)
        return day if second < self.end_s(day) + self.grace_s else None


def _instant(day: date, clock: str, zone: str) -> int:
    return int(datetime.combine(day, time.fromisoformat(clock), ZoneInfo(zone)).timestamp())


@dataclass(frozen=True)
class Value:
    """A level at an instant, in ticks."""

    ticks: float
    available_s: int
    is_active: bool = True


@dataclass(frozen=True)
class Settlement:
    """A settlement price as published: known at the end of the second of its arrival."""

    day: date
    recv_ns: int
    price_int: int


class Kinds:
    """Levels of one contract-day."""

    def __init__(
        self,
        trades: Iterable[Trade],
        seconds: Iterable[Second],
        dt: date,
        tick_int: int,
        hours: Hours,
    ) -> None:
        """Take the trades of the contract of this and other days, and the day's spots."""
        self._trades = sorted(trades, key=lambda trade: (trade.dt, trade.ordinal))
        self._seconds = sorted(seconds, key=lambda second: second.window_s)
        self._dt, self._tick_int, self._hours = dt, tick_int, hours

    def _session(self, day: date, before_s: int) -> list[Trade]:
        """Trades of a session whose second has ended."""
        return [
            trade
            for trade in self._by_session.get(day, ())
            if trade.window_s < before_s and trade.dt <= self._dt
        ]

    @cached_property
    def _by_session(self) -> dict[date | None, list[Trade]]:
        found: dict[date | None, list[Trade]] = {}
        for trade in self._trades:
            found.setdefault(self._hours.session_of_trade(trade.window_s), []).append(trade)
        return found

    def prior(self, end_s: int) -> tuple[date, list[Trade]] | None:
        """The session before, with its trades."""
        today = self._hours.session_of(end_s)
        days = [
            day
            for day in self._by_session
            if day is not None and day < today and self._session(day, end_s)
        ]
        if not days or (today - max(days)).days > self._hours.max_days:
            return None
        return max(days), self._session(max(days), end_s)

    def prior_levels(self, end_s: int) -> dict[str, Value]:
        """High, low, close and value area of the session before."""
        found = self.prior(end_s)
        if found is None:
            return {}
        prices = [trade.price_int for trade in found[1]]
        poc, high, low = value_area(found[1])
        values = {
            "prior_high": max(prices),
            "prior_low": min(prices),
            "prior_close": prices[-1],
            "poc_prior": poc,
            "vah_prior": high,
            "val_prior": low,
        }
        start_s = self._hours.start_s(self._hours.session_of(end_s))
        return {name: Value(price / self._tick_int, start_s) for name, price in values.items()}

    def settlement(self, end_s: int, published: Sequence[Settlement]) -> dict[str, Value]:
        """Settlement price of the session before, the last one published."""
        found = self.prior(end_s)
        known = [
            one
            for one in published
            if found and one.day == found[0] and one.recv_ns <= end_s * 10**9
        ]
        if not known:
            return {}
        last = max(known, key=lambda one: one.recv_ns)
        start_s = self._hours.start_s(self._hours.session_of(end_s))
        available_s = max(start_s, -(-last.recv_ns // 10**9))
        return {"prior_settlement": Value(last.price_int / self._tick_int, available_s)}

    def opens(self, end_s: int) -> dict[str, Value]:
        """First trade of the week and of the month."""
        today = self._hours.session_of(end_s)
        same = {
            "week_open": lambda day: day.isocalendar()[:2] == today.isocalendar()[:2],
            "month_open": lambda day: (day.year, day.month) == (today.year, today.month),
        }
        values = {}
        for name, is_same in same.items():
            days = [
                day
                for day in self._by_session
                if day is not None and day <= today and is_same(day) and self._session(day, end_s)
            ]
            if days:
                first = self._session(min(days), end_s)[0]
                available_s = max(first.window_s + 1, self._hours.start_s(today))
                values[name] = Value(first.price_int / self._tick_int, available_s)
        return values

    def overnight(self, end_s: int) -> dict[str, Value]:
        """Range from the session's start to the open; provisional on the partition's date only."""
        today = self._hours.session_of(end_s)
        open_s = self._hours.study_s(today)
        if end_s < open_s and today != self._dt:
            return {}
        prices = [
            trade.price_int for trade in self._session(today, end_s) if trade.window_s < open_s
        ]
        # the second before the session's start is none of it
        if not prices or (end_s < open_s and end_s <= self._hours.start_s(today)):
            return {}
        values = {"overnight_high": max(prices), "overnight_low": min(prices)}
        return {
            name: Value(price / self._tick_int, open_s, end_s >= open_s)
            for name, price in values.items()
        }

    def vwap(self, end_s: int) -> dict[str, Value]:
        """Average price since the open, and a deviation on either side."""
        open_s = self._hours.study_s(self._dt)
        if not open_s < end_s <= self._hours.start_s(self._dt + timedelta(days=1)):
            return {}
        members = [
            (Fraction(trade.price_int, self._tick_int), trade.size)
            for trade in self._trades
            if trade.dt == self._dt and open_s <= trade.window_s < end_s
        ]
        volume = sum(size for _, size in members)
        if not volume:
            return {}
        mean = sum(price * size for price, size in members) / volume
        variance = sum((price - mean) ** 2 * size for price, size in members) / volume
        deviation = sqrt(variance)
        values = {
            "vwap": float(mean),
            "vwap_1sd_up": float(mean) + deviation,
            "vwap_1sd_down": float(mean) - deviation,
        }
        return {name: Value(ticks, open_s) for name, ticks in values.items()}

    def rounds(self, end_s: int, points: str) -> dict[str, Value]:
        """Even and odd multiple of some points nearest to the last known spot."""
        known = [
            second
            for second in self._seconds
            if second.end_s <= end_s and second.spot_price_int is not None
        ]
        if not known:
            return {}
        step = Fraction(points) * PRICE_UNITS
        place = Fraction(known[-1].spot_price_int or 0) / step
        even = 2 * floor((place + 1) / 2)
        odd = 2 * floor(place / 2) + 1
        return {
            f"round_{points}_{name}": Value(float(n * step / self._tick_int), known[0].end_s)
            for name, n in (("even", even), ("odd", odd))
        }

    def swings(self, end_s: int) -> dict[str, Value]:
        """Last confirmed extremes of two-minute bars of the session in force."""
        today = self._hours.session_of(end_s)
        start_s, next_s = (self._hours.start_s(day) for day in (today, today + timedelta(days=1)))
        members: dict[int, list[int]] = {}
        for trade in self._trades:
            begin_s = trade.window_s // BAR_S * BAR_S
            is_inside = start_s <= begin_s and begin_s + BAR_S <= min(end_s, next_s)
            if trade.dt == self._dt and is_inside:
                members.setdefault(begin_s, []).append(trade.price_int)
        values = {}
        for name, sign in (("swing_high", 1), ("swing_low", -1)):
            for begin_s in sorted(members):
                reach = range(-SWING_BARS, SWING_BARS + 1)
                if not all(begin_s + n * BAR_S in members for n in reach):
                    continue
                tops = [max(sign * p for p in members[begin_s + n * BAR_S]) for n in reach]
                top = tops[SWING_BARS]
                if top > max(tops[:SWING_BARS]) and top >= max(tops[SWING_BARS + 1 :]):
                    known_s = begin_s + (SWING_BARS + 1) * BAR_S
                    values[name] = Value(sign * top / self._tick_int, known_s)
        return values


def value_area(trades: Sequence[Trade]) -> tuple[int, int, int]:
    """Return the point of control, and the high and low of the value area, of a session."""
    volumes: Counter[int] = Counter()
    for trade in trades:
        volumes[trade.price_int] += trade.size
    prices = sorted(volumes)
    poc = max(prices, key=lambda price: (volumes[price], -price))
    low = high = prices.index(poc)
    held = volumes[poc]
    while held < SHARE * sum(volumes.values()):
        above = volumes[prices[high + 1]] if high + 1 < len(prices) else -1
        below = volumes[prices[low - 1]] if low else -1
        if above >= below:
            high, held = high + 1, held + above
        else:
            low, held = low - 1, held + below
    return poc, prices[high], prices[low]
