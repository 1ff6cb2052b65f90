"""Odds are explained by the neighbors that ``spymaster setups`` finds."""

from __future__ import annotations

import datetime as dt
import io
import random
from collections.abc import Iterator
from pathlib import Path

import duckdb
import numpy as np
import pytest
from rich.console import Console
from spymaster.built_settings import built_settings
from spymaster.explain import explain_cell
from spymaster.explain.catalogue import Catalogue
from spymaster.explain.rerun import rows_of
from spymaster.explain.steps import explain_steps
from spymaster.explain.terminal import print_explanation
from spymaster.explain.wanted import Row, Wanted
from spymaster.published import open_published
from spymaster_ingest.lake import SCHEMAS, Lake
from spymaster_ingest.units import epoch_ns
from support import retrieval_lakes as lakes
from support.clock import NEW_YORK
from support.retrieval_days import DAYS, SYMBOL, Market, plain_answers

PRESSURE, ODDS = "gold.mbo_pressure_stream", "gold.retrieval_outcomes"
CELLS = 200


@pytest.fixture(scope="module")
def lake(retrieval_market: Market, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """The market with what its hand-made contract-days leave out."""
    copy = lakes.copy_of(retrieval_market.lake, tmp_path_factory.mktemp("odds") / "lake")
    copy.published.chmod(0o600)
    with duckdb.connect(str(copy.published)) as connection:
        connection.execute(
            "create or replace table silver.contract_days as "
            f"select distinct symbol, dt, 'ES' as root, {lakes.TICK}::bigint as tick_int, "
            "cast(null as varchar) as book_path, "
            "'mbo' as book_source from gold.mbo_trigger_vectors"
        )
    return copy


@pytest.fixture(scope="module")
def connection(lake: Lake) -> Iterator[duckdb.DuckDBPyConnection]:
    with open_published(lake) as opened:
        yield opened


def rows(connection: duckdb.DuckDBPyConnection, query: str, *values: object) -> list[Row]:
    return rows_of(connection.execute(query, list(values)).to_arrow_table())


@pytest.mark.parametrize("relation", [PRESSURE, ODDS])
def test_two_hundred_cells_come_out_again(
    connection: duckdb.DuckDBPyConnection, relation: str
) -> None:
    catalogue = Catalogue(connection)
    draw = random.Random(relation)
    names = [name for name in catalogue.columns(relation) if name not in catalogue.keys(relation)]
    end = "ts_end" if relation == PRESSURE else "window_end_ts"
    there = rows(connection, f"select * from {relation} where symbol = ? order by all", SYMBOL)
    cells = 0
    for row in draw.sample(there, 10):
        together = [one for one in there if one[end] == row[end] and one["dt"] == row["dt"]]
        chosen = draw.sample(names, 20)
        wanted = Wanted(
            relation, catalogue.partition(SYMBOL, row["dt"]), tuple(together), frozenset(chosen)
        )
        first = explain_steps(catalogue, wanted)[0]
        assert first.is_equal, (first.wanted.columns, first.notes)
        cells += len(together) * len(chosen)
    assert cells >= CELLS


def asked(row: Row, column: str) -> dict[str, object]:
    return {
        "symbol": row["symbol"],
        "dt": row["dt"],
        "surface": "odds",
        "column": column,
        "window_end_ts_ns": epoch_ns(row["window_end_ts"]),
        "level_id": row["level_id"],
        "horizon_id": row["horizon_id"],
    }


def similar(connection: duckdb.DuckDBPyConnection) -> Row:
    return rows(
        connection,
        f"select * from {ODDS} where symbol = ? and dt = ? and is_similar and horizon_id = 's240' "
        "order by window_end_ts desc, level_id limit 1",
        SYMBOL,
        DAYS[-1],
    )[0]


def test_odds_show_their_neighbors(
    retrieval_market: Market, connection: duckdb.DuckDBPyConnection
) -> None:
    row = similar(connection)
    found = explain_cell(connection, asked(row, "p_break"))
    assert found["value"] == found["recomputed"]["value"] == row["p_break"]
    assert found["recomputed"]["equal"] is True
    said = "the search, run again with the stored similarity_floor, gives the stored p_break"
    assert said in found["notes"]
    terms = found["sum"]
    assert list(terms) == ["p_break_raw", "n_eff", "base_break", "base_rate_weight", "p_break"]
    assert terms["base_rate_weight"] == built_settings(connection)["base_rate_weight"]
    raw = sum(one["weight"] for one in found["neighbors"] if one["outcome"] == "BREAK")
    raw /= sum(one["weight"] for one in found["neighbors"])
    assert terms["p_break_raw"] == row["p_break_raw"] == pytest.approx(raw)
    weight = terms["base_rate_weight"]
    drawn = (raw * terms["n_eff"] + terms["base_break"] * weight) / (terms["n_eff"] + weight)
    assert found["value"] == pytest.approx(drawn)
    formula = next(note for note in found["notes"] if note.startswith("p_break = ("))
    assert formula.endswith(f" = {row['p_break']:.6g}")
    assert f"({raw:.6g} x {row['n_eff']:.6g} + " in formula
    plain, _ = plain_answers(retrieval_market)[row["vector_id"], "s240"]
    expected = [neighbor for neighbor, _, _ in plain]
    assert len(found["neighbors"]) == row["n_neighbors"] == len(expected)
    for shown, neighbor in zip(found["neighbors"], expected, strict=True):
        vector_id = f"{shown['symbol']}_{shown['level_id']}"
        assert neighbor["vector_id"].startswith(vector_id)
        assert neighbor["vector_id"].endswith(f"_{int(shown['window_end_ts_ns']) // 10**9}")
        assert shown["dt"] < str(row["dt"])
        assert shown["outcome"] in ("BREAK", "REJECT", "CHOP")
        assert shown["link"] == (
            f"#symbol={shown['symbol']}&dt={shown['dt']}&ts={shown['window_end_ts_ns']}"
        )
    first = found["neighbors"][0]
    end = dt.datetime.fromtimestamp(int(first["window_end_ts_ns"]) // 10**9, NEW_YORK.zone)
    console = Console(width=200, file=io.StringIO())
    print_explanation(found, console, NEW_YORK)
    printed = console.file.getvalue()
    assert f" {end:%H:%M:%S} " in printed
    assert first["window_end_ts_ns"] not in printed
    similarities = [one["similarity"] for one in found["neighbors"]]
    assert similarities == sorted(similarities, reverse=True)


def test_the_floor_of_similarity_is_searched_for_where_it_is_asked_for(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = similar(connection)
    plainly = explain_cell(connection, asked(row, "similarity_floor"))
    assert plainly["value"] == row["similarity_floor"] is not None
    assert "the search, run again, gives the stored similarity_floor" in plainly["notes"]
    floors = {row["horizon_id"]: np.full(2, row["similarity_floor"] / 2)}
    module = "spymaster_engine.statistics.retrieval.neighbors_by_horizon"
    monkeypatch.setattr(f"{module}.similarity_floors", lambda *_: floors)
    found = explain_cell(connection, asked(row, "similarity_floor"))
    assert "the search gives other similarity_floor than the stored answer" in found["notes"]
    found = explain_cell(connection, asked(row, "p_break"))
    said = "the search, run again with the stored similarity_floor, gives the stored p_break"
    assert said in found["notes"]


def test_odds_that_do_not_follow_from_their_terms_are_not_equal(
    connection: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    row = similar(connection)
    weight = {"base_rate_weight": 1_000.0}
    monkeypatch.setattr("spymaster.explain.odds.built_settings", lambda _: weight)
    found = explain_cell(connection, asked(row, "p_break"))
    assert found["recomputed"]["equal"] is (row["p_break_raw"] == row["base_break"])
    assert found["recomputed"]["value"] == pytest.approx(row["base_break"], abs=0.05)


def test_a_decision_beyond_its_barriers_has_no_neighbors(
    connection: duckdb.DuckDBPyConnection,
) -> None:
    [row] = rows(
        connection,
        f"select * from {ODDS} where symbol = ? and not is_judged order by all limit 1",
        SYMBOL,
    )
    found = explain_cell(connection, asked(row, "n_neighbors"))
    assert found["neighbors"] == []
    assert "neighbors not shown: this decision lies outside of the barriers" in found["notes"]


def test_a_library_that_is_gone_says_so(
    connection: duckdb.DuckDBPyConnection, lake: Lake, tmp_path: Path
) -> None:
    row = similar(connection)
    other = Lake(tmp_path / "lake")
    other.make_root()
    for schema in SCHEMAS:
        (other.root / schema).symlink_to(lake.root / schema)
    other.published.write_bytes(lake.published.read_bytes())
    with open_published(other) as opened:
        found = explain_cell(opened, asked(row, "p_break"))
    assert found["neighbors"] == []
    assert any(note.startswith("neighbors not shown: ") for note in found["notes"])
    # what the SQL makes of the stored answer does not need the library
    assert found["recomputed"]["equal"] is True
