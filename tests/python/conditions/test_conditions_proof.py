"""Verdicts on the four conditions and signals over sixty days, with and without a planted truth.

The net form of the conditions is judged on the same markets by price, without orders.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.conditions import condition_tables
from spymaster.evaluation.read import evaluation_query
from spymaster.evaluation.result_tables import CONDITIONS, LEAD_TIMES
from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars
from support.proof_markets import market_lake

pytestmark = pytest.mark.long

SENTENCES = (("all_four", "REJECT"), ("ahead_only", "BREAK"))
LEAST_ELIGIBLE = 0.95
DAYS_PER_FALSE_SIGNAL = 5


@pytest.fixture(scope="module")
def planted(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return market_lake("planted", tmp_path_factory)


@pytest.fixture(scope="module")
def null(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return market_lake("null", tmp_path_factory)


@pytest.fixture(scope="module")
def judged(planted: Lake) -> dict[str, pa.Table]:
    return tables_of(planted)


@pytest.fixture(scope="module")
def judged_by_price(tmp_path_factory: pytest.TempPathFactory) -> dict[str, pa.Table]:
    return tables_of(market_lake("planted", tmp_path_factory, is_by_price=True))


def truth_of(lake: Lake) -> Path:
    return lake.root / "raw" / "truth" / "truth_approaches"


def tables_of(lake: Lake) -> dict[str, pa.Table]:
    """Return the rows that `evaluate` writes about the conditions."""
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        return condition_tables(connection, ["ES"], ["s240"], project_vars(), truth_of(lake))


def verdicts(rows: pa.Table) -> dict[tuple[str, str, str, str], str]:
    """Return verdicts on both directions together, by form, slice, state and outcome."""
    main = project_vars()["condition_window_s"]
    return {
        (row["conditions_basis"], row["slice"], row["state"], row["outcome"]): row["verdict"]
        for row in rows.to_pylist()
        if row["verdict"] is not None
        and row["approach_dir"] == "both"
        and row["basis"] == "within_seconds"
        and row["condition_window_s"] == main
    }


def results_of_signals(lake: Lake) -> tuple[np.ndarray, np.ndarray, int]:
    """Return the result of each signal after cost, its day, and the number of judged days."""
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        fired = connection.execute(evaluation_query("signals"), {"root": "ES"}).fetchnumpy()
        [n_days] = connection.sql(
            "select count(distinct session_date) from gold.mbo_trigger_signals"
        ).fetchone()
    result = np.ma.filled(np.ma.asarray(fired["result_ticks"], np.float64), np.nan)
    known = np.isfinite(result)
    return result[known], fired["session_date"][known], n_days


@pytest.mark.parametrize("kind", ["planted", "null"])
def test_planted_decisions_are_decisions(kind: str, tmp_path_factory: object) -> None:
    lake = market_lake(kind, tmp_path_factory)
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        [(share,)] = connection.sql(
            "select avg(cast(found.symbol is not null as integer)) "
            f"from read_parquet('{truth_of(lake)}/*/*.parquet') as truth "
            "left join (select distinct symbol, level_id, window_end_ts from gold.level_outcomes "
            "where episode_id is not null) as found on truth.symbol = found.symbol "
            "and truth.level_id = found.level_id "
            "and cast(truth.decision_ts as timestamp) = found.window_end_ts"
        ).fetchall()
    assert share >= LEAST_ELIGIBLE


@pytest.mark.parametrize("sentence", SENTENCES)
@pytest.mark.parametrize("windows", ["all", "decisions"])
def test_planted_sentences_are_supported(judged: dict, sentence: tuple, windows: str) -> None:
    assert verdicts(judged[CONDITIONS])["orders", windows, *sentence] == "supported"


@pytest.mark.parametrize("sentence", SENTENCES)
def test_planted_sentences_are_supported_net_of_what_arrived(
    judged_by_price: dict, sentence: tuple
) -> None:
    """At the planted decisions: over all windows sixty days are too few for the net form."""
    assert verdicts(judged_by_price[CONDITIONS])["net", "decisions", *sentence] == "supported"


@pytest.mark.parametrize(("is_by_price", "form"), [(False, "orders"), (True, "net")])
def test_a_market_without_information_supports_no_claim(
    tmp_path_factory: pytest.TempPathFactory, is_by_price: bool, form: str
) -> None:
    lake = market_lake("null", tmp_path_factory, is_by_price=is_by_price)
    rows = tables_of(lake)[CONDITIONS].to_pylist()
    said = {(row["conditions_basis"], row["verdict"]) for row in rows if row["verdict"] is not None}
    assert {of_form for of_form, _ in said} == {form}
    assert "supported" not in {verdict for _, verdict in said}


def test_states_are_seen_before_the_barrier(judged: dict) -> None:
    rows = judged[LEAD_TIMES].to_pylist()
    for outcome in ("BREAK", "REJECT"):
        leads = [
            row["lead_to_hit_s"]
            for row in rows
            if row["outcome_reached"] == outcome
            and row["lead_to_hit_s"] is not None
            and row["conditions_basis"] == "orders"
        ]
        assert len(leads) >= project_vars()["condition_min_episodes"]
        assert np.median(leads) > 0.0


def test_signals_of_a_planted_market_earn_their_cost(planted: Lake) -> None:
    result, day, _ = results_of_signals(planted)
    assert len(result)
    _, low, _ = mean_over_days(result, np.ones(len(result)), day, project_vars()["evaluation_seed"])
    assert low > 0.0


def test_a_market_without_information_has_hardly_any_signal(null: Lake) -> None:
    result, _, n_days = results_of_signals(null)
    assert len(result) < n_days / DAYS_PER_FALSE_SIGNAL
