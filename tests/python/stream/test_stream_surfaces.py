"""Surfaces as Arrow: the rows of the relations, whole or compact."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster.card.sentences import card_odds_sentence, place_sentence, support_sentence
from spymaster.levels.conditions import conditions_sentence, short_signature
from spymaster.setups.odds_sentences import odds_sentences
from spymaster.stream.bootstrap import read_bootstrap
from spymaster.stream.compact import SCHEMAS
from spymaster.stream.errors import NotFoundError
from spymaster.stream.frames import encode, encode_seconds
from spymaster.stream.reader import ContractDay, SurfaceReader, open_reader
from spymaster.stream.surfaces import COMPACT, FULL, SURFACES
from spymaster_ingest.lake import Lake
from support import hud_lake
from support.clock import NEW_YORK
from support.hud_lake import DAY, SYMBOL, window_end_ns
from support.settings import word_settings
from support.stream_server import decode

# a range with every exception of the lake, and both bounds of a half-open range
FIRST, LAST = 2_095, 2_395
MAX_TICKS = 100
BASE_NS = int(dt.datetime(2025, 10, 1, tzinfo=dt.UTC).timestamp()) * 10**9
# relation, column that ends its window, condition
TWINS_OF_FULL = {
    "snap": ("silver.book_snapshot_1s", "window_end_ts", ""),
    "wall": ("silver.wall_surface_1s", "window_end_ts", "abs(rel_ticks) <= 100"),
    "vacuum": ("silver.vacuum_surface_1s", "window_end_ts", ""),
    "radar": ("silver.radar_vacuum_1s", "window_end_ts", ""),
    "physics": ("silver.physics_bands_1s", "window_end_ts", ""),
    "physics_surface": ("silver.physics_surface_1s", "window_end_ts", ""),
    "gex": ("silver.gex_surface_1s", "window_end_ts", ""),
    "gex_summary": ("silver.gex_summary_1s", "window_end_ts", ""),
    "pressure": ("gold.mbo_pressure_stream", "ts_end", ""),
    "turns": ("gold.conditions_in_use_1s", "window_end_ts", ""),
    "odds": ("gold.retrieval_outcomes", "window_end_ts", "horizon_id = 's240'"),
    "signals": ("gold.mbo_trigger_signals", "trigger_ts", ""),
    "strikes": ("silver.option_physics_1s", "window_end_ts", ""),
    "usual": ("steps.usual_depth_1s", "window_start_ts + interval 1 second", ""),
    "level_signals": ("gold.level_signals", "window_end_ts", ""),
    "courses": ("gold.course_odds_1s", "window_end_ts", ""),
    "ladder": ("silver.level_ladder_1s", "window_end_ts", "abs(k_ticks) <= 40"),
}
SECOND = f"(epoch_ns({{}}) - {BASE_NS}) / 1000000000 as second"
LEVELS = """
    from silver.levels_1s as l
    join silver.level_offset_1s as o using (symbol, dt, level_id, window_end_ts)
    where (l.is_active or l.is_provisional)
"""
TWINS_OF_COMPACT = {
    "snap": f"""select {SECOND.format("window_end_ts")}, spot_ref_price * 4, best_bid_price * 4,
        best_ask_price * 4, best_bid_qty, best_ask_qty, trade_qty_buy, trade_qty_sell,
        window_valid from silver.book_snapshot_1s""",
    "wall": f"""select {SECOND.format("window_end_ts")}, if(side = 'B', 1, 0),
        price_int / 250000000, depth_qty_end, add_qty, pull_qty_total, fill_qty
        from silver.wall_surface_1s where abs(rel_ticks) <= 100""",
    "vacuum": f"""select {SECOND.format("window_end_ts")}, if(side = 'B', 1, 0),
        price_int / 250000000, cast(vacuum_score as float) from silver.vacuum_surface_1s""",
    "physics": f"""select {SECOND.format("window_end_ts")}, cast(above_score as float),
        cast(below_score as float), cast(vacuum_total_score as float), calibration_mode
        from silver.physics_bands_1s""",
    "physics_surface": f"""select {SECOND.format("window_end_ts")}, if(side = 'B', 1, 0),
        price_int / 250000000, cast(ease_signed as float) from silver.physics_surface_1s""",
    # round() rounds half away from zero
    "gex": f"""select {SECOND.format("window_end_ts")}, round(strike_points * 4), strike_points,
        cast(gex_abs as float), cast(gex_call_abs as float), cast(gex_put_abs as float)
        from silver.gex_surface_1s""",
    "gex_summary": f"""select {SECOND.format("window_end_ts")}, gamma_flip_price,
        round(call_wall_price_int / 250000000), round(put_wall_price_int / 250000000)
        from silver.gex_summary_1s""",
    "levels": f"""select {SECOND.format("window_end_ts")}, level_id, l.level_price_int / 250000000,
        k_ticks, l.is_provisional, approach_dir, cast(closing_speed_15s as float),
        cast(secs_to_touch as float), list_aggregate(stacked_with, 'string_agg', '+')
        {LEVELS}""",
    "pressure": f"""select {SECOND.format("ts_end")}, level_id,
        cast(pressure_above_score as float), cast(pressure_below_score as float),
        cast(vacuum_score as float), signal_state from gold.mbo_pressure_stream""",
    "trades": f"""select cast(floor(epoch_ns(ts_event) / 1e9) as bigint) + 1 - {BASE_NS // 10**9},
        price_int / 250000000, sum(size), if(side = 'B', 1, if(side = 'A', -1, 0))
        from bronze.future_mbo where action = 'T' and size > 0 group by all""",
    "usual": f"""select {SECOND.format("window_start_ts + interval 1 second")},
        cast(ask_usual_depths[1] as float), cast(list_first(bid_usual_depths) as float)
        from steps.usual_depth_1s""",
    "signals": f"""select {SECOND.format("trigger_ts")}, level_id, signal, fire_flag, block_reason,
        verdict from gold.mbo_trigger_signals""",
    # rungs of a point are four ticks
    "ladder": f"""select {SECOND.format("window_end_ts")}, level_id, level_price_int / 250000000,
        k_ticks, point_offset, 4, bid_depth, ask_depth, cast(bid_usual_depth as float),
        cast(ask_usual_depth as float), bid_state, ask_state, strike_points,
        cast(call_physics as float), cast(put_physics as float), cast(gex_call_abs as float),
        cast(gex_put_abs as float) from silver.level_ladder_1s where abs(k_ticks) <= 40""",
    "strikes": f"""select {SECOND.format("window_end_ts")}, round(strike_points * 4),
        strike_points, cast(call_physics as float), cast(put_physics as float),
        call_net_aggressive_qty, put_net_aggressive_qty, call_net_resting_qty,
        put_net_resting_qty from silver.option_physics_1s""",
}


@pytest.fixture(scope="module")
def reader(lake: Lake) -> Iterator[SurfaceReader]:
    with open_reader(lake) as opened:
        yield opened


@pytest.fixture(scope="module")
def of(reader: SurfaceReader) -> ContractDay:
    return reader.contract_day(SYMBOL, DAY)


def windows(first: int = FIRST, last: int = LAST) -> range:
    """Return the ends of windows from first to last inclusive."""
    return range(window_end_ns(first) // 10**9, window_end_ns(last) // 10**9 + 1)


def frames(
    reader: SurfaceReader, of: ContractDay, name: str, layout: str, max_ticks: int = MAX_TICKS
) -> list[pa.Table]:
    """Return the decoded frame of each second."""
    asked = windows()
    table = reader.read(name, layout, of, asked, max_ticks)
    found = encode_seconds(table, layout, of, asked)
    assert len(found) == len(asked)
    decoded = [decode(frame.payload) for frame in found]
    assert [each.num_rows for each in decoded] == [frame.rows for frame in found]
    return decoded


def rows(tables: list[pa.Table]) -> list[str]:
    """Return the values of all rows in an order that does not depend on theirs."""
    return sorted(
        repr(row)
        for table in tables
        for row in zip(*(column.to_pylist() for column in table.columns), strict=True)
    )


def twin(
    reader: SurfaceReader, name: str, condition: str = "", ends: str = "window_end_ts"
) -> pa.Table:
    """Return the rows of a relation by a query that shares nothing with the reader's."""
    within = f"epoch_ns({ends}) between {window_end_ns(FIRST)} and {window_end_ns(LAST)}"
    where = f"{within} and {condition}" if condition else within
    return reader.connection.execute(
        f"select *, epoch_ns({ends}) as window_end_ts_ns from {name} where {where}"
    ).to_arrow_table()


@pytest.mark.parametrize("name", TWINS_OF_FULL)
def test_full_frames_are_the_rows_and_columns_of_the_relation(
    reader: SurfaceReader, of: ContractDay, name: str
) -> None:
    relation, ends, condition = TWINS_OF_FULL[name]
    expected = twin(reader, relation, condition, ends)
    decoded = frames(reader, of, name, FULL)
    assert expected.num_rows > 10
    assert decoded[0].schema.remove_metadata() == expected.schema
    assert not any(pa.types.is_dictionary(kind) for kind in expected.schema.types)
    assert rows(decoded) == rows([expected])


def test_full_levels_join_offset_and_price(reader: SurfaceReader, of: ContractDay) -> None:
    expected = reader.connection.execute(
        f"""select o.*, l.level_price, l.level_price_int, l.is_active, l.is_provisional,
            l.stacked_with, epoch_ns(window_end_ts) as window_end_ts_ns {LEVELS}
            and epoch_ns(window_end_ts) between {window_end_ns(FIRST)} and {window_end_ns(LAST)}"""
    ).to_arrow_table()
    decoded = frames(reader, of, "levels", FULL)
    assert decoded[0].schema.remove_metadata() == expected.schema
    assert rows(decoded) == rows([expected])


def test_full_trades_and_gaps_end_with_their_window(reader: SurfaceReader, of: ContractDay) -> None:
    for name, ts, query in (
        ("trades", "ts_event", "from bronze.future_mbo where action = 'T' and size > 0"),
        ("gaps", "gap_start_ts", "from silver.recording_gaps where true"),
    ):
        expected = reader.connection.execute(
            f"""select *, epoch_ns(date_trunc('second', {ts}::timestamp)) + 1000000000
                as window_end_ts_ns {query} and window_end_ts_ns
                between {window_end_ns(FIRST)} and {window_end_ns(LAST)}"""
        ).to_arrow_table()
        decoded = frames(reader, of, name, FULL)
        assert expected.num_rows
        assert decoded[0].schema.remove_metadata() == expected.schema
        assert rows(decoded) == rows([expected])


@pytest.mark.parametrize("layout", [FULL, COMPACT])
def test_trades_of_a_book_by_price_have_the_same_layout(
    reader: SurfaceReader, of: ContractDay, layout: str, tmp_path: Path
) -> None:
    lake = hud_lake.write_lake(Lake(tmp_path))
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("update silver.contract_days set book_source = 'mbp10'")
        connection.execute(
            "insert into bronze.market_by_price_10 by name select symbol, dt, rec_ordinal, "
            "ts_event, ts_recv, action, side, price_int, size, 7 as sequence from bronze.future_mbo"
        )
        # records of orders that this day's book is not made of
        connection.execute("update bronze.future_mbo set size = size + 100")
    by_order = reader.read("trades", layout, of, windows(), MAX_TICKS)
    with open_reader(lake) as opened:
        by_price = opened.read("trades", layout, of, windows(), MAX_TICKS)
    assert by_price.schema == by_order.schema
    assert by_price.num_rows > 100
    if layout == COMPACT:
        assert by_price.equals(by_order)
        return
    both = ["symbol", "dt", "rec_ordinal", "ts_event", "side", "price_int", "size"]
    assert by_price.select([*both, "window_end_ts_ns"]).equals(
        by_order.select([*both, "window_end_ts_ns"])
    )
    first = by_price.to_pylist()[0]
    assert first["price"] == first["price_int"] / 1e9
    assert (first["sequence"], first["order_id"]) == (7, None)


@pytest.mark.parametrize("name", TWINS_OF_COMPACT)
def test_compact_frames_equal_their_twin(reader: SurfaceReader, of: ContractDay, name: str) -> None:
    base_s = BASE_NS // 10**9
    first, last = (window_end_ns(second) // 10**9 - base_s for second in (FIRST, LAST))
    columns = ", ".join(f'"{column}"' for column in SCHEMAS[name].names)
    expected = reader.connection.execute(
        f"with twin({columns}) as ({TWINS_OF_COMPACT[name]}) "
        f"select * from twin where second between {first} and {last}"
    ).to_arrow_table()
    decoded = frames(reader, of, name, COMPACT)
    assert expected.num_rows > 10
    assert decoded[0].schema.remove_metadata() == SCHEMAS[name]
    # the twin has other types of numbers, and its empty texts are NULL
    plain = [column.type for column in decoded[0].columns]
    plain = [pa.utf8() if pa.types.is_dictionary(kind) else kind for kind in plain]
    exact = expected.cast(pa.schema(zip(expected.column_names, plain, strict=True)))
    assert rows(decoded) == [
        row.replace("None)", "'')") if name == "levels" else row for row in rows([exact])
    ]


def test_compact_turns_carry_the_sentence_of_each_row(
    reader: SurfaceReader, of: ContractDay
) -> None:
    decoded = pa.concat_tables(frames(reader, of, "turns", COMPACT), promote_options="none")
    expected = twin(reader, "gold.conditions_in_use_1s").sort_by(
        [("window_end_ts", "ascending"), ("level_id", "ascending")]
    )
    assert decoded.num_rows == expected.num_rows > 100
    settings = word_settings()
    claims = {"all_four": "not shown", "ahead_only": "useful"}
    signatures = set()
    for got, row in zip(decoded.to_pylist(), expected.to_pylist(), strict=True):
        assert got.pop("words") == conditions_sentence(row, settings)
        for direction in ("up", "down"):
            words = got.pop(f"{direction}_signature_words")
            assert words == short_signature(row, direction, claims)
            signatures.add(words)
        assert got.pop("second") == (row["window_end_ts_ns"] - BASE_NS) // 10**9
        for name in ("asks_retreat_z", "asks_pull_z", "bids_recede_z", "bids_pull_z"):
            value = got.pop(name)
            assert value == (None if row[name] is None else pytest.approx(row[name], rel=1e-6))
        assert got == {name: row[name] for name in got}
        assert len(got) == 13
    assert {
        "by the hypothesis a break: useful",
        "no signature of a turn or break",
        "turn or break: not shown",
    } <= signatures
    sentences = set(decoded["words"].to_pylist())
    assert "the four conditions: not shown" in sentences
    assert len(sentences) > 20


def test_compact_courses_carry_the_sentences_of_the_card(
    reader: SurfaceReader, of: ContractDay
) -> None:
    # from the start of one course to the resolution of it, and the others
    seconds = range(window_end_ns(930) // 10**9, window_end_ns(LAST) // 10**9)
    decoded = reader.read("courses", COMPACT, of, seconds, MAX_TICKS)
    assert decoded.schema.remove_metadata() == SCHEMAS["courses"]
    expected = reader.connection.execute(
        f"""select * replace (reached_ts::timestamp as reached_ts,
            resolved_ts::timestamp as resolved_ts), epoch_ns(window_end_ts) as end_ns,
            level_price_int / 250000000 as level_tick from gold.course_odds_1s
        where epoch_ns(window_end_ts) between {window_end_ns(930)} and {window_end_ns(LAST - 1)}
        order by window_end_ts, level_id"""
    ).to_arrow_table()
    assert decoded.num_rows == expected.num_rows > 400
    for got, row in zip(decoded.to_pylist(), expected.to_pylist(), strict=True):
        assert got.pop("second") == (row["end_ns"] - BASE_NS) // 10**9
        assert got.pop("place_words") == place_sentence(row, NEW_YORK)
        assert got.pop("odds_words") == card_odds_sentence(row, NEW_YORK)
        assert got.pop("support_words") == support_sentence(row)
        assert got == {name: row[name] for name in got}
        assert len(got) == 20
    phases = {(row["level_id"], row["phase"]) for row in expected.to_pylist()}
    assert {phase for _, phase in phases} == {"approaching", "at", "through", "back"}
    assert set(decoded["resolved"].to_pylist()) == {None, "BREAK"}
    assert set(decoded["no_odds_reason"].to_pylist()) == {
        *(None, "short_history", "too_few", "nothing_like_it", "outside_study_hours")
    }


def test_a_bootstrap_sends_the_newest_seconds_of_a_ladder(reader: SurfaceReader) -> None:
    tables = read_bootstrap(
        reader, SYMBOL, DAY, end_s=window_end_ns(LAST) // 10**9, surfaces=("snap", "ladder")
    )
    assert tables["snap"].num_rows == 1_799
    assert sorted(set(tables["ladder"]["window_end_ts_ns"].to_pylist())) == [
        window_end_ns(second) for second in range(LAST - 4, LAST + 1)
    ]


def test_compact_odds_carry_the_odds_that_setups_prints(
    reader: SurfaceReader, of: ContractDay
) -> None:
    decoded = pa.concat_tables(frames(reader, of, "odds", COMPACT), promote_options="none")
    expected = twin(reader, "gold.retrieval_outcomes", "horizon_id = 's240'").sort_by(
        [("window_end_ts", "ascending")]
    )
    assert decoded.num_rows == expected.num_rows > 10
    for got, row in zip(decoded.to_pylist(), expected.to_pylist(), strict=True):
        row = row | {"reach_ticks": 2}
        assert got.pop("words") == "\n".join(odds_sentences(row))
        assert got.pop("second") == (row["window_end_ts_ns"] - BASE_NS) // 10**9
        mean_similarity = got.pop("mean_similarity")
        assert (mean_similarity is None) == (row["mean_similarity"] is None)
        assert got == {name: row[name] for name in got}
    sentences = " ".join(decoded["words"].to_pylist())
    for words in ("Within 4 minutes", "too little to go by", "Nothing like it", "No odds"):
        assert words in sentences


def test_compact_gaps_name_each_second_that_a_gap_touches(
    reader: SurfaceReader, of: ContractDay
) -> None:
    start, end = hud_lake.RECORDING_GAP
    base = window_end_ns(0) // 10**9 - of.base_s
    expected = [base + second for second in range(int(start), int(end) + 1)]
    found = pa.concat_tables(frames(reader, of, "gaps", COMPACT))
    assert found["second"].to_pylist() == expected
    # a range that cuts the gap
    middle = reader.read("gaps", COMPACT, of, windows(int(start) + 1, int(start) + 2), 0)
    assert middle["second"].to_pylist() == expected[1:3]


@pytest.mark.parametrize("layout", [FULL, COMPACT])
def test_a_second_without_gamma_keeps_its_schema(
    reader: SurfaceReader, of: ContractDay, layout: str
) -> None:
    found = frames(reader, of, "gex", layout)
    empty, full = found[hud_lake.NO_GEX - FIRST], found[hud_lake.NO_GEX + 1 - FIRST]
    assert empty.num_rows == 0
    assert full.num_rows == 26
    assert empty.schema.equals(full.schema, check_metadata=True)
    assert len(empty.schema.names) == len(full.schema.names) > 5


def test_strikes_between_two_ticks_round_away_from_zero(
    reader: SurfaceReader, of: ContractDay
) -> None:
    table = reader.read("gex", COMPACT, of, windows(FIRST, FIRST), MAX_TICKS)
    points = hud_lake.OFF_TICK_STRIKE_INT / 1e9
    [row] = [row for row in table.to_pylist() if row["strike_points"] == points]
    assert points * 4 == 26_630.5
    assert row["strike_tick"] == 26_631


@pytest.mark.parametrize("layout", [FULL, COMPACT])
def test_every_surface_carries_what_a_decoder_needs(
    reader: SurfaceReader, of: ContractDay, layout: str
) -> None:
    for name, surface in SURFACES.items():
        if layout not in surface.layouts:
            continue
        for first, last in ((FIRST, LAST), (hud_lake.MISSING, hud_lake.MISSING)):
            table = reader.read(name, layout, of, windows(first, last), 7)
            metadata = {
                "symbol": SYMBOL,
                "dt": "2025-10-01",
                "surface": name,
                "layout": layout,
                "base_ts_ns": str(BASE_NS),
                "tick_int": "250000000",
            }
            if surface.has_ticks:
                metadata["max_ticks"] = "7"
            decoded = decode(encode(table, layout).payload)
            assert decoded.schema.metadata == {
                key.encode(): value.encode() for key, value in metadata.items()
            }


def test_a_missing_second_has_no_row_in_any_surface(reader: SurfaceReader, of: ContractDay) -> None:
    for name in SURFACES:
        found = reader.read(name, FULL, of, windows(hud_lake.MISSING, hud_lake.MISSING), 400)
        assert found.num_rows == 0
        assert found.schema.names[-1] == "window_end_ts_ns"


def test_ticks_are_limited_by_distance_from_spot(reader: SurfaceReader, of: ContractDay) -> None:
    for max_ticks, farthest in ((400, 150), (100, 100), (1, 1), (0, None)):
        table = reader.read("wall", FULL, of, windows(1_980, 2_010), max_ticks)
        distances = [abs(ticks) for ticks in table["rel_ticks"].to_pylist()]
        assert max(distances, default=None) == farthest
        # beyond the rows of the build nothing was measured
        stated = int(table.schema.metadata[b"max_ticks"])
        assert stated == min(max_ticks, hud_lake.FAR_TICKS)


def test_timestamps_are_exact_beyond_two_to_the_53(reader: SurfaceReader, of: ContractDay) -> None:
    for second, table in enumerate(frames(reader, of, "snap", FULL), FIRST):
        assert window_end_ns(second) > 2**53
        expected = [] if second == hud_lake.MISSING else [window_end_ns(second)]
        assert table["window_end_ts_ns"].to_pylist() == expected
        assert table.schema.field("window_end_ts_ns").type == pa.int64()
        assert table.schema.field("window_end_ts").type == pa.timestamp("us")


def test_two_readings_of_a_range_give_equal_bytes(reader: SurfaceReader, of: ContractDay) -> None:
    asked = windows()
    for name, surface in SURFACES.items():
        for layout in surface.layouts:
            first, second = (
                encode_seconds(reader.read(name, layout, of, asked, MAX_TICKS), layout, of, asked)
                for _ in range(2)
            )
            assert first == second, (name, layout)


def test_nothing_but_zero_lies_below_a_null() -> None:
    values = np.array([7, 12_345, 9], np.int64)
    mask = np.array([False, True, False])
    # the number that the mask hides stays in the buffer
    hidden = pa.Array.from_buffers(
        pa.int64(), 3, [pa.array(~mask).buffers()[1], pa.py_buffer(values)]
    )
    assert b"\x39\x30" in hidden.buffers()[1].to_pybytes()
    table = pa.table({"window_end_ts_ns": pa.array([1, 2, 3]), "value": hidden})
    for frame in (encode(table, FULL), encode(table, COMPACT)):
        assert b"\x39\x30" not in frame.payload
        assert decode(frame.payload)["value"].to_pylist() == [7, None, 9]


def test_seconds_do_not_depend_on_the_range_they_were_read_in(
    reader: SurfaceReader, of: ContractDay
) -> None:
    for name, surface in SURFACES.items():
        for layout in surface.layouts:
            whole = frames(reader, of, name, layout)
            for second in (FIRST, 2_300, hud_lake.NO_GEX, LAST):
                alone = reader.read(name, layout, of, windows(second, second), MAX_TICKS)
                assert alone.to_pylist() == whole[second - FIRST].to_pylist()


def test_what_a_build_left_out_is_named(tmp_path_factory: pytest.TempPathFactory) -> None:
    root = tmp_path_factory.mktemp("left_out") / "lake"
    lake = hud_lake.write_lake(Lake(root), count=10, without=("silver.gex_surface_1s",))
    with open_reader(lake) as reader:
        with pytest.raises(NotFoundError, match="gex_surface_1s is not in the published file"):
            reader.surface("gex", FULL)
        with pytest.raises(NotFoundError, match="is no surface"):
            reader.surface("nothing", FULL)
        with pytest.raises(NotFoundError, match="no layout compact"):
            reader.surface("radar", COMPACT)


def test_a_number_that_does_not_fit_is_an_error(reader: SurfaceReader, of: ContractDay) -> None:
    from spymaster.stream.compact import to_compact

    table = duckdb.sql(
        "select 1 as second, 1 as tick, 3000000000 as qty, 1 as aggressor"
    ).to_arrow_table()
    with pytest.raises(pa.ArrowInvalid):
        to_compact("trades", table, NEW_YORK, word_settings, dict)


def test_a_rung_on_the_screen_is_as_high_as_its_product_says(tmp_path: Path) -> None:
    lake = hud_lake.write_lake(Lake(tmp_path / "lake"), count=20)
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("update reference.instruments set ladder_step = 2.5")
    with open_reader(lake) as opened:
        contract_day = opened.contract_day(SYMBOL, DAY)
        rows = opened.read("ladder", COMPACT, contract_day, contract_day.windows, 100)
    assert set(rows["rung_ticks"].to_pylist()) == {10}
