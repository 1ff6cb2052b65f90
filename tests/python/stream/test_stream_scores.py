"""Break scores on the wire: the score of a level with the readings of its engines."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator

import pyarrow as pa
import pytest
from spymaster.levels.engines import NOT_KNOWN, barrier_words, score_words
from spymaster.stream.compact import SCHEMAS
from spymaster.stream.frames import encode_seconds
from spymaster.stream.reader import ContractDay, SurfaceReader, open_reader
from spymaster.stream.surfaces import COMPACT, FULL
from spymaster_ingest.lake import Lake
from support.clock import NEW_YORK
from support.hud_lake import DAY, SYMBOL, window_end_ns
from support.settings import word_settings
from support.stream_server import decode

# with every exception of the lake
FIRST, LAST = 2_095, 2_395
BASE_S = int(dt.datetime(2025, 10, 1, tzinfo=dt.UTC).timestamp())
ENGINES = {engine: f"silver.{engine}_engine_1s" for engine in ("barrier", "tape", "fuel")}
JOINED = "from gold.break_score_1s as score " + " ".join(
    f"join {relation} as {engine} using (symbol, dt, window_end_ts, level_id)"
    for engine, relation in ENGINES.items()
)
COMPACT_TWIN = f"""
    select cast(epoch(window_end_ts) as bigint) - {BASE_S} as second, level_id,
        score.level_price_int / 250000000 as level_tick, score.k_ticks, score.direction, s_l, s_h,
        s_t, score_raw, score_smooth, signal, score.confidence, state as barrier_state,
        delta_liq as barrier_delta_liq, added as barrier_added, canceled as barrier_canceled,
        filled as barrier_filled, depth_in_zone as barrier_depth_in_zone, buy_vol as tape_buy_vol,
        sell_vol as tape_sell_vol, velocity_ticks_s as tape_velocity_ticks_s,
        sweep_direction as tape_sweep_direction, sweep_num_prints as tape_sweep_num_prints,
        sweep_age_s as tape_sweep_age_s, fuel_available, effect as fuel_effect,
        net_dealer_gamma as fuel_net_dealer_gamma, runway_next_level_id, runway_ticks,
        runway_quality, coalesce(list_aggregate(confluence_levels, 'string_agg', '+'), '')
            as confluence_levels,
        80.0 as break_score_min, 20.0 as reject_score_max, churn as barrier_churn, window_end_ts
    {JOINED}
"""


@pytest.fixture(scope="module")
def reader(lake: Lake) -> Iterator[SurfaceReader]:
    with open_reader(lake) as opened:
        yield opened


@pytest.fixture(scope="module")
def of(reader: SurfaceReader) -> ContractDay:
    return reader.contract_day(SYMBOL, DAY)


def frames(reader: SurfaceReader, of: ContractDay, layout: str) -> pa.Table:
    """Return the rows of the decoded frames of the seconds."""
    windows = range(window_end_ns(FIRST) // 10**9, window_end_ns(LAST) // 10**9 + 1)
    found = encode_seconds(reader.read("scores", layout, of, windows, 0), layout, of, windows)
    assert len(found) == len(windows)
    return pa.concat_tables(decode(frame.payload) for frame in found)


def twin(reader: SurfaceReader, query: str) -> pa.Table:
    """Return the rows of a query in the seconds of the frames."""
    within = f"epoch_ns(window_end_ts) between {window_end_ns(FIRST)} and {window_end_ns(LAST)}"
    ordered = f"{query} where {within} order by window_end_ts, level_id"
    return reader.connection.execute(ordered).to_arrow_table()


def test_full_scores_join_the_readings_of_each_engine(
    reader: SurfaceReader, of: ContractDay
) -> None:
    readings = []
    for engine, relation in ENGINES.items():
        names = reader.connection.execute(f"from {relation} limit 0").to_arrow_table().schema.names
        own = names[names.index("in_monitor_band") + 1 :]
        readings += [f"{engine}.{name} as {engine}_{name.removeprefix('fuel_')}" for name in own]
    expected = twin(
        reader,
        f"select score.*, {', '.join(readings)}, epoch_ns(window_end_ts) as window_end_ts_ns "
        f"{JOINED}",
    )
    decoded = frames(reader, of, FULL).replace_schema_metadata()
    assert expected.num_rows > 1_000
    assert decoded.schema == expected.schema
    assert decoded.to_pylist() == expected.to_pylist()


def test_compact_scores_equal_their_twin(reader: SurfaceReader, of: ContractDay) -> None:
    decoded = frames(reader, of, COMPACT).replace_schema_metadata()
    assert decoded.schema == SCHEMAS["scores"]
    expected = twin(reader, COMPACT_TWIN)
    assert expected.num_rows > 1_000
    for name in decoded.schema.names[:-2]:
        kind = decoded.schema.field(name).type
        plain = pa.utf8() if pa.types.is_dictionary(kind) else kind
        assert decoded[name].to_pylist() == expected[name].cast(plain).to_pylist(), name


def test_compact_scores_carry_the_words_of_levels(reader: SurfaceReader, of: ContractDay) -> None:
    decoded = frames(reader, of, COMPACT).to_pylist()
    rows = twin(reader, COMPACT_TWIN).to_pylist()
    settings, known = word_settings(), signals(reader)
    said = set()
    for got, row in zip(decoded, rows, strict=True):
        begun = since(known, row["level_id"], row["window_end_ts"])
        assert got["score_words"] == score_words(row | {"signal_since_ts": begun}, row, NEW_YORK)
        is_known = row["barrier_state"] is not None
        assert got["barrier_words"] == (barrier_words(row, settings) if is_known else NOT_KNOWN)
        said.add(got["barrier_words"].rpartition("(")[2])
    states = {f"{row['barrier_state']})" for row in rows if row["barrier_state"]}
    assert said == states | {NOT_KNOWN}
    assert {"score not known"} < {got["score_words"] for got in decoded}


def signals(reader: SurfaceReader) -> dict[tuple[str, dt.datetime], object]:
    """Return direction and signal of each level and second of the day."""
    query = "select level_id, window_end_ts, (direction, signal) from gold.break_score_1s"
    found = reader.connection.execute(query).fetchall()
    return {(level_id, at): signal for level_id, at, signal in found}


def since(known: dict[tuple[str, dt.datetime], object], level_id: str, at: dt.datetime) -> object:
    """Return the first second of the run of a signal, looking back second by second."""
    while known.get((level_id, at - dt.timedelta(seconds=1))) == known[level_id, at]:
        at -= dt.timedelta(seconds=1)
    return at
