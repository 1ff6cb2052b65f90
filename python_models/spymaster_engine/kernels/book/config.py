"""Settings that shape the output of the book engine."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np
from spymaster_ingest.units import NS_PER_S, S_PER_DAY

# half width of the dense price ladder; prices farther from spot are kept in a sparse store
LADDER_HALF_TICKS = 4_000

# a time or a duration that no record reaches
_NEVER = int(np.iinfo(np.int64).max)


class KernelConfig(NamedTuple):
    """The numbers of a :class:`BookConfig` in the form the compiled kernel takes."""

    tick_int: int
    day_start_s: int
    wall_max_ticks: int
    rest_ns: int
    surface_start_s: np.ndarray
    surface_end_s: np.ndarray
    unknown_cancel_rate_max: float
    unknown_cancel_min_cancels: int
    stale_after_ns: int
    stop_ns: int
    interval_open_s: np.ndarray
    interval_close_s: np.ndarray
    interval_open_at_once: np.ndarray


@dataclass(frozen=True)
class BookConfig:
    """Parameters of one pass over a contract-day.

    Attributes:
        tick_int: Minimum price increment in 1e-9 price units.
        day_start_ns: 00:00 UTC of the partition's date, nanoseconds since the epoch.
        trading_intervals: ``(open_ns, close_ns, is_open_at_once)`` per open interval of the day,
            half open, on whole seconds, ordered; one that is not open at once counts from its
            first trade.
        wall_max_ticks: Half width of the wall surface around spot, in ticks.
        rest_ns: Age from which an order counts as rested, nanoseconds.
        surface_windows_ns: Half-open ranges of window starts for which wall and re-price rows
            are written; ``None`` writes every second.
        unknown_cancel_rate_max: Share of unknown cancels above which a second is flagged.
        unknown_cancel_min_cancels: Cancels needed before that share is judged.
        unknown_cancel_lookback_s: Seconds over which it is measured, the current one included.
        stale_after_s: Seconds of continuous trading without a record after which a second is
            flagged as silent; ``None`` flags none.
        stop_ns: Stop before the first event group dated later; ``None`` replays everything.
    """

    tick_int: int
    day_start_ns: int
    trading_intervals: tuple[tuple[int, int, bool], ...] = field(default=())
    wall_max_ticks: int = 400
    rest_ns: int = 500_000_000
    surface_windows_ns: tuple[tuple[int, int], ...] | None = None
    unknown_cancel_rate_max: float = 0.01
    unknown_cancel_min_cancels: int = 100
    unknown_cancel_lookback_s: int = 60
    stale_after_s: int | None = None
    stop_ns: int | None = None

    def __post_init__(self) -> None:
        if self.tick_int <= 0:
            raise ValueError(f"tick_int must be positive, not {self.tick_int}")
        if not 0 <= self.wall_max_ticks <= LADDER_HALF_TICKS:
            raise ValueError(
                f"wall_max_ticks must lie between 0 and {LADDER_HALF_TICKS}, the half width of "
                f"the price ladder, not {self.wall_max_ticks}"
            )
        if self.unknown_cancel_lookback_s < 1:
            raise ValueError("unknown_cancel_lookback_s must be at least 1")
        if self.stale_after_s is not None and self.stale_after_s < 1:
            raise ValueError("stale_after_s must be at least 1, or None for never")
        if self.day_start_ns % NS_PER_S:
            raise ValueError("day_start_ns must lie on a whole second")

    @property
    def last_second_s(self) -> int:
        """Return the last second of the day, s UTC."""
        return self.day_start_ns // NS_PER_S + S_PER_DAY - 1

    def beyond_day(self, ordinal: int) -> str:
        """Return what is wrong with a record that is dated beyond the day."""
        day = np.datetime64(self.day_start_ns, "ns")
        return f"record {ordinal} is dated more than a minute after the end of {day!s:.10}"

    def for_kernel(self) -> KernelConfig:
        """Return the kernel's view: seconds instead of nanoseconds where windows are meant."""
        day_start_s = self.day_start_ns // NS_PER_S
        surfaces = self.surface_windows_ns
        if surfaces is None:
            surfaces = ((self.day_start_ns, self.day_start_ns + 2 * S_PER_DAY * NS_PER_S),)
        return KernelConfig(
            tick_int=self.tick_int,
            day_start_s=day_start_s,
            wall_max_ticks=self.wall_max_ticks,
            rest_ns=self.rest_ns,
            # a window belongs when its start lies in the half-open range
            surface_start_s=np.array([-(-start // NS_PER_S) for start, _ in surfaces], np.int64),
            surface_end_s=np.array([-(-end // NS_PER_S) for _, end in surfaces], np.int64),
            unknown_cancel_rate_max=float(self.unknown_cancel_rate_max),
            unknown_cancel_min_cancels=self.unknown_cancel_min_cancels,
            stale_after_ns=_NEVER if self.stale_after_s is None else self.stale_after_s * NS_PER_S,
            stop_ns=_NEVER if self.stop_ns is None else self.stop_ns,
            interval_open_s=np.array(
                [open_ns // NS_PER_S for open_ns, _, _ in self.trading_intervals], np.int64
            ),
            interval_close_s=np.array(
                [close_ns // NS_PER_S for _, close_ns, _ in self.trading_intervals], np.int64
            ),
            interval_open_at_once=np.array(
                [is_open_at_once for _, _, is_open_at_once in self.trading_intervals], np.bool_
            ),
        )
