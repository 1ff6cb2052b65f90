"""Market features of a picture: spread, order flow imbalance, book imbalance and volatility."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from spymaster.plot import grid
from spymaster.plot.read import Columns, Reader

FEATURES = "silver.market_features_1s"
BARS = "silver.market_by_price_10_bar5s"
_SOURCE = "`spymaster build` makes it from landed mbo or mbp-10"


@dataclass(frozen=True)
class MarketFeatures:
    """Market features by column; a bar's value stands in each of its columns.

    Attributes:
        spread: float64 (count,), ticks; NaN unknown, as everywhere below.
        imbalance_l1, imbalance_l10: float64 (count,), -1 asks alone to 1 bids alone, of the best
            level and of ten levels a side.
        invalid_seconds: bool (count,), a row of a second that is not valid.
        ofi: float64 (count,), order flow imbalance of the bar, contracts.
        volatility_60s, volatility_300s: float64 (count,), realised volatility up to the bar's end,
            ticks.
        invalid_bars: bool (count,), the bar is not valid.
        bar_ends: columns at which a bar ends.
        bar_s: seconds of a bar.
    """

    spread: np.ndarray
    imbalance_l1: np.ndarray
    imbalance_l10: np.ndarray
    invalid_seconds: np.ndarray
    ofi: np.ndarray
    volatility_60s: np.ndarray
    volatility_300s: np.ndarray
    invalid_bars: np.ndarray
    bar_ends: tuple[int, ...]
    bar_s: int


def read_market_features(
    reader: Reader, symbol: str, count: int
) -> tuple[MarketFeatures | None, str | None]:
    """Return the market features of a picture, or why there are none.

    Args:
        reader: the published file.
        symbol: raw symbol of the contract, for the reason.
        count: columns of the picture.
    """
    for relation in (FEATURES, BARS):
        why = reader.why_unusable(relation)
        if why:
            return None, f"{relation} {why}: {_SOURCE}"
    rows, bars = reader.ask("market_features"), reader.ask("market_bars")
    for relation, found in ((FEATURES, rows), (BARS, bars)):
        if not len(found["is_valid"]):
            return None, f"{relation} has no row of {symbol} in this range: {_SOURCE}"
    return _features(rows, bars, count), None


def _features(rows: Columns, bars: Columns, count: int) -> MarketFeatures:
    def of_seconds(name: str) -> np.ndarray:
        return grid.by_second(rows["second"], grid.floats_of(rows[name]), count)

    first, end = (np.asarray(bars[name]) for name in ("first_second", "end_second"))

    def of_bars(name: str) -> np.ndarray:
        columns = np.full(count, np.nan)
        for start, stop, value in zip(first, end, grid.floats_of(bars[name]), strict=True):
            columns[max(start, 0) : stop] = value
        return columns

    return MarketFeatures(
        spread=of_seconds("spread_ticks"),
        imbalance_l1=of_seconds("book_imbalance_l1"),
        imbalance_l10=of_seconds("book_imbalance_l10"),
        invalid_seconds=of_seconds("is_valid") == 0,
        ofi=of_bars("ofi_l1_sum"),
        volatility_60s=of_bars("rv_60s_ticks"),
        volatility_300s=of_bars("rv_300s_ticks"),
        invalid_bars=of_bars("is_valid") == 0,
        bar_ends=tuple(end[end <= count].tolist()),
        bar_s=int(end[0] - first[0]),
    )
