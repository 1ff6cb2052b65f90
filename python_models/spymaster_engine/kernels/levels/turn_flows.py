"""How each side of the book around a level changed over the last seconds.

Distances are ticks from the level in the direction of a side, up for asks and down for bids; the
zone of a side is the level and the ticks past it. When spot moves, a side can stand at new prices.
Cancellations and arrivals therefore count only at open prices, where the side could stand during
the whole window: asks above each best bid of the window, bids below each best ask. A retreat is
measured in two ways:

- by orders: rested orders that were re-priced, times the ticks they moved. Executed,
  cancelled and arriving orders do not count. Orders that follow spot do; the reader subtracts
  what spot's own move explains;
- by depth: the rested quantity at each open price at the start and at the end, for venues that
  show no re-prices. Executed quantity that nobody replaced still counts at the end.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.kernels.compiled import kernel
from spymaster_engine.turn_flow_columns import CELLS, LEVELS, MOVES, SECONDS, SIDES, SUMS

_N_SUMS = len(SUMS) // len(SIDES)
_REST, _DEPTH, _ADD, _PULL, _REPRICED, _REPRICED_TICKS = range(6)
_START, _START_TICKS, _END, _END_TICKS, _CHANGE = range(6, _N_SUMS)
# columns of the tables: a level's, a second's, a cell's and a move's
_LEVEL_SECOND, _LEVEL_TICK, _WINDOW = range(len(LEVELS))
_SECOND, _BEST_BID, _BEST_ASK, _LOWEST, _HIGHEST = range(len(SECONDS))
_, _SIDE, _TICK, _CELL_REST, _CELL_DEPTH, _CELL_ADD, _CELL_PULL, _CELL_FILL = range(len(CELLS))
_, _MOVE_SIDE, _FROM, _TO, _QTY = range(len(MOVES))
# the scratch of a price: rested quantity at the start and at the end, and executions between
_REST_START, _REST_END, _FILL = range(3)
_N_SCRATCH = 3


def turn_flows(
    seconds: dict[str, NDArray[np.int64]],
    cells: dict[str, NDArray[np.int64]],
    moves: dict[str, NDArray[np.int64]],
    levels: dict[str, NDArray[np.int64]],
    zone_ticks: int,
) -> tuple[NDArray[np.bool_], dict[str, NDArray[np.int64]]]:
    """Return the sums around each level over the window that ends with its second.

    Args:
        seconds: (n_seconds,) each, by the names of ``SECONDS``, by rising second: those whose book
            is known, with the best quotes at their ends and the lowest and highest price whose
            rows are among ``cells``, ticks.
        cells: (n_cells,) each, by the names of ``CELLS``, by rising second: a side's quantities
            at a price, contracts; ``side_no`` counts ``SIDES``. ``depth_rest`` and ``depth`` are
            those of the second's end, ``add`` and ``pull`` (of rested orders) leave re-prices out.
        moves: (n_moves,) each, by the names of ``MOVES``, by rising second: rested contracts that
            were re-priced.
        levels: (n_levels,) each, by the names of ``LEVELS``; ``window_s`` is the length of the
            window, which also needs the second before it: its end is the start of the window.
        zone_ticks: how far from the level a price counts.

    Returns:
        (n_levels,) bool, whether every second needed is known and shows both zones whole, which
        it does not where spot has jumped far since; and by the names of ``SUMS``
        (n_levels,) int64 each, contracts and contracts times ticks, 0 where unknown:
        ``rest_start`` of the zone at the start, ``repriced`` from or to it and, by how far,
        ``repriced_ticks`` (what lies outside of the zone counts as one tick outside); at the open
        prices ``depth_start``, ``add``, ``pull``, and of the rested quantity ``open_start`` and
        ``open_end``, both also times distance, and the sum of its changes without sign,
        ``open_change``.
    """
    n_levels = len(levels["second_s"])
    is_known = np.zeros(n_levels, np.bool_)
    sums = np.zeros((n_levels, len(SIDES), _N_SUMS), np.int64)
    _sum_windows(
        _table(seconds, SECONDS),
        _table(cells, CELLS),
        _bounds(cells["second_s"], seconds["second_s"]),
        _table(moves, MOVES),
        _bounds(moves["second_s"], seconds["second_s"]),
        _table(levels, LEVELS),
        np.searchsorted(seconds["second_s"], levels["second_s"]),
        np.empty((zone_ticks + 1, _N_SCRATCH), np.int64),
        *(is_known, sums),
    )
    return is_known, {
        name: sums[:, number // _N_SUMS, number % _N_SUMS] for number, name in enumerate(SUMS)
    }


def _table(columns: dict[str, NDArray[np.int64]], names: Sequence[str]) -> NDArray[np.int64]:
    return np.stack([np.asarray(columns[name], np.int64) for name in names], axis=1)


def _bounds(row_s: NDArray[np.int64], second_s: NDArray[np.int64]) -> NDArray[np.int64]:
    """Return where the rows of each second begin and end, (n_seconds, 2)."""
    starts = np.searchsorted(row_s, second_s, "left")
    ends = np.searchsorted(row_s, second_s, "right")
    return np.stack([starts, ends], axis=1).astype(np.int64)


@kernel
def _sum_windows(
    seconds, cells, cell_bounds, moves, move_bounds, levels, places, scratch, is_known, sums
):
    """Fill ``is_known`` and ``sums``; ``places`` are the rows of the levels' seconds."""
    for row in range(levels.shape[0]):
        label = levels[row]
        second, level, window = label[_LEVEL_SECOND], label[_LEVEL_TICK], label[_WINDOW]
        last = places[row]
        first = last - window
        if first < 0 or last >= seconds.shape[0]:
            continue
        if seconds[last, _SECOND] != second or seconds[first, _SECOND] != second - window:
            continue
        zone = scratch.shape[0] - 1
        highest_bid, lowest_ask = seconds[first, _BEST_BID], seconds[first, _BEST_ASK]
        lowest, highest = seconds[first, _LOWEST], seconds[first, _HIGHEST]
        for place in range(first + 1, last + 1):
            highest_bid = max(highest_bid, seconds[place, _BEST_BID])
            lowest_ask = min(lowest_ask, seconds[place, _BEST_ASK])
            lowest = max(lowest, seconds[place, _LOWEST])
            highest = min(highest, seconds[place, _HIGHEST])
        if level - zone < lowest or level + zone > highest:
            continue
        is_known[row] = True
        for side in range(2):
            nearest = highest_bid + 1 - level if side == 0 else level - lowest_ask + 1
            bounds = cell_bounds[first : last + 1]
            _sum_prices(cells, bounds, side, level, nearest, scratch, sums[row, side])
            bounds = move_bounds[first + 1 : last + 1]
            _sum_moves(moves, bounds, side, level, zone, sums[row, side])


@kernel
def _sum_prices(cells, bounds, side, level, nearest, scratch, total):
    """Add a side's prices in the zone to ``total``; they are open from ``nearest`` on."""
    scratch[:] = 0
    zone = scratch.shape[0] - 1
    last = bounds.shape[0] - 1
    for place in range(last + 1):
        for cell in range(bounds[place, 0], bounds[place, 1]):
            distance = cells[cell, _TICK] - level if side == 0 else level - cells[cell, _TICK]
            if cells[cell, _SIDE] != side or distance < 0 or distance > zone:
                continue
            if place == 0:
                total[_REST] += cells[cell, _CELL_REST]
            if distance < nearest:
                continue
            if place == 0:
                total[_DEPTH] += cells[cell, _CELL_DEPTH]
                scratch[distance, _REST_START] = cells[cell, _CELL_REST]
                continue
            if place == last:
                scratch[distance, _REST_END] = cells[cell, _CELL_REST]
            total[_ADD] += cells[cell, _CELL_ADD]
            total[_PULL] += cells[cell, _CELL_PULL]
            scratch[distance, _FILL] += cells[cell, _CELL_FILL]
    for distance in range(zone + 1):
        start, end = scratch[distance, _REST_START], scratch[distance, _REST_END]
        end += min(scratch[distance, _FILL], max(start - end, 0))
        total[_START] += start
        total[_START_TICKS] += start * distance
        total[_END] += end
        total[_END_TICKS] += end * distance
        total[_CHANGE] += abs(end - start)


@kernel
def _sum_moves(moves, bounds, side, level, zone, total):
    """Add the re-prices of a side from or to the zone to ``total``."""
    sign = 1 if side == 0 else -1
    for place in range(bounds.shape[0]):
        for move in range(bounds[place, 0], bounds[place, 1]):
            start = min(max(sign * (moves[move, _FROM] - level), -1), zone + 1)
            end = min(max(sign * (moves[move, _TO] - level), -1), zone + 1)
            touches_zone = 0 <= start <= zone or 0 <= end <= zone
            if moves[move, _MOVE_SIDE] == side and touches_zone and start != end:
                total[_REPRICED] += moves[move, _QTY]
                total[_REPRICED_TICKS] += moves[move, _QTY] * (end - start)
