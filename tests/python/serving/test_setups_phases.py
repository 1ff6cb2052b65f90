"""``spymaster setups`` about decisions at a level and past it: their phase answers for itself."""

from __future__ import annotations

import json
from pathlib import Path

import duckdb
import pytest
from spymaster.setups.card import card_heading
from spymaster.setups.read_answer import read_answer
from support import retrieval_lakes as lakes
from support.retrieval_days import SUPPORT, SYMBOL, Market, earlier, plain_answers
from support.retrieval_market import APPROACHING, REACHED, Approach
from support.setups_cards import ask, clock

HORIZON = "s240"
HAS_COME = {
    "at": "price has come to the level and is ",
    "through": "price has passed the level and is ",
    "back": "price has been at the level and is ",
}
WHERE_PRICE_IS = {
    "at": "at the level",
    "through": "past the level",
    "back": "back before the level",
}


@pytest.fixture(scope="module")
def market(retrieval_market: Market) -> Market:
    return retrieval_market


def last_of(market: Market, phase: str) -> Approach:
    """Return the last decision of a phase with similar neighbors."""
    plain = plain_answers(market)
    of_phase = [
        approach
        for approach in market.approaches
        if approach.phase == phase and plain[approach.vector_id, HORIZON][1]["is_similar"]
    ]
    return max(of_phase, key=lambda approach: approach.window_end_ts)


def judge(market: Market, folder: Path, approach: Approach) -> lakes.Lake:
    """Return a copy of the lake with a verdict on each phase; only that of the decision is known.

    Every other phase is useful.
    """
    lake = lakes.copy_of(market.lake, folder)
    verdicts = ", ".join(
        f"('{phase}', '{'not shown' if phase == approach.phase else 'useful'}', 'of {phase}')"
        for phase in (APPROACHING, *REACHED)
    )
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "insert into gold.eval_retrieval_verdict_asof by name select "
            f"'ES' as root, '{approach.approach_dir}' as approach_dir, phase as decision_phase, "
            f"'{HORIZON}' as horizon_id, 'retrieval_robust_z' as model, "
            f"cast('{approach.day}' as date) as asof_dt, run as verdict_run, "
            "'base_rate' as best_baseline, 0.05 as skill, -0.1 as skill_lo, 0.1 as skill_hi, "
            "30 as n_days, 400 as n_episodes, verdict "
            f"from (values {verdicts}) as t (phase, verdict, run)"
        )
    return lake


@pytest.mark.parametrize("phase", REACHED)
def test_the_phase_of_a_decision_answers(
    market: Market, phase: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    approach = last_of(market, phase)
    lake = judge(market, tmp_path / "lake", approach)
    where = (str(approach.day), "--level", approach.level_id, "--at", clock(approach))
    card = json.loads(ask(lake, *where, "--json", monkeypatch=monkeypatch).output)
    neighbors, expected = plain_answers(market)[approach.vector_id, HORIZON]
    row = card["horizons"][HORIZON]
    # the phase
    assert card["moment"]["vector_id"] == approach.vector_id
    assert (card["moment"]["decision_phase"], row["decision_phase"]) == (phase, phase)
    phase_of = {one.vector_id: one.phase for one in market.approaches}
    assert {phase_of[one["vector_id"]] for one in card["neighbors"]} == {phase}
    assert [one["vector_id"] for one in card["neighbors"]] == [
        neighbor["vector_id"] for neighbor, _, _ in neighbors
    ]
    # the support
    library = earlier(market, approach.day, approach.approach_dir, (phase,))
    assert card["moment"]["pool_episodes"] == len({one.episode for one in library} - {None})
    assert {name: row[name] for name in SUPPORT} == {name: expected[name] for name in SUPPORT}
    # the verdict
    assert (card["verdict"]["verdict"], card["verdict"]["verdict_run"]) == (
        "not shown",
        f"of {phase}",
    )


@pytest.mark.parametrize("phase", REACHED)
def test_the_words_of_a_phase(
    market: Market, phase: str, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    """Price has been at the level: no sentence says that it may come there."""
    approach = last_of(market, phase)
    lake = judge(market, tmp_path / "lake", approach)
    where = (str(approach.day), "--level", approach.level_id, "--at", clock(approach))
    _, expected = plain_answers(market)[approach.vector_id, HORIZON]
    place = WHERE_PRICE_IS[phase]
    short, long = (
        " ".join(ask(lake, *where, *more, monkeypatch=monkeypatch).output.split())
        for more in ((), ("--verbose",))
    )
    for words in (
        "Within 4 minutes: 8 ticks through ",
        f"This rests on {expected['n_distinct_episodes']} similar approaches on "
        f"{expected['n_distinct_days']} earlier days, worth {expected['n_eff']:.0f} ",
        "Verdict: not shown; ",
    ):
        assert words in short
        assert words in long
    assert f"library: all levels of this direction, price {place}, " in long
    assert f"verdict for this direction, price {place}, of {phase}: not shown" in long
    answer = read_answer(
        lake, SYMBOL, approach.day, approach.level_id, approach.window_end_ts, with_neighbors=False
    )
    side = "below" if approach.k_ticks > 0 else "above"
    ticks = abs(approach.k_ticks)
    count = f"{ticks} tick{'' if ticks == 1 else 's'} {side} it" if ticks else "on it"
    assert card_heading(answer)[1] == HAS_COME[phase] + count
    for words in ("being there", "being at the level", "Comes within", "useful"):
        assert words not in long
