"""Sentences of the card at moments that a trader would agree with, and their mirror images."""

from __future__ import annotations

import re

import pytest
from spymaster.card.sentences import (
    card_odds_sentence,
    place_sentence,
    placebo_sentence,
    record_sentence,
    short_record_sentence,
    support_sentence,
    whole_percents,
)
from support.card_moments import MOMENTS, Moment
from support.clock import NEW_YORK

# the card is read in ten seconds
MOST_WORDS = 60


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.place)
def test_moments_have_the_sentences_of_a_trader(moment: Moment) -> None:
    assert place_sentence(moment.row, NEW_YORK) == moment.place
    assert card_odds_sentence(moment.row, NEW_YORK) == moment.odds
    assert support_sentence(moment.row) == moment.support


def test_the_table_holds_every_phase_and_every_kind_of_support() -> None:
    rows = [moment.row for moment in MOMENTS]
    assert len(rows) >= 40
    assert {row["phase"] for row in rows} == {"approaching", "at", "through", "back"}
    assert {row["resolved"] for row in rows} == {None, "BREAK", "REJECT", "FADED", "UNRESOLVED"}
    assert {row["no_odds_reason"] for row in rows} == {
        *(None, "outside_study_hours", "short_history", "too_few", "nothing_like_it")
    }


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.place)
def test_a_mirrored_approach_changes_the_sides_alone(moment: Moment) -> None:
    other = {"up": "down", "down": "up"}[moment.row["direction"]]
    mirrored = moment.row | {"direction": other}
    words = {"below": "above", "above": "below", "up": "down", "down": "up"}
    swapped = re.sub(r"\w+", lambda found: words.get(found[0], found[0]), moment.place)
    assert place_sentence(mirrored, NEW_YORK) == swapped
    assert card_odds_sentence(mirrored, NEW_YORK) == moment.odds


@pytest.mark.parametrize(
    ("shares", "words"),
    [
        ((0.5, 0.3, 0.2), ["50%", "30%", "20%"]),
        # 38.9, 59.5 and 1.6 would add up to 101 if each were rounded
        ((0.389, 0.595, 0.016), ["39%", "59%", "2%"]),
        # 43.3, 49.4 and 7.3 to 99
        ((0.433, 0.494, 0.073), ["43%", "50%", "7%"]),
        # of equal remainders the first rounds up
        ((0.005, 0.005, 0.99), ["1%", "0%", "99%"]),
        ((1.0, 0.0, 0.0), ["100%", "0%", "0%"]),
        ((1 / 3, 1 / 3, 1 / 3), ["34%", "33%", "33%"]),
        ((0.4, None, None), ["40%", "too few to say", "too few to say"]),
    ],
)
def test_whole_percents_add_up(shares: tuple[float | None, ...], words: list[str]) -> None:
    assert whole_percents(shares) == words


@pytest.mark.parametrize("moment", MOMENTS, ids=lambda moment: moment.place)
def test_a_card_is_short(moment: Moment) -> None:
    words = " ".join((moment.place, moment.odds, moment.support)).split()
    assert len(words) < MOST_WORDS


@pytest.mark.parametrize(
    ("record", "sentence"),
    [
        (None, "no earlier approach came to it"),
        ({"n_reached": 0, "n_break": 0, "n_reject": 0}, "no earlier approach came to it"),
        (
            {"n_reached": 31, "n_break": 12, "n_reject": 14},
            "of 31 such approaches that came to it on earlier days 12 broke, 14 turned back, 5 did "
            "neither; not compared with chance",
        ),
    ],
)
def test_a_level_has_its_own_record(record: dict[str, int] | None, sentence: str) -> None:
    assert record_sentence(record) == sentence


def test_the_record_has_a_short_form_of_the_same_numbers() -> None:
    record = {"n_reached": 31, "n_break": 12, "n_reject": 14}
    short = "broke 12, turned back 14 of 31; not compared with chance"
    assert short_record_sentence(record) == short
    assert len(short.split()) < len(record_sentence(record).split())
    assert short_record_sentence(None) == record_sentence(None)
    assert short_record_sentence(record | {"n_reached": 0}) == record_sentence(None)


@pytest.mark.parametrize(
    ("verdict", "words"),
    [
        ("not shown", "not shown that it matters"),
        ("supported", "it matters"),
        ("contradicted", "it holds less often than that"),
        ("too few episodes", "too few to say whether it matters"),
    ],
)
def test_a_level_is_compared_with_a_price_nearby(verdict: str, words: str) -> None:
    row = {
        "n_episodes": 214,
        "held_share": 0.614,
        "placebo_held_share": 0.578,
        "level_matters": verdict,
    }
    sentence = f"held 61% of 214 approaches; a price nearby 58%: {words}"
    assert placebo_sentence(row) == sentence
    record = {"n_reached": 31, "n_break": 12, "n_reject": 14}
    assert record_sentence(record, row).endswith(f"5 did neither; compared with chance: {sentence}")
    assert short_record_sentence(record, row).endswith(f"of 31; compared with chance: {sentence}")
    assert placebo_sentence(None) == "not evaluated"
