"""A contract-day, and what happens within a window of it: order flow and trades."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from naive.levels_model import Trade
from naive.market_ofi import all_ranks_ofi, is_consecutive, price_ofi, rank_ofi
from naive.market_quantities import imbalance, view_size
from naive.market_states import VIEW_LEVELS
from naive.market_time import Piece, Timeline, time_weighted_mean
from naive.surfaces import Row, timestamp_of


@dataclass(frozen=True)
class MarketDay:
    """A contract-day and the seconds that have rows.

    Attributes:
        symbol: Raw symbol of the contract.
        dt: UTC date of the partition.
        tick_int: Minimum price increment in 1e-9 points.
        source: `mbo` or `mbp10`.
        first_s, last_s: Start of the first and last second with a row, since 1970 UTC.
        surface_window_s: Half-open range of seconds with wall rows; None means every second.
    """

    symbol: str
    dt: date
    tick_int: int
    source: str
    first_s: int
    last_s: int
    surface_window_s: tuple[int, int] | None = None

    @property
    def seconds(self) -> range:
        """Starts of the seconds with a row."""
        return range(self.first_s, self.last_s + 1)

    def has_surface(self, second: int) -> bool:
        """Whether a second has wall rows."""
        if self.surface_window_s is None:
            return True
        start_s, end_s = self.surface_window_s
        return start_s <= second < end_s


def second_keys(day: MarketDay, second: int) -> Row:
    """First columns of the relations of one second."""
    return {
        "symbol": day.symbol,
        "dt": day.dt,
        "window_start_ts": timestamp_of(second),
        "window_end_ts": timestamp_of(second + 1),
        "source": day.source,
    }


def order_flow(
    timeline: Timeline, pieces: Sequence[Piece], start_ns: int, end_ns: int, tick_int: int
) -> Row:
    """Sums of order flow imbalance over [start, end), whose states in force are `pieces`."""
    pairs = [x for x in timeline.arrivals(start_ns, end_ns) if is_consecutive(*x)]
    mean_depth = time_weighted_mean(
        pieces, lambda s: Fraction(view_size(s, "bid") + view_size(s, "ask"), 2 * VIEW_LEVELS)
    )
    ranks = sum(all_ranks_ofi(*pair) for pair in pairs)
    return {
        "ofi_l1_sum": sum(rank_ofi(*pair, 0) for pair in pairs),
        "ofi_l10_sum": ranks / VIEW_LEVELS / mean_depth if mean_depth else None,
        "ofi_price_10t_sum": sum(price_ofi(*pair, tick_int) for pair in pairs),
    }


def trade_sums(trades: Sequence[Trade], start_s: int, end_s: int) -> Row:
    """Sums of the trades in [start, end)."""
    inside = [trade for trade in trades if start_s <= trade.window_s < end_s]
    bought, sold = (sum(x.size for x in inside if x.side == side) for side in "BA")
    return {
        "trade_count_sum": len(inside),
        "trade_volume_sum": sum(trade.size for trade in inside),
        "trade_signed_volume_sum": bought - sold,
        "trade_imbalance_sum": imbalance(bought, sold),
    }


def last_price(trades: Sequence[Trade], end_s: int) -> int | None:
    """Price of the last trade before a second."""
    prices = [x.price_int for x in trades if x.window_s < end_s and x.price_int is not None]
    return prices[-1] if prices else None
