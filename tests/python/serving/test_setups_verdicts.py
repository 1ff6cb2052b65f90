"""The verdict on the card of ``spymaster setups``: of its day, and of its settings."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from spymaster.built_settings import built_settings, settings_of_answers
from spymaster.evaluation.result_tables import SCHEMAS, write_tables
from spymaster.published import open_published
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_warehouse.project_vars import project_vars
from support import retrieval_lakes as lakes
from support.retrieval_days import DAYS, Market
from support.retrieval_market import Approach
from support.setups_cards import ask, clock, last_similar

VERDICTS = "eval_retrieval_verdict_asof"
OUTCOMES = "select distinct verdict from gold.retrieval_outcomes"


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


@pytest.fixture
def similar(market: Market) -> Approach:
    return last_similar(market)


def test_the_verdict_is_the_last_one_known_on_the_day(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "insert into gold.eval_retrieval_verdict_asof by name select "
            f"'ES' as root, '{similar.approach_dir}' as approach_dir, "
            f"'{similar.phase}' as decision_phase, 's240' as horizon_id, "
            "'retrieval_robust_z' as model, cast(day as date) as asof_dt, run as verdict_run, "
            "'base_rate' as best_baseline, 0.05 as skill, -0.1 as skill_lo, 0.1 as skill_hi, "
            "0.0 as ece, 0.1 as ece_chance_q95, 30 as n_days, 400 as n_episodes, verdict "
            f"from (values ('{DAYS[3]}', 'early', 'not shown'), "
            f"('{similar.day}', 'today', 'useful'), "
            f"('{similar.day + dt.timedelta(days=1)}', 'tomorrow', 'not shown')) "
            "as t (day, run, verdict)"
        )
    where = (str(similar.day), "--level", similar.level_id, "--at", clock(similar))
    result = ask(lake, *where, "--verbose", monkeypatch=monkeypatch)
    assert "Verdict: useful; on earlier days such odds beat every simpler rule." in result.output
    assert similar.phase == "back"
    assert (
        "verdict for this direction, price back before the level, today: useful "
        "(log-loss skill over base_rate"
    ) in result.output
    card = json.loads(ask(lake, *where, "--json", monkeypatch=monkeypatch).output)
    assert card["horizons"]["s240"]["verdict_run"] == "today"
    assert card["horizons"]["h1"]["verdict"] == "not evaluated"


def test_a_verdict_of_other_settings_is_not_shown(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    where = (str(similar.day), "--level", similar.level_id, "--at", clock(similar))

    def card(*more: str) -> dict:
        result = ask(lake, *where, "--json", *more, monkeypatch=monkeypatch)
        assert result.exit_code == 0, result.output
        return json.loads(result.output)

    def settings() -> dict:
        with open_published(lake) as connection:
            return built_settings(connection)

    with open_published(lake) as connection:
        write_tables(lake, {VERDICTS: a_verdict(similar)}, settings_of_answers(connection))
    lakes.run(lake)
    as_judged = card()
    assert as_judged["verdict"]["verdict"] == "useful"
    [stored] = lakes.rows_of(
        lake, f"{OUTCOMES} where vector_id = '{similar.vector_id}' and horizon_id = 's240'"
    )
    assert stored == {"verdict": "useful"}
    # the card itself asks with other settings
    asked_otherwise = card("--k", "20")
    assert asked_otherwise["horizons"]["s240"]["n_neighbors"] <= 20
    assert asked_otherwise["verdict"] == {"verdict": "judged with other settings"}
    assert (
        card("--k", "40")["horizons"]["s240"]["n_neighbors"]
        == (as_judged["horizons"]["s240"]["n_neighbors"])
    )

    assert settings()["base_rate_weight"] == project_vars()["base_rate_weight"]
    lakes.run(lake, base_rate_weight=50)
    otherwise = card()
    assert Protocol.of(settings()).settings.base_rate_weight == 50
    drawn, before = (
        abs(card["horizons"]["s240"]["p_break"] - card["horizons"]["s240"]["base_break"])
        for card in (otherwise, as_judged)
    )
    assert drawn < before
    assert otherwise["verdict"] == {"verdict": "not evaluated"}
    assert lakes.rows_of(lake, OUTCOMES) == ([{"verdict": "not evaluated"}])
    lakes.run(lake)
    assert card() == as_judged


def a_verdict(approach: Approach) -> pa.Table:
    """Return a verdict on the direction of an approach, from its day on."""
    row = {
        "root": "ES",
        "approach_dir": approach.approach_dir,
        "decision_phase": approach.phase,
        "horizon_id": "s240",
        "model": "retrieval_robust_z",
        "retrieval_family": "level",
        "asof_dt": approach.day,
        "verdict_run": "today",
        "skill": 0.05,
        "skill_lo": 0.01,
        "skill_hi": 0.1,
        "n_days": 30,
        "n_episodes": 400,
        "verdict": "useful",
    }
    return pa.Table.from_pylist([row], SCHEMAS[VERDICTS])
