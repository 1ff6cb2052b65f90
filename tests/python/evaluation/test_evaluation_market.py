"""Market features in the evaluation: as an ablation, and as the only features of a product."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.ablation_parts import read_parts
from spymaster.evaluation.market_report import market_lines
from spymaster.evaluation.read import Windows, family_of
from spymaster.evaluation.report import write_report
from spymaster.evaluation.result_rows import Scope, ablation_rows, judgement_of
from spymaster.evaluation.result_tables import SCHEMAS
from spymaster.evaluation.run_scopes import evaluate_all
from spymaster_engine.statistics.evaluation.ablations import (
    ONLY_MARKET,
    WHOLE,
    WITH_MARKET,
    AblationParts,
    ablated_odds,
    ablations,
)
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows
from spymaster_engine.statistics.retrieval.learned import Penalties
from support.evaluation_market import ALL_USED, artificial_samples
from support.settings import protocol

PROTOCOL = protocol(
    used=ALL_USED,
    evaluation_warm_up_days=8,
    learned_refit_days=8,
    penalties=(Penalties(30.0, 30.0),),
    learned_episodes_per_neighbor=6,
)
N_DAYS = 40
SCOPE = Scope("ES", "approach_up", "s240")
# elements that no vector of seven blocks has
ODD_WIDTH = 37


def noise_like(values: np.ndarray, seed: int) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=values.shape).astype(np.float32)


def rows_of_ablations(samples: Samples, market: np.ndarray) -> dict[tuple[str, str, str], dict]:
    """Return the metrics of the variants with market features by slice, model and metric."""
    variants = ablations(samples, AblationParts({}, np.zeros(4, np.bool_), {}, market), PROTOCOL)
    asked = {name: variants[name] for name in (WHOLE, WITH_MARKET, ONLY_MARKET)}
    queries = unit_windows(samples)
    judgement = judgement_of(samples, ablated_odds(asked, queries), queries, PROTOCOL)
    return {
        (row["slice"], row["model"], row["metric"]): row
        for row in ablation_rows(SCOPE, "all", judgement)
    }


def gain(rows: dict[tuple[str, str, str], dict], variant: str) -> dict:
    return rows["all", f"ablation_{variant}", "skill_vs_ablation_whole"]


@pytest.fixture(scope="module")
def samples() -> Samples:
    return artificial_samples(n_days=N_DAYS)[0]


def test_market_features_that_carry_the_outcome_gain(samples: Samples) -> None:
    silent = samples.with_columns(vector=noise_like(samples.vector, 1))
    rows = rows_of_ablations(silent, samples.vector[:, :6])
    for variant in (WITH_MARKET, ONLY_MARKET):
        assert gain(rows, variant)["lo"] > 0.01, variant
    beside, alone = (line for line in market_lines(rows) if line)
    named = "Market features (book, order flow, trades and options, without any level)"
    assert beside.startswith(f"{named} beside the level's vector: ")
    assert alone.startswith(f"{named} alone, in place of vector and context: ")
    assert f"they add {gain(rows, WITH_MARKET)['value']:.3f} nats per episode" in beside
    assert f"they know more, by {gain(rows, ONLY_MARKET)['value']:.3f} nats" in alone


def test_market_features_of_noise_add_nothing(samples: Samples) -> None:
    rows = rows_of_ablations(samples, noise_like(samples.vector[:, :6], 2))
    assert gain(rows, WITH_MARKET)["lo"] <= 0
    # without the vector that carries the outcome there is less to know
    assert gain(rows, ONLY_MARKET)["hi"] < 0
    beside, alone = (line for line in market_lines(rows) if line)
    assert "that they add anything is not shown" in beside
    assert "they know less, by" in alone


def test_the_words_follow_the_interval() -> None:
    def line(lo: float | None, hi: float | None) -> str:
        row = {"value": 0.02, "lo": lo, "hi": hi}
        return market_lines({("all", "ablation_with_market", "skill_vs_ablation_whole"): row})[0]

    assert "they add 0.020 nats per episode (95 % interval of the gain +0.010" in line(0.01, 0.03)
    assert "that they add anything is not shown: +0.020 nats per episode" in line(-0.01, 0.05)
    assert "they cost 0.020 nats" in line(-0.03, -0.01)
    assert "too few days to tell (+0.020 nats per episode)" in line(None, None)
    assert "too few days to tell" in line(0.02, 0.02)
    assert market_lines({}) == []


def test_only_market_is_blind_to_vector_and_context(samples: Samples) -> None:
    market = np.full((len(samples), 3), 7.0, np.float32)
    variants = ablations(samples, AblationParts({}, np.zeros(4, np.bool_), {}, market), PROTOCOL)
    beside, walk = variants[WITH_MARKET]
    assert np.array_equal(beside.vector[:, :40], samples.vector)
    assert np.array_equal(beside.vector[:, 40:], market)
    assert np.array_equal(beside.context, samples.context, equal_nan=True)
    assert walk.used == (*ALL_USED, True, True, True)
    alone, walk = variants[ONLY_MARKET]
    assert np.array_equal(alone.vector, market)
    assert np.isnan(alone.context).all()
    assert walk.used == (True,) * 3
    without = ablations(samples, AblationParts({}, np.zeros(4, np.bool_), {}), PROTOCOL)
    assert variants.keys() - without.keys() == {WITH_MARKET, ONLY_MARKET}


def windows_of(samples: Samples) -> Windows:
    dates = np.datetime64("2025-10-01") + np.arange(N_DAYS)
    ends = dates.astype("datetime64[s]")[samples.day] + (samples.window_end_s % 86_400).astype(
        "timedelta64[s]"
    )
    key = pa.table(
        {
            "symbol": ["ESZ5"] * len(samples),
            "dt": pa.array(dates[samples.day]),
            "level_id": np.array(["or_high", "pm_high", "sma_90"])[samples.level],
            "window_end_ts": pa.array(ends.astype("datetime64[us]")),
            "episode_id": [f"episode-{code}" for code in samples.episode],
        }
    )
    nothing = np.zeros(len(samples), np.bool_)
    return Windows(samples, key, ["or_high", "pm_high", "sma_90"], dates, nothing)


def test_a_product_of_market_features_is_judged_alike(tmp_path: Path) -> None:
    drawn, _ = artificial_samples(n_days=N_DAYS, width=ODD_WIDTH)
    windows = windows_of(drawn)
    parts = AblationParts({}, np.zeros(4, np.bool_), {})
    rules = replace(PROTOCOL, used=None)
    market = replace(SCOPE, retrieval_family="market")
    tables = evaluate_all([(market, windows, parts)], rules, with_canaries=False, workers=1)
    [claim] = [
        row
        for row in tables["eval_retrieval_verdict"].to_pylist()
        if (row["scope"], row["model"]) == ("pooled", "retrieval_learned")
    ]
    assert claim["verdict"] == "useful"
    assert claim["skill_lo"] > 0
    for relation in ("eval_retrieval_verdict", "eval_retrieval_verdict_asof"):
        assert set(tables[relation]["retrieval_family"].to_pylist()) == {"market"}
    # every element is a value, and there are no differences to add
    ablated = {
        row["model"]: row["value"]
        for row in tables["eval_retrieval_metrics"].to_pylist()
        if row["metric"] == "skill_vs_ablation_whole"
    }
    assert ablated["ablation_with_differences"] == 0
    assert ablated["ablation_without_vector"] < 0
    empty = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
    report = write_report(empty | tables, tmp_path, ["rules"]).read_text(encoding="utf-8")
    assert (
        "The odds compare market features (book, order flow, trades and options, without any "
        "level); a day without orders has those of the ten best levels only."
    ) in report
    with pytest.raises(ValueError, match="does not have 37 elements"):
        evaluate_all([(SCOPE, windows, None)], rules, with_canaries=False, workers=1)


FEATURES = """
create schema gold; create schema silver;
create table gold.retrieval_families as
select 'CL' as root, date '2025-10-01' as dt, 'market' as retrieval_family;
create table gold.mbo_trigger_vector_features as
select
    unnest(['up', 'down']) as direction, 0 as feature_index, 'w0__u1' as feature_name,
    'w0' as block, 'u1' as base_feature, 'vector' as "set";
create table silver.radar_vacuum_1s (symbol varchar, dt date, window_end_ts timestamp, u1 double);
create table silver.mbo_level_vacuum_5s (
    symbol varchar, dt date, level_id varchar, window_end_ts timestamp, u1 double
);
"""
VECTORS = """
create table gold.market_feature_vectors (
    symbol varchar, dt date, window_end_ts timestamp, vector float[3]
)
"""


def test_market_features_are_read_at_the_windows() -> None:
    drawn, _ = artificial_samples(n_days=2, width=1 * 4)
    windows = windows_of(drawn)
    moments = windows.key["window_end_ts"].to_pylist()
    with duckdb.connect() as connection:
        connection.execute(FEATURES)
        # a lake of an older version, and one without a vector at any window
        assert read_parts(connection, windows, SCOPE).market is None
        connection.execute(VECTORS)
        assert read_parts(connection, windows, SCOPE).market is None
        later = moments[1] + dt.timedelta(seconds=1)
        connection.executemany(
            "insert into gold.market_feature_vectors values ('ESZ5', ?, ?, ?)",
            [
                (moments[0].date(), moments[0], [0.5, None, 2.0]),
                (later.date(), later, [9.0, 9.0, 9.0]),
            ],
        )
        found = read_parts(connection, windows, SCOPE).market
        assert found.dtype == np.float32
        np.testing.assert_array_equal(found[0], np.array([0.5, np.nan, 2.0], np.float32))
        assert np.isnan(found[1:]).all()
        of_market = read_parts(connection, windows, replace(SCOPE, retrieval_family="market"))
        assert (of_market.market, of_market.blocks, of_market.instead) == (None, {}, {})
        assert family_of(connection, "CL") == "market"
        assert family_of(connection, "ES") == "level"
