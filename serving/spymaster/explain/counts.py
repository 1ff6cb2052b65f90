"""Counts of the engine as sums over the records of their second."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field

from spymaster_ingest.units import PRICE_SCALE

from spymaster.explain.attribution import Effect, Order, Record, SecondOfRecords
from spymaster.explain.wanted import Row

WALL, SNAPSHOT, REPRICE = (
    "silver.wall_surface_1s",
    "silver.book_snapshot_1s",
    "silver.reprice_flow_1s",
)
ENGINE = (WALL, SNAPSHOT, REPRICE)
# what leads from the depth at the start to that at the end, and what is part of it
_TERMS = ("add_qty", "pull_qty_total", "fill_qty", "reset_qty")
_MOVED = ("reprice_in_qty", "reprice_out_qty")
_FLOWS = (*_TERMS, *_MOVED, "pull_qty_rest")
# flows of the totals outside of the wall, by the end of their column's name
_OUTSIDE = {
    "add": "add_qty",
    "pull": "pull_qty_total",
    "fill": "fill_qty",
    "reset": "reset_qty",
}
_SIDES = {"bid": "B", "ask": "A"}
_TRADES = {"trade_qty_buy": "B", "trade_qty_sell": "A", "trade_qty_none": "N"}
# columns that look further back than the second and the state it starts from
CONTEXT = {
    "invalid_flags": "bits 16, 32 and 64 depend on trading hours, on the last minute's cancels and "
    "on the records before",
    "book_valid": "it depends on the snapshots and doubts before this second",
    "window_valid": "it depends on trading hours and on the seconds before; invalid_flags of "
    "silver.book_snapshot_1s has the reason",
}


@dataclass
class Count:
    """A value of the engine made again.

    Attributes:
        value: what the replay gives.
        changes: records with what each adds to the value.
        orders: resting orders that the value counts, if it is a state.
        total: the terms of the sum and their result.
        moved: what of the terms came and went by a change of price.
    """

    value: object
    changes: list[tuple[Effect | Record, int]] = field(default_factory=list)
    orders: list[Order] = field(default_factory=list)
    total: Row = field(default_factory=dict)
    moved: Row = field(default_factory=dict)


@dataclass(frozen=True)
class Frame:
    """What the engine knows of the second beside its records; prices in 1e-9 points."""

    window_end_ns: int
    tick_int: int
    wall_max_ticks: int
    rest_ns: int


def count(
    relation: str, column: str, row: Row, second: SecondOfRecords, frame: Frame
) -> Count | None:
    """Return a value of an engine relation from records; None where that takes more than them.

    Args:
        relation: one of ``ENGINE``.
        column: the column.
        row: the keys of the row.
        second: the second with what its records did.
        frame: the second's end and the settings of the engine.
    """
    if column in CONTEXT:
        return None
    if relation == WALL:
        return _wall(column, row, second, frame)
    if relation == REPRICE:
        return _reprice(column, row, second, frame)
    return _snapshot(column, second, frame)


def _wall(column: str, row: Row, second: SecondOfRecords, frame: Frame) -> Count | None:
    side, price_int = row["side"], row["price_int"]
    effects = [one for one in second.effects if (one.side, one.price_int) == (side, price_int)]
    start, end = (
        [order for order in orders.values() if (order.side, order.price_int) == (side, price_int)]
        for orders in (second.orders_at_start, second.orders)
    )
    if column in _FLOWS:
        return _flow(column, effects)
    if column == "depth_qty_start":
        return Count(_depth(start), orders=start, total={"orders": len(start)})
    if column == "depth_qty_end":
        return _depth_end(start, end, effects)
    if column == "depth_qty_rest":
        rested = _rested(end, frame)
        return Count(_depth(rested), orders=rested, total={"orders": len(rested)})
    if column == "order_count_end":
        return Count(len(end), orders=end, total={"orders": len(end)})
    spot = _spot(second, frame)[0]
    if column == "rel_ticks":
        return Count(None if spot is None else (price_int - spot) // frame.tick_int)
    if column == "spot_ref_price_int":
        return Count(spot)
    return None


def _flow(column: str, effects: Iterable[Effect]) -> Count:
    changes = [(one, one.flows[column]) for one in effects if column in one.flows]
    value = sum(qty for _, qty in changes)
    return Count(value, list(changes), total={"records": len(changes), column: value})


def _depth_end(start: list[Order], end: list[Order], effects: list[Effect]) -> Count:
    flows: Counter[str] = Counter()
    for effect in effects:
        flows.update(effect.flows)
    changes = [(one, one.depth_change) for one in effects if one.depth_change]
    value = _depth(start) + sum(qty for _, qty in changes)
    terms: Row = {"depth_qty_start": _depth(start)} | {name: flows[name] for name in _TERMS}
    terms |= {"depth_qty_end": value, "is_equal": value == _depth(end)}
    moved = {name: flows[name] for name in _MOVED}
    return Count(value, list(changes), total=terms, moved=moved)


def _reprice(column: str, row: Row, second: SecondOfRecords, frame: Frame) -> Count | None:
    key = (row["side"], row["price_from_int"], row["price_to_int"])
    effects = [one for one in second.effects if (one.side, one.price_int, one.to_price_int) == key]
    if column == "n_orders":
        changes: list[tuple[Effect | Record, int]] = [(one, 1) for one in effects]
    elif column in ("qty", "qty_rest"):
        moved = "reprice_out_qty"
        is_rested = [one.flows.get("pull_qty_rest", 0) > 0 for one in effects]
        changes = [
            (one, one.flows[moved])
            for one, rested in zip(effects, is_rested, strict=True)
            if rested or column == "qty"
        ]
    else:
        return None
    value = sum(qty for _, qty in changes)
    return Count(value, changes, total={"records": len(changes), column: value})


def _snapshot(column: str, second: SecondOfRecords, frame: Frame) -> Count | None:
    if column in ("n_records", "n_groups"):
        return Count(len(second.records) if column == "n_records" else second.n_groups)
    if column == "trade_count" or column in _TRADES:
        letter = _TRADES.get(column)
        changes: list[tuple[Effect | Record, int]] = [
            (one, 1 if letter is None else one.size)
            for one in second.trades
            if letter is None or (one.side if one.side in "AB" else "N") == letter
        ]
        value = sum(qty for _, qty in changes)
        return Count(value, changes, total={"records": len(changes), column: value})
    name, _, what = column.partition("_")
    if name in _SIDES and (what.startswith("outside_") or what in ("depth_total", "order_count")):
        return _side_total(column, _SIDES[name], what, second, frame)
    values = _quotes(second, frame)
    return Count(values[column]) if column in values else None


def _side_total(
    column: str, side: str, what: str, second: SecondOfRecords, frame: Frame
) -> Count | None:
    spot = _spot(second, frame)[0]
    reach = frame.wall_max_ticks * frame.tick_int

    def counts(one: Effect | Order) -> bool:
        is_outside = spot is None or abs(one.price_int - spot) > reach
        return one.side == side and (is_outside or not what.startswith("outside_"))

    start = [order for order in second.orders_at_start.values() if counts(order)]
    end = [order for order in second.orders.values() if counts(order)]
    effects = [one for one in second.effects if counts(one)]
    if what == "order_count":
        return Count(len(end), total={"orders": len(end)})
    kind = what.removeprefix("outside_")
    if kind == "depth_start":
        return Count(_depth(start), total={"orders": len(start)})
    if kind in ("depth_end", "depth_total"):
        return _depth_end(start, end, effects)
    if kind in _OUTSIDE:
        found = _flow(_OUTSIDE[kind], effects)
        found.total = {"records": len(found.changes), column: found.value}
        return found
    return None


def _quotes(second: SecondOfRecords, frame: Frame) -> Row:
    bid, bid_qty = _best(second, "B")
    ask, ask_qty = _best(second, "A")
    spot, source = _spot(second, frame)
    values: Row = {
        "best_bid_price_int": bid,
        "best_ask_price_int": ask,
        "best_bid_qty": bid_qty,
        "best_ask_qty": ask_qty,
        "last_trade_price_int": second.last_trade_price_int,
        "spot_ref_price_int": spot,
        "spot_source": source,
        **dict.fromkeys(("mid_price_int", "mid_price", "microprice")),
    }
    for name in ("best_bid", "best_ask", "last_trade", "spot_ref"):
        price_int = values[f"{name}_price_int"]
        values[f"{name}_price"] = None if price_int is None else price_int / PRICE_SCALE
    if bid is not None and ask is not None and bid_qty and ask_qty:
        values["mid_price_int"] = (bid + ask) // 2
        values["mid_price"] = (bid + ask) / (2 * PRICE_SCALE)
        weighted = ask / PRICE_SCALE * bid_qty + bid / PRICE_SCALE * ask_qty
        values["microprice"] = weighted / (bid_qty + ask_qty)
    return values


def _best(second: SecondOfRecords, side: str) -> tuple[int | None, int | None]:
    prices: Counter[int] = Counter()
    for order in second.orders.values():
        if order.side == side:
            prices[order.price_int] += order.qty
    if not prices:
        return None, None
    best = max(prices) if side == "B" else min(prices)
    return best, prices[best]


def _spot(second: SecondOfRecords, frame: Frame) -> tuple[int | None, str | None]:
    """Return the anchor and where it comes from: the last trade clamped into the best quotes."""
    bid, ask = _best(second, "B")[0], _best(second, "A")[0]
    last = second.last_trade_price_int
    if bid is None or ask is None:
        return None, None
    if bid > ask or last is None:
        return (bid + ask) // (2 * frame.tick_int) * frame.tick_int, "mid"
    if last < bid:
        return bid, "clamped_bid"
    if last > ask:
        return ask, "clamped_ask"
    return last, "trade"


def _depth(orders: Iterable[Order]) -> int:
    return sum(order.qty for order in orders)


def _rested(orders: Iterable[Order], frame: Frame) -> list[Order]:
    return [one for one in orders if frame.window_end_ns - one.ts_enter >= frame.rest_ns]
