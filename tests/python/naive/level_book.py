"""The book around a level, plainly: one level of one second at a time."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from spymaster_engine.kernels.levels.level_book import NO_DEPTH

_OF_RUNGS = {
    "depth_start": "depth_qty_start",
    "depth_end": "depth_qty_end",
    "add": "add_qty",
    "pull": "pull_qty_total",
    "fill": "fill_qty",
}


class Cell(NamedTuple):
    """A side's quantities at a price; the height is ticks from spot in the side's direction."""

    side_no: int
    height_ticks: int
    depth_qty_start: int
    depth_qty_end: int
    add_qty: int
    pull_qty_total: int
    pull_qty_rest: int
    fill_qty: int


class Move(NamedTuple):
    """A quantity re-priced to another price of its side."""

    side_no: int
    height_ticks: int
    is_away: int
    qty_rest: int


def plain_level_book(
    cells: Sequence[Cell],
    moves: Sequence[Move],
    k_ticks: int,
    buckets: dict[str, tuple[int, int]],
    rungs: int,
    rung_ticks: int,
) -> dict[str, int | list[int]]:
    """Return the sums around a level by the names of the kernel."""
    zone = max(end for _, end in buckets.values())
    sums = {}
    for side_no, side in enumerate(("ask", "bid")):
        level_height = k_ticks if side == "ask" else -k_ticks
        own = [cell for cell in cells if cell.side_no == side_no]
        at = {cell.height_ticks - level_height: cell for cell in own}
        zone_cells = {distance: cell for distance, cell in at.items() if 0 <= distance <= zone}
        left = [
            move
            for move in moves
            if move.side_no == side_no and 0 <= move.height_ticks - level_height <= zone
        ]
        near_spot = [cell for cell in own if 1 <= cell.height_ticks <= zone]
        depths = {d: cell.depth_qty_end for d, cell in zone_cells.items() if cell.depth_qty_end}
        largest = max(depths.values(), default=0)

        def total(quantity: str, bucket: str | None = None, zone_cells: dict = zone_cells) -> int:
            first, last = buckets[bucket] if bucket else (0, zone)
            return sum(
                getattr(cell, quantity) for d, cell in zone_cells.items() if first <= d <= last
            )

        of_side = {
            "depth_start": total("depth_qty_start"),
            "depth_end": total("depth_qty_end"),
            "distance_qty_start": sum(d * c.depth_qty_start for d, c in zone_cells.items()),
            "distance_qty_end": sum(d * c.depth_qty_end for d, c in zone_cells.items()),
            "depth_at_start": total("depth_qty_start", "at"),
            "depth_near_start": total("depth_qty_start", "near"),
            "depth_at_end": total("depth_qty_end", "at"),
            "depth_near_end": total("depth_qty_end", "near"),
            "depth_far_end": total("depth_qty_end", "far"),
            "add": total("add_qty"),
            "pull": total("pull_qty_rest"),
            "pull_all": total("pull_qty_total"),
            **{f"pull_{bucket}": total("pull_qty_rest", bucket) for bucket in buckets},
            "best_ticks": min(depths, default=NO_DEPTH),
            "away": sum(move.qty_rest for move in left if move.is_away),
            "toward": sum(move.qty_rest for move in left if not move.is_away),
            "fill": total("fill_qty"),
            "max_depth": largest,
            "max_depth_ticks": min((d for d in depths if depths[d] == largest), default=0),
            "spot_depth": sum(cell.depth_qty_end for cell in near_spot),
            "spot_add": sum(cell.add_qty for cell in near_spot),
            "spot_pull": sum(cell.pull_qty_total for cell in near_spot),
        }
        sums |= {f"{side}_{name}": value for name, value in of_side.items()}
    defending = 0 if k_ticks > 0 else 1
    corridor = [
        cell
        for cell in cells
        if cell.side_no == defending and 1 <= cell.height_ticks < abs(k_ticks)
    ]
    return sums | {
        "corridor_depth": sum(cell.depth_qty_end for cell in corridor),
        "corridor_add": sum(cell.add_qty for cell in corridor),
        "corridor_pull": sum(cell.pull_qty_total for cell in corridor),
        "corridor_fill": sum(cell.fill_qty for cell in corridor),
        **_plain_rungs(cells, k_ticks, rungs, rung_ticks),
        **_plain_beyond(cells, k_ticks, rungs, rung_ticks),
    }


def _plain_rungs(
    cells: Sequence[Cell], k_ticks: int, rungs: int, rung_ticks: int
) -> dict[str, list[int]]:
    """Return the sums of each rung of the ladder, the lowest first."""
    sums = {}
    for side_no, side in enumerate(("ask", "bid")):
        for name, quantity in _OF_RUNGS.items():
            sums[f"{side}_rung_{name}"] = [
                sum(
                    getattr(cell, quantity)
                    for cell in cells
                    if cell.side_no == side_no
                    and (cell.height_ticks if side == "ask" else -cell.height_ticks) - k_ticks
                    in range(rung * rung_ticks, (rung + 1) * rung_ticks)
                )
                for rung in range(-rungs, rungs + 1)
            ]
    return sums


def _plain_beyond(
    cells: Sequence[Cell], k_ticks: int, rungs: int, rung_ticks: int
) -> dict[str, list[int]]:
    """Return the depth of each rung past the level in a side's direction, its own rung first."""
    sums = {}
    for side_no, side in enumerate(("ask", "bid")):
        level_height = k_ticks if side == "ask" else -k_ticks
        depths = {cell.height_ticks: 0 for cell in cells}
        for cell in cells:
            if cell.side_no == side_no:
                depths[cell.height_ticks] += cell.depth_qty_end
        sums[f"{side}_beyond_depths"] = [
            sum(
                depths.get(level_height + rung * rung_ticks + tick, 0) for tick in range(rung_ticks)
            )
            for rung in range(rungs + 1)
        ]
    return sums
