"""``spymaster setups`` on a small lake: the card, its picture, and what is said instead."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from retrieval_market import Approach
from spymaster.cli import cli
from spymaster.errors import SpymasterError
from spymaster.lake import LAKE_VARIABLE, Lake

from pipeline import retrieval_lakes as lakes
from pipeline.retrieval_days import (
    DAYS,
    NUMBERS,
    SUPPORT,
    SYMBOL,
    Market,
    made_market,
    plain_answers,
)


@pytest.fixture(scope="module")
def market(tmp_path_factory: pytest.TempPathFactory) -> Market:
    return made_market(tmp_path_factory.mktemp("retrieval"))


def ask(lake: Lake, *arguments: str, monkeypatch: pytest.MonkeyPatch) -> Result:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    day = arguments[0]
    return CliRunner().invoke(
        cli, ["setups", "--symbol", SYMBOL, "--dt", day, *arguments[1:]], catch_exceptions=True
    )


@pytest.fixture
def asked(market: Market) -> Approach:
    """An approach of the last day inside the barrier."""
    return [one for one in market.approaches if one.day == DAYS[-1] and one.labels][-1]


def clock(one: Approach) -> str:
    local = one.window_end_ts - dt.timedelta(hours=4)
    return f"{local:%H:%M:%S}"


def test_the_card_is_the_stored_answer(
    market: Market, asked: Approach, monkeypatch: pytest.MonkeyPatch
) -> None:
    result = ask(
        market.lake,
        str(asked.day),
        "--level",
        asked.level_id,
        "--at",
        clock(asked),
        "--json",
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    card = json.loads(result.output)
    assert card["moment"]["vector_id"] == asked.vector_id
    stored = lakes.rows_of(
        market.lake, f"select * from gold.retrieval_answers where vector_id = '{asked.vector_id}'"
    )
    for row in stored:
        shown = card["horizons"][row["horizon_id"]]
        for name in (*NUMBERS, *SUPPORT):
            assert shown[name] == row[name], name
        low, high = card["intervals"][row["horizon_id"]]["p_break"]
        assert low <= row["p_break"] <= high
    neighbours, _ = plain_answers(market)[asked.vector_id, "s240"]
    assert [row["vector_id"] for row in card["neighbours"]] == [
        one["vector_id"] for one, _, _ in neighbours
    ]
    assert card["verdict"] == {"verdict": "not evaluated"}


def test_the_card_says_what_it_rests_on(
    market: Market, asked: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = tmp_path / "paths.png"
    result = ask(
        market.lake,
        str(asked.day),
        "--level",
        asked.level_id,
        "--at",
        clock(asked),
        "--plot",
        str(picture),
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    for words in (
        "it has looked like this before",
        "base rate",
        "95 % interval",
        "the 10 nearest",
        "verdict: not evaluated",
    ):
        assert words in result.output
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_verdict_of_the_level_comes_before_that_of_all(
    market: Market, asked: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create table gold.eval_retrieval_verdict as select * from (values "
            "('pooled', null, 0.05, 'useful'), "
            f"('level', '{asked.level_id}', -0.02, 'not shown'), ('level', 'or_high', 1, 'x')) "
            "as t (scope, level_id, skill, verdict) cross join (select "
            f"'{asked.approach_dir}' as approach_dir, 's240' as horizon_id, "
            "'retrieval_robust_z' as model, -0.1 as skill_lo, 0.1 as skill_hi, "
            "'base_rate' as best_baseline, 30 as n_days, 400 as n_episodes)"
        )
    where = (str(asked.day), "--level", asked.level_id, "--at", clock(asked))
    result = ask(lake, *where, monkeypatch=monkeypatch)
    assert "verdict for this level of this direction: not shown (log-loss skill over" in (
        result.output
    )
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "update gold.eval_retrieval_verdict set verdict = 'too few episodes', skill = null "
            "where scope = 'level'"
        )
    result = ask(lake, *where, monkeypatch=monkeypatch)
    assert "verdict for all levels of this direction: useful" in result.output


def test_too_few_neighbours_are_said_to_be(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    early = next(one for one in market.approaches if one.day == DAYS[1] and one.labels)
    result = ask(
        market.lake,
        str(early.day),
        "--level",
        early.level_id,
        "--at",
        clock(early),
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    assert "too few for odds" in result.output
    assert "probability" not in result.output
    first = next(one for one in market.approaches if one.labels)
    result = ask(
        market.lake,
        str(first.day),
        "--level",
        first.level_id,
        "--at",
        clock(first),
        monkeypatch=monkeypatch,
    )
    assert "0 neighbours from 0 episodes on 0 days: too few for odds" in result.output


def test_no_approach_is_told_with_the_nearest(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = str(DAYS[-1])
    far = ask(market.lake, day, "--level", "pm_high", "--at", "12:00:00", monkeypatch=monkeypatch)
    assert isinstance(far.exception, SpymasterError)
    assert "the nearest decision was at" in str(far.exception)
    none = ask(market.lake, day, "--level", "or_high", monkeypatch=monkeypatch)
    assert "no approach to this level" in str(none.exception)
