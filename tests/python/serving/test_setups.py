"""``spymaster setups`` on a small lake: the card, its neighbors, and its picture."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.published import open_published
from spymaster.setups.read_answer import find_moment, read_answer, settings_of
from spymaster.setups.search import search_library
from support import retrieval_lakes as lakes
from support.retrieval_days import NUMBERS, SUPPORT, SYMBOL, Market, plain_answers
from support.retrieval_market import Approach
from support.setups_cards import ask, clock, last_similar


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


@pytest.fixture
def similar(market: Market) -> Approach:
    return last_similar(market)


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
