"""The evaluation judges the published odds: its odds equal those of the answers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pyarrow as pa
import pytest
from spymaster_engine.statistics.evaluation.model_odds import MODELS
from spymaster_engine.statistics.evaluation.reaching import REACH_MODELS, chances_of_reaching
from spymaster_engine.statistics.evaluation.samples import CENSORED, NOT_REACHED, Samples
from spymaster_engine.statistics.evaluation.walk_forward import walk_forward
from spymaster_engine.statistics.retrieval import outcomes
from spymaster_engine.statistics.retrieval.answers import answers
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels
from spymaster_engine.statistics.retrieval.normalise import RobustStatistics
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import LEARNED
from spymaster_engine.statistics.retrieval.spaces import Queries
from support.evaluation_market import artificial_samples
from support.settings import protocol

HORIZON = "s240"
PROTOCOL = protocol(
    retrieval_horizons=[HORIZON],
    retrieval_space=LEARNED,
    learned_mirrored=False,
    min_neighbors=1,
    min_neighbor_days=1,
    min_neighbor_episodes=1,
    min_band_episodes=1,
    similarity_floor_quantile=0.001,
    evaluation_warm_up_days=10,
)
ODDS = ("p_break", "p_reject", "p_chop", "p_reached")


@pytest.fixture(scope="module")
def samples() -> Samples:
    """Return episodes: a third never reach the level, and some paths are cut off."""
    drawn, _ = artificial_samples(n_days=23, width=56, seed=4)
    generator = np.random.default_rng(8)
    n_episodes = int(drawn.episode.max()) + 1
    away = (generator.random(n_episodes) < 0.3)[drawn.episode]
    cut = generator.random(len(drawn))
    outcome = np.where(away, NOT_REACHED, drawn.outcome)
    outcome[(cut < 0.1) & ~away] = CENSORED
    reached = np.where(cut < 0.05, np.nan, ~away)
    outcome[(cut < 0.05) & away] = CENSORED
    return drawn.with_columns(outcome=outcome, reached=reached)


def library_of(samples: Samples) -> Library:
    n = len(samples)
    codes = np.select(
        [samples.outcome == NOT_REACHED, samples.outcome == CENSORED],
        [outcomes.NOT_REACHED, outcomes.CENSORED],
        samples.outcome,
    )
    labels = LibraryLabels(
        codes.astype(np.int8),
        samples.reached,
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
    )


def test_judged_odds_equal_the_published_answers(samples: Samples) -> None:
    everything = np.ones(len(samples), np.bool_)
    models = {"odds": MODELS["retrieval_learned"], "reaching": chances_of_reaching}
    walked = walk_forward(samples, everything, PROTOCOL, models)
    library = library_of(samples)
    reached = walked["reaching"][:, [REACH_MODELS.index("retrieval_learned")]]
    judged = np.concatenate([walked["odds"], reached], axis=1)
    nothing = RobustStatistics(*np.zeros((3, library.vectors.shape[1])))
    n_compared = 0
    # days before and after the library has grown beyond the fit
    for day in (11, 13, 18, 22):
        rows = np.flatnonzero(samples.day == day)
        pool = Pool(
            library, dt.date(1970, 1, 1) + dt.timedelta(days=day - PROTOCOL.embargo_days), None
        )
        queries = Queries(library.vectors[rows], library.distance_ticks[rows])
        found = answers(pool, queries, nothing, PROTOCOL.settings)
        known = found["is_similar"]
        published = np.stack([found[name] for name in ODDS], axis=1)[known]
        np.testing.assert_allclose(published, judged[rows][known], atol=1e-9)
        n_compared += known.sum()
        assert pool.n_arrived(HORIZON) < pool.n_episodes()
    assert n_compared > 100
