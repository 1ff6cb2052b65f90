"""``spymaster setups --pattern retest``: the sentences, and nothing that is not known yet."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.patterns.retest_card import retest_card_lines
from spymaster.patterns.retests import read_retests
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.retest_lake import (
    DAY,
    LEVEL_TICK,
    SYMBOL,
    TICK_INT,
    at,
    conditions_at,
    ease_at,
    event,
    retest_lake,
)

EARLIER = [DAY - dt.timedelta(days=number) for number in (1, 2, 3)]
STATE = {
    "turn_state": "none",
    "above_score": 0.25,
    "below_score": 0.5,
    "bid_states": ["thin"] * 4 + ["wall_holds"] + [None] * 4,
    "ask_states": [None] * 9,
}
# eleven retests on three days: four of five with a known state went on
PAST = [
    *(event("09:40", "CONTINUES", day=day, turn_state="none") for day in EARLIER),
    event("09:50", "CONTINUES", day=EARLIER[0], turn_state="partial"),
    event("10:10", "FAILS", day=EARLIER[0], turn_state="none"),
    *(event(f"04:{n}0", "CHOP", day=EARLIER[1]) for n in range(6)),
    event("10:30", "THROUGH", day=EARLIER[2]),
    event("11:00", "NO_RETEST", day=EARLIER[2]),
]
TODAY = [
    event("10:00", "FAILS", **STATE),
    event("10:20", "CONTINUES", level_id="or_high"),
    event("10:30", "THROUGH", level_id="or_high", basis="bars"),
]
# a later day is not known
LATER = [event("10:00", "CONTINUES", day=DAY + dt.timedelta(days=1), turn_state="none")]
NOT_SHOWN = {"approach_dir": "both", "turn_state": "all", "verdict": "not shown"}


def eases(usual: float) -> list[dict]:
    """Return scores that usually differ by so much until the first retest, and later by little."""
    known = [ease_at(at(f"09:59:{n}"), 0.5, 0.5 + (-1) ** n * usual) for n in range(10, 40)]
    unknown = [ease_at(at(f"09:59:{n}"), 0.5, None) for n in range(40, 60)]
    later = [ease_at(at(f"10:{n}:02"), 0.5, 0.5) for n in range(10, 60)]
    return [*known, *unknown, ease_at(at("10:01:02"), 0.25, 0.5), *later]


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    folder = tmp_path_factory.mktemp("retests") / "lake"
    conditions = [conditions_at(at("10:01:02"))]
    return retest_lake(folder, [*PAST, *TODAY, *LATER], conditions, NOT_SHOWN, eases(0.1))


def card(lake: Lake, clock: str | None, level: str = "pm_high") -> list[str]:
    moment = None if clock is None else at(clock)
    return retest_card_lines(read_retests(lake, SYMBOL, DAY, level_id=level, at=moment))


def test_the_card_of_a_past_retest(lake: Lake) -> None:
    assert card(lake, None) == [
        "ESZ5 2025-10-16 New York, pm_high 6721: break and retest",
        "Price broke up through pm_high at 10:00:00, 4 ticks past it, and held 10 s.",
        "It went as far as 12 ticks past the level and came back at 10:01:01, 1 minute 1 second "
        "later, to 1 tick through it.",
        "The book then: bids recede no (0.5 of the usual), bids pulled no, asks retreat no "
        "(0.5 of the usual), asks pulled no: 0 of 4, held 3 s; no signature of a turn or break.",
        "Price moved up less easily than down (ease 0.25 against 0.50).",
        "At the level itself: bids wall holds.",
        "It failed: 8 ticks back through the level first, at 10:03:00.",
        "On 3 earlier days price came back 5 times after a break up of any level with the four "
        "conditions known: 4 went on, 1 failed, 0 neither (8 ticks on or back first, or neither "
        "in 8 minutes).",
        "Of these 4 times in the same state (none): 3 went on, 1 failed, 0 neither.",
        "Verdict over all evaluated days: not shown; the four conditions at the retest told no "
        "more than the base rate; trade on other grounds.",
    ]


@pytest.mark.parametrize(
    ("usual", "above", "sentence"),
    [
        (0.125, 0.25, "Price moved up less easily than down (ease 0.25 against 0.50)."),
        (0.125, 0.75, "Price moved up more easily than down (ease 0.75 against 0.50)."),
        (0.13, 0.25, "Price moved about as easily up as down (ease 0.25 against 0.50)."),
        (0.13, 0.75, "Price moved about as easily up as down (ease 0.75 against 0.50)."),
        (0.0, 0.5, "Price moved about as easily up as down (ease 0.50 against 0.50)."),
    ],
)
def test_the_easier_way_is_named_where_it_differs_by_more_than_usual(
    usual: float, above: float, sentence: str, tmp_path: Path
) -> None:
    own = event("10:00", "CHOP", **STATE | {"above_score": above})
    lines = card(retest_lake(tmp_path / "lake", [own], eases=eases(usual)), None)
    assert [line for line in lines if "easily" in line] == [sentence]


def test_without_conditions_all_retests_count(lake: Lake) -> None:
    lines = card(lake, None, "or_high")
    assert "The book then: the four conditions: not shown." in lines
    assert "It went on: 8 ticks past the level first, at 10:23:00." in lines
    assert (
        "On 3 earlier days price came back 11 times after a break up of any level: 4 went on "
        "(36%), 1 failed (9%), 6 neither (55%) (8 ticks on or back first, or neither in 8 "
        "minutes)." in lines
    )


def test_without_orders_the_words_say_net(tmp_path: Path) -> None:
    """States of days with orders, and the verdict on them, say nothing of the net form."""
    net = {"conditions_basis": "net"}
    own = event("10:00", "FAILS", turn_state="none", **net)
    past = [*PAST, event("09:30", "CHOP", day=EARLIER[1], turn_state="none", **net)]
    conditions = [conditions_at(at("10:01:02"), **net)]
    of_orders = retest_lake(tmp_path / "orders", [*past, own], conditions, NOT_SHOWN)
    words = "(from market by price, net of what arrived)"
    lines = card(of_orders, None)
    [book] = [line for line in lines if line.startswith("The book then:")]
    assert f"asks pulled no {words}: 0 of 4" in book
    assert not any("easily" in line or "At the level itself" in line for line in lines)
    assert lines[-3].startswith(
        "On 1 earlier day price came back 1 time after a break up of any level with the four "
        f"conditions known {words}: 0 went on, 0 failed, 1 neither"
    )
    assert lines[-2] == "Of these 1 time in the same state (none): 0 went on, 0 failed, 1 neither."
    assert lines[-1].startswith("Verdict: not evaluated")
    judged = retest_lake(tmp_path / "net", [*past, own], conditions, NOT_SHOWN | net)
    assert card(judged, None)[-1].startswith(
        f"Verdict over all evaluated days {words}: not shown; the four conditions at the retest"
    )
    listed = run(judged, "--pattern", "retest").output
    assert "The four conditions are from market by price, net of what arrived." in listed


def test_what_is_later_is_hidden(lake: Lake) -> None:
    """A step is printed from the end of its second on."""
    with pytest.raises(SpymasterError, match="pm_high did not break and hold by 10:00:10 New York"):
        card(lake, "10:00:10")
    for clock in ("10:00:11", "10:01:01"):
        lines = card(lake, clock)
        assert "It has not come back within 2 ticks yet." in lines
        assert not any("12 ticks" in line or "The book then" in line for line in lines)
    for clock in ("10:01:02", "10:03:00"):
        lines = card(lake, clock)
        assert "What followed is not known yet." in lines
        assert any("came back at 10:01:01" in line for line in lines)
    assert not any("failed:" in line for line in card(lake, "10:03:00"))
    assert any("It failed:" in line for line in card(lake, "10:03:01"))
    documents = [
        read_retests(lake, SYMBOL, DAY, at=at(clock)).events[0]
        for clock in ("10:00:11", "10:01:02", "10:03:01")
    ]
    assert [row["retest_ts"] is not None for row in documents] == [False, True, True]
    assert [row["turn_state"] for row in documents] == [None, "none", "none"]
    assert [row["outcome"] for row in documents] == [None, None, "FAILS"]
    assert "deepest_x_ticks" not in documents[-1]


@pytest.mark.parametrize(
    ("outcome", "sentence"),
    [
        (
            "CHOP",
            "It did neither: within 8 minutes price went neither 8 ticks on nor 8 ticks back.",
        ),
        ("CENSORED", "What followed is not known: the records end first."),
        (
            "THROUGH",
            "It came back and went through the level at once, at 10:03:00: no retest.",
        ),
        ("NO_RETEST", "It did not come back before the records ended."),
    ],
)
def test_other_ends(outcome: str, sentence: str, tmp_path: Path) -> None:
    lines = card(retest_lake(tmp_path / "lake", [event("10:00", outcome)]), None)
    assert sentence in lines
    assert "Earlier days have no retest after a break up." in lines
    assert lines[-1].startswith("Verdict: not evaluated; nothing is known")


def test_a_level_that_moved_is_named(tmp_path: Path) -> None:
    moved = conditions_at(at("10:01:02"), level_price_int=(LEVEL_TICK + 3) * TICK_INT)
    lake = retest_lake(tmp_path / "lake", [event("10:00", "CHOP", turn_state="none")], [moved])
    assert "The level had moved to 6721.75 by then; this is the book around it there." in card(
        lake, None
    )


def run(lake: Lake, *arguments: str) -> Result:
    key = ["--symbol", SYMBOL, "--dt", str(DAY)]
    runner = CliRunner(env={LAKE_VARIABLE: str(lake.root), "COLUMNS": "200"})
    return runner.invoke(cli, ["setups", *key, *arguments])


def test_the_list(lake: Lake) -> None:
    output = run(lake, "--pattern", "retest", "--at", "10:22:00").output
    lines = output.splitlines()
    [first, second] = [line for line in lines if "_high" in line]
    assert [cell.strip() for cell in first.strip("│ ").split("│")] == [
        "10:00:00",
        "pm_high",
        "6721",
        "up",
        "12 ticks",
        "10:01:01",
        "none",
        "failed at 10:03:00",
    ]
    assert "not known yet" in second
    assert "went on at" not in output
    assert "net of what arrived" not in output
    assert "On 3 earlier days price came back 11 times after a break up" in output
    assert lines[-1].startswith("Verdict over all evaluated days: not shown")
    [through] = [
        line
        for line in run(lake, "--pattern", "retest", "--basis", "bars").output.splitlines()
        if "or_high" in line
    ]
    assert "went through without a retest at 10:33:00" in through


def test_json(lake: Lake) -> None:
    found = json.loads(run(lake, "--pattern", "retest", "--json").output)
    assert [row["outcome"] for row in found["events"]] == ["FAILS", "CONTINUES"]
    assert found["earlier"]["approach_up"] == {
        "n_days": 3,
        "n_breaks": 13,
        "n_through": 1,
        "n_retests": 11,
        "n_days_of_retests": 3,
        "outcomes": {"CONTINUES": 4, "FAILS": 1, "CHOP": 6},
        "outcomes_by_state": {
            "none": {"CONTINUES": 3, "FAILS": 1, "CHOP": 0},
            "partial": {"CONTINUES": 1, "FAILS": 0, "CHOP": 0},
        },
    }
    assert found["verdict"]["verdict"] == "not shown"


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--pattern", "retest", "--k", "3"], "--k: is of similar approaches"),
        (["--pattern", "retest", "--level", "or_low"], "broken by then: or_high, pm_high"),
        (["--basis", "bars", "--level", "pm_high"], "--basis: is of a pattern"),
    ],
)
def test_errors(lake: Lake, arguments: list[str], message: str) -> None:
    error = run(lake, *arguments).exception
    assert isinstance(error, SpymasterError)
    assert message in str(error)


def test_a_contract_day_that_does_not_exist(lake: Lake) -> None:
    with pytest.raises(SpymasterError, match=r"there is no such contract-day.*built of it: 5 UTC"):
        read_retests(lake, SYMBOL, dt.date(2025, 12, 1))
