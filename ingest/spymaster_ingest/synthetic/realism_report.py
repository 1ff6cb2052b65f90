"""The generator's report: how close a synthetic day is to a real day, number by number."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
import pyarrow as pa
from spymaster_ingest.synthetic import market_arrays
from spymaster_ingest.synthetic.contract_days import DayPiece
from spymaster_ingest.synthetic.schedule import Pace
from spymaster_ingest.synthetic.synthetic_market import SyntheticMarket
from spymaster_ingest.units import NS_PER_S

_SNAPSHOT = 32
_HOUR_S = 3600
# Bounds and their sources: the real hour of the vendor's ES feed, see the specification.
_MIX = {"A": 34, "C": 30, "M": 20, "F": 11, "T": 5}
_MIX_TOLERANCE = 3.0


@dataclass(frozen=True)
class Finding:
    """One row of the report.

    Attributes:
        quantity: the measured quantity.
        low, high: the target, both ends included; None is open.
        value: the measurement; None when the day does not contain what it needs.
    """

    quantity: str
    low: float | None
    high: float | None
    value: float | None

    @property
    def target(self) -> str:
        """The target as text."""
        if self.low is None:
            return f"<= {self.high:g}"
        if self.high is None:
            return f">= {self.low:g}"
        return f"{self.low:g} to {self.high:g}"

    @property
    def is_met(self) -> bool | None:
        """Whether the value lies within the target; None without a value."""
        if self.value is None:
            return None
        above = self.low is None or self.value >= self.low
        return bool(above and (self.high is None or self.value <= self.high))


class DayReport:
    """Measures a day of the front contract piece by piece."""

    def __init__(self, market: SyntheticMarket, pace: Pace) -> None:
        self._flow = market.flow
        self._pace = pace
        self._count = dict.fromkeys(_MIX, 0)
        self._size = {"F": 0, "T": 0}
        self._sharing = 0
        self._seconds: list[np.ndarray] = []
        self._trades: list[np.ndarray] = []
        self._profile = np.zeros(0)

    def add(self, piece: DayPiece) -> None:
        """Add the next piece of the day."""
        self._seconds.append(piece.seconds.copy())
        self._profile = piece.profile.copy()
        # Records that close an event or clear the book are not messages of the market.
        counted = np.isin(piece.records["action"], [name.encode() for name in _MIX])
        live = piece.records[counted & ((piece.records["flags"] & _SNAPSHOT) == 0)]
        if not live.size:
            return
        action = live["action"]
        for name in _MIX:
            self._count[name] += int(np.count_nonzero(action == name.encode()))
        for name in self._size:
            self._size[name] += int(live["size"][action == name.encode()].sum(dtype=np.int64))
        packet = np.stack([live["ts_event"].astype(np.int64), live["sequence"].astype(np.int64)])
        same = np.all(packet[:, 1:] == packet[:, :-1], axis=0)
        # A piece holds whole events, and so whole packets.
        self._sharing += int(np.count_nonzero(np.r_[False, same] | np.r_[same, False]))
        prints = live[action == b"T"]
        second = (prints["ts_event"].astype(np.int64) - self._pace.midnight_ns) // NS_PER_S
        self._trades.append(prints["price"][(second >= self._pace.cash_s) & (second < self._end)])

    @property
    def _end(self) -> int:
        return self._pace.dense_end_s

    def findings(self) -> list[Finding]:
        """Return the report of the day."""
        seconds = np.concatenate(self._seconds)
        dense = seconds[self._pace.cash_s : self._end]
        study = seconds[self._pace.cash_s : self._pace.study_end_s]
        records = sum(self._count.values())
        rows = [
            Finding(
                f"share of {name}, %",
                target - _MIX_TOLERANCE,
                target + _MIX_TOLERANCE,
                _percent(self._count[name], records),
            )
            for name, target in _MIX.items()
        ]
        orders = study["bid_order_count"] + study["ask_order_count"]
        all_orders = seconds["bid_order_count"] + seconds["ask_order_count"]
        partial = int(seconds["partial_cancels"].sum())
        valid = dense[dense["phase"] == market_arrays.OPEN]
        spread = valid["best_ask"] - valid["best_bid"]
        narrow = 100 * float(np.mean(spread == 1)) if valid.size else None
        exponent, hump = self._profile_shape()
        autocorrelation, kurtosis = _returns(dense)
        rows += [
            Finding(
                "resting orders, end / start", 0.7, 1.4, _ratio(orders[-1:].sum(), orders[:1].sum())
            ),
            Finding("C / T", 6.05 * 0.75, 6.05 * 1.25, _ratio(self._count["C"], self._count["T"])),
            Finding("size of F / size of T", 1.0, 1.05, _ratio(self._size["F"], self._size["T"])),
            Finding("share of C of the whole order", 0.98, 0.999, _rest(partial, self._count["C"])),
            Finding("records sharing a packet, %", 18, 30, _percent(self._sharing, records)),
            Finding(
                "depth exponent beyond 3 ticks",
                self._flow.depth_exponent - 0.3,
                self._flow.depth_exponent + 0.3,
                exponent,
            ),
            Finding("hump of the depth, ticks from the touch", 2, 5, hump),
            Finding("spread of one tick, % of seconds", 95, None, narrow),
            Finding("bid-ask bounce of trades", -0.45, -0.1, self._bounce()),
            Finding("mid return autocorrelation, 1 s", -0.05, 0.05, autocorrelation),
            Finding("mid return excess kurtosis, 1 s", 1.0, None, kurtosis),
            Finding("records per second, open / late morning", 3, None, self._burst(seconds)),
            Finding("crossed seconds before the open", 1, None, self._crossed(seconds)),
            Finding(
                "crossed seconds in trading",
                None,
                0,
                int(
                    np.count_nonzero(
                        _is_crossed(seconds) & (seconds["phase"] == market_arrays.OPEN)
                    )
                ),
            ),
            Finding("resting orders, median", 5_000, None, float(np.median(all_orders))),
        ]
        return rows

    def _profile_shape(self) -> tuple[float | None, float | None]:
        """Return the exponent of the depth beyond three ticks, and the distance of its peak."""
        if not self._profile.any():
            return None, None
        ticks = np.arange(self._profile.size)
        far = ticks > 3
        slope = np.polyfit(np.log(ticks[far] + 1.0), np.log(self._profile[far]), 1)[0]
        return float(-slope), float(np.argmax(self._profile))

    def _bounce(self) -> float | None:
        prices = np.concatenate([np.zeros(0, np.int64), *self._trades])
        return _autocorrelation(np.diff(prices))

    def _burst(self, seconds: np.ndarray) -> float | None:
        """Return the pace of the first five minutes against that of 11:00 to 12:00."""
        cash = self._pace.cash_s
        late = seconds["n_records"][cash + 3 * _HOUR_S // 2 : cash + 5 * _HOUR_S // 2]
        if self._end < cash + 5 * _HOUR_S // 2:
            return None
        return _ratio(seconds["n_records"][cash : cash + 300].mean(), late.mean())

    def _crossed(self, seconds: np.ndarray) -> int | None:
        before = seconds["phase"] == market_arrays.PRE_OPEN
        return int(np.count_nonzero(_is_crossed(seconds) & before)) if before.any() else None


def _is_crossed(seconds: np.ndarray) -> np.ndarray:
    return seconds["best_bid"] > seconds["best_ask"]


def _ratio(above: float, below: float) -> float | None:
    return float(above / below) if below else None


def _percent(part: float, whole: float) -> float | None:
    return 100 * float(part / whole) if whole else None


def _rest(part: float, whole: float) -> float | None:
    return 1.0 - float(part / whole) if whole else None


def _returns(seconds: np.ndarray) -> tuple[float | None, float | None]:
    """Return first-order autocorrelation and excess kurtosis of the mid's changes."""
    change = np.diff(seconds["best_bid"] + seconds["best_ask"]).astype(np.float64)
    if change.size < 2 or not change.any():
        return None, None
    centred = change - change.mean()
    kurtosis = np.mean(centred**4) / np.mean(centred**2) ** 2 - 3.0
    return _autocorrelation(change), float(kurtosis)


def _autocorrelation(change: np.ndarray) -> float | None:
    if change.size < 3 or not change.any():
        return None
    value = float(np.corrcoef(change[1:], change[:-1])[0, 1])
    return None if math.isnan(value) else value


def report_columns(findings: list[Finding]) -> dict[str, pa.Array]:
    """Return a day's report as columns."""
    numbers = {
        name: [getattr(finding, name) for finding in findings] for name in ("low", "high", "value")
    }
    return {
        "quantity": pa.array([finding.quantity for finding in findings], pa.string()),
        "target": pa.array([finding.target for finding in findings], pa.string()),
        **{name: pa.array(values, pa.float64()) for name, values in numbers.items()},
        "pass": pa.array([finding.is_met for finding in findings], pa.bool_()),
    }
