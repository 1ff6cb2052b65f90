"""Bits of `invalid_flags` that depend on more than the book of their own second.

Rules chosen where the specification leaves room:
- A record has its own time (ts_recv in a snapshot), also if its group began in an earlier second; a
  late record has the time of the window it was moved to, and time never goes back.
- Silence counts from the later of the last record and the open of the trading interval, so a break
  does not count; a window outside continuous trading is never silent.
- A window is silent if it ends more than `stale_after_s` after that.
"""

from __future__ import annotations

from collections.abc import Mapping

from naive.model import NS_PER_S, BookConfig


def trading_since_ns(config: BookConfig, window_s: int, last_trade_s: int | None) -> int | None:
    """Open of the interval of continuous trading that holds a window; None outside."""
    window_ns = window_s * NS_PER_S
    for open_ns, close_ns, is_open_at_start in config.trading_intervals:
        if open_ns <= window_ns < close_ns:
            traded = last_trade_s is not None and last_trade_s * NS_PER_S >= open_ns
            return open_ns if is_open_at_start or traded else None
    return None


def is_silent(config: BookConfig, window_s: int, since_ns: int, last_record_ns: int) -> bool:
    """Whether a window in continuous trading ends too long after the last record."""
    if config.stale_after_s is None:
        return False
    end_ns = (window_s + 1) * NS_PER_S
    return end_ns - max(since_ns, last_record_ns) > config.stale_after_s * NS_PER_S


def cancels_are_doubtful(
    config: BookConfig, window_s: int, cancels_by_window: Mapping[int, tuple[int, int]]
) -> bool:
    """Whether too many recent cancels name unknown orders."""
    first_s = window_s - config.unknown_cancel_lookback_s + 1
    recent = [cancels_by_window.get(s, (0, 0)) for s in range(first_s, window_s + 1)]
    cancels, unknown = (sum(column) for column in zip(*recent, strict=True))
    if cancels == 0 or cancels < config.unknown_cancel_min_cancels:
        return False
    return unknown / cancels > config.unknown_cancel_rate_max
