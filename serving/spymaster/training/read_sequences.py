"""Sequences of decisions as arrays."""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.sequences import Sequences

from spymaster.evaluation.read import Windows
from spymaster.evaluation.result_rows import Scope
from spymaster.training.keys import registered_keys, training_query

CHANNELS = (
    "k_ticks_shares",
    "k_vols",
    "mid_return_ticks",
    "sigmas_1s_ticks",
    "book_imbalances_l1",
    "ofi_5s_rel_depths",
    "above_scores",
    "below_scores",
    "vacuum_total_scores",
    "corridor_rel_depths",
    "beyond_rel_depths",
    "gex_imbalance_ratios",
    "asks_retreat_zs",
    "asks_pull_zs",
    "bids_recede_zs",
    "bids_pull_zs",
)
STATICS = ("k_ticks", "k_vol", "closing_speed_15s", "sigma_1s_ticks", "candle_id")


def read_sequences(
    connection: duckdb.DuckDBPyConnection, scope: Scope, windows: Windows
) -> tuple[Sequences | None, NDArray[np.int64]]:
    """Read the sequences of windows.

    Args:
        connection: the published file.
        scope: direction and phase of the windows.
        windows: n rows.

    Returns:
        The sequences, None without any, and the place of each row among them, (n,), -1 where it
        has none.
    """
    with registered_keys(connection, windows.key, scope.approach_dir):
        table = connection.execute(
            training_query("sequences"),
            {"approach_dir": scope.approach_dir, "phase": scope.decision_phase},
        ).to_arrow_table()
    place = np.full(len(windows.samples), -1, np.int64)
    if not table.num_rows:
        return None, place
    rows = table["number"].to_numpy()
    place[rows] = np.arange(len(rows))
    values = np.stack([_lists(table, name, pa.float32()) for name in CHANNELS], axis=1)
    statics = [
        table[name].cast(pa.float32()).combine_chunks().to_numpy(zero_copy_only=False)
        for name in STATICS
    ]
    missing = ~_lists(table, "is_known", pa.bool_())
    day = windows.samples.day[rows]
    return Sequences(values, missing, np.stack(statics, axis=1), day), place


def _lists(table: pa.Table, name: str, kind: pa.DataType) -> NDArray:
    """Return a column of equally long lists as a matrix, NaN for NULL."""
    flat = pc.list_flatten(table[name]).combine_chunks().cast(kind)
    return flat.to_numpy(zero_copy_only=False).reshape(table.num_rows, -1)
