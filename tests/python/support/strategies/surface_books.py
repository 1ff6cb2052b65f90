"""Random contract-days of one-second book rows that agree with themselves.

The rows have the published columns of `book_snapshot_1s`, `wall_surface_1s` and
`reprice_flow_1s`. Some seconds are invalid, have no spot, or are left out although the market
moved on in them; spot jumps, spreads open, and quotes are passed through.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from datetime import date, datetime, timedelta
from pathlib import Path
from random import Random
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq
from naive.surfaces import SurfaceConfig, SurfaceDay

from support.strategies.surface_market import (
    FLAG_NO_BOOK,
    FLAG_RESET,
    MS_PER_S,
    REST_MS,
    BookShape,
    Market,
    Second,
)

PRICE_UNITS = 1_000_000_000
SIDE_NAMES = {"bid": "B", "ask": "A"}
OUTSIDE_COLUMNS = {
    "depth_start": "depth_qty_start",
    "depth_end": "depth_qty_end",
    "add": "add_qty",
    "pull": "pull_qty_total",
    "fill": "fill_qty",
    "reset": "reset_qty",
}
TYPES = {
    "symbol": pa.string(),
    "dt": pa.date32(),
    "window_start_ts": pa.timestamp("us"),
    "window_end_ts": pa.timestamp("us"),
    "side": pa.string(),
    "spot_source": pa.string(),
    "rel_ticks": pa.int32(),
    "invalid_flags": pa.uint8(),
    "book_valid": pa.bool_(),
    "window_valid": pa.bool_(),
    "best_bid_price": pa.float64(),
    "best_ask_price": pa.float64(),
    "mid_price": pa.float64(),
    "microprice": pa.float64(),
    "last_trade_price": pa.float64(),
    "spot_ref_price": pa.float64(),
}

# range that most values of a random market lie in, by calibrated metric
TYPICAL_QUANTILES = {
    "pull_add_log": (-2.5, 2.5),
    "log1p_pull_intensity_rest": (0.0, 0.7),
    "log1p_erosion_norm": (0.0, 0.7),
    "d2_pull_add_log": (-4.0, 4.0),
    "wall_strength_log": (0.0, 3.2),
}

Row = dict[str, Any]


@dataclass
class Books:
    """Rows of the three relations of one contract-day."""

    symbol: str
    dt: date
    tick_int: int
    wall_max_ticks: int
    snapshot: list[Row] = field(default_factory=list)
    wall: list[Row] = field(default_factory=list)
    reprice: list[Row] = field(default_factory=list)


def random_books(
    seed: int,
    n_seconds: int,
    *,
    symbol: str = "ESM4",
    start: datetime = datetime(2024, 5, 8, 13, 25),
    surface_window: tuple[datetime, datetime] | None = None,
    shape: BookShape | None = None,
) -> Books:
    """Play a random market for a number of seconds.

    Args:
        seed: Same seed, same books.
        n_seconds: Seconds played; fewer rows come out where seconds are left out.
        symbol: Contract the rows carry.
        start: First window start, UTC without zone; the seconds must lie in one UTC date.
        surface_window: Half-open range of window starts with wall and re-price rows; None is all.
        shape: Tick, widths and kinds of second.
    """
    shape = shape or BookShape()
    market = Market(Random(seed), shape)
    books = Books(symbol, start.date(), shape.tick_int, shape.wall_max_ticks)
    for index in range(n_seconds):
        second = market.play(index)
        now = start + timedelta(seconds=index)
        has_surface = surface_window is None or surface_window[0] <= now < surface_window[1]
        if second.is_written:
            _write_second(books, market, second, now, has_surface)
    return books


def day_of(books: Books, **config: Any) -> SurfaceDay:
    """The books as input of the plain surfaces; `config` are fields of `SurfaceConfig`."""
    surface = SurfaceConfig(books.tick_int, books.wall_max_ticks, **config)
    return SurfaceDay(books.symbol, books.dt, books.snapshot, books.wall, books.reprice, surface)


def _write_second(
    books: Books, market: Market, second: Second, start: datetime, has_surface: bool
) -> None:
    keys = {
        "symbol": books.symbol,
        "dt": books.dt,
        "window_start_ts": start,
        "window_end_ts": start + timedelta(seconds=1),
    }
    is_valid = second.flags == 0
    spot, _ = market.spot()
    inside, outside = [], []
    for side, ticks, counts in _counts_by_price(market, second):
        if spot is None or abs(ticks - spot) > books.wall_max_ticks:
            outside.append((side, counts))
        else:
            place = {
                "side": side,
                "price_int": ticks * books.tick_int,
                "spot_ref_price_int": spot * books.tick_int,
                "rel_ticks": ticks - spot,
            }
            inside.append(keys | place | counts | {"window_valid": is_valid})
    assert inside or spot is None, "a second with spot needs a wall row"
    snapshot = _snapshot_row(market, second, books.tick_int) | _outside_totals(outside)
    not_valid_book = second.flags & (FLAG_NO_BOOK | FLAG_RESET)
    validity = {
        "invalid_flags": second.flags,
        "book_valid": not not_valid_book,
        "window_valid": is_valid,
    }
    books.snapshot.append(keys | snapshot | validity)
    if has_surface:
        books.wall += inside
        books.reprice += [
            keys | move | {"window_valid": is_valid} for move in _moves(second, books.tick_int)
        ]


def _counts_by_price(market: Market, second: Second) -> list[tuple[str, int, Row]]:
    """Side, price in ticks and quantities of the whole book, where anything is or happened."""
    end_ms = (second.index + 1) * MS_PER_S
    depth: dict[tuple[str, int], int] = {}
    rested: dict[tuple[str, int], int] = {}
    n_orders: dict[tuple[str, int], int] = {}
    for order in market.orders:
        key = order.side, order.ticks
        depth[key] = depth.get(key, 0) + order.qty
        n_orders[key] = n_orders.get(key, 0) + 1
        if end_ms - order.enter_ms >= REST_MS:
            rested[key] = rested.get(key, 0) + order.qty
    rows = []
    for key in sorted({*second.start_depth, *depth, *second.flows}):
        flow = second.flow_at(key)
        counts = {
            "depth_qty_start": second.start_depth.get(key, 0),
            "depth_qty_end": depth.get(key, 0),
            "add_qty": flow["add"],
            "pull_qty_total": flow["pull"],
            "pull_qty_rest": flow["pull_rest"],
            "fill_qty": flow["fill"],
            "reprice_in_qty": flow["reprice_in"],
            "reprice_out_qty": flow["reprice_out"],
            "reset_qty": flow["reset"],
            "depth_qty_rest": rested.get(key, 0),
            "order_count_end": n_orders.get(key, 0),
        }
        if any(counts.values()):
            rows.append((*key, counts))
    return rows


def _snapshot_row(market: Market, second: Second, tick_int: int) -> Row:
    bid, ask = market.best("B"), market.best("A")
    spot, source = market.spot()
    depth = market.depth()
    bid_int, ask_int, last_int, spot_int = (
        None if ticks is None else ticks * tick_int for ticks in (bid, ask, market.last_ticks, spot)
    )
    bid_qty, ask_qty = depth.get(("B", bid)), depth.get(("A", ask))
    mid_int = microprice = None
    if bid is not None and ask is not None:
        mid_int = (bid_int + ask_int) // 2
        weighted = ask_int * bid_qty + bid_int * ask_qty
        microprice = weighted / (bid_qty + ask_qty) / PRICE_UNITS
    return {
        "best_bid_price_int": bid_int,
        "best_ask_price_int": ask_int,
        "best_bid_price": _points(bid_int),
        "best_ask_price": _points(ask_int),
        "best_bid_qty": bid_qty,
        "best_ask_qty": ask_qty,
        "mid_price_int": mid_int,
        "mid_price": _points(mid_int),
        "microprice": microprice,
        "last_trade_price_int": last_int,
        "last_trade_price": _points(last_int),
        "spot_ref_price_int": spot_int,
        "spot_ref_price": _points(spot_int),
        "spot_source": source,
        "trade_count": second.n_trades,
        "trade_qty_buy": second.traded["B"],
        "trade_qty_sell": second.traded["A"],
        "trade_qty_none": 0,
        "n_records": second.n_events,
        "n_groups": second.n_events,
        **{
            f"{name}_depth_total": sum(qty for (s, _), qty in depth.items() if s == side)
            for name, side in SIDE_NAMES.items()
        },
        **{
            f"{name}_order_count": sum(order.side == side for order in market.orders)
            for name, side in SIDE_NAMES.items()
        },
    }


def _outside_totals(outside: list[tuple[str, Row]]) -> Row:
    return {
        f"{name}_outside_{kind}": sum(counts[column] for s, counts in outside if s == side)
        for name, side in SIDE_NAMES.items()
        for kind, column in OUTSIDE_COLUMNS.items()
    }


def _moves(second: Second, tick_int: int) -> list[Row]:
    return [
        {
            "side": side,
            "price_from_int": left * tick_int,
            "price_to_int": entered * tick_int,
            "qty": qty,
            "qty_rest": qty_rest,
            "n_orders": n_orders,
        }
        for (side, left, entered), (qty, qty_rest, n_orders) in sorted(second.moves.items())
    ]


def _points(price_int: int | None) -> float | None:
    return None if price_int is None else price_int / PRICE_UNITS


def translated(books: Books, ticks: int) -> Books:
    """The same books with every price moved by a number of ticks."""
    shift = ticks * books.tick_int
    return _with_prices(books, lambda price_int: price_int + shift)


def mirrored(books: Books, centre_int: int) -> Books:
    """The same books with prices reflected at a price and the sides swapped."""
    reflected = _with_prices(books, lambda price_int: 2 * centre_int - price_int)
    swapped_names = {"bid": "ask", "ask": "bid", "buy": "sell", "sell": "buy"}

    def swap(row: Row) -> Row:
        changed = {}
        for name, value in row.items():
            words = "_".join(swapped_names.get(word, word) for word in name.split("_"))
            changed[words] = value
        if "side" in row:
            changed["side"] = "B" if row["side"] == "A" else "A"
        if "rel_ticks" in row:
            changed["rel_ticks"] = -row["rel_ticks"]
        if row.get("spot_source") in ("clamped_bid", "clamped_ask"):
            bid = row["spot_source"] == "clamped_bid"
            changed["spot_source"] = "clamped_ask" if bid else "clamped_bid"
        return {name: changed[name] for name in row}

    return replace(
        reflected,
        snapshot=[swap(row) for row in reflected.snapshot],
        wall=[swap(row) for row in reflected.wall],
        reprice=[swap(row) for row in reflected.reprice],
    )


def _with_prices(books: Books, moved: Callable[[int], int]) -> Books:
    def change(row: Row) -> Row:
        ints = {
            name: moved(value)
            for name, value in row.items()
            if name.endswith(("price_int", "from_int", "to_int")) and value is not None
        }
        doubles = {
            name: moved(round(value * PRICE_UNITS)) / PRICE_UNITS
            for name, value in row.items()
            if name.endswith(("_price", "microprice")) and value is not None
        }
        return row | ints | doubles

    return replace(
        books,
        snapshot=[change(row) for row in books.snapshot],
        wall=[change(row) for row in books.wall],
        reprice=[change(row) for row in books.reprice],
    )


def as_tables(books: Books) -> dict[str, pa.Table]:
    """Tables of the three relations by name; BIGINT, DOUBLE, TIMESTAMP as published."""
    relations = {
        "book_snapshot_1s": books.snapshot,
        "wall_surface_1s": books.wall,
        "reprice_flow_1s": books.reprice,
    }
    tables = {}
    for relation, rows in relations.items():
        assert rows, f"no rows of {relation}"
        schema = pa.schema([(name, TYPES.get(name, pa.int64())) for name in rows[0]])
        tables[relation] = pa.Table.from_pylist(rows, schema=schema)
    return tables


def write_books(books: Books, folder: Path) -> dict[str, Path]:
    """Write `<relation>.parquet` of the three relations and return the paths by relation."""
    folder.mkdir(parents=True, exist_ok=True)
    paths = {}
    for relation, table in as_tables(books).items():
        paths[relation] = folder / f"{relation}.parquet"
        pq.write_table(table, paths[relation])
    return paths
