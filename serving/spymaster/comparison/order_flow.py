"""Measure the order flow of a contract from its market-by-order records."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from spymaster_engine.kernels.book.order_flow import feed_flow, finish_flow, new_flow_state
from spymaster_ingest.dbn.layouts import FLAG_SNAPSHOT, MBO, UNDEFINED_PRICE
from spymaster_ingest.dbn.reader import DbnFile
from spymaster_ingest.errors import SpymasterError

ACTIONS = "ACMFT"
_EVER = (0, np.iinfo(np.int64).max)


@dataclass(frozen=True)
class OrderFlow:
    """Measurements of one file, without snapshots.

    Attributes:
        symbol: the contract, empty when the header does not name it.
        start_ns, end_ns: first and last event that was measured, ns UTC.
        messages: records per action letter of ACTIONS.
        gaps_ns: shape (events - 1,), int64, time from one event to the next; records of one
            ts_event are one event.
        orders_by_distance: shape (distances,), float64, resting orders at a price by ticks from
            the touch, mean of both sides over the seconds with an event and an uncrossed book.
        contracts_by_distance: the same in contracts.
        ages_ns: shape (cancels,), int64, time from an order's arrival at its price to a
            cancellation that no fill caused.
        old_cancels: cancellations of orders that were there before the file began.
    """

    symbol: str
    start_ns: int
    end_ns: int
    messages: dict[str, int]
    gaps_ns: np.ndarray
    orders_by_distance: np.ndarray
    contracts_by_distance: np.ndarray
    ages_ns: np.ndarray
    old_cancels: int


def measure(
    file: DbnFile,
    between_ns: tuple[int, int] | None = None,
    chunk_records: int | None = None,
) -> OrderFlow:
    """Measure the order flow of one contract.

    Args:
        file: market-by-order records of one instrument.
        between_ns: measure events in this half-open range of ts_event only; the book is
            followed from the first record on. None measures everything.
        chunk_records: records read at a time.

    Raises:
        SpymasterError: another schema, several instruments, or no event in the range.
    """
    if file.layout is not MBO:
        raise SpymasterError(
            file.path,
            f"holds {file.header.schema} records",
            "order flow is measured from mbo records",
        )
    start_ns, end_ns = between_ns or _EVER
    counts = dict.fromkeys(ACTIONS, 0)
    gaps, ages, times = [], [], []
    state, instrument, tick_int = None, None, 0
    for records in file.chunks(*([chunk_records] if chunk_records else [])):
        instrument = _only_instrument(file.path, records, instrument)
        prices = records["price"]
        defined = prices != UNDEFINED_PRICE
        if state is None:
            if not defined.any():
                continue
            tick_int = _tick_of(prices[defined])
            middle = int(np.median(prices[defined])) // tick_int
            state = new_flow_state(middle, start_ns, end_ns)
        ts_event = records["ts_event"].astype(np.int64)
        is_live = (records["flags"] & FLAG_SNAPSHOT) == 0
        measured = is_live & (ts_event >= start_ns) & (ts_event < end_ns)
        for action in ACTIONS:
            counts[action] += int(np.count_nonzero(records["action"][measured] == action.encode()))
        if measured.any():
            times.append((ts_event[measured].min(), ts_event[measured].max()))
        state, new_gaps, new_ages = feed_flow(
            state, np.where(defined, prices, 0) // tick_int, _columns(records, ts_event)
        )
        gaps.append(new_gaps.copy())
        ages.append(new_ages.copy())
    if state is None or instrument is None or not times:
        raise SpymasterError(file.path, "has no event in the time that was asked for")
    finish_flow(state)
    samples = max(int(state.scalars["n_samples"][0]), 1)
    return OrderFlow(
        symbol=_symbol(file, instrument),
        start_ns=int(min(first for first, _ in times)),
        end_ns=int(max(last for _, last in times)),
        messages=counts,
        gaps_ns=np.concatenate(gaps),
        orders_by_distance=state.profile / samples,
        contracts_by_distance=state.depth / samples,
        ages_ns=np.concatenate(ages),
        old_cancels=int(state.scalars["n_old_cancels"][0]),
    )


def _columns(records: np.ndarray, ts_event: np.ndarray) -> tuple[np.ndarray, ...]:
    plain = (np.ascontiguousarray(records[name]) for name in ("order_id", "size", "flags"))
    letters = (np.ascontiguousarray(records[name]).view(np.uint8) for name in ("action", "side"))
    return (ts_event, *plain, *letters)


def _tick_of(prices: np.ndarray) -> int:
    """Return the largest step that all prices are multiples of, 1e-9 points."""
    return max(int(np.gcd.reduce(np.unique(prices))), 1)


def _only_instrument(path: Path, records: np.ndarray, known: int | None) -> int:
    found = np.unique(records["instrument_id"])
    if found.size > 1 or (known is not None and found[0] != known):
        raise SpymasterError(
            path, "holds several instruments", "order flow is measured for one contract"
        )
    return int(found[0])


def _symbol(file: DbnFile, instrument: int) -> str:
    for interval in file.header.mappings:
        if interval.instrument_id == instrument:
            return interval.symbol
    return ""
