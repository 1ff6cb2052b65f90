"""Requests: the command, requests that name nothing, and files without code."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.explain import explain_cell
from spymaster.explain.catalogue import Catalogue
from spymaster.published import NotPublishedError, open_published
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, SCHEMAS, Lake
from spymaster_ingest.units import epoch_ns
from support.explain_lake import SYMBOL, request, rows
from support.synthetic_book import DAY

TIMES = ("window_end_ts", "ts_end", "trigger_ts", "bar_end_ts", "window_start_ts")

# relations whose rows differ in columns that no parameter is named after
WITH_OTHER_KEYS = ("steps.turn_flows_1s", "steps.level_book_1s", "silver.reprice_flow_1s")


def command(explained: Lake, *arguments: str) -> Result:
    return CliRunner().invoke(
        cli,
        ["explain", "--symbol", SYMBOL, "--dt", str(DAY), *arguments],
        env={LAKE_VARIABLE: str(explained.root)},
    )


def test_the_command_prints_words_or_the_document(
    explained: Lake, explained_connection: duckdb.DuckDBPyConnection
) -> None:
    [row] = rows(
        explained_connection,
        "select * from silver.wall_surface_1s where add_qty > 2 and pull_qty_total > 0 "
        "order by window_start_ts, side, price_int limit 1",
    )
    local = row["window_end_ts"] - dt.timedelta(hours=4)
    where = ("--at", f"{local:%H:%M:%S}", "--side", row["side"])
    price = ("--price", f"{row['price_int'] / 1e9}")
    cell = ("--relation", "wall", "--column", "add_qty", *where, *price)
    shown = command(explained, *cell)
    assert shown.exit_code == 0, shown.output
    lines = shown.output.splitlines()
    assert lines[0] == f"silver.wall_surface_1s.add_qty = {row['add_qty']} contracts"
    assert "made again from what is shown here: equal" in lines
    document = json.loads(command(explained, *cell, "--json").output)
    again = explain_cell(explained_connection, request("silver.wall_surface_1s", "add_qty", row))
    assert {**document, "notes": []} == {**again, "notes": []}
    verbose = command(explained, *cell, "--verbose")
    assert "read_parquet" in verbose.output


HOSTILE = {
    "relation 'meta.model_sql'": {"relation": "meta.model_sql"},
    "wall_surface_1s; drop table x": {"relation": "wall_surface_1s; drop table x"},
    "column": {"column": "add_qty) from (select 1"},
    "did you mean depth_qty_start": {"column": "depth_qty_strat"},
    "is not a whole number": {"window_end_ts_ns": "1e18"},
    "is not the end of a second": {"window_end_ts_ns": "1759325400000000001"},
    "is not a date": {"dt": "2025-10-32"},
    "dt '20251001': is not a date": {"dt": "20251001"},
    "dt '2025-W40-3': is not a date": {"dt": "2025-W40-3"},
    "is not A (asks) or B (bids)": {"side": "A' or 'A' = 'A"},
    "is not a parameter": {"query": "select 1"},
    "is not a name": {"symbol": "\x1b[2J"},
    "is missing": {"symbol": None},
    "is not built (built: ESZ5)": {"symbol": "ESZ5' or true --"},
    "has no such row": {"level_id": None, "price_int": "-1"},
    "has no rows of a contract and a second": {
        "relation": "gold.physics_norm_calibration",
        "column": "q05",
    },
    "is no part of the key of silver.book_snapshot_1s": {
        "relation": "silver.book_snapshot_1s",
        "column": "n_records",
    },
}


@pytest.mark.parametrize("said", HOSTILE)
def test_what_names_nothing_gives_one_line(
    explained_connection: duckdb.DuckDBPyConnection, said: str
) -> None:
    [row] = rows(
        explained_connection,
        "select * from silver.wall_surface_1s order by window_start_ts, side, price_int limit 1",
    )
    asked = request("silver.wall_surface_1s", "add_qty", row) | HOSTILE[said]
    with pytest.raises(SpymasterError) as error:
        explain_cell(explained_connection, asked)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_row_that_is_not_there_names_what_is(
    explained_connection: duckdb.DuckDBPyConnection,
) -> None:
    [row] = rows(
        explained_connection,
        "select * from silver.gex_surface_1s order by window_start_ts, strike_price_int limit 1",
    )
    asked = request("silver.gex_surface_1s", "gex_abs", row)
    there = rows(
        explained_connection,
        "select strike_price_int // 1000000000 as strike from silver.gex_surface_1s "
        "where window_end_ts = ? order by all",
        row["window_end_ts"],
    )
    strikes = f"from {there[0]['strike']} to {there[-1]['strike']}"
    for changed, kind, words in (
        ({"strike_price_int": 1}, NotPublishedError, r"--strike \(strike_price_int\) " + strikes),
        (
            {"strike_price_int": None},
            SpymasterError,
            r"several rows \(choose --strike \(strike_price_int\) " + strikes,
        ),
        (
            {"window_end_ts_ns": 1_759_276_800 * 10**9 + 10**9},
            NotPublishedError,
            "rows at 120 times from 09:30:01",
        ),
        ({"column": "gex_of_all"}, NotPublishedError, "is not in silver.gex_surface_1s"),
        ({"symbol": "ESZ9"}, NotPublishedError, "is not built"),
    ):
        with pytest.raises(kind, match=words):
            explain_cell(explained_connection, asked | changed)


def test_a_file_without_code_says_so(explained: Lake, tmp_path: Path) -> None:
    other = Lake(tmp_path / "lake")
    other.make_root()
    for folder in (*SCHEMAS, "bronze"):
        (other.root / folder).symlink_to(explained.root / folder)
    other.published.write_bytes(explained.published.read_bytes())
    with duckdb.connect(str(other.published)) as writable:
        writable.execute("drop table meta.model_sql")
        writable.execute("drop table silver.book_engine_manifest")
    with open_published(other) as opened:
        [row] = rows(
            opened,
            "select * from silver.vacuum_surface_1s order by window_start_ts, side, price_int "
            "limit 1",
        )
        for relation, column in (
            ("silver.vacuum_surface_1s", "pull_add_log"),
            ("silver.wall_surface_1s", "add_qty"),
        ):
            wall = {"side": "A", "price_int": str(row["spot_ref_price_int"] + 250_000_000)}
            found = explain_cell(opened, request(relation, column, row) | wall)
            assert found["recomputed"]["equal"] is None
            assert any("`spymaster build` stores" in note for note in found["notes"])


def test_each_published_relation_gives_an_answer_or_one_line(
    explained_connection: duckdb.DuckDBPyConnection,
) -> None:
    catalogue = Catalogue(explained_connection)
    answered = set()
    for relation in catalogue.relations:
        columns = catalogue.columns(relation)
        time = next((name for name in TIMES if name in columns), None)
        order = "" if time is None else f'order by "{time}" desc'
        there = rows(explained_connection, f"select * from {relation} {order} limit 1")
        end = epoch_ns(there[0][time]) if there and time else 1_759_325_400 * 10**9
        asked = {
            "symbol": SYMBOL,
            "dt": str(DAY),
            "relation": relation,
            "column": list(columns)[-1],
            "window_end_ts_ns": str(end + (10**9 if time == "window_start_ts" else 0)),
        }
        for name in catalogue.keys(relation):
            if there and name not in (*asked, *TIMES) and there[0][name] is not None:
                asked[name] = str(there[0][name])
        try:
            assert explain_cell(explained_connection, asked)["relation"] == relation
            answered.add(relation)
        except SpymasterError as error:
            assert "\n" not in str(error), relation
    assert {"silver.wall_surface_1s", *WITH_OTHER_KEYS} <= answered


def test_a_key_without_an_option_of_its_own(
    explained: Lake, explained_connection: duckdb.DuckDBPyConnection
) -> None:
    [row] = rows(
        explained_connection,
        "select * from steps.turn_flows_1s order by window_end_ts, level_tick, condition_window_s "
        "limit 1",
    )
    column = "ask_depth_start"
    local = row["window_end_ts"] - dt.timedelta(hours=4)
    cell = ("--relation", "steps.turn_flows_1s", "--column", column, "--at", f"{local:%H:%M:%S}")
    window = ("--key", f"condition_window_s={row['condition_window_s']}")
    level = ("--key", f"level_tick={row['level_tick']}")
    shown = command(explained, *cell, *window, *level, "--json")
    assert shown.exit_code == 0, shown.output
    assert json.loads(shown.output)["value"] == row[column]
    asked = request("steps.turn_flows_1s", column, row)
    for key, said in (
        ({"level_tick": "1; drop table x"}, "is no value of type BIGINT"),
        ({"level_tick": "0"}, "has no such row"),
        ({"point_offset": "0"}, "is not a parameter"),
    ):
        with pytest.raises(SpymasterError, match=said):
            explain_cell(explained_connection, asked | key)
    for wrong in ("level_tick", "level_tick=", "side=A"):
        assert command(explained, *cell, "--key", wrong).exit_code == 2
