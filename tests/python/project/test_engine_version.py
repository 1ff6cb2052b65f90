"""Changed output needs another engine version."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_engine import ENGINE_VERSION
from spymaster_engine.door.book import BOOK_ENGINE
from spymaster_engine.engine_files import QA, WALL
from spymaster_engine.kernels.book.surface_files import settings_of
from support.engine_rows import engine_config
from support.strategies.mbo import random_options, random_stream
from support.strategies.mbo_script import TICK_INT, script_config

# when the same records give other output, raise ENGINE_VERSION and add its hash here
OUTPUT_HASHES = {"2": "2fe31a2ce761ab8f55fd0dc12dc0de04f9d66e8edbe07cc1cda2fd51f79e5e29"}


def test_output_belongs_to_the_engine_version(tmp_path: Path) -> None:
    rng = np.random.default_rng(20)
    records = random_stream(rng, 2_000, random_options(rng, tick_int=TICK_INT))
    path = tmp_path / "part-00000.parquet"
    defined = records["price"] != np.iinfo(np.int64).max
    columns = {
        "ts_event": pa.array(records["ts_event"].astype(np.int64)).view(pa.timestamp("ns")),
        "ts_recv": pa.array(records["ts_recv"].astype(np.int64)).view(pa.timestamp("ns")),
        "instrument_id": pa.array(records["instrument_id"]),
        "order_id": pa.array(records["order_id"]),
        "price_int": pa.array(records["price"], mask=~defined),
        "size": pa.array(records["size"]),
        "flags": pa.array(records["flags"]),
        "action": pa.array([action.decode() for action in records["action"]]),
        "side": pa.array([side.decode() for side in records["side"]]),
    }
    pq.write_table(pa.table(columns), path)
    config = replace(engine_config(script_config()), stale_after_s=1)
    settings = settings_of(config, "records of this test")
    BOOK_ENGINE.write(tmp_path / "out", orders=path, prices=None, settings=settings)
    assert len(pq.read_table(tmp_path / "out" / f"{WALL}.parquet")) > 1_000
    [summary] = pq.read_table(tmp_path / "out" / f"{QA}.parquet").to_pylist()
    assert summary["engine_version"] == ENGINE_VERSION
    assert summary["output_content_hash"] == OUTPUT_HASHES[ENGINE_VERSION]
