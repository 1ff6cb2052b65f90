"""The plain market relations: top ten, bars of five seconds and features of one second.

`top10_1s`, `market_by_price_10_bar5s` and `market_features_1s` return the rows of the relations of
these names, dictionaries with the published columns in their order, from the states of
`market_states` and the trades of a contract-day. Tests compare the models with them, so the two
share no code.

Rules chosen where the specification leaves room (see also `market_states`, `market_time`,
`market_bands`, `market_ofi`, `market_walls`):
- Bars are those that contain a row's second. A bar that lacks one of its seconds, at the start or
  the end of the rows, is not valid.
- `update_count` counts states whose ten-level view differs from that of the state before; before
  the first state the view is empty. A bar is carried if it has neither an update nor a trade.
- Counts and trades stay in bars and seconds that are not valid, also `trade_imbalance` and
  `trade_last_price_int`; every other feature is None.
- A trade belongs to the second of its event group. `trade_last_price_int` skips trades without a
  price. An imbalance without aggressor is None.
- Trailing sums of one second's order flow imbalance end with the second itself.
- A realised volatility needs its bars in one row of time, all valid.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from fractions import Fraction
from math import fsum, sqrt
from typing import Any

from naive.levels_model import Trade
from naive.market_bands import BANDS, band_columns, banded, depth_imbalance, flow_net_columns
from naive.market_ofi import is_one_sided
from naive.market_quantities import (
    book_imbalance_l1,
    book_imbalance_l10,
    ladder,
    level_columns,
    microprice_ticks,
    mid_ticks,
    points,
    shape,
    spread_ticks,
    view_size,
)
from naive.market_states import SIDES, VIEW_LEVELS, State
from naive.market_time import Piece, Timeline, is_valid_throughout, time_weighted_mean
from naive.market_walls import wall
from naive.market_windows import MarketDay, last_price, order_flow, second_keys, trade_sums
from naive.model import NS_PER_S
from naive.surfaces import Row, timestamp_of, window_start

__all__ = [
    "BAR_COLUMNS",
    "MarketDay",
    "market_by_price_10_bar5s",
    "market_features_1s",
    "top10_1s",
]

BAR_S = 5
VOLATILITY_S = (60, 300)
OFI_WINDOWS_S = (5, 30, 60, 120, 300)


def top10_1s(states: Sequence[State], day: MarketDay) -> list[Row]:
    """Rows of `silver.top10_1s` of one source."""
    timeline = Timeline(states)
    rows = []
    for second in day.seconds:
        state = timeline.before((second + 1) * NS_PER_S)
        head = second_keys(day, second) | {"is_valid": state is not None and state.is_valid}
        rows.append(head | level_columns(state))
    return rows


def market_by_price_10_bar5s(
    states: Sequence[State],
    trades: Sequence[Trade],
    day: MarketDay,
    wall_rows: Iterable[Mapping[str, Any]] | None = None,
) -> list[Row]:
    """Rows of `silver.market_by_price_10_bar5s`.

    Args:
        states: States of the day's source, in order.
        trades: Trades of the contract-day, in order.
        day: Contract-day, source and seconds.
        wall_rows: Rows of `wall_surface_1s` for the net flow (source `mbo`): with
            `window_start_s` or `window_start_ts`, `side`, `price_int`, `add_qty`,
            `pull_qty_total`. Without them the net flow is None.
    """
    timeline = Timeline(states)
    walls: dict[int, list[Row]] | None = None
    if wall_rows is not None and day.source == "mbo":
        walls = {}
        for row in wall_rows:
            second = window_start(row)
            walls.setdefault(second, []).append({**row, "window_start_s": second})
    rows: list[Row] = []
    mids: dict[int, Fraction] = {}
    for start_s in range(day.first_s - day.first_s % BAR_S, day.last_s + 1, BAR_S):
        row = _bar(timeline, trades, day, start_s, walls)
        if row["is_valid"]:
            mids[start_s] = mid_ticks(timeline.before((start_s + BAR_S) * NS_PER_S), day.tick_int)
        row |= {f"rv_{s}s_ticks": _realised_volatility(mids, start_s, s) for s in VOLATILITY_S}
        rows.append(row)
    return rows


def market_features_1s(
    states: Sequence[State], trades: Sequence[Trade], day: MarketDay
) -> list[Row]:
    """Rows of `silver.market_features_1s`; arguments as for the bars."""
    timeline = Timeline(states)
    ofi_l1: dict[int, int] = {}
    rows = []
    for second in day.seconds:
        start_ns, end_ns = second * NS_PER_S, (second + 1) * NS_PER_S
        pieces, end = timeline.pieces(start_ns, end_ns), timeline.before(end_ns)
        is_valid = is_valid_throughout(pieces)
        row = second_keys(day, second) | {"is_valid": is_valid} | dict.fromkeys(_SECOND_FEATURES)
        if is_valid:
            row |= _end_of_second(end, day.tick_int)
            flow = order_flow(timeline, pieces, start_ns, end_ns, day.tick_int)
            row |= {name.removesuffix("_sum"): value for name, value in flow.items()}
            ofi_l1[second] = row["ofi_l1"]
        for length_s in OFI_WINDOWS_S:
            sums = [ofi_l1.get(s) for s in range(second - length_s + 1, second + 1)]
            row[f"ofi_{length_s}s"] = None if None in sums else sum(sums)
        traded = trade_sums(trades, second, second + 1)
        rows.append(row | {name.removesuffix("_sum"): value for name, value in traded.items()})
    return rows


_SECOND_FEATURES = (
    "spread_ticks",
    "mid_price",
    "microprice",
    "book_imbalance_l1",
    "book_imbalance_l10",
    "depth_imbalance_0_4",
    "ofi_l1",
    "ofi_l10",
    "ofi_price_10t",
)


def _end_of_second(end: State, tick_int: int) -> Row:
    return {
        "spread_ticks": spread_ticks(end, tick_int),
        "mid_price": points(mid_ticks(end, tick_int), tick_int),
        "microprice": points(microprice_ticks(end, tick_int), tick_int),
        "book_imbalance_l1": book_imbalance_l1(end),
        "book_imbalance_l10": book_imbalance_l10(end),
        "depth_imbalance_0_4": depth_imbalance(banded(end, tick_int), "0_4"),
    }


def _bar(
    timeline: Timeline,
    trades: Sequence[Trade],
    day: MarketDay,
    start_s: int,
    walls: Mapping[int, Sequence[Row]] | None,
) -> Row:
    """A bar without its realised volatilities."""
    seconds = range(start_s, start_s + BAR_S)
    start_ns, end_ns = start_s * NS_PER_S, (start_s + BAR_S) * NS_PER_S
    pieces, end = timeline.pieces(start_ns, end_ns), timeline.before(end_ns)
    is_whole = day.first_s <= seconds[0] and seconds[-1] <= day.last_s
    is_valid = is_whole and is_valid_throughout(pieces)
    arrivals = timeline.arrivals(start_ns, end_ns)
    updates = sum(_is_update(before, state) for before, state in arrivals)
    traded = trade_sums(trades, seconds[0], seconds[-1] + 1)
    row = {
        "symbol": day.symbol,
        "dt": day.dt,
        "bar_start_ts": timestamp_of(start_s),
        "bar_end_ts": timestamp_of(start_s + BAR_S),
        "source": day.source,
        "is_valid": is_valid,
        "is_carried": updates == 0 and traded["trade_count_sum"] == 0,
        "update_count": updates,
        "one_sided_count": sum(is_one_sided(before, state) for before, state in arrivals),
    }
    row |= dict.fromkeys(BAR_COLUMNS[len(row) :])
    row |= traded
    row["trade_last_price_int"] = last_price(trades, seconds[-1] + 1)
    if not is_valid:
        return row
    row |= _quotes(pieces, end, day.tick_int)
    row |= band_columns(pieces, end, day.tick_int)
    row |= _end_of_bar(end, day.tick_int) | _mean_depths(pieces)
    row |= order_flow(timeline, pieces, start_ns, end_ns, day.tick_int)
    if walls is not None and all(day.has_surface(s) for s in seconds):
        ends = {s: timeline.before((s + 1) * NS_PER_S) for s in seconds}
        wall_rows = [wall_row for s in seconds for wall_row in walls.get(s, [])]
        row |= flow_net_columns(wall_rows, ends, pieces, day.tick_int)
    return row


def _is_update(before: State | None, state: State) -> bool:
    return not state.has_same_view(before or State(state.time_ns, (), ()))


def _quotes(pieces: Sequence[Piece], end: State, tick_int: int) -> Row:
    return {
        "mid_price_eob": points(mid_ticks(end, tick_int), tick_int),
        "microprice_eob": points(microprice_ticks(end, tick_int), tick_int),
        "spread_ticks_twa": time_weighted_mean(pieces, lambda s: spread_ticks(s, tick_int)),
        "spread_ticks_eob": spread_ticks(end, tick_int),
        "book_imbalance_l1_twa": time_weighted_mean(pieces, book_imbalance_l1),
        "book_imbalance_l1_eob": book_imbalance_l1(end),
        "book_imbalance_l10_twa": time_weighted_mean(pieces, book_imbalance_l10),
        "book_imbalance_l10_eob": book_imbalance_l10(end),
    }


def _end_of_bar(end: State, tick_int: int) -> Row:
    row = {f"depth_{side}10_qty_eob": view_size(end, side) for side in SIDES}
    for side in SIDES:
        row |= ladder(end, side, tick_int) | wall(end, side, tick_int)
        row |= shape(end, side, "sz") | shape(end, side, "ct")
    return row


def _mean_depths(pieces: Sequence[Piece]) -> Row:
    """Mean depth of a best quote, and of one of the twenty levels."""
    return {
        "depth_l1_qty_twa": time_weighted_mean(
            pieces, lambda s: Fraction(s.bids[0].size + s.asks[0].size, 2)
        ),
        "depth_l10_qty_twa": time_weighted_mean(
            pieces, lambda s: Fraction(view_size(s, "bid") + view_size(s, "ask"), 2 * VIEW_LEVELS)
        ),
    }


def _realised_volatility(mids: Mapping[int, Fraction], start_s: int, length_s: int) -> float | None:
    """Root of the summed squared differences of the mid at bar ends; mids of valid bars only."""
    starts = range(start_s - length_s, start_s + BAR_S, BAR_S)
    if any(s not in mids for s in starts):
        return None
    return sqrt(fsum(float(mids[s] - mids[s - BAR_S]) ** 2 for s in starts[1:]))


def _bar_columns() -> list[str]:
    names = ["symbol", "dt", "bar_start_ts", "bar_end_ts", "source", "is_valid", "is_carried"]
    names += ["update_count", "one_sided_count", "mid_price_eob", "microprice_eob"]
    names += ["spread_ticks_twa", "spread_ticks_eob"]
    for level in ("l1", "l10"):
        names += [f"book_imbalance_{level}_twa", f"book_imbalance_{level}_eob"]
    for band in BANDS:
        names += [f"depth_imbalance_{band}_twa", f"depth_imbalance_{band}_eob"]
    for side in SIDES:
        for band in BANDS:
            names += [f"depth_{side}_{band}_frac_twa", f"depth_{side}_{band}_frac_eob"]
    names += [f"depth_{side}10_qty_eob" for side in SIDES]
    names += ["depth_l1_qty_twa", "depth_l10_qty_twa"]
    for side in SIDES:
        names += [f"ladder_{side}_gap_max_ticks_eob", f"ladder_{side}_gap_mean_ticks_eob"]
    for kind in ("sz", "ct"):
        for side in SIDES:
            names += [f"shape_{side}_{kind}_frac_l{n:02}_eob" for n in range(VIEW_LEVELS)]
    names += ["ofi_l1_sum", "ofi_l10_sum", "ofi_price_10t_sum"]
    names += [f"flow_net_{side}_{band}_sum" for side in SIDES for band in BANDS]
    names += [f"trade_{name}_sum" for name in ("count", "volume", "signed_volume", "imbalance")]
    names.append("trade_last_price_int")
    for side in SIDES:
        names += [f"wall_{side}_{name}" for name in ("max_z", "max_level", "nearest_dist_ticks")]
    return [*names, *(f"rv_{s}s_ticks" for s in VOLATILITY_S)]


BAR_COLUMNS = tuple(_bar_columns())
