"""Inputs known on a test day: libraries, their scale, and the spaces fitted on them."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation import neighbor_odds, rival_fits
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.evaluation.samples import (
    Samples,
    in_order_of_time,
    unit_windows,
)
from spymaster_engine.statistics.retrieval.fits import Fit, Past, fit_space
from spymaster_engine.statistics.retrieval.learned import FoldModels, Penalties
from spymaster_engine.statistics.retrieval.near_and_far import (
    Distances,
    is_learnable,
    near_and_far,
    spread_over_episodes,
)
from spymaster_engine.statistics.retrieval.normalise import (
    RobustStatistics,
    joined,
    robust_statistics,
    robust_z,
    unit_rows,
)
from spymaster_engine.statistics.retrieval.settings import RetrievalSettings
from spymaster_engine.statistics.retrieval.visible_blocks import columns_of_values

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]
Spaces = dict[tuple[Any, ...], Any]  # fits and models of their folds, by all that decides them


@dataclass
class Block:
    """Days that share their models: everything is fitted on the library of the first of them.

    Attributes:
        samples: all windows.
        known: rows of the library.
        known_mirrored: rows of ``samples.mirrored`` known by then.
        fitted: a few rows per episode of ``known``, for statistics and, while price approaches,
            for rivals.
        end: number of rows up to the last day served.
        protocol: how the evaluation walks.
        first_day: served.
        number: of the block.
        spaces: learned already, here or in another walk over the same samples.
    """

    samples: Samples
    known: Rows
    known_mirrored: Rows
    fitted: Rows
    end: int
    protocol: Protocol
    first_day: int
    number: int = 0
    spaces: Spaces = field(default_factory=dict)
    _models: dict[str, Any] = field(default_factory=dict)

    @property
    def settings(self) -> RetrievalSettings:
        """Of the retrieval that is judged."""
        return self.protocol.settings

    def model(self, name: str, fit: Callable[[Block], Any]) -> Any:
        """Return the model of that name, fitted on first use."""
        if name not in self._models:
            self._models[name] = fit(self)
        return self._models[name]

    @cached_property
    def library(self) -> Samples:
        """Rows that statistics are fitted on, and rivals while price approaches."""
        return self.samples.take(self.fitted)

    @cached_property
    def rival_library(self) -> Samples:
        """Rows that rivals are fitted on: at and past a level those that would be judged."""
        if self.protocol.unit_bands is None:
            return self.library
        return self.samples.take(self.alike(self.known))

    @cached_property
    def weight(self) -> Floats:
        """Weights that give every episode of ``rival_library`` a total of one."""
        return rival_fits.library_weights(self.rival_library)

    def alike(self, rows: Rows) -> Rows:
        """Return those rows of a library that are moments like the judged ones.

        At and past a level the first moment of a course is judged. What follows it differs from
        what follows later ones: a course that chops stays, and has many of them. A rival that
        learns from all would lose by that alone.
        """
        bands = self.protocol.unit_bands
        if bands is None:
            return rows
        return rows[unit_windows(self.samples.without_inputs().take(rows), bands)]

    @cached_property
    def vector_statistics(self) -> RobustStatistics:
        """Scale of the vectors."""
        return robust_statistics(self.library.vector)

    @cached_property
    def context_statistics(self) -> RobustStatistics:
        """Scale of the contexts."""
        return robust_statistics(self.library.context)

    def inputs(self, rows: Rows) -> NDArray[np.float32]:
        """Return raw vector and context as one array."""
        return np.concatenate([self.samples.vector[rows], self.samples.context[rows]], axis=1)

    @cached_property
    def is_pooled(self) -> bool:
        """Whether the spaces learn from all phases at or past the level: this one has too few."""
        n_episodes = len(np.unique(self.samples.episode[self.known]))
        return (
            self.samples.other_phases is not None
            and n_episodes < self.settings.learned_min_episodes
        )

    @cached_property
    def pooled(self) -> Samples:
        """Known windows of all phases at or past the level, for a pooled space."""
        return self._of_all_phases(self.samples, self.known)

    @cached_property
    def pooled_mirrored(self) -> Samples | None:
        """The same of the mirrored windows."""
        mirrored = self.samples.mirrored
        return None if mirrored is None else self._of_all_phases(mirrored, self.known_mirrored)

    def _of_all_phases(self, samples: Samples, known: Rows) -> Samples:
        own, others = samples.alone().take(known), samples.other_phases
        if others is None:
            return own
        rows = rows_known_before(others, self.samples, self.first_day, self.protocol)
        return in_order_of_time(own, others.alone().take(rows))

    @cached_property
    def fitted_until(self) -> int:
        """Last day that the learned spaces have seen."""
        days = [self.samples.day[self.known]]
        if self.samples.mirrored is not None:
            days.append(self.samples.mirrored.day[self.known_mirrored])
        if self.is_pooled:
            both = (self.pooled, self.pooled_mirrored)
            days += [part.day for part in both if part is not None]
        return int(np.concatenate(days).max(initial=-1))

    @cached_property
    def bands(self) -> list[Band]:
        """Near and far from the level, each with a learned space of its own."""
        near = self.settings.learned_max_distance_ticks
        return [Band(self, distances) for distances in near_and_far(near)]

    @cached_property
    def unit(self) -> NDArray[np.float32]:
        """All rows up to the block's last day, normalised to unit length; zero rows stay."""
        vector = robust_z(self.samples.vector[: self.end], self.vector_statistics)
        context = robust_z(self.samples.context[: self.end], self.context_statistics)
        block_width = vector.shape[1] // len(self.settings.blocks)
        return unit_rows(joined(vector, context, self.context_statistics, block_width))[0]


@dataclass
class Band:
    """Windows in a range of distances from their level, and the space fitted on them.

    Attributes:
        block: the days served.
        distances: of the windows.
    """

    block: Block
    distances: Distances

    def of(self, rows: Rows) -> Rows:
        """Return the rows that lie in the band."""
        return rows[self.distances.hold(self.block.samples.x0_ticks[rows])]

    def few(self, rows: Rows) -> Rows:
        """Return rows in the band, at most so many per episode."""
        return self._few_of(self.block.samples, rows)

    def _few_of(self, samples: Samples, rows: Rows) -> Rows:
        inside = rows[self.distances.hold(samples.x0_ticks[rows])]
        most = self.block.settings.learned_windows_per_episode
        return inside[spread_over_episodes(samples.episode[inside], most)]

    @cached_property
    def rows(self) -> Rows:
        """Rows of the library in the space."""
        return self.few(self.block.known)

    @cached_property
    def library(self) -> Samples:
        """Windows of these rows."""
        return self.block.samples.take(self.rows)

    @cached_property
    def learned(self) -> Samples:
        """Windows that the space learns from: the library's, or those of a pooled space."""
        if not self.block.is_pooled:
            return self.library
        pooled = self.block.pooled
        return pooled.take(self._few_of(pooled, np.arange(len(pooled))))

    @property
    def is_learnable(self) -> bool:
        """Whether there are enough days and outcomes, and any windows to compare with."""
        enough = is_learnable(self.learned.outcome, self.learned.day)
        return enough and len(self.rows) > 0

    @property
    def columns(self) -> NDArray[np.bool_]:
        """Columns of vector and context that the learned space sees."""
        samples, protocol = self.block.samples, self.block.protocol
        n_context = samples.context.shape[1]
        if protocol.used is not None:
            return np.concatenate([protocol.used, np.ones(n_context, np.bool_)])
        width = samples.vector.shape[1] + n_context
        n_episodes = len(np.unique(self.learned.episode))
        visible = protocol.settings.visible_blocks
        return columns_of_values(width, n_context, visible, n_episodes)

    @cached_property
    def mirrored(self) -> Samples | None:
        """Mirrored windows that the space also trains on."""
        block = self.block
        samples, rows = block.samples.mirrored, block.known_mirrored
        if samples is None or not block.settings.learned_mirrored:
            return None
        if block.is_pooled and block.pooled_mirrored is not None:
            samples = block.pooled_mirrored
            rows = np.arange(len(samples))
        return samples.alone().take(self._few_of(samples, rows))

    def _learn(
        self, training_set: Samples, penalties: Sequence[Penalties], fold_models: FoldModels
    ) -> Fit:
        mirrored, columns = training_set.mirrored, self.columns
        own = _past(training_set, columns)
        fit = fit_space(
            own,
            np.ones(own.vectors.shape[1], np.bool_),
            self.block.samples.context.shape[1],
            penalties=penalties,
            mirrored=None if mirrored is None else _past(mirrored, columns),
            fold_models=fold_models,
        )
        return replace(fit, columns=columns)

    @cached_property
    def training_set(self) -> Samples:
        """The windows learned from, and a few known windows of each mirrored episode."""
        return replace(self.learned.alone(), mirrored=self.mirrored)

    @cached_property
    def space(self) -> Fit:
        """The learned space."""
        block, penalties = self.block, tuple(self.block.protocol.penalties)
        rows = (*self._learned_rows(), self.columns.tobytes())
        if (*rows, penalties) not in block.spaces:
            models = block.spaces.setdefault(rows, {})
            block.spaces[*rows, penalties] = self._learn(self.training_set, penalties, models)
        return block.spaces[*rows, penalties]

    def _learned_rows(self) -> tuple[Any, ...]:
        """Return what names the windows learned from; phases share the space of a pool."""
        block = self.block
        if not block.is_pooled:
            arrays = [self.rows, block.known_mirrored]
            return block.protocol.phase, self.distances, *(array.tobytes() for array in arrays)
        parts = [self.learned] if self.mirrored is None else [self.learned, self.mirrored]
        keys = [array for part in parts for array in (part.window_end_s, part.level, part.outcome)]
        return "pooled", self.distances, *(array.tobytes() for array in keys)

    def places_of(self, space: Fit) -> NDArray[np.float32]:
        """Return places in a space of the rows of the library, by models without their day."""
        if not self.block.is_pooled:
            return space.places
        samples = self.block.samples
        return space.place_left_out(self.block.inputs(self.rows), samples.day[self.rows])

    def place(self, rows: Rows) -> NDArray[np.float32]:
        """Return places of rows of the library, by models that have not seen their day."""
        block = self.block
        inputs, day = block.inputs(rows), block.samples.day[rows]
        is_later = (day > block.fitted_until)[:, np.newaxis]
        left_out = self.space.place_left_out(inputs, day)
        return np.where(is_later, self.space.place(inputs), left_out)

    @cached_property
    def shuffled(self) -> Samples:
        """The training set with outcomes shuffled among the episodes of each day."""
        generator = np.random.default_rng([self.block.settings.evaluation_seed, self.block.number])

        def shuffle(part: Samples) -> Samples:
            outcome = neighbor_odds.shuffled_within_days(
                part.outcome, part.episode, part.day, generator
            )
            return part.with_columns(outcome=outcome)

        return self.training_set.changed(shuffle)

    @cached_property
    def dealt(self) -> Samples:
        """The library with the outcomes that the placebo's neighbors have."""
        if not self.block.is_pooled:
            return self.shuffled
        seed = [self.block.settings.evaluation_seed, self.block.number, 1]
        outcome = neighbor_odds.shuffled_within_days(
            self.library.outcome,
            self.library.episode,
            self.library.day,
            np.random.default_rng(seed),
        )
        return self.library.with_columns(outcome=outcome)

    @cached_property
    def placebo(self) -> Fit:
        """The space learned from shuffled outcomes, as strictly as the real one."""
        return self._learn(self.shuffled, (self.space.penalties,), {})


def _past(samples: Samples, columns: NDArray[np.bool_]) -> Past:
    """Return the windows with the columns in use only; the context always counts."""
    vector = samples.vector[:, columns[: samples.vector.shape[1]]]
    inputs = np.concatenate([vector, samples.context], axis=1)
    return Past(inputs, samples.outcome, samples.day, samples.episode)


def blocks(
    samples: Samples, protocol: Protocol, spaces: Spaces | None = None
) -> Iterator[tuple[Block, list[int]]]:
    """Yield the blocks of test days with the days they serve, earliest first.

    Leaves out days of the warm-up, and blocks whose library lacks an outcome or enough days for a
    fit. ``spaces`` keeps what is learned for other walks over the same samples.
    """
    learned = {} if spaces is None else spaces
    n_days = int(samples.day.max(initial=-1)) + 1
    first = protocol.evaluation_warm_up_days + protocol.embargo_days
    for number, start in enumerate(range(first, n_days, protocol.settings.learned_refit_days)):
        days = range(start, min(start + protocol.settings.learned_refit_days, n_days))
        end = int(np.searchsorted(samples.day, days[-1], side="right"))
        block = block_before(samples, start, protocol)
        block = replace(block, end=end, number=number, spaces=learned)
        if all(band.is_learnable for band in block.bands):
            yield block, list(days)


def block_before(samples: Samples, first_day: int, protocol: Protocol) -> Block:
    """Return what may be learned before a day, as a block without number or end."""
    known = rows_known_before(samples, samples, first_day, protocol)
    mirrored = samples.mirrored
    in_mirror = (
        np.empty(0, np.int64)
        if mirrored is None
        else rows_known_before(mirrored, samples, first_day, protocol)
    )
    fitted = known[
        spread_over_episodes(samples.episode[known], protocol.evaluation_windows_per_episode)
    ]
    return Block(samples, known, in_mirror, fitted, len(samples), protocol, first_day)


def rows_known_before(
    library: Samples,
    judged: Samples,
    number: int,
    protocol: Protocol,
    of_use: NDArray[np.bool_] | None = None,
) -> Rows:
    """Return the rows of a library that a judged day may use, ascending.

    ``of_use``, (n,), restricts them; by default to rows that came to the level and have an outcome.
    """
    labelled = library.outcome >= 0 if of_use is None else of_use
    known = labelled & (library.day < number - protocol.embargo_days)
    if protocol.library_days is not None:
        known &= library.day >= number - protocol.embargo_days - protocol.library_days
    today = judged.day == number
    if protocol.purge and today.any():
        known &= library.label_end_s < judged.feature_start_s[today].min()
    return np.flatnonzero(known)
