"""The neighbors that a search of many candidates would choose, from a ranking of few.

A search ranks ``retrieval_k_raw`` candidates, of which the limit per episode leaves a tenth. Rough
distances in single precision tell which few rows to rank. The bound of their error proves for
nearly every query that the search would choose the same rows; otherwise the search itself decides.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.compiled import kernel
from spymaster_engine.statistics.evaluation.neighbor_odds import Neighbors, chosen_of
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN, similarity_weights
from spymaster_engine.statistics.retrieval.search import (
    Candidates,
    most_similar,
    nearest,
    ranked_by_distance,
    ranked_by_product,
)
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings

Floats = NDArray[np.float64]
Places = NDArray[np.float32]
Rows = NDArray[np.int64]
Mask = NDArray[np.bool_]

# rows ranked at first, per neighbor
_RANKED_PER_NEIGHBOR = 2
# more than the rounding errors of a sum of two terms, or of one more term, in single precision
_ERROR_PER_TERM = 2.0**-23
# of squared distances, in parts of the squared sum of both lengths
_ERROR_OF_SQUARES = 2.0**-20
# two rows are each wrong twice: as rough distances here, and as those of the search
_ERRORS = 4.0


@dataclass(frozen=True)
class ShortSearch:
    """Queries, a library, and rough distances between them.

    Attributes:
        library: (n, d) float32.
        pool: (p,) rows of the library to search, ascending.
        queries: (q, d) float32.
        far: (q, p) float32, rough distances from the rows of the pool.
        error: (q,), the most that single precision is wrong about a distance.
        rank: ranks some rows of the library exactly.
        search: searches a library for the most candidates.
        weigh: gives weights to similarities.
        settings: limits.
    """

    library: Places
    pool: Rows
    queries: Places
    far: NDArray[np.float32]
    error: Floats
    rank: Callable[[Places, Places, Rows], Candidates]
    search: Callable[[Places, Places, int], Candidates]
    weigh: Callable[[Floats], Floats]
    settings: RetrievalSettings

    def choose(self, numbers: Rows, counts: Mask, episode: Rows, k: int) -> Neighbors:
        """Return the neighbors that the search would choose.

        Args:
            numbers: (m,), which queries ask.
            counts: (p,), which rows of the pool can be chosen.
            episode: (p,).
            k: most neighbors.

        Returns:
            (m, k) neighbors, whose rows are places in the pool.
        """
        most = self.settings.retrieval_k_raw
        k = min(k, most, len(self.pool))
        chosen = Neighbors(np.full((len(numbers), k), NOT_CHOSEN), np.zeros((len(numbers), k)))
        unproven = np.arange(len(numbers))
        for few in (_RANKED_PER_NEIGHBOR * k, most):
            found, is_proven = self._choose_among(few, numbers[unproven], counts, episode, k)
            for kept, new in zip(chosen, found, strict=True):
                kept[unproven] = new
            unproven = unproven[~is_proven]
            if not len(unproven):
                return chosen
        rows, similarity = self._candidates
        candidates = Candidates(rows[numbers], similarity[numbers])
        weights = self.weigh(candidates.similarity)
        return chosen_of(candidates, weights, counts, episode, k, self.settings)

    @cached_property
    def _candidates(self) -> Candidates:
        most = self.settings.retrieval_k_raw
        return self.search(self.library[self.pool], self.queries, most)

    def _choose_among(
        self, few: int, numbers: Rows, counts: Mask, episode: Rows, k: int
    ) -> tuple[Neighbors, Mask]:
        """Choose among the nearest few by rough distance, and tell which choices are proven."""
        far, slack = self.far[numbers], _ERRORS * self.error[numbers]
        allowed = np.flatnonzero(counts)
        few = min(few, len(allowed))
        is_whole = few == len(allowed)
        far_of_allowed = far if len(allowed) == len(counts) else far[:, allowed]
        bound = np.full(len(numbers), np.float32(np.inf))
        if not is_whole:
            bound = np.partition(far_of_allowed, few - 1, axis=1)[:, few - 1]
        places = np.empty((len(numbers), few), np.int64)
        _up_to(far_of_allowed, bound, places)
        rows = self.pool[allowed[places]]
        ranked = self.rank(self.library, self.queries[numbers], rows)
        place_of = np.zeros(len(self.library), np.int64)
        place_of[self.pool] = np.arange(len(self.pool))
        ranked = Candidates(place_of[ranked.rows], ranked.similarity)
        weights = self.weigh(ranked.similarity)
        chosen = _padded(chosen_of(ranked, weights, counts, episode, k, self.settings), k)
        last = chosen.rows[:, -1]
        last_far = np.where(
            last == NOT_CHOSEN, np.inf, np.take_along_axis(far, last[:, None], axis=1)[:, 0]
        )
        is_candidate = (far <= (last_far + slack)[:, None]).sum(axis=1)
        is_proven = is_candidate <= self.settings.retrieval_k_raw
        return chosen, is_proven & (is_whole | (last_far + slack < bound))


def short_nearest(library: Places, queries: Places, settings: RetrievalSettings) -> ShortSearch:
    """Return a search for the nearest in a space of few dimensions, all of equal weight.

    Args:
        library: (n, c).
        queries: (q, c).
        settings: limits.
    """
    far = np.empty((len(queries), len(library)), np.float32)
    _rough_squares(np.ascontiguousarray(library.T), queries, far)
    longest = np.sqrt(np.square(library, dtype=np.float64).sum(axis=1)).max(initial=0.0)
    lengths = np.sqrt(np.square(queries, dtype=np.float64).sum(axis=1))
    return ShortSearch(
        library,
        np.arange(len(library)),
        queries,
        far,
        _ERROR_OF_SQUARES * np.square(lengths + longest),
        ranked_by_distance,
        nearest,
        np.ones_like,
        settings,
    )


def short_most_similar(
    library: Places,
    pool: Rows,
    queries: Rows,
    products: NDArray[np.float32],
    settings: RetrievalSettings,
) -> ShortSearch:
    """Return a search for the most similar rows of unit length, weighted by similarity.

    Args:
        library: (n, d), rows of length 1 or 0.
        pool: (p,) rows of the library to search, ascending.
        queries: (q,) rows of the library that look for neighbors.
        products: (q, n), inner products in single precision, in any order of summation.
        settings: limits and weights.
    """
    return ShortSearch(
        library,
        pool,
        library[queries],
        -products[:, pool],
        np.full(len(queries), _ERROR_PER_TERM * library.shape[1]),
        ranked_by_product,
        most_similar,
        lambda similarity: similarity_weights(similarity, settings.similarity_power),
        settings,
    )


def _padded(chosen: Neighbors, k: int) -> Neighbors:
    missing = ((0, 0), (0, k - chosen.rows.shape[1]))
    return Neighbors(
        np.pad(chosen.rows, missing, constant_values=NOT_CHOSEN), np.pad(chosen.weights, missing)
    )


@kernel
def _rough_squares(columns, queries, squares):
    """Write squared distances, (q, n) float32, from a library of (c, n) columns."""
    for query in range(queries.shape[0]):
        for row in range(columns.shape[1]):
            squares[query, row] = np.float32(0.0)
        for column in range(columns.shape[0]):
            place = queries[query, column]
            for row in range(columns.shape[1]):
                difference = columns[column, row] - place
                squares[query, row] += difference * difference


@kernel
def _up_to(far, bound, places):
    """Write the places of the nearest of each query, ascending; several may lie at the bound."""
    for query in range(far.shape[0]):
        at_bound = places.shape[1]
        for place in range(far.shape[1]):
            if far[query, place] < bound[query]:
                at_bound -= 1
        n = 0
        for place in range(far.shape[1]):
            if far[query, place] < bound[query]:
                places[query, n] = place
                n += 1
            elif far[query, place] == bound[query] and at_bound > 0:
                places[query, n] = place
                n += 1
                at_bound -= 1
