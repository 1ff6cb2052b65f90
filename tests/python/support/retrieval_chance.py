"""Libraries with known odds: episodes that reach a level by chance, or by their vector."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import NamedTuple

import numpy as np
import pyarrow as pa
from spymaster_engine.statistics.retrieval.answers import answers
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels
from spymaster_engine.statistics.retrieval.normalise import robust_statistics
from spymaster_engine.statistics.retrieval.outcomes import NOT_REACHED
from spymaster_engine.statistics.retrieval.pools import Pool
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.spaces import Queries

from support.settings import retrieval_settings

HORIZON = "s240"
# seven blocks of four elements and two of context
WIDTH, N_CONTEXT = 28, 2
# an element that a space of few episodes uses
SEEN = 4
SETTINGS = retrieval_settings(
    retrieval_horizons=[HORIZON], learned_mirrored=False, signal_resamples=200
)


class Episode(NamedTuple):
    """Windows of one approach: outcome codes, and the result of a long position."""

    day: int
    distance_ticks: int
    class_code: np.ndarray
    result_ticks: np.ndarray
    # the element that its vectors share
    trace: float = 0.0


def library_of(episodes: Iterable[Episode], generator: np.random.Generator) -> Library:
    """Return a library of the episodes with random vectors, alike within an episode."""
    episodes = list(episodes)
    lengths = [len(episode.class_code) for episode in episodes]
    code = np.repeat(np.arange(len(episodes)), lengths)
    n = len(code)
    classes = np.concatenate([episode.class_code for episode in episodes]).astype(np.int8)
    own = generator.normal(size=(len(episodes), WIDTH + N_CONTEXT))
    vectors = 0.7 * own[code] + 0.7 * generator.normal(size=(n, WIDTH + N_CONTEXT))
    vectors[:, SEEN] += np.array([episode.trace for episode in episodes])[code]
    is_hit = classes < 2
    labels = LibraryLabels(
        class_code=classes,
        reached=np.where(classes == NOT_REACHED, 0.0, 1.0),
        time_to_hit_s=np.where(is_hit, 50.0, np.nan),
        mfe_ticks=np.full(n, 5.0),
        mae_ticks=np.full(n, -5.0),
        adverse_ticks=np.where(is_hit, 1.0, np.nan),
        whipsaw=np.zeros(n, np.bool_),
        result_ticks=np.concatenate([episode.result_ticks for episode in episodes]).astype(float),
    )
    return Library(
        vectors=vectors.astype(np.float32),
        n_context=N_CONTEXT,
        keys=pa.table({}),
        day=np.repeat([episode.day for episode in episodes], lengths).astype(np.int32),
        episode_code=code,
        distance_ticks=np.repeat([episode.distance_ticks for episode in episodes], lengths),
        labels={HORIZON: labels},
    )


def pool_of(library: Library) -> Pool:
    """Return the pool of the day after the last day of a library."""
    return Pool(library, dt.date(1970, 1, 2) + dt.timedelta(days=int(library.day.max())), None)


def answers_to_random_queries(
    library: Library, distance_ticks: int, settings: RetrievalSettings, traces: np.ndarray
) -> dict[str, np.ndarray]:
    """Return the answers to random queries, one for each trace."""
    pool = pool_of(library)
    generator = np.random.default_rng(99)
    vectors = generator.normal(size=(len(traces), WIDTH + N_CONTEXT)).astype(np.float32)
    vectors[:, SEEN] += traces
    queries = Queries(vectors, np.full(len(traces), distance_ticks))
    return answers(pool, queries, robust_statistics(library.vectors[pool.rows]), settings)
