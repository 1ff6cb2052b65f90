"""Walk-forward: every window is judged with what was known before its day, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.evaluation import neighbour_odds, rivals
from spymaster_engine.evaluation.first_passage import first_passage
from spymaster_engine.evaluation.samples import Samples, spread_windows
from spymaster_engine.retrieval.learned import (
    PENALTIES,
    LearnedSpace,
    Penalties,
    fit_learned_space,
)
from spymaster_engine.retrieval.normalise import (
    RobustStatistics,
    joined,
    robust_statistics,
    robust_z,
    unit_rows,
)
from spymaster_engine.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]


@dataclass(frozen=True)
class Protocol:
    """How the evaluation walks.

    Attributes:
        embargo_days: trading days left out between the library and the day it is asked for.
        warm_up_days: days of library before the first day that is judged.
        refit_days: days for which fitted models and statistics serve.
        windows_per_episode: most windows of an episode that a fit sees.
        per_episode: most neighbours of one episode.
        neighbours: most neighbours.
        least_neighbours: least neighbours in the learned space.
        episodes_per_neighbour: episodes of the library for each neighbour in the learned space.
        similarity_power: how the similarity of normalised vectors becomes a weight.
        base_rate_weight: neighbours that the base rate counts for.
        block_width: columns of a block of the vector.
        penalties: what the learned space chooses from.
        purge: leaves out labels that look into the day; off only to show what that does.
        seed: of everything drawn.
    """

    embargo_days: int = 1
    warm_up_days: int = 10
    refit_days: int = 5
    windows_per_episode: int = 3
    per_episode: int = 3
    neighbours: int = 200
    least_neighbours: int = 30
    episodes_per_neighbour: float = 6.0
    similarity_power: float = 8.0
    base_rate_weight: float = 10.0
    block_width: int = 96
    penalties: Sequence[Penalties] = PENALTIES
    purge: bool = True
    seed: int = 7


@dataclass
class Block:
    """Days that share their models: everything is fitted on the library of the first of them.

    Attributes:
        samples: all windows.
        fitted: rows the models are fitted on, a few per episode of the library.
        protocol: how the evaluation walks.
    """

    samples: Samples
    fitted: Rows
    protocol: Protocol
    number: int = 0
    _models: dict[str, Any] = field(default_factory=dict)

    def model(self, name: str, fit: Callable[[Block], Any]) -> Any:
        """Return the model of that name, fitted when it is asked for the first time."""
        if name not in self._models:
            self._models[name] = fit(self)
        return self._models[name]

    @cached_property
    def library(self) -> Samples:
        return self.samples.take(self.fitted)

    @cached_property
    def weight(self) -> Floats:
        return rivals.library_weights(self.library)

    @cached_property
    def vector_statistics(self) -> RobustStatistics:
        return robust_statistics(self.library.vector)

    @cached_property
    def context_statistics(self) -> RobustStatistics:
        return robust_statistics(self.library.context)

    def z(self, rows: Rows) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
        """Return vectors and contexts of rows, normalised by the library's statistics."""
        return (
            robust_z(self.samples.vector[rows], self.vector_statistics),
            robust_z(self.samples.context[rows], self.context_statistics),
        )

    def inputs(self, rows: Rows) -> NDArray[np.float32]:
        """Return vector and context beside each other, as they are."""
        return np.concatenate([self.samples.vector[rows], self.samples.context[rows]], axis=1)

    @cached_property
    def space(self) -> LearnedSpace:
        one = self.library
        return fit_learned_space(
            *self.z(self.fitted), one.outcome, one.day, self.weight, self.protocol.penalties
        )

    @cached_property
    def shuffled(self) -> NDArray[np.int64]:
        """Outcomes of the library, dealt out anew among the episodes of each day."""
        generator = np.random.default_rng([self.protocol.seed, self.number])
        return neighbour_odds.shuffled_within_days(
            self.library.outcome, self.library.episode, self.library.day, generator
        )

    @cached_property
    def placebo(self) -> LearnedSpace:
        """The space learned from shuffled outcomes, as strictly as the real one."""
        one = self.library
        return fit_learned_space(
            *self.z(self.fitted), self.shuffled, one.day, self.weight, (self.space.penalties,)
        )


@dataclass
class Day:
    """One test day: whom to ask about, and what may be known.

    Attributes:
        block: the models of its block.
        known: rows of the library as of the day, labelled and purged.
        asked: rows to be judged.
    """

    block: Block
    known: Rows
    asked: Rows

    @cached_property
    def library(self) -> Samples:
        return self.block.samples.take(self.known)

    @cached_property
    def questions(self) -> Samples:
        return self.block.samples.take(self.asked)

    @cached_property
    def base(self) -> Floats:
        return rivals.class_shares(self.library.outcome, rivals.library_weights(self.library))

    @cached_property
    def spread(self) -> Rows:
        """Rows of the library, a few per episode: those of the fit come first."""
        fitted = self.block.fitted
        fitted_until = self.block.samples.day[fitted].max(initial=-1)
        later = self.known[self.block.samples.day[self.known] > fitted_until]
        few = later[
            spread_windows(self.block.samples.take(later), self.block.protocol.windows_per_episode)
        ]
        return np.concatenate([fitted, few])


Model = Callable[[Day], Floats]


def _in_learned_space(day: Day, space: LearnedSpace, fitted_outcome: NDArray[np.int64]) -> Floats:
    few = day.spread[len(day.block.fitted) :]
    samples = day.block.samples
    places = np.concatenate([space.library, space.place(*day.block.z(few))])
    return neighbour_odds.nearest(
        places,
        np.concatenate([fitted_outcome, samples.outcome[few]]),
        samples.episode[day.spread],
        space.place(*day.block.z(day.asked)),
        day.base,
        day.block.protocol,
    )


def retrieval_learned(day: Day) -> Floats:
    """Shares among the nearest in the learned space, drawn to the base rate."""
    return _in_learned_space(day, day.block.space, day.block.library.outcome)


def retrieval_robust_z(day: Day) -> Floats:
    """Shares among the most similar normalised vectors, weighted by similarity."""
    block = day.block
    rows = [
        unit_rows(joined(*block.z(some), block.context_statistics, block.protocol.block_width))[0]
        for some in (day.known, day.asked)
    ]
    return neighbour_odds.most_similar(
        *rows, day.library.outcome, day.library.episode, day.base, block.protocol
    )


def knn_permuted(day: Day) -> Floats:
    """The learned space and its neighbours after dealing out the library's outcomes anew."""
    return _in_learned_space(day, day.block.placebo, day.block.shuffled)


def knn_random(day: Day) -> Floats:
    """Shares among neighbours in a space of random numbers."""
    samples = day.block.samples
    generator = np.random.default_rng([day.block.protocol.seed, int(samples.day[day.asked].min())])
    places = generator.normal(size=(len(day.spread) + len(day.asked), 3))
    return neighbour_odds.nearest(
        places[: len(day.spread)],
        samples.outcome[day.spread],
        samples.episode[day.spread],
        places[len(day.spread) :],
        day.base,
        day.block.protocol,
    )


def logistic_vector(day: Day) -> Floats:
    """The odds of the learned space's own model, without neighbours."""
    places = day.block.space.place(*day.block.z(day.asked))
    odds = np.exp(places - places.max(axis=1, keepdims=True))
    return odds / odds.sum(axis=1, keepdims=True)


def lightgbm_vector(day: Day) -> Floats:
    """Boosted trees on vector and context."""
    block = day.block
    trees = block.model(
        "lightgbm_vector",
        lambda block: rivals.boosted_trees(
            block.inputs(block.fitted), block.library.outcome, block.weight, block.protocol.seed
        ),
    )
    return trees(block.inputs(day.asked))


def logistic_context(day: Day) -> Floats:
    """Logistic regression on distance, speed, volatility and time."""
    model = day.block.model(
        "logistic_context",
        lambda block: rivals.logistic(block.library.rival, block.library.outcome, block.weight),
    )
    return model(day.questions.rival)


def lightgbm_context(day: Day) -> Floats:
    """Boosted trees on distance, speed, volatility and time."""
    trees = day.block.model(
        "lightgbm_context",
        lambda block: rivals.boosted_trees(
            block.library.rival, block.library.outcome, block.weight, block.protocol.seed
        ),
    )
    return trees(day.questions.rival)


def random_walk(day: Day) -> Floats:
    """First passage of a driftless random walk."""
    one = day.questions
    return first_passage(one.x0_ticks, one.barrier_ticks, one.horizon_s, one.rival[:, 3])


MODELS: dict[str, Model] = {
    "retrieval_learned": retrieval_learned,
    "retrieval_robust_z": retrieval_robust_z,
    "base_rate": lambda day: rivals.base_rate(day.library, day.questions),
    "base_rate_by_kind_and_time": lambda day: rivals.base_rate_by_kind_and_time(
        day.library, day.questions
    ),
    "first_passage": random_walk,
    "logistic_context": logistic_context,
    "lightgbm_context": lightgbm_context,
    "knn_random": knn_random,
    "knn_permuted": knn_permuted,
    "logistic_vector": logistic_vector,
    "lightgbm_vector": lightgbm_vector,
}


def blocks(samples: Samples, protocol: Protocol) -> Iterator[tuple[Block, list[int]]]:
    """Yield the blocks of test days with the days they serve, earliest first.

    Days before the warm-up is over, and blocks whose library lacks an outcome, are left out.
    """
    n_days = int(samples.day.max(initial=-1)) + 1
    labelled = samples.outcome >= 0
    first = protocol.warm_up_days + protocol.embargo_days
    for number, start in enumerate(range(first, n_days, protocol.refit_days)):
        known = _known_before(samples, labelled, start, protocol)
        if len(np.unique(samples.outcome[known])) < len(CLASSES):
            continue
        fitted = known[spread_windows(samples.take(known), protocol.windows_per_episode)]
        days = range(start, min(start + protocol.refit_days, n_days))
        yield Block(samples, fitted, protocol, number), list(days)


def walk_forward(
    samples: Samples,
    asked: NDArray[np.bool_],
    protocol: Protocol,
    models: Mapping[str, Model] = MODELS,
    tick: Callable[[int], None] = lambda days: None,
) -> dict[str, Floats]:
    """Ask every model about the windows, day by day.

    Args:
        samples: all windows of one direction.
        asked: (n,) which to judge.
        protocol: how to walk.
        models: by name.
        tick: called with the number of days each time some are done.

    Returns:
        Per model (n, 3) float64, NaN where nothing was asked or known.
    """
    odds = {name: np.full((len(samples), len(CLASSES)), np.nan) for name in models}
    labelled = samples.outcome >= 0
    for block, days in blocks(samples, protocol):
        for number in days:
            rows = np.flatnonzero(asked & (samples.day == number))
            if len(rows):
                known = _known_before(samples, labelled, number, protocol)
                day = Day(block, known, rows)
                for name, model in models.items():
                    odds[name][rows] = model(day)
            tick(1)
    return odds


def _known_before(
    samples: Samples, labelled: NDArray[np.bool_], number: int, protocol: Protocol
) -> Rows:
    """Return labelled rows that may be known on a day, ascending."""
    known = labelled & (samples.day < number - protocol.embargo_days)
    today = samples.day == number
    if protocol.purge and today.any():
        known &= samples.label_end_s < samples.feature_start_s[today].min()
    return np.flatnonzero(known)
