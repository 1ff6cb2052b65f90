"""The odds in sentences: reaching the level, the outcomes, the support and the verdict."""

from __future__ import annotations

import pytest
from spymaster.setups.odds_sentences import odds_sentences, verdict_sentence

ROW = {
    "neighbors_ok": True,
    "is_similar": True,
    "mean_similarity": 0.61,
    "similarity_floor": 0.5,
    "is_judged": True,
    "k_ticks": -4,
    "reach_ticks": 2,
    "barrier_ticks": 8,
    "horizon_s": 240,
    "distance_band": "3-4",
    "p_reached": 0.714,
    "base_reached": 0.642,
    "p_break": 0.52,
    "base_break": 0.41,
    "p_reject": 0.30,
    "base_reject": 0.39,
    "p_chop": 0.18,
    "base_chop": 0.20,
    "n_distinct_episodes": 84,
    "n_distinct_days": 9,
    "n_eff": 40.4,
    "verdict": "not shown",
}


def test_the_odds_stand_beside_their_base_rates_support_and_verdict() -> None:
    assert odds_sentences(ROW) == [
        "Comes within 2 ticks of the level: 71% (usually 64% from 3-4 ticks away).",
        "Within 4 minutes of being there: 8 ticks through 52% (usually 41%), "
        "8 ticks back 30% (usually 39%), neither 18% (usually 20%).",
        "This rests on 84 similar approaches on 9 earlier days, worth 40 independent ones.",
        "Verdict: not shown; on earlier days such odds did not beat simpler rules; "
        "trade on other grounds.",
    ]


@pytest.mark.parametrize("k_ticks", [1, -1, 2, -2])
def test_price_that_is_there_has_no_odds_of_getting_there(k_ticks: int) -> None:
    there = odds_sentences(ROW | {"k_ticks": k_ticks, "p_reached": 1.0, "base_reached": 1.0})
    assert there[0].startswith("Within 4 minutes: 8 ticks through 52%")
    assert there[1:] == odds_sentences(ROW)[2:]


@pytest.mark.parametrize(
    ("phase", "is_there"),
    [("approaching", False), (None, False), ("at", True), ("through", True), ("back", True)],
)
def test_price_that_has_come_to_the_level_has_no_odds_of_getting_there(
    phase: str | None, is_there: bool
) -> None:
    """Four ticks past the level, or before it again: price has been there."""
    first = odds_sentences(ROW | {"decision_phase": phase})[0]
    assert first.startswith("Within 4 minutes: 8 ticks through") == is_there
    assert first.startswith("Comes within") == (not is_there)


@pytest.mark.parametrize(
    ("horizon_s", "barrier_ticks", "words"),
    [
        (120, 8, "Within 2 minutes of being there: 8 ticks through"),
        (480, 16, "Within 8 minutes of being there: 16 ticks through"),
        (60, 1, "Within 1 minute of being there: 1 tick through"),
        # to the end of a bar
        (205, 8, "Within 205 seconds of being there: 8 ticks through"),
    ],
)
def test_the_odds_name_their_horizon_and_barrier(
    horizon_s: int, barrier_ticks: int, words: str
) -> None:
    sentences = odds_sentences(ROW | {"horizon_s": horizon_s, "barrier_ticks": barrier_ticks})
    assert sentences[1].startswith(words)
    assert f"{barrier_ticks} tick" in sentences[1].split(", ")[1]


def test_a_reach_of_its_own_is_named() -> None:
    sentences = odds_sentences(ROW | {"reach_ticks": 1, "k_ticks": 2})
    assert sentences[0].startswith("Comes within 1 tick of the level: 71%")


def test_a_distance_with_too_few_approaches_has_no_usual_share() -> None:
    few = ROW | dict.fromkeys(("base_break", "base_reject", "base_chop", "base_reached"))
    assert odds_sentences(few)[:2] == [
        "Comes within 2 ticks of the level: 71% (usual from here: too few to say).",
        "Within 4 minutes of being there: 8 ticks through 52%, 8 ticks back 30%, neither 18% "
        "(usual from here: too few to say).",
    ]


TOO_FAR = ROW | {"is_judged": False, "neighbors_ok": False, "is_similar": False}


@pytest.mark.parametrize(
    ("facts", "why"),
    [
        (
            {"k_ticks": 16},
            "price is 16 ticks from the level, too far: nothing was judged from there; "
            "wait until it is within 7 ticks",
        ),
        (
            {"k_ticks": -8},
            "price is 8 ticks from the level, too far: nothing was judged from there; "
            "wait until it is within 7 ticks",
        ),
        (
            {"k_ticks": -3, "barrier_ticks": 2},
            "price is 3 ticks from the level, too far: nothing was judged from there; "
            "wait until it is within 1 tick",
        ),
        (
            {"barrier_ticks": None},
            "volatility is not known yet, and with it how far price may be from the level",
        ),
        ({"k_ticks": 3}, "nothing was judged from this moment"),
    ],
)
def test_a_moment_that_was_never_judged_says_why_and_nothing_else(facts: dict, why: str) -> None:
    assert odds_sentences(TOO_FAR | facts) == [f"No odds: {why}."]


def test_too_few_neighbors_give_no_odds() -> None:
    few = ROW | {"neighbors_ok": False, "n_distinct_episodes": 1, "n_distinct_days": 1}
    assert odds_sentences(few) == [
        "No odds: 1 similar approach on 1 earlier day is too little to go by."
    ]


def test_nothing_like_it_gives_no_odds() -> None:
    unlike = ROW | {"is_similar": False, "mean_similarity": 0.31, "p_break": None}
    [sentence] = odds_sentences(unlike)
    assert sentence.startswith("Nothing like it")
    assert "0.31" in sentence
    assert sentence.endswith("No odds.")


@pytest.mark.parametrize("verdict", ["useful", "not shown", "too few episodes", "not evaluated"])
def test_every_verdict_has_its_sentence(verdict: str) -> None:
    assert verdict_sentence(verdict).startswith(f"Verdict: {verdict}; ")
    assert verdict_sentence(None) == verdict_sentence("not evaluated")
