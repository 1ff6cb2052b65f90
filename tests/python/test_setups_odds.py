"""The odds in sentences: first whether price gets there, then what follows, then its worth."""

from __future__ import annotations

import pytest
from spymaster.setups.odds import odds_sentences, verdict_sentence

ROW = {
    "neighbors_ok": True,
    "is_similar": True,
    "mean_similarity": 0.61,
    "similarity_floor": 0.5,
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
        "Gets to the level: 71% (usually 64% from 3-4 ticks away).",
        "Once there, price breaks 52% (usually 41%), is rejected 30% (usually 39%), "
        "chops 18% (usually 20%).",
        "This rests on 84 similar approaches on 9 earlier days, worth 40 independent ones.",
        "Verdict: not shown; on earlier days such odds did not beat simpler rules; "
        "trade on other grounds.",
    ]


def test_too_few_neighbours_give_no_odds() -> None:
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
