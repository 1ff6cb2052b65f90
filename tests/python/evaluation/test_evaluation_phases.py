"""At and past a level: every phase is judged by itself, as its answers are made."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from spymaster.evaluation.directions import by_phase
from spymaster.evaluation.report import write_report
from spymaster.evaluation.result_rows import Scope
from spymaster.evaluation.result_tables import SCHEMAS
from spymaster.evaluation.run_scopes import evaluate_all
from spymaster_engine.statistics.evaluation.blocks import Spaces
from spymaster_engine.statistics.evaluation.first_passage import first_passage
from spymaster_engine.statistics.evaluation.model_odds import MODELS, REACHED_MODELS
from spymaster_engine.statistics.evaluation.samples import Samples, unit_slices, unit_windows
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, RIVALS, USEFUL
from spymaster_engine.statistics.evaluation.walk_forward import walk_forward
from spymaster_engine.statistics.retrieval.answers import answers
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels
from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
from spymaster_engine.statistics.retrieval.phases import REACHED
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import LEARNED
from spymaster_engine.statistics.retrieval.spaces import Queries
from support.evaluation_market import ALL_USED
from support.phase_market import (
    mirrored_windows,
    phase_samples,
    phase_windows,
    slow_choppers,
)
from support.settings import protocol

HORIZON = "s240"
EVERY_PHASE = ", ".join(REACHED)
UP = Scope("ES", "approach_up", HORIZON, decision_phase=EVERY_PHASE)
DOWN = Scope("ES", "approach_down", HORIZON, decision_phase=EVERY_PHASE)
PROTOCOL = protocol(
    used=ALL_USED,
    evaluation_warm_up_days=8,
    learned_refit_days=8,
    penalties=(Penalties(30.0, 30.0),),
    learned_episodes_per_neighbor=6,
    learned_min_episodes=100,
)


def library_of(samples: Samples, phase: np.ndarray) -> Library:
    n = len(samples)
    labels = LibraryLabels(
        samples.outcome.astype(np.int8),
        np.ones(n),
        *np.zeros((4, n)),
        np.zeros(n, np.bool_),
        np.zeros(n),
    )
    return Library(
        vectors=np.concatenate([samples.vector, samples.context], axis=1),
        n_context=samples.context.shape[1],
        keys=pa.table({}),
        day=samples.day.astype(np.int32),
        episode_code=samples.episode,
        distance_ticks=np.abs(samples.x0_ticks).astype(np.int64),
        labels={HORIZON: labels},
        phase=phase,
    )


@pytest.mark.parametrize("learned_min_episodes", [1, 10_000])
def test_judged_odds_of_a_phase_equal_the_published_answers(learned_min_episodes: int) -> None:
    """Of its own space, or of one that all phases share, at different days of a fit."""
    rules = protocol(
        retrieval_horizons=[HORIZON],
        retrieval_space=LEARNED,
        learned_mirrored=False,
        min_neighbors=1,
        min_neighbor_days=1,
        min_neighbor_episodes=1,
        min_band_episodes=1,
        similarity_floor_quantile=0.001,
        evaluation_warm_up_days=10,
        learned_windows_per_episode=3,
        learned_min_episodes=learned_min_episodes,
    )
    samples, phase = phase_samples(n_days=18, width=56)
    library = library_of(samples, phase)
    nothing = RobustStatistics(*np.zeros((3, library.vectors.shape[1])))
    learned: Spaces = {}
    n_compared = 0
    for name, own in by_phase(phase_windows(samples, phase)).items():
        of_phase = rules.of_phase(name)
        everything = np.ones(len(own.samples), np.bool_)
        model = {"odds": MODELS["retrieval_learned"]}
        judged = walk_forward(own.samples, everything, of_phase, model, spaces=learned)["odds"]
        for day in (11, 13, 17):
            rows = np.flatnonzero(own.samples.day == day)
            asof = dt.date(1970, 1, 1) + dt.timedelta(days=day - of_phase.embargo_days)
            inputs = np.concatenate([own.samples.vector[rows], own.samples.context[rows]], axis=1)
            queries = Queries(inputs, np.abs(own.samples.x0_ticks[rows]).astype(np.int64))
            pool = Pool(library, asof, None, (name,))
            found = answers(pool, queries, nothing, of_phase.settings)
            known = found["is_similar"]
            odds = np.stack([found[f"p_{key}"] for key in ("break", "reject", "chop")], axis=1)
            np.testing.assert_allclose(odds[known], judged[rows][known], atol=1e-9)
            n_compared += known.sum()
    assert n_compared > 200


def test_the_first_of_a_phase_and_of_each_band_are_judged() -> None:
    """Chosen by a second look at every window, in the order of time, knowing earlier ones only."""
    samples, phase = phase_samples(n_days=3)
    for name, own in by_phase(phase_windows(samples, phase)).items():
        bands = PROTOCOL.of_phase(name).unit_bands
        seen: set[tuple[int, str]] = set()
        expected = []
        for course, x in zip(own.samples.episode, np.abs(own.samples.x0_ticks), strict=True):
            band = "0-1" if x <= 1 else "2-4" if x <= 4 else "5+"
            expected.append((course, band) not in seen)
            seen.add((course, band))
        chosen = unit_windows(own.samples, bands)
        assert chosen.tolist() == expected
        # later windows decide nothing
        half = len(own.samples) // 2
        early = own.samples.take(np.arange(half))
        assert unit_windows(early, bands).tolist() == expected[:half]
        names = set(unit_slices(own.samples, bands))
        assert names == {"first", *(f"band_{band}_ticks" for band in bands.names)}


def test_a_walk_past_the_level_starts_where_price_stands() -> None:
    samples, phase = phase_samples(n_days=14)
    own = by_phase(phase_windows(samples, phase))["back"].samples
    everything = np.ones(len(own), np.bool_)
    model = {"walk": MODELS["first_passage"]}
    rules = PROTOCOL.of_phase("back")
    judged = np.flatnonzero(own.day == 10)
    found = walk_forward(own, everything, rules, model)["walk"][judged]
    at = own.take(judged)
    assert set(at.x0_ticks) == {-3.0, -6.0}
    expected = first_passage(at.x0_ticks, at.barrier_ticks, at.horizon_s, at.rival[:, 3])
    np.testing.assert_array_equal(found, expected)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    """An effect at the touch alone, and a market without any."""
    planted, null = (
        phase_windows(*phase_samples(n_days=26, strength=strength, seed=seed))
        for strength, seed in ((1.6, 5), (0.0, 6))
    )
    return evaluate_all(
        [(UP, mirrored_windows(planted, planted), None), (DOWN, null, None)],
        PROTOCOL,
        with_canaries=True,
        workers=1,
    )


def claims(tables: dict[str, pa.Table], direction: str, scope: str = "pooled") -> dict[str, dict]:
    return {
        row["decision_phase"]: row
        for row in tables["eval_retrieval_verdict"].to_pylist()
        if (row["approach_dir"], row["scope"], row["model"])
        == (direction, scope, "retrieval_learned")
    }


def test_a_planted_effect_at_the_touch_is_found_there_alone(tables: dict[str, pa.Table]) -> None:
    found = claims(tables, "approach_up")
    assert found.keys() == set(REACHED)
    assert found["at"]["skill_lo"] > 0
    assert found["at"]["verdict"] == USEFUL
    assert {found[name]["verdict"] for name in ("through", "back")} == {NOT_SHOWN}


def test_nothing_is_claimed_of_any_phase_without_an_effect(tables: dict[str, pa.Table]) -> None:
    found = claims(tables, "approach_down")
    assert {name: row["verdict"] for name, row in found.items()} == dict.fromkeys(
        REACHED, NOT_SHOWN
    )


def test_nothing_is_claimed_at_a_level_where_courses_that_chop_stay_longer() -> None:
    """The first moments chop in 20 of 100 courses, all moments, one weight a course, in 7."""
    samples = slow_choppers(n_days=40, seed=8)
    windows = phase_windows(samples, np.full(len(samples), "at"))
    tables = evaluate_all([(UP, windows, None)], PROTOCOL, with_canaries=False, workers=1)
    [claim] = claims(tables, "approach_up").values()
    assert (claim["decision_phase"], claim["verdict"]) == ("at", NOT_SHOWN)
    assert claim["skill"] < 0
    predictions = tables["eval_retrieval_predictions"].to_pylist()
    rates = [row["p_chop"] for row in predictions if row["model"] == "base_rate"]
    assert 0.14 < min(rates) <= max(rates) < 0.26


def test_every_relation_names_the_phase(tables: dict[str, pa.Table]) -> None:
    named = [name for name in SCHEMAS if name.startswith("eval_retrieval")]
    assert len(named) == 7
    for name in named:
        assert "decision_phase" in SCHEMAS[name].names
        found = set(tables[name]["decision_phase"].to_pylist())
        # leaks are put into windows of approaches only
        assert found == (set() if name == "eval_retrieval_canaries" else set(REACHED)), name
    predictions = tables["eval_retrieval_predictions"].to_pylist()
    for name in REACHED:
        models = {row["model"] for row in predictions if row["decision_phase"] == name}
        maps = {
            f"{model}_{kind}"
            for model in ("retrieval_learned", "retrieval_robust_z")
            for kind in ("platt", "isotonic")
        }
        assert models - maps == set(REACHED_MODELS)
    assert set(REACHED_MODELS) >= {*RIVALS, "knn_random", "knn_permuted"}


def test_a_space_says_whether_phases_share_it(tables: dict[str, pa.Table]) -> None:
    """The first block knows eight days of twelve courses, fewer than a hundred; later ones more."""
    shares = {
        (row["approach_dir"], row["decision_phase"]): row["value"]
        for row in tables["eval_retrieval_metrics"].to_pylist()
        if row["metric"] == "pooled_share"
    }
    assert len(shares) == 2 * len(REACHED)
    # eight of seventeen judged days
    assert all(share == pytest.approx(8 / 17, abs=1e-9) for share in shares.values())


def test_the_report_compares_the_phases(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    empty = {name: schema.empty_table() for name, schema in SCHEMAS.items()}
    text = write_report(empty | tables, tmp_path, ["rules"]).read_text(encoding="utf-8")
    [section] = [part for part in text.split("### ") if part.startswith("At and past the level")]
    for words in ("at the level", "through it", "back before it"):
        assert words in section
    assert "useful: the odds beat" in section
    assert "8 courses in 17" not in section
