"""The evaluation of the break score, on drawn scores that know outcomes, distance or nothing."""

from __future__ import annotations

from dataclasses import replace

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.break_score import RETRIEVAL, break_score_tables
from spymaster.evaluation.break_score_report import break_score_lines, break_score_sentence
from spymaster.evaluation.read import Windows
from spymaster.evaluation.result_rows import Scope
from spymaster.evaluation.result_tables import BREAK_SCORE, PREDICTIONS, SCHEMAS, SCORE_OUTCOMES
from spymaster.evaluation.scored_windows import ScoredWindows, read_scored_windows
from spymaster_engine.statistics.evaluation.break_score import (
    BETTER,
    COMPARED,
    DISTANCE_RIVALS,
    FITTED_WEIGHTS,
    HAND_WEIGHTS,
    PARTS,
    SCORE,
    SCORE_ALONE,
    SCORES,
    WORSE,
    score_verdict,
    weights_verdict,
)
from spymaster_engine.statistics.evaluation.break_weights import break_weights
from spymaster_engine.statistics.evaluation.judgement import Judgement
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW
from spymaster_engine.statistics.retrieval.outcomes import BREAK, CHOP, CLASSES, REJECT
from support.evaluation_market import artificial_samples
from support.scored_market import HAND_WEIGHTS as BY_HAND
from support.scored_market import scored_market
from support.settings import protocol, vars_with

# of 24 days
N_JUDGED = 24 - 8 - 1
PROTOCOL = protocol(evaluation_warm_up_days=8, learned_refit_days=8)
SETTINGS = vars_with(condition_min_episodes=30)
NO_PREDICTIONS = SCHEMAS[PREDICTIONS].empty_table()
TAPE_ONLY = np.array([0.0, 0.0, 1.0])
SHUFFLES = 3

Tables = dict[str, list[dict]]


def judged(scored: ScoredWindows, predictions: pa.Table = NO_PREDICTIONS) -> Tables:
    tables = break_score_tables([scored], predictions, PROTOCOL, SETTINGS, BY_HAND)
    return {relation: table.to_pylist() for relation, table in tables.items()}


def whole(rows: list[dict]) -> list[dict]:
    return [row for row in rows if row["approach_dir"] == "both" and row["distance_band"] is None]


def claim(tables: Tables, model: str = SCORE) -> dict:
    [row] = [row for row in tables[BREAK_SCORE] if row["model"] == model and row["verdict"]]
    return row


def against(tables: Tables, model: str, rival: str) -> dict:
    [row] = [
        row for row in whole(tables[BREAK_SCORE]) if (row["model"], row["rival"]) == (model, rival)
    ]
    return row


@pytest.fixture(scope="module")
def planted() -> Tables:
    return judged(scored_market())


@pytest.fixture(scope="module")
def null() -> Tables:
    return judged(scored_market(strength=0.0))


def test_a_score_that_knows_outcomes_is_better(planted: Tables) -> None:
    row = claim(planted)
    assert (row["verdict"], row["rival"] in DISTANCE_RIVALS) == (BETTER, True)
    assert row["skill_lo"] > 0.0
    assert 0.0 < row["ece"] < row["ece_chance_q95"]
    assert row["break_slope"] > 0.0
    assert (row["n_days"], row["n_episodes"]) == (N_JUDGED, N_JUDGED * 12)
    assert break_score_sentence(row).startswith(
        "The hand-made score knows more than distance: better. Against "
    )


def test_weights_that_outcomes_follow_are_not_beaten_by_fitted_ones(planted: Tables) -> None:
    row = claim(planted, FITTED_WEIGHTS)
    assert (row["verdict"], row["rival"]) == (NOT_SHOWN, HAND_WEIGHTS)
    fitted = [row[name] for name in ("weight_l", "weight_h", "weight_t")]
    assert fitted == pytest.approx(BY_HAND, abs=0.15)
    hand = against(planted, HAND_WEIGHTS, "distance")
    assert [hand[name] for name in ("weight_l", "weight_h", "weight_t")] == pytest.approx(BY_HAND)
    for place, part in enumerate(PARTS):
        alone = against(planted, part, "distance")
        assert alone["skill"] < row["rival_log_loss"] + hand["skill"]
        assert [alone[name] for name in ("weight_l", "weight_h", "weight_t")][place] == 1.0


def test_fitted_weights_beat_hand_made_ones_that_miss_what_outcomes_follow() -> None:
    tables = judged(scored_market(weights=TAPE_ONLY))
    row = claim(tables, FITTED_WEIGHTS)
    assert row["verdict"] == BETTER
    assert row["weight_t"] > 0.7
    assert against(tables, "tape_part", "distance")["skill_lo"] > 0.0
    assert "Weights fitted on earlier days beat them" in "\n".join(
        break_score_lines(tables[BREAK_SCORE], tables[SCORE_OUTCOMES])
    )


def test_a_score_without_knowledge_shows_none(null: Tables) -> None:
    assert claim(null)["verdict"] == NOT_SHOWN
    assert claim(null, FITTED_WEIGHTS)["verdict"] in (NOT_SHOWN, WORSE)
    lines = break_score_lines(null[BREAK_SCORE], null[SCORE_OUTCOMES])
    assert any(
        line.startswith("- The hand-made score knows nothing beyond distance: not shown.")
        for line in lines
    )


def test_shuffled_outcomes_show_nothing() -> None:
    scored = scored_market()
    verdicts = []
    for seed in range(SHUFFLES):
        samples, n = scored.samples, int(scored.samples.episode.max()) + 1
        of_episode = samples.outcome[np.unique(samples.episode, return_index=True)[1]]
        dealt = of_episode[np.random.default_rng(seed).permutation(n)]
        shuffled = samples.with_columns(outcome=dealt[samples.episode])
        verdicts.append(claim(judged(replace(scored, samples=shuffled)))["verdict"])
    assert verdicts == [NOT_SHOWN] * SHUFFLES


def test_a_score_that_repeats_the_distance_knows_nothing_beyond_it() -> None:
    tables = judged(scored_market(strength=0.0, of_distance=1.5))
    assert against(tables, SCORE_ALONE, "base_rate")["skill_lo"] > 0.0
    assert claim(tables)["verdict"] == NOT_SHOWN


def test_a_score_that_names_the_opposite_is_worse() -> None:
    """Its map turns it round, which helps the odds but not who reads the score."""
    tables = judged(scored_market(strength=-1.5))
    row = claim(tables)
    assert (row["verdict"], row["break_slope"] < 0.0) == (WORSE, True)
    assert row["skill_lo"] > 0.0
    assert break_score_sentence(row).endswith("a higher score came before more rejections")
    fitted = claim(tables, FITTED_WEIGHTS)
    assert (fitted["weight_l"], fitted["score_std"]) == (None, None)


def test_a_few_days_prove_nothing() -> None:
    tables = judged(scored_market(strength=1.2, n_days=14))
    row = claim(tables)
    assert (row["verdict"], row["n_days"], row["skill_lo"]) == (TOO_FEW, 5, None)
    assert break_score_sentence(row).endswith("60 episodes on 5 days; a verdict needs 10")
    unjudged = judged(scored_market(n_days=8))
    [row] = unjudged[BREAK_SCORE]
    assert (row["verdict"], row["n_episodes"], row["log_loss"]) == (TOO_FEW, 0, None)


def test_skill_is_the_difference_of_the_losses(planted: Tables) -> None:
    for row in planted[BREAK_SCORE]:
        assert row["skill"] == pytest.approx(row["rival_log_loss"] - row["log_loss"], abs=1e-12)
        assert row["brier_skill"] == pytest.approx(row["rival_brier"] - row["brier"], abs=1e-12)
    models = {(row["model"], row["rival"]) for row in whole(planted[BREAK_SCORE])}
    assert models == {(model, rival) for model, rivals in COMPARED.items() for rival in rivals}


def test_shares_by_range_are_those_of_the_windows(planted: Tables) -> None:
    scored = scored_market()
    score = scored.samples.context[:, SCORES.index("score_smooth")]
    rows = whole(planted[SCORE_OUTCOMES])
    for row in rows:
        if row["signal"] is None:
            chosen = (score >= row["score_from"]) & (score < row["score_from"] + 10)
        else:
            chosen = scored.signal == row["signal"]
        is_outcome = scored.samples.outcome[chosen] == CLASSES.index(row["outcome"])
        # episodes have the same score in each of their windows
        assert row["n_windows"] == chosen.sum()
        assert row["n_episodes"] == len(np.unique(scored.samples.episode[chosen]))
        assert row["share"] == pytest.approx(is_outcome.mean(), abs=1e-12)
        assert row["share_lo"] <= row["share"] <= row["share_hi"]
        if row["outcome"] == "CHOP":
            assert row["resolved_share"] is None
        else:
            resolved = scored.samples.outcome[chosen] != CHOP
            assert row["resolved_share"] == pytest.approx(is_outcome.sum() / resolved.sum())
    ranges = [row for row in rows if row["outcome"] == "BREAK" and row["signal"] is None]
    ranges.sort(key=lambda row: row["score_from"])
    assert ranges[0]["share"] < ranges[-1]["share"]
    # the map of the score alone follows them
    assert ranges[0]["mean_probability"] < ranges[-1]["mean_probability"]


def test_signals_that_name_an_outcome_have_a_verdict(planted: Tables, null: Tables) -> None:
    verdicts = {
        (row["signal"], row["outcome"]): row["verdict"]
        for row in planted[SCORE_OUTCOMES]
        if row["verdict"] is not None
    }
    assert verdicts == {("BREAK", "BREAK"): "supported", ("REJECT", "REJECT"): "supported"}
    assert {row["verdict"] for row in null[SCORE_OUTCOMES]} == {None, NOT_SHOWN}


def test_odds_of_retrieval_are_a_rival_where_there_are_any(planted: Tables) -> None:
    scored = scored_market()
    n = len(scored.key)
    predictions = pa.table(
        {
            **{name: scored.key[name] for name in ("symbol", "level_id", "window_end_ts")},
            "horizon_id": ["s240"] * n,
            "slice": ["all"] * n,
            "model": [RETRIEVAL] * n,
            **dict.fromkeys(("p_break", "p_reject", "p_chop"), pa.array([1.0 / 3.0] * n)),
        }
    )
    row = against(judged(scored, predictions), SCORE, RETRIEVAL)
    assert row["rival_log_loss"] == pytest.approx(np.log(3.0))
    assert row["log_loss"] == pytest.approx(claim(planted)["log_loss"])
    assert row["skill_lo"] > 0.0


def test_given_decisions_are_judged_apart() -> None:
    scored = scored_market()
    given = scored.unit & (scored.samples.episode % 2 == 0)
    tables = judged(replace(scored, decisions=given))
    claims = {
        row["slice"]: row for row in tables[BREAK_SCORE] if row["model"] == SCORE and row["verdict"]
    }
    assert claims["decisions"]["n_episodes"] * 2 == claims["all"]["n_episodes"]


@pytest.mark.parametrize("weights", [(0.2, 0.0, 0.8), (0.45, 0.35, 0.2), (1.0, 0.0, 0.0)])
def test_weights_are_found(weights: tuple[float, ...]) -> None:
    generator = np.random.default_rng(7)
    parts = generator.uniform(0.0, 100.0, size=(40_000, 3))
    distance = generator.uniform(1.0, 7.0, len(parts))
    log_odds = 0.06 * (parts @ weights - 50.0) - 0.3 * (distance - 4.0)
    is_break = generator.random(len(parts)) < 1.0 / (1.0 + np.exp(-log_odds))
    found = break_weights(parts, distance, np.where(is_break, BREAK, REJECT), np.ones(len(parts)))
    assert found == pytest.approx(weights, abs=0.03)
    assert found.sum() == pytest.approx(1.0, abs=1e-12)


def test_a_part_that_never_changes_or_runs_against_its_meaning_has_no_weight() -> None:
    generator = np.random.default_rng(7)
    informative = generator.uniform(0.0, 100.0, 2_000)
    is_break = generator.random(2_000) < informative / 100.0
    outcome, ones = np.where(is_break, BREAK, REJECT), np.ones(2_000)
    # 0.1 is no binary fraction: its mean differs from it
    parts = np.column_stack([informative, np.full(2_000, 0.1), 100.0 - informative])
    assert break_weights(parts, ones, outcome, ones).tolist() == [1.0, 0.0, 0.0]
    assert np.isnan(break_weights(parts[:, 1:], ones, outcome, ones)).all()
    chop = np.full(2_000, CHOP)
    assert np.isnan(break_weights(parts, ones, chop, ones)).all()


def test_no_scores_no_rows() -> None:
    tables = break_score_tables([], NO_PREDICTIONS, PROTOCOL, SETTINGS, BY_HAND)
    assert {relation: len(table) for relation, table in tables.items()} == {
        BREAK_SCORE: 0,
        SCORE_OUTCOMES: 0,
    }
    assert break_score_lines([], []) == []


def test_the_score_alone_is_judged_too(planted: Tables) -> None:
    assert against(planted, SCORE_ALONE, "base_rate")["skill_lo"] > 0.0


def test_scores_are_read_for_both_directions() -> None:
    """The k of an approach from above is negative, in the mirror positive."""
    samples, _ = artificial_samples(n_days=2, episodes_per_day=2, windows=2)
    ends = samples.window_end_s.astype("datetime64[s]")
    key = pa.table(
        {
            "symbol": ["ESZ5"] * len(samples),
            "dt": pa.array(ends.astype("datetime64[D]")),
            "level_id": ["pm_high"] * len(samples),
            "window_end_ts": pa.array(ends).cast(pa.timestamp("us")),
            "episode_id": [f"episode-{code}" for code in samples.episode],
        }
    )
    days = np.unique(ends.astype("datetime64[D]"))
    down = samples.with_columns(rival=samples.rival * [-1.0, -1.0, -1.0, 1.0, 1.0])
    given = samples.episode == 1
    # the other direction lacks the first day
    later = samples.day == 1
    up = Windows(samples, key, ["pm_high"], days, given)
    jobs = [
        (Scope("ES", "approach_up", "s240"), up),
        (
            Scope("ES", "approach_down", "s240"),
            Windows(
                down.take(later).with_columns(day=np.zeros(later.sum(), np.int64)),
                key.filter(pa.array(later)).set_column(
                    2, "level_id", pa.array(["pm_low"] * int(later.sum()))
                ),
                ["pm_low"],
                days[1:],
                given[later],
            ),
        ),
    ]
    with duckdb.connect() as connection:
        assert read_scored_windows(connection, jobs) == []
        connection.register("key", key)
        connection.execute(
            """
            create schema gold;
            create table gold.break_score_1s as
            select
                symbol, dt, levels.level_id, window_end_ts,
                if(number = 1, null, 10.0 * number) as score_smooth,
                1.0 as score_raw, 2.0 as s_l, 3.0 as s_h, 4.0 as s_t, 'NEUTRAL' as signal,
                if(levels.level_id = 'pm_high', 'UP', 'DOWN') as break_direction
            from (select *, row_number() over (order by window_end_ts) as number from key)
            cross join (values ('pm_high'), ('pm_low')) as levels (level_id)
            """
        )
        [found] = read_scored_windows(connection, jobs)
        # a course of the other direction is under way
        connection.execute("update gold.break_score_1s set break_direction = 'DOWN'")
        [of_courses] = read_scored_windows(connection, jobs)
    # all but the first window, which has no score
    assert (found.direction == "approach_up").sum() == len(samples) - 1
    assert (found.direction == "approach_down").sum() == later.sum()
    assert of_courses.direction.tolist() == ["approach_down"] * int(later.sum())
    assert (found.samples.rival[:, 0] > 0.0).all()
    assert found.samples.day.tolist() == sorted(found.samples.day)
    assert set(found.samples.day[found.direction == "approach_down"]) == {1}
    assert set(found.samples.context[:, 0]) == {10.0 * number for number in range(2, 9)}
    assert found.samples.context[:, 1:].tolist() == [[1.0, 2.0, 3.0, 4.0]] * len(found.signal)
    assert len(np.unique(found.samples.episode)) == 4 + 2
    assert found.of_decided_episodes().decisions.tolist() == [True] * 2


def judgement_of(of_fitted: float, of_hand: float, of_score: float, n_days: int) -> Judgement:
    """Judge models that give the outcome these odds, and rivals that give every outcome a third."""
    outcome = np.tile(np.arange(3), 4 * n_days)
    chances = {FITTED_WEIGHTS: of_fitted, HAND_WEIGHTS: of_hand, SCORE: of_score}
    chances |= dict.fromkeys(DISTANCE_RIVALS, 1.0 / 3.0)
    odds = {
        name: np.where(outcome[:, None] == np.arange(3), chance, (1.0 - chance) / 2.0)
        for name, chance in chances.items()
    }
    numbers = np.arange(len(outcome))
    return Judgement.of(odds, outcome, numbers // 12, numbers, seed=7)


@pytest.mark.parametrize(
    ("of_fitted", "of_hand", "n_days", "verdict"),
    [
        (0.6, 0.5, 10, BETTER),
        (0.5, 0.6, 10, WORSE),
        (0.5, 0.5, 10, NOT_SHOWN),
        # neither knows more than distance
        (0.3, 0.2, 10, NOT_SHOWN),
        (0.2, 0.3, 10, NOT_SHOWN),
        (0.6, 0.5, 9, TOO_FEW),
    ],
)
def test_the_weights_that_win_must_know_more_than_distance(
    of_fitted: float, of_hand: float, n_days: int, verdict: str
) -> None:
    said = weights_verdict(judgement_of(of_fitted, of_hand, 0.4, n_days), least_episodes=30)
    assert (said["verdict"], said["rival"]) == (verdict, HAND_WEIGHTS)


@pytest.mark.parametrize(
    ("of_score", "slope", "n_days", "verdict"),
    [
        (0.4, 0.1, 10, BETTER),
        (0.4, -0.1, 10, WORSE),
        (0.3, 0.1, 10, NOT_SHOWN),
        (0.3, -0.1, 10, NOT_SHOWN),
        (0.4, -0.1, 9, TOO_FEW),
    ],
)
def test_the_score_must_beat_distance_and_keep_its_meaning(
    of_score: float, slope: float, n_days: int, verdict: str
) -> None:
    judgement = judgement_of(0.4, 0.4, of_score, n_days)
    assert score_verdict(judgement, 30, slope)["verdict"] == verdict
    assert score_verdict(judgement, 12 * n_days + 1, slope)["verdict"] == TOO_FEW
