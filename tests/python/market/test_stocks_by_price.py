"""Two real days of a stock that publishes five levels every three seconds and no orders.

A second product has the same records, of the second day only those before a moment: what is known
then must be the same.
"""

from __future__ import annotations

import datetime as dt
import shutil
import struct
from collections.abc import Iterator
from pathlib import Path

import duckdb
import pytest
import zstandard
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_warehouse.settings.file import read_settings
from support import lakes

FOLDER = "cn_a_shares/sym6"
SETTINGS = PROJECT_ROOT / "bench" / "real_market.toml"
WHOLE, CUT = "CN6", "CN9"
DAYS = (dt.date(2019, 1, 10), dt.date(2019, 1, 11))
# of the second day, 13:47 in Shanghai
MOMENT = dt.datetime(2019, 1, 11, 5, 47)
RECORD_BYTES = 368
MODELS = (
    "+approaches",
    "+level_outcomes",
    "+placebo_outcomes",
    "+market_feature_vectors",
    "+data_quality",
)
# relations that a claim rests on, and the time from which a row is known
AT_END_OF_WINDOW = (
    "steps.published_book_1s",
    "steps.market_book_1s",
    "steps.running_levels_1s",
    "silver.book_snapshot_1s",
    "silver.levels_1s",
    "silver.level_offset_1s",
    "silver.approach_course_1s",
    "silver.level_decisions",
    "steps.level_anchors_mbp_1s",
    "steps.turn_flows_mbp_1s",
    "steps.turn_measures_mbp_1s",
    "steps.turn_states_mbp_1s",
    "gold.turn_conditions_mbp_1s",
    "gold.conditions_in_use_1s",
    "gold.market_feature_vectors",
    "gold.retrieval_vectors",
    "gold.retrieval_answers",
    "gold.course_odds_1s",
)
KNOWN_FROM = {
    **dict.fromkeys(AT_END_OF_WINDOW, "window_end_ts"),
    "silver.bars": "bar_end_ts",
    "silver.market_by_price_10_bar5s": "bar_end_ts",
    "steps.turn_calibration_mbp": "valid_from_ts",
    "gold.approaches": "resolved_ts",
    "gold.level_labels": "label_end_ts",
    "gold.level_outcomes": "label_end_ts",
    "gold.placebo_outcomes": "label_end_ts",
}
# what ends with the records is known when they have ended
ENDED_BY_RECORDS = ("resolved_ts", "label_end_ts")


def records_of(source: Path, symbol: str, until: dt.datetime | None) -> bytes:
    """Return a file of market by price for another symbol, with the records before a moment."""
    data = zstandard.ZstdDecompressor().stream_reader(source.open("rb")).read()
    begin = at = 8 + struct.unpack_from("<I", data, 4)[0]
    end_ns = until.replace(tzinfo=dt.UTC).timestamp() * 1e9 if until else float("inf")
    while at < len(data) and struct.unpack_from("<Q", data, at + 8)[0] < end_ns:
        at += RECORD_BYTES
    return data[:begin].replace(WHOLE.encode(), symbol.encode()) + data[begin:at]


@pytest.fixture(scope="module")
def lake(shared_data: Path, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """Both products, built as far as what a claim is judged by."""
    folder = tmp_path_factory.mktemp("stocks")
    lake = Lake(folder / "lake")
    lake.root.mkdir()
    shutil.copyfile(SETTINGS, lake.settings)
    for symbol, moments in ((WHOLE, (None, None)), (CUT, (None, MOMENT))):
        for day, until in zip(DAYS, moments, strict=True):
            source = shared_data / FOLDER / f"cn6-{day:%Y%m%d}.mbp-10.dbn.zst"
            path = folder / f"{symbol}-{day:%Y%m%d}.mbp-10.dbn"
            path.write_bytes(records_of(source, symbol, until))
            lakes.land_raw(lake, path)
    lakes.run_models(lake, "--select", *MODELS, **read_settings(lake).vars)
    return lake


@pytest.fixture(scope="module")
def connection(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect(str(lake.warehouse), read_only=True) as connection:
        yield connection


@pytest.fixture(scope="module")
def last_end(connection: duckdb.DuckDBPyConnection) -> dt.datetime:
    """The end of the last second of the day that was cut."""
    [(end,)] = connection.execute(
        "select max(window_end_ts) from silver.book_snapshot_1s where symbol = ? and dt = ?",
        [CUT, DAYS[1]],
    ).fetchall()
    return end


@pytest.mark.parametrize("relation", KNOWN_FROM)
def test_what_follows_a_moment_changes_nothing_known(
    connection: duckdb.DuckDBPyConnection, last_end: dt.datetime, relation: str
) -> None:
    at = KNOWN_FROM[relation]
    described = connection.execute(f"describe {relation}").fetchall()
    # names hold the symbol
    values = ", ".join(f"replace(cast({name} as varchar), symbol, '')" for name, *_ in described)
    until = "<" if at in ENDED_BY_RECORDS else "<="
    found = {
        symbol: connection.execute(
            f"""
            select count(*), sum(cast(md5_number_lower(cast(row({values}) as varchar)) as hugeint))
            from {relation}
            where symbol = ? and dt = ? and {at} {until} ?
            """,
            [symbol, DAYS[1], last_end],
        ).fetchone()
        for symbol in (WHOLE, CUT)
    }
    assert found[WHOLE] == found[CUT]
    assert found[WHOLE][0] > 10
    [(later,)] = connection.execute(
        f"select count(*) from {relation} where symbol = ? and dt = ? and {at} > ?",
        [WHOLE, DAYS[1], last_end],
    ).fetchall()
    assert later > 0
