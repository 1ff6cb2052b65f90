"""The same input gives the same content, for any number of threads and any chunk size."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow.parquet as pq
import pytest
from spymaster_engine.door.book import BOOK_ENGINE
from spymaster_engine.door.landed import ORDERS
from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.surface_files import settings_of
from spymaster_ingest.lake import Lake
from support import lakes
from support.built_lakes import Built, build_with_threads

CHUNKS = (1_000, 65_536, 1 << 20)
MINUTE_NS = 60_000_000_000


def test_builds_with_1_2_and_8_threads_publish_the_same(
    built: Built, spare: Built, landed: Lake, tmp_path: Path
) -> None:
    single = build_with_threads(landed, tmp_path, 1)
    assert single.hashes == built.hashes == spare.hashes


def test_the_content_hash_distinguishes_different_content(built: Built) -> None:
    # two empty relations are equal if their columns are
    filled = [
        name
        for schema, name in lakes.ask(
            built.lake,
            "select table_schema, table_name from information_schema.tables "
            "where table_schema in ('silver', 'gold', 'steps') "
            "and (table_schema = 'steps' or table_name not in (select table_name "
            "from information_schema.tables where table_schema = 'steps'))",
        )
        if lakes.ask(built.lake, f"select 1 from {schema}.{name} limit 1")
    ]
    assert len({built.hashes[name] for name in filled}) == len(filled)
    assert set(lakes.ENGINE_RELATIONS) < set(filled)


@pytest.mark.parametrize("symbol", [lakes.ES, lakes.CL])
def test_chunk_size_does_not_change_the_output(landed: Lake, tmp_path: Path, symbol: str) -> None:
    day = lakes.DAYS[0]
    midnight_ns = int(np.datetime64(day, "ns").astype(np.int64))
    settings = settings_of(
        BookConfig(
            tick_int={lakes.ES: 250_000_000, lakes.CL: 10_000_000}[symbol],
            day_start_ns=midnight_ns,
            trading_intervals=((midnight_ns, midnight_ns + 60 * MINUTE_NS, True),),
            surface_windows_ns=((midnight_ns + 5 * MINUTE_NS, midnight_ns + 7 * MINUTE_NS),),
        ),
        "any",
    )
    part = landed.bronze_partition("future", symbol, "mbo", day) / "part-00000.parquet"
    found = []
    for size in CHUNKS:
        orders = pq.ParquetFile(part).iter_batches(size, columns=ORDERS.schema.names)
        BOOK_ENGINE.write(tmp_path / str(size), orders=orders, prices=None, settings=settings)
        contents = pq.read_table(tmp_path / str(size) / "contents.parquet")
        found.append({row.pop("relation"): row for row in contents.to_pylist()})
    assert found[0]["wall_surface_1s"]["n_rows"] > 0
    assert found[0] == found[1] == found[2]
