"""Answers of a day: for each question and horizon the neighbours and what followed them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.retrieval.library import Library
from spymaster_engine.retrieval.neighbours import NOT_CHOSEN, choose_neighbours
from spymaster_engine.retrieval.normalise import RobustStatistics
from spymaster_engine.retrieval.outcomes import CLASSES
from spymaster_engine.retrieval.pools import Pool
from spymaster_engine.retrieval.settings import RetrievalSettings
from spymaster_engine.retrieval.spaces import Found, Questions, Space, open_space
from spymaster_engine.retrieval.summaries import BASE_RATES, Columns, summarise

# searched for at a time, to bound memory
_QUESTIONS_AT_A_TIME = 256


@dataclass(frozen=True)
class Neighbours:
    """The neighbours of questions at one horizon, (q, k) each.

    Attributes:
        rows: of the library, most similar first, NOT_CHOSEN after the last.
        similarity: 0 where nothing is chosen.
        weights: 0 where nothing is chosen.
        base: (q, 3), base rates that their shares are drawn to.
    """

    rows: NDArray[np.int64]
    similarity: NDArray[np.float64]
    weights: NDArray[np.float64]
    base: NDArray[np.float64]


def neighbours_of(
    pool: Pool,
    questions: Questions,
    statistics: RobustStatistics,
    settings: RetrievalSettings,
) -> Iterator[tuple[slice, dict[str, Neighbours]]]:
    """Yield, for some questions at a time, their neighbours by horizon.

    Args:
        pool: what may be looked at.
        questions: what is asked about.
        statistics: of the pool, for the space that needs them.
        settings: how many neighbours, and where.
    """
    if not len(pool.rows):
        n_questions = len(questions)
        nothing = (np.empty((n_questions, 0), kind) for kind in (int, float, float))
        no_base = np.full((n_questions, len(CLASSES)), np.nan)
        unanswered = Neighbours(*nothing, no_base)
        yield slice(0, n_questions), dict.fromkeys(settings.horizons, unanswered)
        return
    space = open_space(pool, statistics, settings)
    for start in range(0, len(questions), _QUESTIONS_AT_A_TIME):
        part = slice(start, min(start + _QUESTIONS_AT_A_TIME, len(questions)))
        yield part, neighbours_in(space, questions.take(part), settings)


def neighbours_in(
    space: Space, questions: Questions, settings: RetrievalSettings
) -> dict[str, Neighbours]:
    """Return the neighbours of questions by horizon, in a space that is open."""
    found = space.find(questions, settings.k_raw)
    return {
        horizon: _chosen(space, found, space.base_rates(questions, horizon), horizon, settings)
        for horizon in settings.horizons
    }


def _chosen(
    space: Space,
    found: Found,
    base: NDArray[np.float64],
    horizon: str,
    settings: RetrievalSettings,
) -> Neighbours:
    library = space.pool.library
    classes = library.labels[horizon].class_code
    counts = (classes >= 0) & (classes < len(CLASSES))
    places = choose_neighbours(
        found.rows,
        found.weights,
        counts,
        library.episode_code,
        min(space.k, found.rows.shape[1]),
        settings.per_episode,
    )
    is_chosen = places != NOT_CHOSEN
    at = np.where(is_chosen, places, 0)
    return Neighbours(
        np.where(is_chosen, np.take_along_axis(found.rows, at, axis=1), NOT_CHOSEN),
        np.where(is_chosen, np.take_along_axis(found.similarity, at, axis=1), 0.0),
        np.where(is_chosen, np.take_along_axis(found.weights, at, axis=1), 0.0),
        base,
    )


def answers(
    pool: Pool,
    questions: Questions,
    statistics: RobustStatistics,
    settings: RetrievalSettings,
) -> Columns:
    """Return what followed the neighbours of questions, by horizon.

    Returns:
        (q * horizons,) arrays by the names of ``summarise`` and BASE_RATES, with ``query`` and
        ``horizon``, their places among the questions and the settings' horizons.
    """
    parts: list[Columns] = []
    for part, by_horizon in neighbours_of(pool, questions, statistics, settings):
        columns = answers_in(pool.library, by_horizon, settings)
        columns["query"] += part.start
        parts.append(columns)
    return {name: np.concatenate([columns[name] for columns in parts]) for name in parts[0]}


def answers_in(
    library: Library, by_horizon: dict[str, Neighbours], settings: RetrievalSettings
) -> Columns:
    """Return what followed chosen neighbours, as ``answers`` does."""
    parts: list[Columns] = []
    for place, (horizon, chosen) in enumerate(by_horizon.items()):
        columns = summarise(
            chosen.rows,
            chosen.similarity,
            chosen.weights,
            library.labels[horizon],
            library.day,
            library.episode_code,
            chosen.base,
            settings,
        )
        n_queries = len(chosen.rows)
        columns |= {name: chosen.base[:, code] for code, name in enumerate(BASE_RATES)}
        columns["query"] = np.arange(n_queries)
        columns["horizon"] = np.full(n_queries, place)
        parts.append(columns)
    return {name: np.concatenate([columns[name] for columns in parts]) for name in parts[0]}
