"""A small market for the tests of the plain conditions, scripted order by order."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

from naive.levels_model import LevelKey, Row, Second
from naive.levels_price import level_offset_1s
from naive.surfaces import SurfaceConfig, SurfaceDay

from support.levels_market import RULES, TICK_INT, level_rows, timestamp_of

WALL_MAX_TICKS = 130
REACH, QTY = 60, 30
COUNTS = (
    "depth_qty_start",
    "depth_qty_end",
    "depth_qty_rest",
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
    "reprice_in_qty",
    "reprice_out_qty",
)


class Event(NamedTuple):
    """A change of resting contracts: add, pull, fill or move."""

    kind: str
    side: str
    ticks: int
    qty: int
    to_ticks: int | None = None


Events = Mapping[int, Sequence[Event]]


def full_book(spot: int, qty: int = QTY) -> dict[tuple[str, int], int]:
    """The same depth at every tick of both sides; nothing at spot."""
    asks = {("A", spot + n): qty for n in range(1, REACH + 1)}
    return asks | {("B", spot - n): qty for n in range(1, REACH + 1)}


def market_day(
    first_end_s: int,
    spots: Sequence[int],
    events: Events,
    *,
    book: dict[tuple[str, int], int] | None = None,
    invalid: tuple[int, ...] = (),
    missing: tuple[int, ...] = (),
) -> SurfaceDay:
    """Seconds of a book that starts full around the first spot.

    Args:
        first_end_s: End of the first second.
        spots: Spot of each second, ticks.
        events: Events by number of the second; added contracts count as rested from the next
            second.
        book: Depth at the start by side and price; full by default.
        invalid: Numbers of seconds that are not valid.
        missing: Numbers of missing seconds.
    """
    depth = dict(full_book(spots[0]) if book is None else book)
    snapshot, wall, reprice = [], [], []
    for n, spot in enumerate(spots):
        keys = {
            "window_start_ts": timestamp_of(first_end_s + n - 1),
            "window_valid": n not in invalid,
        }
        cells: dict[tuple[str, int], dict[str, int]] = {
            key: dict.fromkeys(COUNTS, 0) | {"depth_qty_start": qty} for key, qty in depth.items()
        }
        young: dict[tuple[str, int], int] = {}
        moves: dict[tuple[str, int, int], int] = {}
        for event in events.get(n, ()):
            _apply(event, depth, young, cells, moves)
        for key, cell in cells.items():
            cell["depth_qty_end"] = depth.get(key, 0)
            cell["depth_qty_rest"] = depth.get(key, 0) - young.get(key, 0)
        best_bid = max(t for (side, t), qty in depth.items() if side == "B" and qty)
        best_ask = min(t for (side, t), qty in depth.items() if side == "A" and qty)
        if n in missing:
            continue
        at_spot = {"spot_ref_price_int": spot * TICK_INT}
        quotes = {
            "best_bid_price_int": best_bid * TICK_INT,
            "best_ask_price_int": best_ask * TICK_INT,
            "mid_price_int": (best_bid + best_ask) * TICK_INT // 2,
            "invalid_flags": 8 if n in invalid else 0,
        }
        snapshot.append(keys | at_spot | quotes)
        for (side, ticks), cell in cells.items():
            if any(cell.values()) and abs(ticks - spot) <= WALL_MAX_TICKS:
                place = {"side": side, "price_int": ticks * TICK_INT, "rel_ticks": ticks - spot}
                wall.append(keys | at_spot | place | cell)
        for (side, left, entered), qty in moves.items():
            prices = {"price_from_int": left * TICK_INT, "price_to_int": entered * TICK_INT}
            reprice.append(keys | prices | {"side": side, "qty": qty, "qty_rest": qty})
    config = SurfaceConfig(TICK_INT, WALL_MAX_TICKS)
    return SurfaceDay("ESZ5", RULES.dt, snapshot, wall, reprice, config)


def _apply(
    event: Event,
    depth: dict[tuple[str, int], int],
    young: dict[tuple[str, int], int],
    cells: dict[tuple[str, int], dict[str, int]],
    moves: dict[tuple[str, int, int], int],
) -> None:
    def change(ticks: int, **counts: int) -> None:
        cell = cells.setdefault((event.side, ticks), dict.fromkeys(COUNTS, 0))
        for name, qty in counts.items():
            cell[f"{name}_qty" if name not in COUNTS else name] += qty

    key, qty = (event.side, event.ticks), event.qty
    if event.kind == "add":
        depth[key] = depth.get(key, 0) + qty
        young[key] = young.get(key, 0) + qty
        change(event.ticks, add=qty)
        return
    depth[key] -= qty
    assert depth[key] >= young.get(key, 0), "only rested contracts can leave"
    if event.kind == "fill":
        change(event.ticks, fill=qty)
        return
    change(event.ticks, pull_qty_total=qty, pull_qty_rest=qty)
    if event.kind == "move":
        entered = event.side, event.to_ticks
        depth[entered] = depth.get(entered, 0) + qty
        young[entered] = young.get(entered, 0) + qty
        change(event.ticks, reprice_out=qty)
        change(event.to_ticks, add=qty, reprice_in=qty)
        path = event.side, event.ticks, event.to_ticks
        moves[path] = moves.get(path, 0) + qty


def described(
    day: SurfaceDay, tick: int, level: str = "pm_high", **fields: Any
) -> tuple[dict[LevelKey, Row], dict[LevelKey, Row]]:
    """Level rows with one tick at every second, and their offsets."""
    levels = level_rows({second + 1: tick for second in day.snapshot}, level, **fields)
    seconds = [Second.of_row(row) for row in day.snapshot.values()]
    return levels, level_offset_1s(seconds, levels, RULES)


def reflected(events: Events, about: int) -> dict[int, list[Event]]:
    """The mirrored events: asks become bids and prices are reflected at a price."""
    swap = {"A": "B", "B": "A"}
    return {
        n: [
            Event(e.kind, swap[e.side], 2 * about - e.ticks, e.qty)
            if e.to_ticks is None
            else Event(e.kind, swap[e.side], 2 * about - e.ticks, e.qty, 2 * about - e.to_ticks)
            for e in of_second
        ]
        for n, of_second in events.items()
    }
