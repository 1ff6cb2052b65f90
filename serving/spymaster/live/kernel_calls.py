"""The kernels of a contract-day as a build calls them: their settings, streams and outputs."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import duckdb
import pyarrow as pa
from spymaster_engine.door import KERNELS, Kernel
from spymaster_engine.door.sql import sql_type
from spymaster_engine.door.streams import Stream
from spymaster_warehouse.jobs.job import filled

from spymaster.published import NotPublishedError, ask_rows

_QUERIES = Path(__file__).parent / "queries"


@dataclass(frozen=True)
class KernelCall:
    """A kernel as a build calls it for a contract-day.

    Attributes:
        kernel: its declaration.
        streams: path of the landed file of each stream below the lake; None where it has none.
        settings: of the kernel.
    """

    kernel: Kernel
    streams: Mapping[str, str | None]
    settings: dict[str, Any]

    @property
    def schemas(self) -> Mapping[str, pa.Schema]:
        """Return the columns of each output."""
        return self.kernel.schemas({"settings": self.settings})


def partition_values(
    published: duckdb.DuckDBPyConnection, symbol: str, day: object
) -> dict[str, str | None]:
    """Return what the placeholders of a contract-day stand for, by column.

    Raises:
        NotPublishedError: The published file does not know the contract-day.
    """
    found = ask_rows(published, _QUERIES / "partition.sql", {"symbol": symbol, "dt": day})
    if not found:
        raise NotPublishedError(f"{symbol} {day}", "is not built", "run `spymaster build`")
    return found[0]


def kernel_calls(
    published: duckdb.DuckDBPyConnection,
    kernels: Iterable[str],
    values: Mapping[str, str | None],
) -> dict[str, KernelCall]:
    """Return how a build calls kernels with streams, by their names.

    Args:
        published: the published file; gets temporary macros with the names of the kernels.
        kernels: their names; those that no build has called are left out.
        values: of the partition, as ``partition_values`` gives them.
    """
    wanted = set(kernels)
    return {
        row["kernel"]: _call(published, KERNELS[row["kernel"]], filled(row["sql"], values))
        for row in ask_rows(published, _QUERIES / "kernel_calls.sql", {})
        if row["kernel"] in wanted
    }


def _call(connection: duckdb.DuckDBPyConnection, kernel: Kernel, sql: str) -> KernelCall:
    """Run a call with a macro in place of the kernel that returns what it is called with."""
    streams = [name for name, kind in kernel.inputs.items() if isinstance(kind, Stream)]
    of_type = sql_type(kernel.inputs["settings"])
    connection.execute(
        f"create or replace temp macro {kernel.name}({', '.join(kernel.inputs)}, folder) as "
        f"struct_pack(streams := [{', '.join(streams)}], settings := cast(settings as {of_type}))"
    )
    [(given,)] = connection.execute(sql).fetchall()
    return KernelCall(kernel, dict(zip(streams, given["streams"], strict=True)), given["settings"])
