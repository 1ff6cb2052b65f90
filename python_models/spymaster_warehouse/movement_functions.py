"""Plugin of dbt-duckdb: the scan for key movements as a function of SQL. Named in ``profiles.yml``.

Where a movement ends, the scan for the next begins; SQL would have to look ahead from every second.
``key_movements(seconds, within_s, against_divisor)`` takes the known seconds of one partition as a
list in order of time and returns its movements.
"""

from __future__ import annotations

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from spymaster_engine.movement_columns import MOVEMENTS, SECONDS

from spymaster_warehouse.arrow_columns import register

_SECOND_KINDS = ("BIGINT", "BIGINT", "DOUBLE")


def key_movements_of_lists(
    seconds: pa.ChunkedArray, within_s: pa.ChunkedArray, against_divisor: pa.ChunkedArray
) -> pa.Array:
    """Return a list of movements for every list of seconds.

    Args:
        seconds: lists of structs, by the names of ``SECONDS``, in order of time.
        within_s: int64, seconds of a movement.
        against_divisor: float64, see the kernel.
    """
    # imported when movements are built: it brings a compiler along
    from spymaster_engine.kernels.patterns import key_movements

    columns = {name: [np.empty(0, np.int64)] for name in MOVEMENTS}
    lengths = [0]
    for of_day, seconds_of_move, divisor in zip(seconds, within_s, against_divisor, strict=True):
        structs = of_day.values
        found = key_movements(
            {name: structs.field(name).to_numpy(zero_copy_only=False) for name in SECONDS},
            seconds_of_move.as_py(),
            divisor.as_py(),
        )
        for name, values in found.items():
            columns[name].append(values)
        lengths.append(len(found["start_s"]))
    structs = pa.StructArray.from_arrays(
        [pa.array(np.concatenate(columns[name])) for name in MOVEMENTS], list(MOVEMENTS)
    )
    return pa.ListArray.from_arrays(pa.array(np.cumsum(lengths), pa.int32()), structs)


class Plugin(BasePlugin):
    """Registers the function on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the function."""
        fields = ", ".join(
            f"{name} {kind}" for name, kind in zip(SECONDS, _SECOND_KINDS, strict=True)
        )
        register(
            conn,
            "key_movements",
            key_movements_of_lists,
            [f"STRUCT({fields})[]", "BIGINT", "DOUBLE"],
            f"STRUCT({', '.join(f'{name} BIGINT' for name in MOVEMENTS)})[]",
        )
