"""Random books with levels at spot, moving, fixed and too far away, and relations built on them."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from pathlib import Path

import duckdb
from spymaster_ingest.lake import Lake

from support import lakes, surface_lakes
from support.strategies.surface_books import Books, Row, random_books
from support.strategies.surface_market import BookShape

WALL_TICKS, MAX_K_TICKS = 70, 45
VARIABLES = {
    "wall_max_ticks": WALL_TICKS,
    "level_max_k_ticks": MAX_K_TICKS,
    "calibration_warm_up_s": 60,
    # price seldom moves far in a few minutes of books
    "approach_sigma": 0.1,
}
MODELS = (
    "vacuum_cells_1s",
    "radar_vacuum_1s",
    "vacuum_metrics_1s+1",
    "norm_quantiles",
    "physics_calibration_modes",
    "vacuum_surface_1s",
    "physics_bands_1s",
    "level_offset_1s",
    "approach_windows_5s",
    "approach_course_1s",
    "level_decisions",
    "level_anchors_1s+",
    "mbo_trigger_vector_features",
    *lakes.WITHOUT_RETRIEVAL,
    # no market by price is landed
    "level_anchors_mbp_1s+",
)


def level_ticks(books: Books, first_tick: int) -> dict[str, list[int | None]]:
    """Four levels: at spot, moving between decisions, fixed, and too far away."""
    spots = [row["spot_ref_price_int"] for row in books.snapshot]
    return {
        "or_high": [spot and spot // books.tick_int for spot in spots],
        "or_low": [first_tick - 9 + second // 7 % 6 for second in range(len(spots))],
        "pm_high": [first_tick + 5] * len(spots),
        "sma_90": [first_tick + 300] * len(spots),
    }


def drawn_days() -> dict[date, Books]:
    """A calm day, and a day with gaps, invalid seconds and jumps; in the study window."""
    calm = BookShape(wall_max_ticks=WALL_TICKS, levels=50, calm=True)
    rough = BookShape(wall_max_ticks=WALL_TICKS, levels=50)
    starts = [datetime(2024, 5, 7, 13, 31), datetime(2024, 5, 8, 13, 31)]
    return {
        start.date(): random_books(seed, n_seconds, start=start, shape=shape)
        for seed, (start, n_seconds, shape) in enumerate(
            zip(starts, (840, 240), (calm, rough), strict=True)
        )
    }


def build(lake: Lake, days: dict[date, Books]) -> Path:
    """Write books and levels of days, run the models on them, and return the database."""
    book_days = [surface_lakes.BookDay("ES", books) for books in days.values()]
    selection = {("ES", dt): books.symbol for dt, books in days.items()}
    surface_lakes.write_engine_tables(lake, book_days, selection)
    with duckdb.connect(str(lake.warehouse)) as connection:
        connection.execute(surface_lakes.NO_TRADES)
        connection.execute(
            "create table silver.levels_1s (symbol varchar, dt date, window_end_ts timestamp, "
            "level_id varchar, level_tick bigint, level_price_int bigint, is_active boolean, "
            "is_primary boolean)"
        )
        for dt, books in days.items():
            connection.executemany(
                "insert into silver.levels_1s values (?, ?, ?, ?, ?, ?, ?, ?)", levels_of(books)
            )
            connection.execute(
                "insert into meta.partition_state values "
                "('levels_1s', ?, ?, 'levels', ''), "
                "('book_snapshot_1s', ?, ?, 'books', '')",
                [books.symbol, dt] * 2,
            )
    return surface_lakes.run_models(lake, MODELS, **VARIABLES)


def levels_of(books: Books) -> Iterator[list]:
    """Rows of levels_1s; the level too far away is inactive for a while."""
    first_tick = BookShape().first_ticks
    for level_id, ticks in level_ticks(books, first_tick).items():
        for row, tick in zip(books.snapshot, ticks, strict=True):
            price = tick and tick * books.tick_int
            is_active = tick is not None
            key = [books.symbol, books.dt, row["window_end_ts"], level_id]
            yield [*key, tick, price, is_active, level_id != "or_high"]


def rows_of(database: Path, relation: str) -> list[Row]:
    with duckdb.connect(str(database), read_only=True) as connection:
        return connection.execute(f"select * from {relation}").to_arrow_table().to_pylist()
