"""Turns a finished window into output rows, and checks that no quantity is lost."""

from __future__ import annotations

from collections import Counter
from typing import Any

from naive.model import NS_PER_S, SIDES, BookConfig
from naive.state import Book, Flow, Window

FLOW_FIELDS = ("add", "pull", "fill", "reset")
NO_FLOW = Flow()


class WindowRows:
    """Rows of one window whose spot and validity are known."""

    def __init__(
        self, config: BookConfig, book: Book, window: Window, spot: int | None, valid: bool
    ) -> None:
        self.config = config
        self.book = book
        self.window = window
        self.spot = spot
        self.window_valid = valid

    def is_inside(self, price_int: int) -> bool:
        """Whether a price lies within the wall range around spot."""
        if self.spot is None:
            return False
        return abs(price_int - self.spot) <= self.config.wall_max_ticks * self.config.tick_int

    def split_flows(self) -> Counter[str]:
        """Flow sums named `{bid,ask}_{add,pull,fill,reset}_{inside,outside}`."""
        sums: Counter[str] = Counter()
        for name, side in SIDES.items():
            for (flow_side, price_int), flow in self.window.flows.items():
                where = "inside" if self.is_inside(price_int) else "outside"
                if flow_side == side:
                    for kind in FLOW_FIELDS:
                        sums[f"{name}_{kind}_{where}"] += getattr(flow, kind)
        return sums

    def outside_depth(self, depth: dict[str, dict[int, int]]) -> dict[str, int]:
        """Depth per side name that no wall row may show."""
        return {
            name: sum(
                qty for price_int, qty in depth[side].items() if not self.is_inside(price_int)
            )
            for name, side in SIDES.items()
        }

    def wall(self) -> list[dict[str, Any]]:
        """Rows of `wall_surface_1s`, sorted by side and price."""
        window = self.window
        depth_rest = self._depth_rest()
        prices = {key for key, flow in window.flows.items() if flow.any()}
        for side in SIDES.values():
            for depth in (window.start_depth, self.book.depth):
                prices |= {(side, price_int) for price_int in depth[side]}
        rows = []
        for side, price_int in sorted(prices):
            if not self.is_inside(price_int):
                continue
            flow = window.flows.get((side, price_int), NO_FLOW)
            rows.append(
                {
                    "window_start_s": window.start_s,
                    "side": side,
                    "price_int": price_int,
                    "spot_ref_price_int": self.spot,
                    "rel_ticks": (price_int - self.spot) // self.config.tick_int,
                    "depth_qty_start": window.start_depth[side].get(price_int, 0),
                    "depth_qty_end": self.book.depth[side].get(price_int, 0),
                    "add_qty": flow.add,
                    "pull_qty_total": flow.pull,
                    "pull_qty_rest": flow.pull_rest,
                    "fill_qty": flow.fill,
                    "reprice_in_qty": flow.reprice_in,
                    "reprice_out_qty": flow.reprice_out,
                    "reset_qty": flow.reset,
                    "depth_qty_rest": depth_rest[side, price_int],
                    "order_count_end": self.book.order_count[side].get(price_int, 0),
                    "window_valid": self.window_valid,
                }
            )
        return rows

    def reprice(self) -> list[dict[str, Any]]:
        """Rows of `reprice_flow_1s`, sorted by side and prices."""
        return [
            {
                "window_start_s": self.window.start_s,
                "side": side,
                "price_from_int": price_from,
                "price_to_int": price_to,
                **vars(move),
                "window_valid": self.window_valid,
            }
            for (side, price_from, price_to), move in sorted(self.window.moves.items())
        ]

    def _depth_rest(self) -> Counter[tuple[str, int]]:
        """Depth of rested orders by (side, price); also recounts the book from its orders."""
        end_ns = (self.window.start_s + 1) * NS_PER_S
        depth: Counter[tuple[str, int]] = Counter()
        rest: Counter[tuple[str, int]] = Counter()
        orders: Counter[tuple[str, int]] = Counter()
        for order in self.book.orders.values():
            assert order.qty > 0, "an order rests without quantity"
            key = order.side, order.price_int
            depth[key] += order.qty
            orders[key] += 1
            if max(0, end_ns - order.ts_enter) >= self.config.rest_ns:
                rest[key] += order.qty
        for side in SIDES.values():
            assert self.book.depth[side] == {p: q for (s, p), q in depth.items() if s == side}
            assert self.book.order_count[side] == {
                p: n for (s, p), n in orders.items() if s == side
            }
        return rest

    def check_conservation(self) -> None:
        """Assert end = start + flows at every side and price of the whole book."""
        for side in SIDES.values():
            expected = Counter(self.window.start_depth[side])
            for (flow_side, price_int), flow in self.window.flows.items():
                if flow_side == side:
                    expected[price_int] += flow.net
            assert {p: q for p, q in expected.items() if q} == self.book.depth[side], (
                f"depth is not conserved in window {self.window.start_s} side {side}"
            )
        moved_out, moved_in = Counter(), Counter()
        for (side, price_from, price_to), move in self.window.moves.items():
            moved_out[side, price_from] += move.qty
            moved_in[side, price_to] += move.qty
        for key, flow in self.window.flows.items():
            assert (flow.reprice_out, flow.reprice_in) == (moved_out[key], moved_in[key])
            assert flow.reprice_in <= flow.add
            assert max(flow.reprice_out, flow.pull_rest) <= flow.pull


def check_inside_and_outside(row: dict[str, Any], wall: list[dict[str, Any]], rows: WindowRows):
    """Assert that the wall rows and the outside totals of one second add up to the book."""
    window = rows.window
    wall_names = {
        "depth_start": "depth_qty_start",
        "depth_end": "depth_qty_end",
        "add": "add_qty",
        "pull": "pull_qty_total",
        "fill": "fill_qty",
        "reset": "reset_qty",
    }
    for name, side in SIDES.items():
        flows = [flow for (flow_side, _), flow in window.flows.items() if flow_side == side]
        whole = {kind: sum(getattr(flow, kind) for flow in flows) for kind in FLOW_FIELDS}
        whole["depth_start"] = sum(window.start_depth[side].values())
        whole["depth_end"] = sum(rows.book.depth[side].values())
        for kind, column in wall_names.items():
            shown = sum(wall_row[column] for wall_row in wall if wall_row["side"] == side)
            assert shown + row[f"{name}_outside_{kind}"] == whole[kind]
