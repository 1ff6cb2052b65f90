"""The compiled book engine's output as plain rows, for comparison with the plain engine."""

from __future__ import annotations

from typing import Any

import numpy as np
from naive.model import BookConfig as PlainConfig
from spymaster_engine.kernels.book import BookConfig, BookEngine, Records
from spymaster_engine.kernels.book.kernel_state import (
    NULL,
    REPRICE_COLUMNS,
    SNAPSHOT_ROW,
    SPOT_SOURCES,
    WALL_COLUMNS,
    Output,
)
from spymaster_engine.kernels.book.surface_files import reprice_columns, wall_columns

SIDES = ("A", "B")


def engine_config(config: PlainConfig) -> BookConfig:
    """Translate the plain engine's configuration."""
    surface = config.surface_window_ns
    return BookConfig(
        tick_int=config.tick_int,
        day_start_ns=config.day_start_ns,
        trading_intervals=tuple(config.trading_intervals),
        wall_max_ticks=config.wall_max_ticks,
        rest_ns=config.rest_ns,
        surface_windows_ns=None if surface is None else (surface,),
        unknown_cancel_rate_max=config.unknown_cancel_rate_max,
        unknown_cancel_min_cancels=config.unknown_cancel_min_cancels,
        unknown_cancel_lookback_s=config.unknown_cancel_lookback_s,
        stale_after_s=config.stale_after_s,
    )


class EngineRows:
    """Rows of one engine pass: ``snapshot``, ``wall``, ``reprice`` and ``qa``."""

    def __init__(
        self, records: np.ndarray, config: BookConfig, chunk_records: int | None = None
    ) -> None:
        self.snapshot: list[dict[str, Any]] = []
        self.wall: list[dict[str, Any]] = []
        self.reprice: list[dict[str, Any]] = []
        engine = BookEngine(config)
        step = chunk_records or max(len(records), 1)
        for start in range(0, len(records), step):
            for output in engine.feed(Records.from_vendor(records[start : start + step])):
                self._take(output)
                engine.recycle(output)
        for output in engine.finish():
            self._take(output)
        engine.check_day()
        self.wall.sort(key=lambda r: (r["window_start_s"], r["side"], r["price_int"]))
        self.qa = engine.summary()

    @property
    def refill_qty(self) -> int:
        """Contracts that refilled orders, if nothing else was added."""
        return sum(row["add_qty"] for row in self.wall if row["fill_qty"])

    def _take(self, output: Output) -> None:
        for row in output.snapshot[: output.counts[0]].tolist():
            values = dict(zip(SNAPSHOT_ROW.names, row, strict=True))
            self.snapshot.append(_snapshot_row(values))
        for relation, columns, integers in (
            (self.wall, wall_columns(output), WALL_COLUMNS),
            (self.reprice, reprice_columns(output), REPRICE_COLUMNS),
        ):
            names = [name for name in columns if name != "window_start_ts"]
            windows = (columns["window_start_ts"] // 1_000_000).tolist()
            lists = [columns[name].tolist() for name in names]
            assert set(integers) <= set(names)
            for window, *values in zip(windows, *lists, strict=True):
                row = dict(zip(names, values, strict=True))
                row["side"] = SIDES[row["side"]]
                relation.append({"window_start_s": window, **row})


def _snapshot_row(values: dict[str, int]) -> dict[str, Any]:
    flags = values["invalid_flags"]
    row: dict[str, Any] = {name: None if value == NULL else value for name, value in values.items()}
    row["window_start_s"] = row.pop("window_s")
    row["spot_source"] = SPOT_SOURCES[values["spot_source"]] or None
    bid, ask = row["best_bid_price_int"], row["best_ask_price_int"]
    row["mid_price_int"] = None if bid is None or ask is None else (bid + ask) // 2
    row["book_valid"] = flags & 7 == 0
    row["window_valid"] = flags == 0
    return row
