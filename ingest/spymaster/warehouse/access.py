"""Opening the warehouse, which one process at a time may do."""

from __future__ import annotations

import duckdb

from spymaster.errors import SpymasterError
from spymaster.lake import Lake


def connect(lake: Lake) -> duckdb.DuckDBPyConnection:
    """Open the warehouse for writing.

    Raises:
        SpymasterError: Another process has it open.
    """
    try:
        return duckdb.connect(str(lake.warehouse))
    except duckdb.IOException as error:
        raise SpymasterError(
            lake.warehouse,
            "is open in another process",
            "wait until that build is done, or close the program that opened it; "
            f"readers should open {lake.published.name}",
        ) from error
