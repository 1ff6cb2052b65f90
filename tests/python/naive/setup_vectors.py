"""The plain two-minute setup vectors: two signals at the closes of 5 s bars, and their operators.

`setup_columns` gives the feature columns of one row of `gold.setup_vectors`. Tests compare the SQL
with it, so the two share no code.

Rules chosen where the specification leaves room:
Signals
- A close is the end of a bar of `market_by_price_10_bar5s`. Its price is the last trade's, as that
  of the candles which make a setup. The `_eob` columns are the terms' inputs, with
  `trade_imbalance_sum` and `ofi_l10_sum` of the bar.
- Both signals are None where the bar is not valid or does not exist, and before the level is one;
  `pressure` also where the bar has trades: trades alone are no pressure of seven terms. Within a
  valid bar None terms are left out.
- z of `ofi_l10_sum` is over the known bars of the setup's look-back, population standard deviation;
  None with fewer than two or if all are equal.
- The wall term is None if either side's z is. The spread term has no direction.
Windows
- The trigger, the confirmation and the look-back hold the closes in (start, end] of their candles;
  the look-back runs from the start of its first candle to the end of the confirmation. A setup has
  24 closes in either candle and 24 a candle in the look-back.
Operators
- None values are left out. Without a known value every operator is None and n is 0.
- start, end: first and last known value. mean, slope, the fractions: known values, carried bars
  included, because the state was in force. min, max: bars that are not carried; None without one.
- std: population; 0 for a single value. slope: per second; None with fewer than two values.
- A step is the difference of two neighbouring bars that are both known; a step over an unknown bar
  does not exist. energy and burst_fraction are None without a step.
- burst_fraction: share of the sum of |steps| that the ceil(10 %) largest steps carry; None if the
  sum is 0.
- sign_flips: changes of sign from one known value other than 0 to the next.
- Thirds are of the window's bars, known or not: bar i of N belongs to third floor(3 i / N).
- time_fraction_zone and time_fraction_far_side (distance > 0: past the level in the approach
  direction) are shares of the known bars, of `signed_distance` alone.
"""

from __future__ import annotations

from collections.abc import Container, Mapping, Sequence
from fractions import Fraction
from itertools import pairwise
from math import atanh, fsum, log1p, sqrt, tanh

from naive.levels_model import CANDLE_S, DIRECTIONS
from naive.surfaces import Row, second_of

BAR_S = 5
ZONE_TICKS = 4
BURST_SHARE = 10  # the largest steps: one in ten
IMBALANCE_SHRINK = 0.999
WALL_Z_SCALE = 6
SIGNALS = ("signed_distance", "pressure")
BARS = ("trigger", "confirm", "lookback")
OPERATORS = (
    "start",
    "end",
    "min",
    "max",
    "mean",
    "std",
    "slope",
    "energy",
    "sign_flips",
    "burst_fraction",
    "early_mean",
    "mid_mean",
    "late_mean",
)
DISTANCE_OPERATORS = ("time_fraction_zone", "time_fraction_far_side")

Values = Sequence[float | None]


def setup_columns(
    setup: Row, bars: Mapping[int, Row], tick_int: int, active_s: Container[int] | None = None
) -> Row:
    """Columns `{level_id}_{signal}_{operator}_{bar}` of a setup.

    Args:
        setup: Row of `setup_events`.
        bars: Rows of `market_by_price_10_bar5s` of the contract-day by bar end (s since 1970).
        tick_int: Minimum price increment.
        active_s: Ends (s since 1970) at which the level is one; None means all.
    """
    windows = window_ends(setup)
    signals = setup_signals(setup, bars, tick_int, active_s)
    row: Row = {}
    for signal in SIGNALS:
        for bar in BARS:
            values = [signals[signal][end_s] for end_s in windows[bar]]
            carried = [end_s in bars and bars[end_s]["is_carried"] for end_s in windows[bar]]
            found = operators(values, carried)
            if signal == "signed_distance":
                found |= distance_operators(values)
            found["n"] = len(_known(values))
            row |= {f"{setup['level_id']}_{signal}_{name}_{bar}": x for name, x in found.items()}
    return row


def window_ends(setup: Row) -> dict[str, list[int]]:
    """Bar ends of the trigger candle, the confirmation candle and the look-back."""
    end_s = second_of(setup["infer_ts"])
    confirm_id = setup["confirm_candle_id"]

    def start_of(candle_id: int) -> int:
        return end_s - CANDLE_S * (confirm_id - candle_id + 1)

    def closes(start_s: int, stop_s: int) -> list[int]:
        return list(range(start_s + BAR_S, stop_s + BAR_S, BAR_S))

    trigger_s = start_of(setup["trigger_candle_id"])
    return {
        "trigger": closes(trigger_s, trigger_s + CANDLE_S),
        "confirm": closes(end_s - CANDLE_S, end_s),
        "lookback": closes(start_of(setup["lookback_start_candle_id"]), end_s),
    }


def setup_signals(
    setup: Row, bars: Mapping[int, Row], tick_int: int, active_s: Container[int] | None = None
) -> dict[str, dict[int, float | None]]:
    """Both signals at every bar end of the setup's windows."""
    sign = next(sign for sign, name in DIRECTIONS.items() if name == setup["direction"])
    windows = window_ends(setup)
    ofi = [bars[s]["ofi_l10_sum"] for s in windows["lookback"] if s in bars and bars[s]["is_valid"]]
    signals: dict[str, dict[int, float | None]] = {name: {} for name in SIGNALS}
    for end_s in sorted({s for ends in windows.values() for s in ends}):
        bar = bars.get(end_s)
        is_valid = bar is not None and bar["is_valid"] and (active_s is None or end_s in active_s)
        distance = pressure = None
        if is_valid:
            distance = signed_distance(bar, setup["level_price_int"], sign, tick_int)
            pressure = pressure_of(bar, sign, z_score(bar["ofi_l10_sum"], ofi))
        signals["signed_distance"][end_s] = distance
        signals["pressure"][end_s] = pressure
    return signals


def signed_distance(bar: Row, level_price_int: int, sign: int, tick_int: int) -> float | None:
    """Ticks of the last trade past the level in the approach direction; None before any trade."""
    price_int = bar["trade_last_price_int"]
    return (
        None if price_int is None else sign * float(Fraction(price_int - level_price_int, tick_int))
    )


def z_score(value: float | None, values: Values) -> float | None:
    """How many population standard deviations a value lies above the mean of the known values."""
    std = _std(values)
    return None if value is None or not std else (value - _mean(values)) / std


def pressure_of(bar: Row, sign: int, ofi_z: float | None) -> float | None:
    """Mean of the seven oriented terms of a valid bar, those that are known."""
    terms = pressure_terms(bar, sign, ofi_z)
    return _mean(list(terms.values()))


def pressure_terms(bar: Row, sign: int, ofi_z: float | None) -> dict[str, float | None]:
    """The seven terms, each in [-1, 1], positive in favour of the approach; None if unknown."""
    imbalances = ("book_imbalance_l1", "book_imbalance_l10", "depth_imbalance_0_4")
    terms = {name: _stretched(bar[f"{name}_eob"], sign) for name in imbalances}
    traded = bar["trade_imbalance_sum"]
    terms["trade_imbalance"] = None if traded is None else sign * traded
    terms["ofi_l10"] = None if ofi_z is None else sign * tanh(ofi_z)
    bid_z, ask_z = bar["wall_bid_max_z"], bar["wall_ask_max_z"]
    has_walls = bid_z is not None and ask_z is not None
    terms["wall"] = _clipped(sign * (bid_z - ask_z) / WALL_Z_SCALE) if has_walls else None
    spread = bar["spread_ticks_eob"]
    terms["spread"] = None if spread is None else -tanh((spread - 1) / 2)
    return terms


def operators(values: Values, carried: Sequence[bool] | None = None) -> Row:
    """The operators of any signal at consecutive closes.

    Args:
        values: Signal by bar; None where it is not known.
        carried: Whether each bar only carries an older state; None means that none does.
    """
    known = _known(values)
    if not known:
        return dict.fromkeys(OPERATORS)
    carried = [False] * len(values) if carried is None else carried
    observed = [x for n, x in known if not carried[n]]
    third_of = [[x for n, x in known if 3 * n // len(values) == third] for third in range(3)]
    steps = [abs(b - a) for a, b in pairwise(values) if a is not None and b is not None]
    signs = [x > 0 for _, x in known if x != 0]
    return {
        "start": known[0][1],
        "end": known[-1][1],
        "min": min(observed, default=None),
        "max": max(observed, default=None),
        "mean": _mean(values),
        "std": _std(values),
        "slope": _slope(known),
        "energy": log1p(fsum(steps)) if steps else None,
        "sign_flips": sum(a != b for a, b in pairwise(signs)),
        "burst_fraction": _burst_fraction(steps),
        **{
            f"{name}_mean": _mean(third)
            for name, third in zip(("early", "mid", "late"), third_of, strict=True)
        },
    }


def distance_operators(distances: Values) -> Row:
    """Shares of the known bars near the level and past it."""
    known = [x for _, x in _known(distances)]
    if not known:
        return dict.fromkeys(DISTANCE_OPERATORS)
    return {
        "time_fraction_zone": sum(abs(x) <= ZONE_TICKS for x in known) / len(known),
        "time_fraction_far_side": sum(x > 0 for x in known) / len(known),
    }


def _known(values: Values) -> list[tuple[int, float]]:
    return [(n, x) for n, x in enumerate(values) if x is not None]


def _mean(values: Values) -> float | None:
    known = [x for _, x in _known(values)]
    return fsum(known) / len(known) if known else None


def _std(values: Values) -> float | None:
    """Population standard deviation; exactly 0 if all known values are equal."""
    known = [x for _, x in _known(values)]
    if not known:
        return None
    if min(known) == max(known):
        return 0.0
    mean = _mean(known)
    return sqrt(fsum((x - mean) ** 2 for x in known) / len(known))


def _slope(known: Sequence[tuple[int, float]]) -> float | None:
    """Least-squares slope per second."""
    if len(known) < 2:
        return None
    times_s = [BAR_S * n for n, _ in known]
    time_mean, mean = _mean(times_s), _mean([x for _, x in known])
    covariance = fsum(
        (t - time_mean) * (x - mean) for t, (_, x) in zip(times_s, known, strict=True)
    )
    return covariance / fsum((t - time_mean) ** 2 for t in times_s)


def _burst_fraction(steps: Sequence[float]) -> float | None:
    total = fsum(steps)
    if total == 0:
        return None
    n_largest = -(-len(steps) // BURST_SHARE)
    return fsum(sorted(steps, reverse=True)[:n_largest]) / total


def _clipped(x: float) -> float:
    return max(-1.0, min(1.0, x))


def _stretched(imbalance: float | None, sign: int) -> float | None:
    """A size imbalance on the scale of its log odds, within [-1, 1]."""
    if imbalance is None:
        return None
    return sign * _clipped(atanh(imbalance * IMBALANCE_SHRINK) / 2)
