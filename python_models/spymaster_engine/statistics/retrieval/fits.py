"""Fits of the learned space, cached beside their library.

A hash of all inputs and of the code names a fit, so that a cached fit is never out of date. Placing
needs only its coefficients, not the library.
"""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from spymaster_ingest.content_hash import file_sha256, hash_of
from spymaster_ingest.durable import put_in_place, temporary_sibling

from spymaster_engine.statistics.retrieval.learned import (
    PENALTIES,
    Examples,
    FoldModels,
    Penalties,
    fit_learned_odds,
    fit_learned_space,
    folds_of,
)
from spymaster_engine.statistics.retrieval.near_and_far import FOLDS
from spymaster_engine.statistics.retrieval.normalise import (
    RobustStatistics,
    robust_statistics,
    robust_z,
)
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

_HASH_DIGITS = 16
# code that a fit depends on
_CODE = tuple(Path(__file__).with_name(f"{name}.py") for name in ("fits", "learned", "normalise"))


@dataclass(frozen=True, eq=False)
class Placing:
    """A learned model of later days and the scale of its inputs.

    Attributes:
        columns: (d,) bool, columns in use of a raw vector with its context.
        statistics: of these columns over the training rows.
        coefficients: (c, 3) float64, of the normalised columns; log-odds that sum to 0.
        intercepts: (3,) float64.
    """

    columns: NDArray[np.bool_]
    statistics: RobustStatistics
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def place(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return places, (q, 3), of raw (q, d) vectors of later days with their context."""
        return (self._z(vectors) @ self.coefficients + self.intercepts).astype(np.float32)

    def _z(self, vectors: NDArray[np.float32]) -> NDArray[np.float64]:
        return robust_z(vectors[:, self.columns], self.statistics).astype(np.float64)


@dataclass(frozen=True, eq=False)
class Fit(Placing):
    """A learned space and the scale of its inputs.

    Attributes:
        places: (n, 3) float32, of the training rows by models that have not seen their day.
        penalties: the chosen ones.
        fold_coefficients: (FOLDS, c, 3) float64, of the models without a fold.
        fold_intercepts: (FOLDS, 3) float64.
        days: of the training rows, ascending, which decide the folds.
    """

    places: NDArray[np.float32]
    penalties: Penalties
    fold_coefficients: NDArray[np.float64]
    fold_intercepts: NDArray[np.float64]
    days: NDArray[np.int64]

    def place_left_out(
        self, vectors: NDArray[np.float32], day: NDArray[np.integer]
    ) -> NDArray[np.float32]:
        """Return places, (q, 3), by the models that have not seen the vectors' day.

        Args:
            vectors: (q, d) float32, raw, with their context.
            day: (q,), days of the training rows, or days between them.
        """
        z = self._z(vectors)
        fold = folds_of(day, self.days)
        places = np.empty((len(z), len(CLASSES)), np.float32)
        for number in np.unique(fold):
            own = fold == number
            places[own] = z[own] @ self.fold_coefficients[number] + self.fold_intercepts[number]
        return places


class Past(NamedTuple):
    """Decisions of earlier days with their outcomes, on which a space is fitted.

    Attributes:
        vectors: (n, d) float32, raw vectors with their context.
        class_code: (n,) outcomes.
        day: (n,).
        episode_code: (n,) codes; every episode has the same weight.
    """

    vectors: NDArray[np.float32]
    class_code: NDArray[np.integer]
    day: NDArray[np.integer]
    episode_code: NDArray[np.integer]

    @property
    def episodes(self) -> NDArray[np.int64]:
        """Codes of the episodes in order, which added days do not change."""
        return np.unique(self.episode_code, return_inverse=True)[1]


def fit_space(
    past: Past,
    columns: NDArray[np.bool_],
    n_context: int,
    directory: Path | None = None,
    penalties: Sequence[Penalties] = PENALTIES,
    mirrored: Past | None = None,
    fold_models: FoldModels | None = None,
) -> Fit:
    """Return the space fitted on rows, from the cache if possible.

    Args:
        past: rows to place.
        columns: (d,) bool, vector columns in use; the context always counts.
        n_context: columns of the context, the last ones.
        directory: of cached fits; None caches nothing.
        penalties: candidates of the fit.
        mirrored: mirrored approaches of the other direction, with the same columns, for training
            only.
        fold_models: models that are already fitted on the same rows; gets those that were missing.
    """
    training_sets = [one for one in (past, mirrored) if one is not None]
    path = None
    if directory is not None:
        rules = (n_context, tuple(penalties))
        path = directory / f"space-{_key(training_sets, columns, rules)}.npz"
        if path.exists():
            return _read(path)
    own, statistics = _normalised(past, columns, n_context)
    others = None if mirrored is None else _normalised(mirrored, columns, n_context)[0]
    space = fit_learned_space(own, penalties, others, fold_models)
    units = _origin_and_units(statistics, n_context)
    folds = [_linear(space.place_left_out(number, *units)) for number in range(FOLDS)]
    fit = Fit(
        columns,
        statistics,
        *_linear(space.place(*units)),
        space.library.astype(np.float32),
        space.penalties,
        np.stack([one for one, _ in folds]),
        np.stack([one for _, one in folds]),
        space.days,
    )
    if path is not None:
        # a reader without write access to the lake fits again
        with contextlib.suppress(OSError):
            _write(path, fit)
    return fit


def fit_placing(
    past: Past, columns: NDArray[np.bool_], n_context: int, penalties: Penalties
) -> Placing:
    """Return a model that places later rows, without the folds that place its own.

    Args:
        past: rows of earlier days.
        columns: (d,) bool, vector columns in use; the context always counts.
        n_context: columns of the context, the last ones.
        penalties: of the coefficients.
    """
    examples, statistics = _normalised(past, columns, n_context)
    odds = fit_learned_odds(examples, penalties)
    return Placing(
        columns, statistics, *_linear(odds.place(*_origin_and_units(statistics, n_context)))
    )


def _origin_and_units(
    statistics: RobustStatistics, n_context: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return vectors and contexts at the origin and at the unit vectors, (1 + c, c) joined."""
    width = len(statistics.median)
    units = np.concatenate([np.zeros((1, width)), np.eye(width)])
    return units[:, : width - n_context], units[:, width - n_context :]


def _linear(
    at_origin_and_units: NDArray[np.float64],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return coefficients and intercepts of a linear model of its values, (1 + c, 3).

    Its values at the origin and at the unit vectors determine it.
    """
    intercepts, at_units = at_origin_and_units[0], at_origin_and_units[1:]
    return at_units - intercepts, intercepts


def _normalised(
    past: Past, columns: NDArray[np.bool_], n_context: int
) -> tuple[Examples, RobustStatistics]:
    """Return rows scaled by their own statistics, and the statistics.

    Mirrored rows have their own scale because an image may differ from its original by a constant,
    like a share p and 1 - p.
    """
    values = past.vectors[:, columns]
    statistics = robust_statistics(values)
    z = robust_z(values, statistics)
    d = values.shape[1] - n_context
    episodes = past.episodes
    examples = Examples(
        z[:, :d],
        z[:, d:],
        past.class_code.astype(np.int64),
        past.day.astype(np.int64),
        1.0 / np.bincount(episodes)[episodes],
    )
    return examples, statistics


def _key(training_sets: Sequence[Past], columns: NDArray[np.bool_], rules: tuple) -> str:
    digest = hashlib.sha256(np.packbits(columns).tobytes())
    for one in training_sets:
        digest.update(np.ascontiguousarray(one.vectors[:, columns]).tobytes())
        for column in (one.class_code, one.day, one.episodes):
            digest.update(column.astype(np.int64).tobytes())
        # where one ends and the next begins
        digest.update(str(len(one.vectors)).encode())
    return hash_of([digest.hexdigest(), repr(rules), *map(file_sha256, _CODE)])[:_HASH_DIGITS]


def _write(path: Path, fit: Fit) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(path)
    with temporary.open("wb") as stream:
        np.savez(
            stream,
            columns=fit.columns,
            statistics=np.stack(fit.statistics),
            places=fit.places,
            coefficients=fit.coefficients,
            intercepts=fit.intercepts,
            penalties=fit.penalties,
            fold_coefficients=fit.fold_coefficients,
            fold_intercepts=fit.fold_intercepts,
            days=fit.days,
        )
    put_in_place(temporary, path)


def _read(path: Path) -> Fit:
    with np.load(path) as kept:
        return Fit(
            kept["columns"],
            RobustStatistics(*kept["statistics"]),
            kept["coefficients"],
            kept["intercepts"],
            kept["places"],
            Penalties(*kept["penalties"].tolist()),
            kept["fold_coefficients"],
            kept["fold_intercepts"],
            kept["days"],
        )
