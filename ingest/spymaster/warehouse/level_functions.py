"""Plugin of dbt-duckdb: the kernel of the labels as a function of SQL.

A label is settled by the first of many trades, which SQL would find only by looking at all of
them. ``first_hits(trades, labels)`` takes those of one partition as two lists and returns the
results as a list in the order of the labels. Named in ``profiles.yml``.
"""

from __future__ import annotations

from collections.abc import Iterator

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.label_columns import LABELS, RESULTS

_TRADES = ("window_s", "trade_tick")


def _list_of(names: tuple[str, ...]) -> str:
    return f"STRUCT({', '.join(f'{name} BIGINT' for name in names)})[]"


def first_hits_of_lists(trades: pa.ChunkedArray, labels: pa.ChunkedArray) -> pa.Array:
    """Return a list of results for every list of labels.

    Args:
        trades: lists of structs of int64, ``window_s`` and ``trade_tick``, in the order of the
            file.
        labels: lists of structs of int64, by the names of ``LABELS``, in the order that
            ``first_hits`` asks for.
    """
    # imported when labels are built: it brings a compiler along
    from spymaster_engine.levels import first_hits

    results, lengths = [], [0]
    for trades_of_day, labels_of_day in zip(_rows(trades), _rows(labels), strict=True):
        window_s, trade_tick = (_numbers(trades_of_day, name) for name in _TRADES)
        columns = {name: _numbers(labels_of_day, name) for name in LABELS}
        found = first_hits(window_s, trade_tick, columns)
        results.append(pa.StructArray.from_arrays(list(found.values()), names=list(RESULTS)))
        lengths.append(len(labels_of_day))
    ends = pa.array(np.cumsum(lengths), pa.int32())
    return pa.ListArray.from_arrays(ends, pa.concat_arrays(results))


def _rows(lists: pa.ChunkedArray) -> Iterator[pa.StructArray]:
    """Yield the structs of each list; a NULL list is an empty one."""
    for chunk in lists.chunks:
        starts = chunk.offsets.to_numpy()
        lengths = chunk.value_lengths().fill_null(0).to_numpy()
        for start, length in zip(starts, lengths, strict=False):
            yield chunk.values.slice(start, length)


def _numbers(structs: pa.StructArray, name: str) -> np.ndarray:
    return structs.field(name).to_numpy()


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        conn.create_function(
            "first_hits",
            first_hits_of_lists,
            [_list_of(_TRADES), _list_of(LABELS)],
            _list_of(RESULTS),
            type="arrow",
        )
