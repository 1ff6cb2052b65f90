"""In a null market price is left to its noise after the decision, whatever was planted before.

The oracle is the noise itself: a market of the same seed in which nothing is planted. The fair
price has a random stream of its own, so that its noise is the same in both.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from lightgbm import LGBMRegressor
from spymaster_ingest.synthetic import SessionPlan, SignatureSettings, SyntheticMarket, write_day
from spymaster_ingest.synthetic.contract_days import contract_day, day_pieces
from spymaster_ingest.synthetic.market_arrays import CENSORED, CHOP, INELIGIBLE, NONE
from spymaster_ingest.synthetic.outcome_chances import (
    chances_of_class,
    chances_of_observation,
    first_passage,
    noise_chances,
)
from spymaster_ingest.synthetic.truth_files import attach_truth, config_hash
from support.synthetic_book import DAY, ES
from support.synthetic_forecast import MARKET, STUDY, planted_in, seen_in
from support.synthetic_truth import BARRIER_TICKS, HORIZON_S, REACH_TICKS, SECOND_NS

NULL = replace(MARKET, plan=STUDY, null=True)
SEEDS = range(500, 508)
# Allowed standard errors between frequencies.
_ERRORS = 3.5
# A trade prints at a quote, half a tick from the mid price.
_PRINTED_TICKS = 0.5


@dataclass(frozen=True)
class Day:
    """A generated day.

    ``rows`` APPROACH_ROW and what is ``seen`` of each until its decision; ``fair`` and ``mid`` in
    ticks at the end of each second of the day.
    """

    rows: np.ndarray
    seen: np.ndarray
    fair: np.ndarray
    mid: np.ndarray
    midnight_ns: int

    @classmethod
    def of(cls, market: SyntheticMarket) -> Day:
        pieces = [(p.approaches.copy(), p.seconds.copy()) for p in day_pieces(market, DAY)]
        rows, seconds = (np.concatenate(parts) for parts in zip(*pieces, strict=True))
        frame = contract_day(market, DAY)
        n_seconds = seconds["second"][-1] + 1
        fair, mid = np.full((2, n_seconds), np.nan)
        fair[seconds["second"]] = frame.lowest_tick + seconds["fair"]
        mid[seconds["second"]] = frame.lowest_tick + (seconds["best_bid"] + seconds["best_ask"]) / 2
        return cls(rows, seen_in(rows, seconds), fair, mid, frame.pace.midnight_ns)

    def label_end(self, row: np.void) -> int:
        """Return the second in which a label hits a barrier, or its horizon is over."""
        if row["realised"] == INELIGIBLE:
            return int(row["decision_s"])
        for name, longer_s in (("hit_ns", 0), ("reached_ns", HORIZON_S)):
            if row[name] != NONE:
                return int((row[name] - self.midnight_ns) // SECOND_NS) + longer_s
        return int(row["decision_s"]) + HORIZON_S


@pytest.fixture(scope="module")
def null_days() -> list[Day]:
    return [Day.of(replace(NULL, seed=seed)) for seed in SEEDS]


@pytest.fixture(scope="module")
def noise() -> np.ndarray:
    """Change of the fair price in each second without approaches: shape (seeds, seconds)."""
    idle = replace(MARKET, plan=STUDY, signatures=SignatureSettings(approaches=0))
    fairs = [Day.of(replace(idle, seed=seed)).fair for seed in SEEDS]
    return np.array([np.diff(fair, prepend=np.nan) for fair in fairs])


def test_after_a_decision_price_moves_as_if_nothing_were_planted(
    null_days: list[Day], noise: np.ndarray
) -> None:
    n_seconds = 0
    for day, own in zip(null_days, noise, strict=True):
        moved = np.diff(day.fair, prepend=np.nan)
        for row in day.rows:
            after = slice(int(row["decision_s"]), day.label_end(row))
            assert np.allclose(moved[after], own[after], rtol=0.0, atol=1e-6)
            n_seconds += after.stop - after.start
            # before, it is steered
            phase = slice(int(row["phase_start_s"]), int(row["decision_s"]))
            assert not np.allclose(moved[phase], own[phase], rtol=0.0, atol=0.1)
    assert n_seconds > 100 * len(SEEDS) * 20


def _walked(day: Day, row: np.void, steps: np.ndarray) -> np.ndarray:
    """Return the outcome (OUTCOMES) of each path of steps (paths, seconds) from a decision on."""
    start = row["direction"] * (day.fair[row["decision_s"] - 1] - row["level_tick"])
    x = start + row["direction"] * np.cumsum(steps, axis=1)
    reaches = x >= -REACH_TICKS
    reached = np.where(start >= -REACH_TICKS, 0, reaches.argmax(axis=1))
    seconds = np.arange(x.shape[1])
    is_open = (seconds >= reached[:, None]) & (seconds < reached[:, None] + HORIZON_S)
    is_hit = is_open & (np.abs(x) >= BARRIER_TICKS - _PRINTED_TICKS)
    first = is_hit.argmax(axis=1)
    ends = x[np.arange(len(x)), first]
    return np.where(is_hit.any(axis=1), (ends < 0).astype(int), CHOP)


def test_outcomes_are_those_of_the_noise(null_days: list[Day], noise: np.ndarray) -> None:
    """The noise of other days is put behind each decision."""
    found, expected = [], []
    for i, day in enumerate(null_days):
        others = np.delete(noise, i, axis=0)
        for row in day.rows[day.rows["realised"] <= CHOP]:
            at = int(row["decision_s"])
            steps = others[:, at : at + 2 * HORIZON_S]
            # the level and its mirror image: noise has no direction
            walked = _walked(day, row, np.concatenate([steps, -steps]))
            found.append(row["realised"] == np.arange(3))
            expected.append(np.mean(walked[:, None] == np.arange(3), axis=0))
    shares, chances = np.mean(found, axis=0), np.mean(expected, axis=0)
    assert len(found) > 20 * len(SEEDS)
    error = np.sqrt(chances * (1.0 - chances) / len(found))
    assert np.all(np.abs(shares - chances) < _ERRORS * error), (shares, chances)
    assert np.all(np.abs(shares - noise_chances(NULL)) < _ERRORS * error)


def test_nothing_is_drawn_and_the_best_forecaster_knows_the_base_alone(
    null_days: list[Day], tmp_path: Path
) -> None:
    rows = np.concatenate([day.rows for day in null_days])
    assert np.all(rows["drawn"] == NONE)
    assert np.mean((rows["realised"] != INELIGIBLE) & (rows["realised"] != CENSORED)) >= 0.95
    for chances in (chances_of_class(NULL, rows), chances_of_observation(NULL, rows)):
        assert np.array_equal(chances, np.tile(noise_chances(NULL), (rows.size, 1)))
        assert np.allclose(chances.sum(axis=1), 1.0)
    short = SyntheticMarket(ES, 11, SessionPlan(hours=0.5, evening_seconds=0), null=True)
    write_day(short, DAY, tmp_path, schemas=("mbo",), truth=True)
    with duckdb.connect() as connection:
        attach_truth(connection, tmp_path)
        [found] = connection.execute(
            "select count(*), count(drawn_outcome), count(realised_outcome), "
            "count(distinct (bayes_class_break, bayes_obs_break)), count(bayes_obs_reject), "
            "count(sweep_start_ts) from truth.truth_approaches"
        ).fetchall()
    n_rows = found[0]
    assert n_rows > 2
    assert found == (n_rows, 0, n_rows, 1, n_rows, 0)


def _gains(day: Day) -> np.ndarray:
    """Return the move of the mid price towards and past the level until each label ends, ticks."""
    ends = [day.label_end(row) for row in day.rows]
    return day.rows["direction"] * (day.mid[ends] - day.mid[day.rows["decision_s"] - 1])


def _earned(seed: int, n_days: int) -> np.ndarray:
    """Return what trees make at the planted decisions of each judged day of a null market, ticks.

    They learn the gain on all earlier days, from what is seen and from what was planted.
    """
    days = [Day.of(replace(NULL, seed=1_000 * seed + i)) for i in range(n_days)]
    features = [np.column_stack([day.seen, planted_in(day.rows)]) for day in days]
    gains = [_gains(day) for day in days]
    earned = []
    for at in range(n_days // 3, n_days):
        trees = LGBMRegressor(
            n_estimators=60,
            learning_rate=0.05,
            num_leaves=7,
            min_child_samples=40,
            random_state=42,
            n_jobs=1,
            deterministic=True,
            verbose=-1,
        )
        trees.fit(np.concatenate(features[:at]), np.concatenate(gains[:at]))
        earned.append(np.mean(np.sign(trees.predict(features[at])) * gains[at]))
    return np.array(earned)


@pytest.mark.long
def test_trees_make_nothing_at_the_planted_decisions() -> None:
    n_null = 0
    for seed in range(6):
        earned = _earned(seed, n_days=60)
        means = np.random.default_rng(seed).choice(earned, (1_000, earned.size)).mean(axis=1)
        low, high = np.quantile(means, [0.025, 0.975])
        n_null += low <= 0.0 <= high
    assert n_null >= 5


def test_first_passage_is_that_of_a_random_walk() -> None:
    """Chances of every start, and of a long horizon, where the nearer barrier wins."""
    rng = np.random.default_rng(5)
    start, deviation, barrier, steps = -2.0, 9.0, 8.0, 4_000
    x = start + deviation / np.sqrt(steps) * np.cumsum(rng.standard_normal((2_000, steps)), axis=1)
    is_hit = np.abs(x) >= barrier
    ends = x[np.arange(len(x)), is_hit.argmax(axis=1)]
    hit = is_hit.any(axis=1)
    shares = [np.mean(hit & (ends > 0)), np.mean(hit & (ends < 0)), np.mean(~hit)]
    assert np.allclose(
        first_passage(np.array(start), np.array(deviation), barrier), shares, atol=0.04
    )
    for x0 in (-7.0, 0.0, 3.5):
        long = first_passage(np.array(x0), np.array(80.0), barrier)
        assert np.allclose(long, [(barrier + x0) / 16.0, (barrier - x0) / 16.0, 0.0])


def test_a_null_market_has_a_hash_of_its_own() -> None:
    assert config_hash(NULL) != config_hash(replace(NULL, null=False))
