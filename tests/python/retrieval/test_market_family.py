"""Retrieval of a lake without order flow, which compares market features."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from naive import retrieval as naive
from spymaster.built_settings import settings_of_answers
from spymaster.cli import cli
from spymaster.evaluation.result_tables import SCHEMAS, write_tables
from spymaster.published import open_published
from spymaster.setups.odds_sentences import family_sentences
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE
from support import retrieval_lakes as lakes
from support.market_lakes import add_market, only_market
from support.retrieval_days import (
    CHANGED_DAY,
    DAYS,
    NUMBERS,
    SUPPORT,
    SYMBOL,
    TOLERANCE,
    MarketOfBestLevels,
    earlier,
    plain_answers,
    selection,
)
from support.retrieval_inputs import record_partitions, write_market_vectors
from support.retrieval_market import BLOCK_WIDTHS, BLOCKS, MARKET_FEATURES

ANSWERS = "select * from gold.retrieval_answers order by vector_id, horizon_id"


@pytest.fixture(scope="module")
def market(market_of_best_levels: MarketOfBestLevels) -> MarketOfBestLevels:
    return market_of_best_levels


def test_vectors_hold_what_is_known_without_order_flow(market: MarketOfBestLevels) -> None:
    rows = {
        row["vector_id"]: row
        for row in lakes.rows_of(market.lake, "select * from gold.retrieval_vectors")
    }
    assert rows.keys() == {approach.vector_id for approach in market.approaches}
    for approach in market.approaches:
        row = rows[approach.vector_id]
        assert row["retrieval_family"] == "market"
        for name, expected in (("vector", approach.vector), ("context", approach.known)):
            found = np.array(row[name], np.float64)
            np.testing.assert_allclose(found, np.array(expected, np.float64), rtol=1e-6)
        assert (row["episode_id"] is None) == (approach.episode is None)
        assert (row["k_ticks"], row["approach_dir"]) == (approach.k_ticks, approach.approach_dir)
        assert row["level_price_int"] == lakes.LEVEL_TICKS * lakes.TICK
    known = np.array([row["context"] for row in rows.values()], np.float64)
    # distance, closing speed, volatility, and the conditions net of what arrived
    assert np.isfinite(known).any(axis=0).sum() == 4 + 7


def test_episodes_are_named_as_those_of_trigger_vectors(market: MarketOfBestLevels) -> None:
    [named] = lakes.rows_of(
        market.lake,
        "select count(*) as n, count(episodes.episode_id) as known from ("
        "select distinct episode_id from gold.retrieval_vectors where episode_id is not null) as v "
        "left join (select distinct format('{}_{}_{}_{}_{}', symbol, dt, level_id, "
        "replace(approach_dir, 'approach_', ''), cast(epoch(first_window_end_ts) as bigint)) "
        "as episode_id from silver.level_decisions) as episodes using (episode_id)",
    )
    assert named["n"] == named["known"] > 100


def test_statistics_are_those_of_earlier_days(market: MarketOfBestLevels) -> None:
    for day in DAYS[1:]:
        for direction in ("approach_up", "approach_down"):
            library = earlier(market, day, direction)
            plain = naive.statistics_of([[*row.vector, *row.known] for row in library])
            stored = lakes.rows_of(
                market.lake,
                f"select median, mad, std from gold.vector_norm_stats where dt = '{day}' "
                f"and approach_dir = '{direction}' order by feature_index",
            )
            found = [(row["median"], row["mad"], row["std"]) for row in stored]
            np.testing.assert_allclose(found, plain, rtol=1e-6, atol=1e-9)


def test_answers_equal_their_definition(market: MarketOfBestLevels) -> None:
    plain = plain_answers(market)
    rows = lakes.rows_of(market.lake, ANSWERS)
    assert {(row["vector_id"], row["horizon_id"]) for row in rows} == plain.keys()
    for row in rows:
        _, expected = plain[row["vector_id"], row["horizon_id"]]
        assert row["retrieval_family"] == "market"
        for name in (*SUPPORT, "library_last_dt"):
            assert row[name] == expected[name], name
        assert row["top_class"] == expected.get("top_class")
        for name in NUMBERS:
            value = expected.get(name)
            assert (row[name] is None) == (value is None), name
            if value is not None:
                assert row[name] == pytest.approx(value, rel=TOLERANCE, abs=TOLERANCE), name
    answered = [row for row in rows if row["is_similar"]]
    assert len(answered) > 100
    assert all(row["space"] == "robust_z" for row in answered)
    # too few neighbors give no odds
    assert any(row["n_neighbors"] > 0 and row["p_break"] is None for row in rows)


def test_outcomes_publish_the_family(market: MarketOfBestLevels) -> None:
    rows = lakes.rows_of(
        market.lake,
        "select distinct retrieval_family, verdict, root from gold.retrieval_outcomes "
        "cross join gold.retrieval_library",
    )
    assert rows == [{"retrieval_family": "market", "verdict": "not evaluated", "root": "ES"}]


def test_a_later_day_changes_no_earlier_answer(market: MarketOfBestLevels, tmp_path: Path) -> None:
    before = lakes.rows_of(market.lake, ANSWERS)
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    changed = [
        replace(row, vector=[None if value is None else -value for value in row.vector])
        if row.day == CHANGED_DAY
        else row
        for row in market.approaches
    ]
    with duckdb.connect(str(lake.warehouse)) as connection:
        only_market(connection, changed)
    lakes.run(lake)
    after = lakes.rows_of(lake, ANSWERS)
    by_day = {
        day: [[row for row in rows if row["dt"] == day] for rows in (before, after)] for day in DAYS
    }
    for day, (old, new) in by_day.items():
        assert (old == new) == (day < CHANGED_DAY), day


def test_the_mirror_of_a_mirror_is_the_feature(market: MarketOfBestLevels) -> None:
    rows = lakes.rows_of(
        market.lake, "select * from gold.retrieval_mirror where retrieval_family = 'market'"
    )
    by_place = {(row["approach_dir"], row["feature_index"]): row for row in rows}
    other = {"approach_up": "approach_down", "approach_down": "approach_up"}
    images = {}
    for row in rows:
        if row["mirror_feature_index"] is None:
            continue
        image = by_place[other[row["approach_dir"]], row["mirror_feature_index"]]
        assert image["mirror_feature_index"] == row["feature_index"]
        assert image["mirror_sign"] == row["mirror_sign"]
        if row["feature_index"] < len(MARKET_FEATURES):
            images[row["feature_name"]] = image["feature_name"], row["mirror_sign"]
    assert images == {
        "spread_ticks_eob": ("spread_ticks_eob", 1),
        "book_imbalance_l1_eob": ("book_imbalance_l1_eob", -1),
        "ofi_l10_sum": ("ofi_l10_sum", -1),
        "depth_bid_0_4_frac_eob": ("depth_ask_0_4_frac_eob", 1),
        "depth_ask_0_4_frac_eob": ("depth_bid_0_4_frac_eob", 1),
        "wall_bid_max_z": ("wall_ask_max_z", 1),
        "wall_ask_max_z": ("wall_bid_max_z", 1),
        "above_score": ("below_score", 1),
        "below_score": ("above_score", 1),
        "minutes_since_open": ("minutes_since_open", 1),
    }


def test_one_library_has_one_family(market: MarketOfBestLevels, tmp_path: Path) -> None:
    """A product with trigger vectors on any day has no answers on days without them."""
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    last = DAYS[4]
    days = {(row.symbol, row.day) for row in market.ordinary}
    with duckdb.connect(str(lake.warehouse)) as connection:
        lakes.write_inputs(connection, market.ordinary, selection())
        write_market_vectors(
            connection, [(row.symbol, row.window_end_ts, row.vector) for row in market.approaches]
        )
        connection.execute("delete from gold.mbo_trigger_vectors where dt > ?", [last])
        record_partitions(connection, days)
        connection.execute(
            "delete from meta.partition_state where relation = 'mbo_trigger_vectors' and dt > ?",
            [last],
        )
    lakes.run(lake)
    rows = lakes.rows_of(lake, "select distinct dt, retrieval_family from gold.retrieval_answers")
    assert {(row["dt"], row["retrieval_family"]) for row in rows} == {
        (day, "level") for day in DAYS if day <= last
    }
    [library] = lakes.rows_of(
        lake, "select n_vectors, dim from gold.retrieval_library where approach_dir = 'approach_up'"
    )
    own = [
        row
        for row in market.ordinary
        if row.approach_dir == "approach_up" and row.symbol == SYMBOL and row.day <= last
    ]
    assert library == {
        "n_vectors": len(own),
        "dim": BLOCKS * BLOCK_WIDTHS["approach_up"],
    }


def test_the_family_can_be_chosen(market: MarketOfBestLevels, tmp_path: Path) -> None:
    """Chosen market features are those of a lake with nothing else, without the net conditions."""
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    with duckdb.connect(str(lake.warehouse)) as connection:
        lakes.write_inputs(connection, market.ordinary, selection())
        add_market(connection, market.approaches)
    lakes.run(lake, retrieval_family="market")
    query = "select * replace (context[:-8] as context), context[-7:] as conditions "
    query += "from gold.retrieval_vectors order by vector_id"
    chosen, only = lakes.rows_of(lake, query), lakes.rows_of(market.lake, query)
    assert {value for row in chosen for value in row.pop("conditions")} == {None}
    assert {value for row in only for value in row.pop("conditions")} > {None, 0.0, 1.0}
    assert chosen == only
    keys = "select vector_id, horizon_id from gold.retrieval_answers order by all"
    assert lakes.rows_of(lake, keys) == lakes.rows_of(market.lake, keys)
    with pytest.raises(SpymasterError, match="retrieval_family"):
        lakes.run(lake, retrieval_family="quotes")


def test_an_evaluation_of_another_family_gives_no_verdict(
    market: MarketOfBestLevels, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    relation = "eval_retrieval_verdict_asof"
    row = dict.fromkeys(SCHEMAS[relation].names) | {
        "root": "ES",
        "approach_dir": "approach_up",
        "decision_phase": "approaching",
        "horizon_id": "s240",
        "model": "retrieval_robust_z",
        "asof_dt": DAYS[0],
        "verdict_run": "first",
        "n_days": 30,
        "n_episodes": 400,
        "verdict": "useful",
    }
    verdicts = {}
    for family in ("level", "market"):
        with open_published(lake) as connection:
            judged = settings_of_answers(connection)
        table = pa.Table.from_pylist([row | {"retrieval_family": family}], SCHEMAS[relation])
        write_tables(lake, {relation: table}, judged)
        lakes.run(lake)
        found = lakes.rows_of(
            lake,
            "select distinct verdict from gold.retrieval_outcomes where is_judged "
            "and approach_dir = 'approach_up' and horizon_id = 's240' and space is not null",
        )
        verdicts[family] = {row["verdict"] for row in found}
    assert verdicts == {"level": {"not evaluated"}, "market": {"useful"}}


def test_the_card_says_what_it_compares(
    market: MarketOfBestLevels, monkeypatch: pytest.MonkeyPatch
) -> None:
    answered = {
        row["vector_id"]: row
        for row in lakes.rows_of(market.lake, ANSWERS)
        if row["horizon_id"] == "s240" and row["is_similar"]
    }
    approach = [row for row in market.approaches if row.vector_id in answered][-1]
    local = approach.window_end_ts - dt.timedelta(hours=4)
    where = ["--symbol", approach.symbol, "--dt", str(approach.day), "--level", approach.level_id]
    monkeypatch.setenv(LAKE_VARIABLE, str(market.lake.root))
    asked = ["setups", *where, "--at", f"{local:%H:%M:%S}"]
    printed = CliRunner().invoke(cli, asked, catch_exceptions=False).output
    sentence = (
        "Compared by market features of the ten best levels and the four conditions, net of what "
        "arrived: no market-by-order file is landed for this day, so order flow at the level is "
        "not known."
    )
    assert sentence in " ".join(printed.split())
    assert "This rests on" in printed
    card = json.loads(CliRunner().invoke(cli, [*asked, "--json"], catch_exceptions=False).output)
    assert card["compared"] == sentence
    assert card["moment"]["retrieval_family"] == "market"
    stored = answered[approach.vector_id]
    shown = card["horizons"]["s240"]
    for name in (*NUMBERS, *SUPPORT):
        assert shown[name] == stored[name], name
    neighbors, _ = plain_answers(market)[approach.vector_id, "s240"]
    assert [row["vector_id"] for row in card["neighbors"]] == [
        neighbor["vector_id"] for neighbor, _, _ in neighbors
    ]


def test_words_on_the_family() -> None:
    level = {"retrieval_family": "level", "has_order_flow": True}
    assert family_sentences(level) == []
    chosen = {"retrieval_family": "market", "has_order_flow": True}
    assert family_sentences(chosen) == [
        "Compared by market features (book, order flow, trades and options, without any level)."
    ]
