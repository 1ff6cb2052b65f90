"""``spymaster levels`` on a few rows of its relations."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.levels.sentences import price_action_sentence, strike_sentences
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.level_words_lake import DAY, POINT, SPOT_TICKS, TICK, write_lake
from support.settings import word_settings


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_lake(tmp_path_factory.mktemp("lake"))


@pytest.fixture(scope="module")
def lake_without_options(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_lake(tmp_path_factory.mktemp("lake"), has_options=False)


def levels(lake: Lake, *arguments: str, symbol: str = "ESZ5") -> Result:
    return CliRunner().invoke(
        cli,
        ["levels", "--symbol", symbol, "--dt", str(DAY), *arguments],
        env={LAKE_VARIABLE: str(lake.root)},
    )


def test_prints_price_action_and_ladder(lake: Lake) -> None:
    result = levels(lake, "--at", "09:40:00")
    assert result.exit_code == 0, result.output
    lines = [line.rstrip() for line in result.output.splitlines()]
    assert lines[0] == "ESZ5 2025-10-01 09:40:00 New York, spot 6800"
    assert lines[1] == (
        "ESZ5 came up 5.5 ticks in the last minute, 12 ticks below pm_high 6803, "
        "a touch in 30 s at this pace"
    )
    assert lines[2] == "with sma_400; first of its stack"
    assert [line.split() for line in lines[5:8]] == [
        ["+1", "6804", "529", *["wall", "of", "529", "asks", "holds,", "4", "pulled"]],
        ["level", "6803", "120", *["120", "asks", "rest"]],
        ["-1", "6802", "not", "shown"],
    ]
    # the order a trader reads in: strikes, gamma, conditions, odds, engines, then the other levels
    assert [line.split()[0] for line in lines[8:]] == [
        *("strike", "strike", "options:", "the", "No", "rule", "sma_90", "pm_low")
    ]
    assert "price rise" not in result.output
    assert len(lines) <= 25


def test_other_levels_take_one_line(lake: Lake) -> None:
    lines = levels(lake, "--at", "09:40:00").output.splitlines()
    assert lines[-2] == "sma_90 6799.75, 3.25 points below spot"
    assert lines[-1] == "pm_low 6805, 5 points above spot: provisional until 09:45 New York"
    in_full = levels(lake, "--at", "09:40:00", "--verbose").output
    assert "ESZ5 went up 5.5 ticks in the last minute, no approach, 13 ticks above" in in_full
    assert "most of it 664 contracts 8 ticks past the level" in in_full
    assert "0.80 of the side's present depth per tick around spot" in " ".join(in_full.split())
    assert "support behind is being pulled" in " ".join(in_full.split())
    assert "added" in in_full


def test_odds_are_those_of_the_last_decision_at_the_first_horizon(tmp_path: Path) -> None:
    lake = write_lake(tmp_path / "lake", has_odds=True)
    output = levels(lake, "--at", "09:40:00", "--level", "pm_high").output
    assert (
        "No odds: price is 12 ticks from the level, too far: nothing was judged from there; "
        "wait until it is within 7 ticks."
    ) in " ".join(output.split())


def test_a_single_level_can_be_chosen(lake: Lake) -> None:
    lines = levels(lake, "--at", "09:40:00", "--level", "sma_90").output.splitlines()
    assert lines[1].endswith("13 ticks above sma_90 6799.75")


@pytest.mark.parametrize(
    ("level", "words"),
    [
        ("or_high", "or_high is known from 09:45 New York"),
        ("sma_400", "sma_400 is not known yet: too few bars"),
        ("or_low", "or_low has no value: nothing traded while it was formed"),
    ],
)
def test_a_level_that_is_not_there_says_why(lake: Lake, level: str, words: str) -> None:
    lines = levels(lake, "--at", "09:40:00", "--level", level).output.splitlines()
    assert lines[1:] == [words]


def test_a_misspelt_level_names_the_levels(lake: Lake) -> None:
    error = levels(lake, "--at", "09:40:00", "--level", "or_hgih").exception
    assert isinstance(error, SpymasterError)
    assert str(error) == (
        "or_hgih: is no level (the levels are or_high, or_low, pm_high, pm_low, sma_400, sma_90)"
    )


@pytest.mark.parametrize(
    ("symbol", "named", "remedy"),
    [
        ("esz5", "esz5 ", "(did you mean ESZ5?)"),
        ("CLZ5", "CLZ5 ", "(built: ESZ5)"),
        ("ES\nZ5", "ES Z5 ", "(built: ESZ5)"),
        ("A" * 5000, "AAAA", "(built: ESZ5)"),
    ],
)
def test_a_contract_that_is_not_built_names_those_that_are(
    lake: Lake, symbol: str, named: str, remedy: str
) -> None:
    error = str(levels(lake, "--at", "09:40:00", symbol=symbol).exception)
    assert error.startswith(named)
    assert error.endswith(remedy)
    assert "\n" not in error


FACTS = {"level_id": "or_low", "level_price_int": 6_670 * POINT, "secs_to_touch": None}


@pytest.mark.parametrize(
    ("k_ticks", "direction", "move", "words"),
    [
        (-2, "approach_down", -5.0, "came down 5 ticks in the last minute, 2 ticks above or_low"),
        (1, "approach_up", 3.5, "came up 3.5 ticks in the last minute, 1 tick below or_low"),
        (-2, "approach_none", 1.0, "went up 1 tick in the last minute, no approach, 2 ticks above"),
        (9, "approach_none", 0.0, "went nowhere in the last minute, no approach, 9 ticks below"),
        (0, "approach_none", -4.0, "went down 4 ticks in the last minute, no approach, at or_low"),
        (9, "approach_none", None, ": the move of the last minute is not shown, 9 ticks below"),
        (None, None, None, "not shown, or_low 6670 at a distance that is not shown"),
    ],
)
def test_price_action(k_ticks: int | None, direction: str, move: float, words: str) -> None:
    facts = {"k_ticks": k_ticks, "approach_dir": direction, "approach_move_ticks": move}
    assert words in price_action_sentence("ESZ5", FACTS | facts)


def test_an_approach_goes_on_at_its_level() -> None:
    facts = FACTS | {"k_ticks": 0, "approach_dir": "approach_none", "approach_move_ticks": 4.0}
    assert price_action_sentence("ESZ5", facts, {"phase": "at"}) == (
        "ESZ5 went up 4 ticks in the last minute, at or_low 6670"
    )


def test_a_touch_far_off_in_time_is_not_printed() -> None:
    facts = FACTS | {"k_ticks": 2, "approach_dir": "approach_up", "approach_move_ticks": 3.0}
    assert "touch in 20 s" in price_action_sentence("ESZ5", facts | {"secs_to_touch": 20.0})
    assert "touch" not in price_action_sentence("ESZ5", facts | {"secs_to_touch": 300.0})


@pytest.mark.parametrize(
    ("phase", "is_ahead"), [("approaching", True), ("at", False), ("through", True), ("back", True)]
)
def test_price_at_its_level_has_no_touch_ahead(phase: str, is_ahead: bool) -> None:
    facts = FACTS | {"k_ticks": -1, "approach_dir": "approach_down", "approach_move_ticks": -9.0}
    sentence = price_action_sentence("ESZ5", facts | {"secs_to_touch": 8.0}, {"phase": phase})
    assert sentence.startswith("ESZ5 came down 9 ticks in the last minute, 1 tick above or_low")
    assert sentence.endswith(", a touch in 8 s at this pace") == is_ahead


def test_options_are_printed_strike_by_strike(lake: Lake) -> None:
    lines = levels(lake, "--at", "09:40:00", "--level", "pm_high").output.splitlines()
    assert (
        "options: call wall 6820 (20 points above spot), put wall not shown, gamma flip 6790.50"
    ) in lines
    assert (
        "strike 6805 (shared by level to +1): calls in demand over puts (+0.40 against -0.20); "
        "put gamma wall (calls 1.5 and puts 3.0 times the average strike's)"
    ) in lines
    # half of it is not known
    assert "strike 6800 (for -1): demand of calls and puts not shown; gamma not shown" in lines


@pytest.mark.parametrize(
    ("call", "put", "qty", "words"),
    [
        (0.3, -0.1, 20, "calls in demand over puts (+0.30 against -0.10)"),
        (-0.1, 0.3, 20, "puts in demand over calls (+0.30 against -0.10)"),
        (0.1, 0.12, 20, "calls and puts in equal demand (+0.10 against +0.12)"),
        (-0.02, -0.03, 20, "calls and puts in equal demand (-0.02 against -0.03)"),
        (-0.14, -0.17, 20, "calls and puts equally offered (-0.14 against -0.17)"),
        (-0.09, -0.55, 20, "puts offered more than calls (-0.55 against -0.09)"),
        (-0.2, 0.0, 20, "calls offered more than puts (-0.20 against +0.00)"),
        (0.9, -0.9, 2, "no net demand in calls and puts"),
        # as much was bought as sold, however much that was
        (0.0, 0.0, 0, "no net demand in calls and puts"),
    ],
)
def test_demand_of_options_needs_size(call: float, put: float, qty: int, words: str) -> None:
    row = {"strike_points": 6800.0, "points_from_level": 0.0, "lowest_point": 0}
    row |= {"highest_point": 2, "call_physics": call, "put_physics": put}
    row |= {f"gex_{right}_{what}": None for right in ("call", "put") for what in ("abs", "ratio")}
    row |= {"call_net_aggressive_qty": qty, "put_net_aggressive_qty": 0}
    row |= {"call_net_resting_qty": None, "put_net_resting_qty": None}
    assert strike_sentences([row], word_settings()) == [
        f"strike 6800 (shared by level to +2): {words}; gamma not shown"
    ]


def test_without_options_they_are_not_printed(lake_without_options: Lake) -> None:
    output = levels(lake_without_options, "--at", "09:40:00").output
    lines = output.splitlines()
    assert "options: not shown" in lines
    assert lines.count("options around it: not shown") == 1
    assert "strike " not in output
    document = json.loads(levels(lake_without_options, "--at", "09:40:00", "--json").output)
    assert document["exposure"] is None
    assert [level["strikes"] for level in document["levels"]] == [[], [], []]
    assert document["levels"][0]["ladder"][0]["call_physics"] is None


def test_without_gold_there_is_everything_else(tmp_path: Path) -> None:
    lake = write_lake(tmp_path / "lake")
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("drop schema gold cascade")
    output = levels(lake, "--at", "09:40:00").output
    assert "wall of 529 asks holds, 4 pulled" in output
    assert "the four conditions: not shown" in output
    assert "No odds" in output


@pytest.mark.parametrize(
    ("has_orders", "compared"),
    [
        (
            True,
            "Compared by market features "
            "(book, order flow, trades and options, without any level).",
        ),
        (
            False,
            "Compared by market features of the ten best levels and the four conditions, net of "
            "what arrived: no market-by-order file is landed for this day, so order flow at the "
            "level is not known.",
        ),
    ],
)
def test_odds_from_market_features_say_so(tmp_path: Path, has_orders: bool, compared: str) -> None:
    there = {"has_odds": True, "has_orders": has_orders}
    of_level = write_lake(tmp_path / "level", **there)
    of_market = write_lake(tmp_path / "market", **there, compares_market=True)
    ends, documents = [], []
    for lake in (of_level, of_market):
        asked = ("--at", "09:40:00", "--level", "pm_high")
        # the rule of thumb of the engines comes last
        ends.append(levels(lake, *asked).output.splitlines()[-3:-1])
        documents.append(json.loads(levels(lake, *asked, "--json").output)["levels"][0])
    odds = ends[0][-1]
    assert odds.startswith("No odds: price is 12 ticks from the level")
    assert ends[1] == [compared, odds]
    assert compared not in ends[0]
    assert documents[1]["compared"] == compared
    assert "compared" not in documents[0]


def test_a_day_without_orders_says_why_it_has_less(tmp_path: Path) -> None:
    asked = ("--at", "09:40:00", "--level", "pm_high")
    lines = levels(write_lake(tmp_path / "less", has_orders=False), *asked).output.splitlines()
    assert "its ladder is not shown (it needs market by order)" in lines
    assert "the four conditions: not shown" in lines
    assert lines[-2] == (
        "No odds: answers for ES compare order flow at the level, and no market-by-order file is "
        "landed for this day."
    )
    no_answer = "No odds: price does not approach the level, or it has no answer yet."
    for name, there in (
        ("market", {"has_orders": False, "compares_market": True}),
        ("orders", {"has_orders": True}),
    ):
        lake = write_lake(tmp_path / name, **there)
        assert levels(lake, *asked).output.splitlines()[-2] == no_answer
    # with orders the reason is another
    assert "the four conditions: not shown" in levels(lake, *asked).output.splitlines()


def test_without_a_time_the_last_approach_is_shown(lake: Lake) -> None:
    assert levels(lake).output.startswith("ESZ5 2025-10-01 09:40:00 New York")
    # to the level, if there is one of it
    nearer = levels(lake, "--level", "pm_high").output.splitlines()
    assert "came up 5.5 ticks" in nearer[1]


def test_an_invalid_second_says_so(lake: Lake) -> None:
    output = levels(lake, "--at", "09:40:01").output
    assert "New York, no spot" in output
    assert "not valid" in output
    assert "no level is active" in output


def test_json_has_everything(lake: Lake) -> None:
    document = json.loads(levels(lake, "--at", "09:40:00", "--json").output)
    assert document["spot_ref_price_int"] == SPOT_TICKS * TICK
    high = document["levels"][0]
    assert high["ladder"][0]["ask_state"] == "wall_holds"
    assert high["ladder"][0]["words"] == "wall of 529 asks at +1 holds, 4 pulled"
    assert (high["level_id"], high["beyond_max_depth"]) == ("pm_high", 664)
    assert [rung["point_offset"] for rung in high["ladder"]] == [1, 0, -1]
    assert [rung["strike_points"] for rung in high["ladder"]] == [6805, 6805, 6800]
    assert high["ladder"][0]["strike_rungs"] == 2
    at_strike = high["strikes"][0]
    assert (at_strike["lowest_point"], at_strike["highest_point"]) == (0, 1)
    assert (at_strike["call_physics"], at_strike["put_physics"]) == (0.4, -0.2)
    assert (at_strike["gex_put_abs"], at_strike["gex_put_ratio"]) == (600, 3)
    assert document["exposure"]["call_wall_price_int"] == 6820 * POINT


def test_a_missing_second_or_relation_is_named(lake: Lake, tmp_path: Path) -> None:
    for symbol, arguments in (("ESZ5", ("--at", "10:00:00")), ("NQZ5", ())):
        error = levels(lake, *arguments, symbol=symbol).exception
        assert isinstance(error, SpymasterError)
        assert f"{symbol} {DAY}" in str(error)
    error = levels(Lake(tmp_path)).exception
    assert isinstance(error, SpymasterError)
    assert "spymaster build" in str(error)
