"""Moments that ``spymaster setups`` finds, and why some have no odds."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from spymaster_ingest.errors import SpymasterError
from support import retrieval_lakes as lakes
from support.older_lakes import forget_setting
from support.retrieval_days import DAYS, NUMBERS, OTHER_SYMBOL, SYMBOL, Market, plain_answers
from support.retrieval_market import Approach
from support.setups_cards import ask, clock


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


def test_without_a_time_the_moment_lies_between_the_barriers(
    market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    day = DAYS[-1]
    inside = {
        approach.level_id
        for approach in market.approaches
        if approach.day == day and approach.episode
    }
    for level in sorted(inside):
        result = ask(market.lake, str(day), "--level", level, "--json", monkeypatch=monkeypatch)
        assert json.loads(result.output)["moment"]["episode_id"] is not None
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create table beyond as select * replace (if(dt = ?, null, episode_id) as episode_id) "
            "from gold.retrieval_vectors",
            [day],
        )
        connection.execute("create or replace view gold.retrieval_vectors as from beyond")
    beyond = ask(lake, str(day), "--level", min(inside), monkeypatch=monkeypatch)
    assert isinstance(beyond.exception, SpymasterError)
    assert "no decision between the barriers that day" in str(beyond.exception)


def test_moments_outside_the_barriers_have_no_odds(market: Market) -> None:
    """No share of neighbors, no base rate and no verdict, at the horizons they lie outside of."""
    columns = [name for name in NUMBERS if name not in ("n_eff", "risk_q80_ticks")]
    published = [name for name in columns if not name.startswith("result_")]
    published = [name for name in published if not name.endswith("_rate")]
    rows = lakes.rows_of(market.lake, "select * from gold.retrieval_outcomes where not is_judged")
    assert rows
    for row in rows:
        assert [name for name in published if row[name] is not None] == []
        assert (row["n_neighbors"], row["n_eff"], row["verdict"]) == (0, 0, "not evaluated")
    by_vector: dict[str, set[bool]] = {}
    for row in lakes.rows_of(market.lake, "select * from gold.retrieval_outcomes"):
        by_vector.setdefault(row["vector_id"], set()).add(row["is_judged"])
    # a horizon of a volatile contract has nearer barriers than another
    assert {True, False} in by_vector.values()


def test_a_moment_outside_the_barriers_says_why_it_has_no_odds(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    far = next(
        approach
        for approach in reversed(market.approaches)
        if approach.symbol == SYMBOL and not approach.episode
    )
    where = (str(far.day), "--level", far.level_id, "--at", clock(far))
    for more in ((), ("--verbose",)):
        result = ask(market.lake, *where, *more, monkeypatch=monkeypatch)
        assert result.exit_code == 0, result.output
        assert (
            f"No odds: price is {abs(far.k_ticks)} ticks from the level, too far: nothing was "
            "judged from there; wait until it is within 7 ticks."
        ) in " ".join(result.output.split())
        for word in ("usually", "through", "Verdict", "neighbors from"):
            assert word not in result.output
    card = json.loads(ask(market.lake, *where, "--json", monkeypatch=monkeypatch).output)
    for row in card["horizons"].values():
        assert (row["is_judged"], row["verdict"]) == (False, "not evaluated")
        for name in ("p_break", "base_break", "p_reached", "base_reached"):
            assert row[name] is None
    assert (card["neighbors"], card["verdict"]) == ([], {"verdict": "not evaluated"})


def test_the_card_names_the_barrier_of_its_horizon(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    judged = [
        approach
        for approach in market.approaches
        if approach.symbol == OTHER_SYMBOL
        and approach.is_judged("s240")
        and approach.is_judged("s480")
    ]
    approach = next(
        approach
        for approach in judged
        if approach.barrier_ticks("s240") != approach.barrier_ticks("s480")
    )
    where = (str(approach.day), "--level", approach.level_id, "--at", clock(approach), "--json")
    for horizon in ("s240", "s480"):
        card = json.loads(
            ask(
                market.lake,
                *where,
                "--horizon",
                horizon,
                monkeypatch=monkeypatch,
                symbol=OTHER_SYMBOL,
            ).output
        )
        assert card["horizons"][horizon]["barrier_ticks"] == approach.barrier_ticks(horizon)
        assert card["horizons"][horizon]["horizon_s"] == int(horizon[1:])


def test_an_approach_like_no_other_has_no_odds(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    plain = plain_answers(market)

    def is_alone(approach: Approach) -> bool:
        answer = plain[approach.vector_id, "s240"][1] if approach.labels else {}
        return bool(answer) and answer["neighbors_ok"] and not answer["is_similar"]

    alone = next(approach for approach in market.approaches if is_alone(approach))
    where = (str(alone.day), "--level", alone.level_id, "--at", clock(alone))
    result = ask(market.lake, *where, monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    assert "Nothing like it: even the most similar approaches" in result.output
    assert "through" not in result.output
    answer = json.loads(ask(market.lake, *where, "--json", monkeypatch=monkeypatch).output)
    odds = [answer["horizons"]["s240"][f"p_{name}"] for name in ("break", "reject", "chop")]
    assert odds == [None] * 3


def test_too_few_neighbors_are_reported(market: Market, monkeypatch: pytest.MonkeyPatch) -> None:
    early = next(
        approach for approach in market.approaches if approach.day == DAYS[1] and approach.labels
    )
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
    assert "No odds:" in result.output
    assert "through" not in result.output
    first = next(approach for approach in market.approaches if approach.labels)
    result = ask(
        market.lake,
        str(first.day),
        "--level",
        first.level_id,
        "--at",
        clock(first),
        monkeypatch=monkeypatch,
    )
    assert "No odds: 0 similar approaches on 0 earlier days is too little to go by." in (
        result.output
    )


def test_without_an_approach_the_nearest_is_named(
    market: Market, monkeypatch: pytest.MonkeyPatch
) -> None:
    day = str(DAYS[-1])
    far = ask(market.lake, day, "--level", "pm_high", "--at", "12:00:00", monkeypatch=monkeypatch)
    assert isinstance(far.exception, SpymasterError)
    assert "the nearest decision was at" in str(far.exception)
    none = ask(market.lake, day, "--level", "or_high", monkeypatch=monkeypatch)
    assert "no approach to this level" in str(none.exception)


def test_a_lake_without_the_newest_setting_names_the_remedy(
    market: Market, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    forget_setting(lake, "phase_distance_bands")
    decision = next(one for one in reversed(market.approaches) if one.labels)
    where = (str(decision.day), "--level", decision.level_id, "--at", clock(decision))
    refused = ask(lake, *where, monkeypatch=monkeypatch)
    assert isinstance(refused.exception, SpymasterError), refused.output
    assert str(refused.exception) == (
        "gold.retrieval_settings: an earlier version of Spymaster built it, without the setting "
        "phase_distance_bands (run `spymaster build`)"
    )
