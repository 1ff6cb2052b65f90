"""The compiled seconds of a book of ten levels against the plain ones, in every output column."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow.parquet as pq
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from naive.mbp_snapshot import PriceRow, snapshot_rows
from naive.model import FLAG_LAST, NS_PER_S, BookConfig
from spymaster_engine.door.landed import BEST_PRICES
from spymaster_engine.door.streams import batches_of
from spymaster_engine.errors import KernelError
from spymaster_engine.kernels.book import BookConfig as EngineConfig
from spymaster_engine.kernels.book import BookEngine
from spymaster_engine.kernels.book.kernel_state import NULL, SNAPSHOT_ROWS, SPOT_SOURCES
from spymaster_engine.kernels.book.mbp_day import PriceBookEngine, price_rows_of
from spymaster_engine.kernels.book.surface_files import WHOLE_BOOK, snapshot_columns
from support.price_rows import (
    DAY_START_NS,
    TICK_INT,
    landed_table,
    random_price_config,
    random_rows,
)


def engine_config(config: BookConfig) -> EngineConfig:
    return EngineConfig(
        tick_int=config.tick_int,
        day_start_ns=config.day_start_ns,
        trading_intervals=tuple(config.trading_intervals),
        stale_after_s=config.stale_after_s,
    )


def engine_pass(
    rows: list[PriceRow], config: BookConfig, folder: Path, cuts: list[int]
) -> tuple[list[dict[str, Any]], dict[str, int | None]]:
    """Return seconds and counters, with the rows cut before the given places."""
    engine = PriceBookEngine(engine_config(config))
    outputs = []

    def keep(output: Any) -> None:
        assert output.counts[SNAPSHOT_ROWS + 1 :].tolist() == [0, 0]
        columns = snapshot_columns(output)
        outputs.append({name: column.copy() for name, column in columns.items()})
        engine.recycle(output)

    for first, end in pairwise([0, *cuts, len(rows)]):
        pq.write_table(landed_table(rows[first:end]), folder / "part.parquet")
        for chunk in price_rows_of(
            batches_of(BEST_PRICES, folder / "part.parquet", "prices") or ()
        ):
            for output in engine.feed(chunk):
                keep(output)
    for output in engine.finish():
        keep(output)
    seconds = [
        {name: _plain(name, column[i]) for name, column in columns.items()}
        for columns in outputs
        for i in range(len(columns["window_start_ts"]))
    ]
    return seconds, engine.summary()


def _plain(name: str, value: Any) -> Any:
    if name == "spot_source":
        return SPOT_SOURCES[value] or None
    return None if value == NULL else int(value)


def assert_agrees(rows: list[PriceRow], config: BookConfig, folder: Path, cuts: list[int]) -> None:
    plain = snapshot_rows(rows, config)
    seconds, summary = engine_pass(rows, config, folder, cuts)
    assert len(seconds) == len(plain.snapshot)
    for row, expected in zip(seconds, plain.snapshot, strict=True):
        assert row.pop("window_start_ts") == expected["window_start_s"] * 1_000_000
        assert {name: row.pop(name) for name in list(row) if name in WHOLE_BOOK} == dict.fromkeys(
            WHOLE_BOOK
        )
        assert row == {name: value for name, value in expected.items() if name != "window_start_s"}
    assert {name: summary[name] for name in plain.qa} == plain.qa


@settings(deadline=None, max_examples=80, suppress_health_check=list(HealthCheck), derandomize=True)
@given(seed=st.integers(0, 2**32), n=st.integers(0, 60), data=st.data())
def test_agrees_on_drawn_streams(
    tmp_path_factory: pytest.TempPathFactory, seed: int, n: int, data: st.DataObject
) -> None:
    rng = np.random.default_rng(seed)
    rows, config = random_rows(rng, n), random_price_config(rng)
    cuts = sorted(data.draw(st.sets(st.integers(0, n), max_size=4)))
    assert_agrees(rows, config, tmp_path_factory.mktemp("rows"), cuts)


@pytest.mark.parametrize("seed", range(20))
def test_agrees_on_random_streams(tmp_path: Path, seed: int) -> None:
    rng = np.random.default_rng(seed)
    rows, config = random_rows(rng, 800), random_price_config(rng)
    cuts = sorted(rng.integers(0, len(rows), 5).tolist())
    assert_agrees(rows, config, tmp_path, cuts)


def test_streams_hold_every_case() -> None:
    found, reasons = set(), 0
    counted = {"late_groups": 0, "early_groups": 0, "unterminated_groups": 0}
    for seed in range(20):
        rng = np.random.default_rng(seed)
        result = snapshot_rows(random_rows(rng, 800), random_price_config(rng))
        for row in result.snapshot:
            found.add(row["spot_source"])
            reasons |= row["invalid_flags"]
        for name in counted:
            counted[name] += result.qa[name]
    assert found == {None, "trade", "mid", "clamped_bid", "clamped_ask"}
    assert reasons == 2 | 4 | 8 | 16 | 64
    assert min(counted.values()) > 0


def quote_row(second: float, **changed: Any) -> PriceRow:
    time_ns = DAY_START_NS + round(second * NS_PER_S)
    row = PriceRow(
        time_ns, time_ns, None, 1, FLAG_LAST, "A", "B", 100 * TICK_INT, 101 * TICK_INT, 5, 6
    )
    return row._replace(**changed)


def test_more_seconds_than_a_buffer_holds(tmp_path: Path) -> None:
    config = BookConfig(TICK_INT, DAY_START_NS, ((DAY_START_NS, 2 * DAY_START_NS, True),))
    rows = [quote_row(0.5), quote_row(20_000.5)]
    seconds, summary = engine_pass(rows, config, tmp_path, [])
    assert len(seconds) == summary["n_windows"] == 20_001
    assert [row["n_records"] for row in seconds] == [1, *[0] * 19_999, 1]
    assert {(row["best_bid_qty"], row["best_ask_qty"]) for row in seconds} == {(5, 6)}


def test_a_row_beyond_the_day_is_an_error(tmp_path: Path) -> None:
    config = BookConfig(TICK_INT, DAY_START_NS, ())
    engine_pass([quote_row(86_459.9)], config, tmp_path, [])
    with pytest.raises(KernelError, match="record 1 is dated more than a minute after"):
        engine_pass([quote_row(5), quote_row(86_460)], config, tmp_path, [])


def test_counters_have_the_names_of_market_by_order() -> None:
    config = EngineConfig(TICK_INT, DAY_START_NS)
    assert list(PriceBookEngine(config).summary()) == list(BookEngine(config).summary())
