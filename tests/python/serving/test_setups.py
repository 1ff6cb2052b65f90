"""``spymaster setups`` on a small lake: the card, its picture, and its errors."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import duckdb
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from spymaster.built_settings import built_settings, settings_of_answers
from spymaster.cli import cli
from spymaster.evaluation.result_tables import SCHEMAS, write_tables
from spymaster.published import open_published
from spymaster.setups.read_answer import find_moment, read_answer, settings_of
from spymaster.setups.search import search_library
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from spymaster_warehouse.project_vars import project_vars
from support import retrieval_lakes as lakes
from support.retrieval_days import (
    DAYS,
    NUMBERS,
    OTHER_SYMBOL,
    SUPPORT,
    SYMBOL,
    Market,
    plain_answers,
)
from support.retrieval_market import Approach

VERDICTS = "eval_retrieval_verdict_asof"
OUTCOMES = "select distinct verdict from gold.retrieval_outcomes"


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


def ask(
    lake: Lake, *arguments: str, monkeypatch: pytest.MonkeyPatch, symbol: str = SYMBOL
) -> Result:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    day = arguments[0]
    return CliRunner().invoke(
        cli, ["setups", "--symbol", symbol, "--dt", day, *arguments[1:]], catch_exceptions=True
    )


@pytest.fixture
def similar(market: Market) -> Approach:
    """An approach of the last day between the barriers, with similar neighbors."""
    plain = plain_answers(market)
    return [
        approach
        for approach in market.approaches
        if approach.day == DAYS[-1]
        and approach.labels
        and plain[approach.vector_id, "s240"][1]["is_similar"]
    ][-1]


def clock(approach: Approach) -> str:
    local = approach.window_end_ts - dt.timedelta(hours=4)
    return f"{local:%H:%M:%S}"


def test_the_card_is_the_stored_answer(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = (str(similar.day), "--level", similar.level_id, "--at", clock(similar), "--json")
    result = ask(market.lake, *where, monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    card = json.loads(result.output)
    assert card["moment"]["vector_id"] == similar.vector_id
    stored = lakes.rows_of(
        market.lake, f"select * from gold.retrieval_answers where vector_id = '{similar.vector_id}'"
    )
    for row in stored:
        shown = card["horizons"][row["horizon_id"]]
        for name in (*NUMBERS, *SUPPORT):
            assert shown[name] == row[name], name
        assert shown["distance_band"] == row["distance_band"]
        if row["is_similar"]:
            low, high = card["intervals"][row["horizon_id"]]["p_break"]
            assert low <= row["p_break"] <= high
    neighbors, _ = plain_answers(market)[similar.vector_id, "s240"]
    assert [row["vector_id"] for row in card["neighbors"]] == [
        neighbor["vector_id"] for neighbor, _, _ in neighbors
    ]
    assert card["verdict"] == {"verdict": "not evaluated"}


def test_a_search_gives_the_published_answer(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The card reads what the build wrote; a search with the same settings gives the same."""
    asked = (SYMBOL, similar.day, similar.level_id, similar.window_end_ts)
    published = read_answer(market.lake, *asked)
    with open_published(market.lake) as connection:
        moment = find_moment(connection, *asked)
        settings = settings_of(connection, moment)
        search = search_library(
            market.lake, connection, moment, settings, settings.retrieval_horizons
        )
    for horizon, found in search.answers.items():
        row = published.horizons[horizon]
        assert {name: row[name] for name in found} == found
    assert published.neighbors == search.neighbors[published.horizon]

    def no_search(*_: object) -> None:
        raise AssertionError("searched for what is published")

    monkeypatch.setattr("spymaster.setups.read_answer.search_library", no_search)
    without = read_answer(market.lake, *asked, with_neighbors=False)
    assert (without.horizons, without.neighbors) == (published.horizons, [])


def test_published_neighbors_are_those_of_a_search(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    asked = (SYMBOL, similar.day, similar.level_id, similar.window_end_ts)
    searched = read_answer(market.lake, *asked).neighbors
    assert searched
    lake = lakes.copy_of(market.lake, tmp_path / "lake")
    lakes.run(lake, retrieval_queries=[similar.vector_id])

    def no_search(*_: object) -> None:
        raise AssertionError("searched for what is published")

    monkeypatch.setattr("spymaster.setups.read_answer.search_library", no_search)
    assert read_answer(lake, *asked).neighbors == searched


def test_neighbors_say_where_to_look(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = (str(similar.day), "--level", similar.level_id, "--at", clock(similar))
    card = json.loads(ask(market.lake, *where, "--json", monkeypatch=monkeypatch).output)
    [first, *_] = card["neighbors"]
    approach = next(one for one in market.approaches if one.vector_id == first["vector_id"])
    seconds = int((approach.window_end_ts - dt.datetime(1970, 1, 1)).total_seconds())
    assert first["new_york"] == f"{approach.day} {clock(approach)}"
    assert first["link"] == (
        f"http://127.0.0.1:8765/#symbol={SYMBOL}&dt={approach.day}&ts={seconds}000000000"
    )
    assert first["command"] == (
        f"spymaster setups --symbol {SYMBOL} --dt {approach.day} --level {approach.level_id} "
        f"--at {clock(approach)}"
    )
    printed = ask(market.lake, *where, "--verbose", monkeypatch=monkeypatch).output
    listed = printed[printed.index("the 10 nearest") :]
    for words in (first["link"], first["command"], clock(approach), str(approach.day)):
        assert words in listed
    # the command finds the moment that its neighbor is
    _, *arguments = first["command"].split()
    found = CliRunner().invoke(cli, [*arguments, "--json"])
    assert json.loads(found.output)["moment"]["vector_id"] == first["vector_id"]


def test_the_card_prints_its_support(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    picture = tmp_path / "paths.png"
    result = ask(
        market.lake,
        str(similar.day),
        "--level",
        similar.level_id,
        "--at",
        clock(similar),
        "--plot",
        str(picture),
        monkeypatch=monkeypatch,
    )
    assert result.exit_code == 0, result.output
    for words in (
        " minutes",
        ": 8 ticks through ",
        ", 8 ticks back ",
        ", neither ",
        "This rests on",
        "Verdict: not evaluated;",
    ):
        assert words in result.output
    # short enough to read while price moves
    assert "95 % interval" not in result.output
    assert len(result.output.splitlines()) <= 12
    assert picture.read_bytes().startswith(b"\x89PNG")


def test_the_verbose_card_prints_its_support(
    market: Market, similar: Approach, monkeypatch: pytest.MonkeyPatch
) -> None:
    where = (str(similar.day), "--level", similar.level_id, "--at", clock(similar), "--verbose")
    result = ask(market.lake, *where, monkeypatch=monkeypatch)
    assert result.exit_code == 0, result.output
    for words in (
        "4 minutes",
        "8 ticks past the level first",
        "it has looked like this before",
        "base rate",
        "95 % interval",
        "the 10 nearest",
        "verdict: not evaluated",
    ):
        assert words in result.output


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
    assert "verdict for this direction, today: useful (log-loss skill over base_rate" in (
        result.output
    )
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
            "update gold.mbo_trigger_vectors set episode_id = null where dt = ?", [day]
        )
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
