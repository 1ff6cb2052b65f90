"""Outcomes after states of the four conditions: shares by hand, and planted and random outcomes."""

from __future__ import annotations

import numpy as np
import pytest
from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.outcome_gains import (
    CONTRADICTED,
    SUPPORTED,
    OutcomeGain,
    gain_verdict,
)
from spymaster_engine.statistics.evaluation.turn_claims import (
    SENTENCES,
    STATES,
    TurnSkill,
    TurnWindows,
    in_group,
    turn_gains,
    turn_skill,
)
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

SEED = 3
# what the generator plants: BREAK, REJECT and CHOP after each state
PLANTED = {
    "all_four": (0.10, 0.75, 0.15),
    "ahead_only": (0.75, 0.10, 0.15),
    "behind_only": (0.25, 0.25, 0.50),
    "partial": (0.25, 0.25, 0.50),
    "none": (0.33, 0.33, 0.34),
}


def windows(*rows: tuple[int, int, int, str, str]) -> TurnWindows:
    """Return windows of (day, episode, cell, state, outcome)."""
    day, episode, cell, state, outcome = zip(*rows, strict=True)
    return TurnWindows(
        np.array(day),
        np.array(episode),
        np.array(cell),
        np.array([STATES.index(name) for name in state]),
        np.array([CLASSES.index(name) for name in outcome]),
    )


def drawn(n_days: int, seed: int, *, planted: bool) -> TurnWindows:
    """Return 20 episodes a day, one window each, with planted or random outcomes."""
    generator = np.random.default_rng(seed)
    n = 20 * n_days
    state = generator.integers(0, len(STATES), n)
    named = state if planted else generator.integers(0, len(STATES), n)
    chances = np.array([PLANTED[STATES[code]] for code in named])
    place = (generator.random(n)[:, None] > chances.cumsum(axis=1)).sum(axis=1)
    codes = np.array([CLASSES.index(name) for name in ("BREAK", "REJECT", "CHOP")])
    return TurnWindows(
        np.arange(n) // 20, np.arange(n), generator.integers(0, 4, n), state, codes[place]
    )


def verdicts(found: TurnWindows) -> dict[str, str]:
    n_days = int(found.day.max()) + 1
    return {
        group: gain_verdict(
            turn_gains(found, group, SEED)[outcome], n_days, int(in_group(found, group).sum()), 30
        )
        for group, outcome in SENTENCES.items()
    }


def test_shares_and_base_rates_by_hand() -> None:
    """An episode of two windows has half a weight in each; base rates are of the same cell."""
    found = turn_gains(
        windows(
            (0, 0, 0, "all_four", "REJECT"),
            (0, 0, 0, "none", "REJECT"),
            (0, 1, 0, "none", "BREAK"),
            (1, 2, 1, "all_four", "CHOP"),
            (1, 3, 1, "none", "CHOP"),
        ),
        "all_four",
        SEED,
    )
    assert found["REJECT"].share == pytest.approx(0.5 / 1.5)
    # half a window at a distance with half rejected, a whole one at a distance with none
    assert found["REJECT"].base_rate == pytest.approx(0.5 * 0.5 / 1.5)
    assert found["CHOP"].gain == pytest.approx(0.0)
    assert sum(gain.share for gain in found.values()) == pytest.approx(1.0)


def test_planted_sentences_are_supported() -> None:
    assert set(verdicts(drawn(30, 1, planted=True)).values()) == {SUPPORTED}


def test_a_planted_state_predicts_better_than_its_distance() -> None:
    found = turn_skill(drawn(30, 1, planted=True), 5, 1, 10, SEED)
    assert found.lo > 0
    assert (found.n_days, found.n_episodes) == (24, 480)


def test_random_outcomes_support_few_claims_and_no_skill() -> None:
    """Among six claims one is supported or contradicted by chance in one market of twenty."""
    said = [
        name for seed in range(40) for name in verdicts(drawn(20, seed, planted=False)).values()
    ]
    assert said.count(SUPPORTED) + said.count(CONTRADICTED) <= 6
    lows = [turn_skill(drawn(20, seed, planted=False), 5, 1, 10, SEED).lo for seed in range(40)]
    assert sum(low > 0 for low in lows) <= 2


def test_base_rates_of_a_distance_do_not_count_for_a_state() -> None:
    """A state that occurs only at a distance where price is mostly rejected gains nothing."""
    rows = [(day, 2 * day, 0, "all_four", "REJECT") for day in range(12)]
    rows += [(day, 2 * day + 1, 1, "none", "BREAK") for day in range(12)]
    found = turn_gains(windows(*rows), "all_four", SEED)["REJECT"]
    assert (found.share, found.gain, found.lo, found.hi) == (1.0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("lo", "hi", "n_days", "n_episodes", "expected"),
    [
        (0.01, 0.2, 10, 30, SUPPORTED),
        (0.0, 0.2, 10, 30, NOT_SHOWN),
        (-0.2, -0.01, 10, 30, CONTRADICTED),
        (-0.2, 0.0, 10, 30, NOT_SHOWN),
        (float("nan"), float("nan"), 10, 30, NOT_SHOWN),
        (0.1, 0.2, LEAST_DAYS - 1, 300, TOO_FEW),
        (0.1, 0.2, 60, 29, TOO_FEW),
    ],
)
def test_verdict(lo: float, hi: float, n_days: int, n_episodes: int, expected: str) -> None:
    assert gain_verdict(OutcomeGain(0.5, 0.4, 0.1, lo, hi), n_days, n_episodes, 30) == expected


def test_odds_of_a_day_use_days_before_the_embargo_only() -> None:
    """Only the last of three days is scored: outcomes of the day before it are embargoed."""
    found = drawn(3, 5, planted=True)

    def skill(changed_day: int) -> TurnSkill:
        outcome = np.where(found.day == changed_day, (found.outcome + 1) % 3, found.outcome)
        changed = TurnWindows(found.day, found.episode, found.cell, found.state, outcome)
        return turn_skill(changed, 1, 1, 10, SEED)

    unchanged = turn_skill(found, 1, 1, 10, SEED)
    assert (unchanged.n_days, unchanged.n_episodes) == (1, 20)
    assert skill(1).log_loss == unchanged.log_loss
    assert skill(1).rival_log_loss == unchanged.rival_log_loss
    for day in (0, 2):
        assert skill(day).log_loss != unchanged.log_loss
