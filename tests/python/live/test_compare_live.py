"""``spymaster compare-live`` finds where live rows, captured records and the build differ."""

from __future__ import annotations

import datetime as dt
import re
import shutil
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.live.capture import Capture
from spymaster.live.compared import compare_run, difference
from spymaster.live.compared_records import compare_records
from spymaster.live.feeds import Chunk
from spymaster.live.recorded import LandedDay
from spymaster.published import open_published
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.explain_lake import SYMBOL
from support.live_feeds import FakeClock
from support.synthetic_book import DAY

FIRST, LAST = (dt.datetime.combine(DAY, dt.time(13, 31)) + dt.timedelta(seconds=s) for s in (0, 20))
SECOND = dt.timedelta(seconds=1)
MIDDLE = FIRST + 10 * SECOND
RELATIONS = (
    "silver.wall_surface_1s",
    "silver.physics_bands_1s",
    "gold.level_signals",
    "gold.break_score_1s",
)
PARTITION = (SYMBOL, DAY)


def write_rows(lake: Lake, run: Path, change: Callable[[str, pa.Table], pa.Table]) -> int:
    """Write the build's rows of some seconds as a run does, a file a minute; return how many."""
    n_rows = 0
    with open_published(lake) as published, duckdb.connect() as connection:
        for relation in RELATIONS:
            built = published.execute(
                f"select * from {relation} where symbol = ? and dt = ? "
                "and window_end_ts > ? and window_end_ts <= ? order by all",
                [*PARTITION, FIRST, LAST],
            ).to_arrow_table()
            n_rows += built.num_rows
            changed = change(relation, built)
            folder = run / "rows" / relation
            folder.mkdir(parents=True)
            connection.register("changed", changed)
            for start, end in ((FIRST, MIDDLE), (MIDDLE, LAST)):
                path = folder / f"{start:%Y%m%dT%H%M%S}_{end:%Y%m%dT%H%M%S}.parquet"
                connection.execute(
                    "copy (from changed where window_end_ts > "
                    f"'{start}' and window_end_ts <= '{end}') to '{path}'"
                )
    return n_rows


def altered(relation: str, rows: pa.Table) -> pa.Table:
    """Turn the score of one row by the smallest step there is."""
    if relation != "gold.break_score_1s":
        return rows
    column = rows.column_names.index("score_raw")
    values = rows["score_raw"].to_pylist()
    at = next(number for number, value in enumerate(values) if value is not None)
    values[at] = float(np.nextafter(values[at], np.inf))
    return rows.set_column(column, "score_raw", pa.array(values, rows.schema.field(column).type))


@pytest.fixture
def folder(explained: Lake) -> Iterator[Path]:
    """A folder of a run in the built lake, which is as it was afterwards."""
    folder = explained.live / f"run-{uuid.uuid4().hex}"
    yield folder
    shutil.rmtree(folder, ignore_errors=True)


def compared(lake: Lake, folder: Path, *arguments: str) -> Result:
    environment = {LAKE_VARIABLE: str(lake.root), "COLUMNS": "250"}
    given = ["compare-live", str(DAY), "--run", folder.name, *arguments]
    return CliRunner().invoke(cli, given, env=environment)


def capture_landed(
    lake: Lake, folder: Path, change: Callable[[np.ndarray], np.ndarray] = lambda records: records
) -> int:
    """Capture some landed records of the day, changed; return how many."""
    landed = LandedDay(lake.bronze_partition("future", SYMBOL, "mbo", DAY))
    records = next(landed.chunks())[20_000:22_000]
    capture = Capture(folder / "capture-001", FakeClock())
    capture.append(Chunk(landed.source, change(records.copy())))
    capture.seal()
    return len(records)


def test_rows_and_records_of_the_build_differ_nowhere(explained: Lake, folder: Path) -> None:
    n_records = capture_landed(explained, folder)
    n_rows = write_rows(explained, folder, lambda _, rows: rows)
    assert n_rows > 100
    result = compared(explained, folder)
    assert result.exit_code == 0, result.output
    last = result.stdout.splitlines()[-1]
    n_compared = int(last.split()[0].replace(",", ""))
    assert last == f"{n_compared:,} rows of 5 relations: every row equals the build's"
    # records of the time of the last captured one count too
    assert n_rows + n_records <= n_compared <= n_rows + n_records + 10
    assert compared(explained, folder, "--symbol", SYMBOL).exit_code == 0


def test_an_altered_cell_is_found_and_named(explained: Lake, folder: Path) -> None:
    write_rows(explained, folder, altered)
    result = compared(explained, folder)
    assert result.exit_code == 1
    wanted = (
        r"gold.break_score_1s, first at 2025-10-01 13:31:\d\d: score_raw is [\d.]+, built [\d.]+$"
    )
    assert re.search(wanted, result.stderr, re.MULTILINE), result.stderr
    assert result.stdout.endswith(" rows of 4 relations: 2 differ from the build\n")


def test_of_lists_the_first_value_that_differs_is_named() -> None:
    vectors = [0.5, 0.0, 1.0, 2.0], [0.5, -0.0, 1.0, 3.0]
    assert difference("vector", *vectors) == "vector[2] is 0.0, built -0.0"
    assert difference("name", None, "a" * 81) == f"name is None, built {'a' * 80}..."
    assert difference("k_ticks", 3, None) == "k_ticks is 3, built None"


def test_rows_count_as_often_as_they_are_there(explained: Lake, folder: Path) -> None:
    def doubled_and_missing(relation: str, rows: pa.Table) -> pa.Table:
        if relation == "gold.level_signals":
            return pa.concat_tables([rows.slice(1), rows.slice(4, 1)])
        return rows

    write_rows(explained, folder, doubled_and_missing)
    found = {one.relation: one for one in compare_run(explained, folder, PARTITION)}
    assert found["gold.level_signals"].n_different == 2
    assert found["gold.level_signals"].example == f"{FIRST + SECOND}: a row of the build is missing"
    assert {one.n_different for one in found.values()} == {0, 2}
    # seconds in which they do not differ
    span = (FIRST + 8 * SECOND, LAST)
    assert not any(one.n_different for one in compare_run(explained, folder, PARTITION, span))


def test_a_record_that_differs_is_found(explained: Lake, folder: Path) -> None:
    def change(records: np.ndarray) -> np.ndarray:
        records["size"][700] += 1
        return np.delete(records, 900)

    capture_landed(explained, folder, change)
    [found] = compare_records(explained, [folder / "capture-001"], PARTITION)
    assert (found.relation, found.n_different) == ("bronze.future_mbo", 3)
    assert "2 are not captured, 1 are not landed" in found.example


def test_nothing_to_compare_gives_one_line(explained: Lake, folder: Path) -> None:
    assert "holds no live run" in str(compared(explained, folder).exception)
    folder.mkdir(parents=True)
    assert "no live run has rows of seconds" in str(compared(explained, folder).exception)
