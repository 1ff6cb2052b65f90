"""Book around a level: depth and order flow of a second as seen from prices near spot.

Heights and distances are ticks in the direction of a side, up for asks and down for bids: a
cell's height counts from spot, its distance from the level. The sums of a side begin at the
level and end with the zone; what lies between spot and the level is its corridor. The rungs of
a level's ladder are of equal height, counted up from the level, and hold both sides. The rungs
beyond a level are counted from it in the direction of a side: those of bids mirror those of asks,
unlike the rungs of the ladder.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.level_book_columns import BUCKETS, CELLS, MOVES, RUNG_SUMS, SIDES, SUMS

NO_DEPTH = -1

# the first columns of a cell say where it is
_WHERE = 2
_N_QUANTITIES = len(CELLS) - _WHERE
_START, _END, _ADD, _PULL_ALL, _PULL_REST, _FILL = range(_N_QUANTITIES)
_OF_RUNGS = {
    "depth_start": _START,
    "depth_end": _END,
    "add": _ADD,
    "pull": _PULL_ALL,
    "fill": _FILL,
}


def level_book(
    cells: dict[str, NDArray[np.integer]],
    cell_bounds: NDArray[np.integer],
    moves: dict[str, NDArray[np.integer]],
    move_bounds: NDArray[np.integer],
    k_ticks: NDArray[np.integer],
    level_bounds: NDArray[np.integer],
    buckets: Sequence[tuple[int, int]],
    rungs: int,
    rung_ticks: int,
) -> dict[str, NDArray[np.int64]]:
    """Return the sums around each level of each second.

    Args:
        cells: (n_cells,) each, by the names of ``CELLS``: a side's quantities at a price,
            contracts. ``side_no`` counts ``SIDES``. Order within a second does not matter.
        cell_bounds: (n_seconds + 1,) bounds of each second's cells, from 0.
        moves: (n_moves,) each, by the names of ``MOVES``: quantities that left a price for
            another one of the same side, further away from the other side or nearer to it.
        move_bounds: (n_seconds + 1,) bounds of each second's moves.
        k_ticks: (n_levels,) levels minus spot, ticks.
        level_bounds: (n_seconds + 1,) bounds of each second's levels.
        buckets: [from, to] in ticks of each of ``BUCKETS``, one after the other from 0.
        rungs: Rungs of the ladder above the level's own, and below it.
        rung_ticks: Height of a rung, ticks.

    Returns:
        (n_levels,) int64 each, by the names of ``SUMS``. ``best_ticks`` is ``NO_DEPTH`` where a
        side has none within the zone; ``max_depth_ticks`` the nearest of equals. And
        (n_levels, 2 * rungs + 1) int64 each, by the names of ``RUNG_SUMS``, the lowest rung first;
        of ``beyond_depths`` (n_levels, rungs + 1), depth at the end, the level's own rung first.
    """
    bucket_of = np.repeat(np.arange(len(buckets)), [end - start + 1 for start, end in buckets])
    n_levels, n_sides = len(k_ticks), len(SIDES)
    in_zone = np.zeros((n_levels, n_sides, len(buckets), _N_QUANTITIES), np.int64)
    moments = np.zeros((n_levels, n_sides, 2), np.int64)
    nearest = np.full((n_levels, n_sides), NO_DEPTH, np.int64)
    largest = np.zeros((n_levels, n_sides, 2), np.int64)
    moved = np.zeros((n_levels, n_sides, 2), np.int64)
    corridor = np.zeros((n_levels, _N_QUANTITIES), np.int64)
    ladder = np.zeros((n_levels, n_sides, _N_QUANTITIES, 2 * rungs + 1), np.int64)
    beyond = np.zeros((n_levels, n_sides, rungs + 1), np.int64)
    at_spot = np.zeros((len(level_bounds) - 1, n_sides, _N_QUANTITIES), np.int64)
    _add_cells(
        np.stack([cells[name] for name in CELLS], axis=1),
        *(cell_bounds, k_ticks, level_bounds, bucket_of),
        *(in_zone, moments, nearest, largest, corridor, at_spot, ladder, beyond, rung_ticks),
    )
    at_spot = at_spot.repeat(np.diff(level_bounds), axis=0)
    _add_moves(
        np.stack([moves[name] for name in MOVES], axis=1),
        *(move_bounds, k_ticks, level_bounds, len(bucket_of), moved),
    )

    sums: dict[str, NDArray[np.int64]] = {}
    for side_no, side in enumerate(SIDES):
        by_bucket = in_zone[:, side_no]
        in_all = by_bucket.sum(axis=1)
        of_side = {
            "depth_start": in_all[:, _START],
            "depth_end": in_all[:, _END],
            "distance_qty_start": moments[:, side_no, _START],
            "distance_qty_end": moments[:, side_no, _END],
            "add": in_all[:, _ADD],
            "pull": in_all[:, _PULL_REST],
            "pull_all": in_all[:, _PULL_ALL],
            "fill": in_all[:, _FILL],
            "best_ticks": nearest[:, side_no],
            "toward": moved[:, side_no, 0],
            "away": moved[:, side_no, 1],
            "max_depth": largest[:, side_no, 0],
            "max_depth_ticks": largest[:, side_no, 1],
            "spot_depth": at_spot[:, side_no, _END],
            "spot_add": at_spot[:, side_no, _ADD],
            "spot_pull": at_spot[:, side_no, _PULL_ALL],
        }
        for bucket_no, bucket in enumerate(BUCKETS):
            of_side[f"depth_{bucket}_start"] = by_bucket[:, bucket_no, _START]
            of_side[f"depth_{bucket}_end"] = by_bucket[:, bucket_no, _END]
            of_side[f"pull_{bucket}"] = by_bucket[:, bucket_no, _PULL_REST]
        sums |= {f"{side}_{name}": values for name, values in of_side.items()}
    sums |= {
        "corridor_depth": corridor[:, _END],
        "corridor_add": corridor[:, _ADD],
        "corridor_pull": corridor[:, _PULL_ALL],
        "corridor_fill": corridor[:, _FILL],
    }
    for side_no, side in enumerate(SIDES):
        for name, quantity in _OF_RUNGS.items():
            sums[f"{side}_rung_{name}"] = ladder[:, side_no, quantity]
        sums[f"{side}_beyond_depths"] = beyond[:, side_no]
    return {name: sums[name] for name in (*SUMS, *RUNG_SUMS)}


@kernel
def _add_cells(
    cells,
    cell_bounds,
    k_ticks,
    level_bounds,
    bucket_of,
    in_zone,
    moments,
    nearest,
    largest,
    corridor,
    at_spot,
    ladder,
    beyond,
    rung_ticks,
):
    """Add the cells of each second to the sums of its levels, from ``in_zone`` to ``beyond``.

    ``moments`` are contracts times distance at the start and the end of the second, ``nearest``
    the least distance with depth, ``largest`` a depth and its distance, ``at_spot`` the zone of
    spot without its own price.
    """
    zone = bucket_of.shape[0] - 1
    rungs = ladder.shape[3] // 2
    for second in range(cell_bounds.shape[0] - 1):
        for cell in range(cell_bounds[second], cell_bounds[second + 1]):
            side, height = cells[cell, 0], cells[cell, 1]
            if 1 <= height <= zone:
                for quantity in range(_N_QUANTITIES):
                    at_spot[second, side, quantity] += cells[cell, _WHERE + quantity]
            for level in range(level_bounds[second], level_bounds[second + 1]):
                distance = height - (k_ticks[level] if side == 0 else -k_ticks[level])
                rung = (distance if side == 0 else -distance) // rung_ticks + rungs
                if 0 <= rung <= 2 * rungs:
                    for quantity in range(_N_QUANTITIES):
                        ladder[level, side, quantity, rung] += cells[cell, _WHERE + quantity]
                if 0 <= distance < (rungs + 1) * rung_ticks:
                    beyond[level, side, distance // rung_ticks] += cells[cell, _WHERE + _END]
                if distance > zone:
                    continue
                if distance < 0:
                    if height >= 1:
                        for quantity in range(_N_QUANTITIES):
                            corridor[level, quantity] += cells[cell, _WHERE + quantity]
                    continue
                bucket = bucket_of[distance]
                for quantity in range(_N_QUANTITIES):
                    in_zone[level, side, bucket, quantity] += cells[cell, _WHERE + quantity]
                moments[level, side, _START] += distance * cells[cell, _WHERE + _START]
                depth = cells[cell, _WHERE + _END]
                moments[level, side, _END] += distance * depth
                if depth > 0 and (nearest[level, side] < 0 or distance < nearest[level, side]):
                    nearest[level, side] = distance
                if depth > largest[level, side, 0] or (
                    depth == largest[level, side, 0] and distance < largest[level, side, 1]
                ):
                    largest[level, side, 0] = depth
                    largest[level, side, 1] = distance


@kernel
def _add_moves(moves, move_bounds, k_ticks, level_bounds, zone_end, moved):
    """Add what left a price within the zone of a level, to ``moved[level, side, is_away]``."""
    for second in range(move_bounds.shape[0] - 1):
        for level in range(level_bounds[second], level_bounds[second + 1]):
            for move in range(move_bounds[second], move_bounds[second + 1]):
                side = moves[move, 0]
                level_height = k_ticks[level] if side == 0 else -k_ticks[level]
                distance = moves[move, 1] - level_height
                if 0 <= distance < zone_end:
                    moved[level, side, moves[move, 2]] += moves[move, 3]
