"""The largest sweep of each second's window.

A run is a longest sequence of prints of one aggressor that follow one another closely. A window
cuts it: neither what lies before the window nor what comes after it counts.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.engine_columns import PRINTS, SWEEPS
from spymaster_engine.kernels.compiled import kernel

Columns = dict[str, NDArray[np.int64]]

# columns of a run: its first print, and the one after its last
_N_ENDS = 2
_FIRST, _END = range(_N_ENDS)
# before any second
_NEVER = -(2**62)


def no_prints() -> Columns:
    """Return the state before the first print."""
    return {name: np.empty(0, np.int64) for name in PRINTS}


def largest_sweeps(
    held: Columns, prints: Columns, second_s: NDArray[np.int64], *, window_s: int, gap_ns: int
) -> tuple[Columns, Columns]:
    """Return the run of the largest value in the window that ends with each second.

    A day in one call and the same day second by second give the same runs.

    Args:
        held: State: what the call before returned, or ``no_prints()``.
        prints: (n_prints,) int64 each, by the names of ``PRINTS``, in the order of the file, all
            after ``held``: ``aggressor`` is 1 for a buyer, -1 for a seller; ``second_s`` is the
            second that a print belongs to, ``time_ns`` its time, ``size`` contracts.
        second_s: (n_seconds,) int64, rising; no print of ``prints`` is later than the last.
        window_s: Seconds of a window, up to and with the second of the result.
        gap_ns: Longest time between two prints of a run.

    Returns:
        The state for the next call, and by the names of ``SWEEPS`` (n_seconds,) int64 each:
        ``ticks_qty`` is the sum of price times size, in ticks and contracts; of equal runs the
        latest counts. ``num_prints`` is 0 where the window has no print.
    """
    columns = {name: np.concatenate([held[name], prints[name]]) for name in PRINTS}
    found = np.zeros((len(second_s), _N_ENDS), np.int64)
    time_ns, aggressor = columns["time_ns"], columns["aggressor"]
    begins = np.ones(len(time_ns), np.bool_)
    begins[1:] = (aggressor[1:] != aggressor[:-1]) | (np.diff(time_ns) > gap_ns)
    firsts = np.flatnonzero(begins)
    runs = np.stack([firsts, np.append(firsts[1:], len(time_ns))[: len(firsts)]], axis=1)
    total = np.zeros(len(time_ns) + 1, np.int64)
    np.cumsum(columns["price_ticks"] * columns["size"], out=total[1:])
    _scan(
        *(second_s, columns["second_s"], runs, np.cumsum(begins) - 1, total, window_s),
        *(np.empty(len(runs), np.int64), found),
    )
    last_s = int(second_s[-1]) if len(second_s) else _NEVER
    is_held = columns["second_s"] > last_s - window_s
    held = {name: values[is_held] for name, values in columns.items()}
    return held, _described(columns, total, found)


def _described(columns: Columns, total: NDArray[np.int64], found: NDArray[np.int64]) -> Columns:
    """Return runs by the names of ``SWEEPS``, 0 without a print."""
    has_run = found[:, _END] > found[:, _FIRST]
    first, end = found[has_run, _FIRST], found[has_run, _END]
    values = (
        columns["aggressor"][first],
        end - first,
        columns["time_ns"][first],
        columns["time_ns"][end - 1],
        total[end] - total[first],
    )
    described = {name: np.zeros(len(found), np.int64) for name in SWEEPS}
    for name, of_runs in zip(SWEEPS, values, strict=True):
        described[name][has_run] = of_runs
    return described


@kernel
def _scan(second_s, print_s, runs, run_of, total, window_s, queue, found):
    """Fill ``found`` with the first print of each second's largest run and the one after its last.

    ``queue`` is scratch: the whole runs of the window that no later one outweighs, by falling
    value. Runs that an end of the window cuts are compared apart.
    """
    low = high = run = head = tail = 0
    for place in range(second_s.shape[0]):
        while high < print_s.shape[0] and print_s[high] <= second_s[place]:
            high += 1
        while low < high and print_s[low] <= second_s[place] - window_s:
            low += 1
        while run < runs.shape[0] and runs[run, _END] <= high:
            while tail > head and _value(total, runs[queue[tail - 1]]) <= _value(total, runs[run]):
                tail -= 1
            queue[tail] = run
            tail += 1
            run += 1
        while head < tail and runs[queue[head], _FIRST] < low:
            head += 1
        if low == high:
            continue
        largest = found[place]
        largest[_FIRST], largest[_END] = low, min(runs[run_of[low], _END], high)
        if head < tail and _value(total, runs[queue[head]]) >= _value(total, largest):
            largest[_FIRST], largest[_END] = runs[queue[head], _FIRST], runs[queue[head], _END]
        first = max(runs[run_of[high - 1], _FIRST], low)
        if total[high] - total[first] >= _value(total, largest):
            largest[_FIRST], largest[_END] = first, high


@kernel
def _value(total, run):
    """Return price times size of a run."""
    return total[run[_END]] - total[run[_FIRST]]
