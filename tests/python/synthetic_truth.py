"""Levels and labels from the records alone, by their definitions, to hold against the truth."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

SECOND_NS = 1_000_000_000
BARRIER_TICKS = 8
HORIZON_S = 240


@dataclass(frozen=True)
class Prints:
    """Trades of a day: second of their event since midnight, time in ns, price in ticks."""

    second: np.ndarray
    time_ns: np.ndarray
    tick: np.ndarray


def prints_of(records: np.ndarray, midnight_ns: int, tick_int: int) -> Prints:
    trades = records[(records["action"] == b"T") & (records["size"] > 0)]
    time_ns = trades["ts_event"].astype(np.int64)
    return Prints((time_ns - midnight_ns) // SECOND_NS, time_ns, trades["price"] // tick_int)


def extreme(prints: Prints, start_s: int, end_s: int, *, high: bool) -> int:
    inside = prints.tick[(prints.second >= start_s) & (prints.second < end_s)]
    return int(inside.max() if high else inside.min())


def moving_average_tick(prints: Prints, bars: int, second: int) -> int | None:
    """Mean close of the last completed two-minute bars at a second, rounded half even."""
    closes = {}
    for bar, tick in zip(prints.second // 120, prints.tick, strict=True):
        if (bar + 1) * 120 <= second:
            closes[bar] = int(tick)
    last = [closes[bar] for bar in sorted(closes)][-bars:]
    return round(sum(last) / bars) if len(last) == bars else None


def label(prints: Prints, decision_s: int, level_tick: int, direction: int) -> tuple[str, int]:
    """Return the outcome of the fixed barrier over 240 s, and the time of the hit or -1."""
    inside = (prints.second >= decision_s) & (prints.second < decision_s + HORIZON_S)
    for time_ns, tick in zip(prints.time_ns[inside], prints.tick[inside], strict=True):
        x = direction * (int(tick) - level_tick)
        if abs(x) >= BARRIER_TICKS:
            return ("BREAK" if x > 0 else "REJECT"), int(time_ns)
    return "CHOP", -1
