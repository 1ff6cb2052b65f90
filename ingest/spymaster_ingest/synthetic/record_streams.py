"""Merging streams of records by time, in bounded memory."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np


def _by_time(parts: Sequence[np.ndarray]) -> np.ndarray:
    """Return records by ``ts_recv``; equal times in the order of the parts."""
    records = np.concatenate(parts)
    return records[np.argsort(records["ts_recv"], kind="stable")]


def merge_by_ts_recv(
    streams: Sequence[Iterator[Mapping[str, np.ndarray]]],
) -> Iterator[Mapping[str, np.ndarray]]:
    """Merge streams of records by ``ts_recv``, in bounded memory; equal times in their order.

    Args:
        streams: pieces of records by schema, ``mbo`` among them; ``ts_recv`` ascends over all
            pieces of a stream and schema, and no other schema runs ahead of ``mbo``.
    """
    if len(streams) == 1:
        yield from streams[0]
        return
    waiting: list[dict[str, np.ndarray]] = [{} for _ in streams]
    seen_ns = [-1 for _ in streams]
    running = list(range(len(streams)))
    while running:
        slowest = min(running, key=seen_ns.__getitem__)
        piece = next(streams[slowest], None)
        if piece is None:
            running.remove(slowest)
        else:
            held = waiting[slowest]
            for schema, records in piece.items():
                parts = [held[schema], records] if schema in held else [records]
                held[schema] = np.concatenate(parts)
            if piece["mbo"].size:
                seen_ns[slowest] = int(piece["mbo"]["ts_recv"][-1])
        # A running stream may have more records of the time at which its last piece ended.
        until = min((seen_ns[i] for i in running), default=np.iinfo(np.int64).max)
        ready: dict[str, list[np.ndarray]] = {}
        for held in waiting:
            for schema, records in held.items():
                cut = int(np.searchsorted(records["ts_recv"], np.uint64(max(until, 0))))
                ready.setdefault(schema, []).append(records[:cut])
                held[schema] = records[cut:]
        if any(part.size for parts in ready.values() for part in parts):
            yield {schema: _by_time(parts) for schema, parts in ready.items()}
