"""Fits of the learned space: made once, kept beside the library they were made from.

A fit is named by a hash of all it was made from and of the code that made it, so that a kept one
is never out of date. Placing needs its coefficients alone, not the library that fitted them.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.content_hash import file_sha256, hash_of
from spymaster_engine.durable import put_in_place, temporary_sibling
from spymaster_engine.retrieval.normalise import RobustStatistics, robust_statistics, robust_z
from spymaster_engine.retrieval.outcomes import CLASSES

_HASH_DIGITS = 16
_LEARNER = Path(__file__).with_name("learned.py")


@dataclass(frozen=True, eq=False)
class Fit:
    """A learned space and the scale of what it places.

    Attributes:
        statistics: of the rows it was fitted on, context included.
        n_context: columns of the context.
        places: (n, 3) float32, where those rows lie by models that have not seen their day.
        coefficients: (d, 3) float64, of the normalised columns; log-odds that sum to 0.
        intercepts: (3,) float64.
    """

    statistics: RobustStatistics
    n_context: int
    places: NDArray[np.float32]
    coefficients: NDArray[np.float64]
    intercepts: NDArray[np.float64]

    def place(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return where raw (q, d) vectors with their context lie, (q, 3)."""
        z = robust_z(vectors, self.statistics).astype(np.float64)
        return (z @ self.coefficients + self.intercepts).astype(np.float32)


def fit_space(
    vectors: NDArray[np.float32],
    n_context: int,
    n_blocks: int,
    class_code: NDArray[np.integer],
    day: NDArray[np.integer],
    episode_code: NDArray[np.integer],
    directory: Path | None,
) -> Fit:
    """Return the space learned from rows, of a former time if it was kept.

    Args:
        vectors: (n, d) float32, raw vectors with their context.
        n_context: columns of the context.
        n_blocks: blocks of a vector.
        class_code: (n,) what followed them.
        day: (n,).
        episode_code: (n,) codes; every episode has the same weight.
        directory: where fits are kept; None keeps none.
    """
    # names of episodes mean nothing, and change when days are added
    episodes = np.unique(episode_code, return_inverse=True)[1]
    path = None
    if directory is not None:
        path = (
            directory
            / f"space-{_key(vectors, (n_context, n_blocks), class_code, day, episodes)}.npz"
        )
        if path.exists():
            return _read(path, n_context)
    fit = _fitted(vectors, n_context, n_blocks, class_code, day, episodes)
    if path is not None:
        # a reader of somebody else's lake fits again
        with contextlib.suppress(OSError):
            _write(path, fit)
    return fit


def _fitted(
    vectors: NDArray[np.float32],
    n_context: int,
    n_blocks: int,
    class_code: NDArray[np.integer],
    day: NDArray[np.integer],
    episodes: NDArray[np.integer],
) -> Fit:
    # imported when there is something to fit: it brings a large library along
    from spymaster_engine.retrieval.learned import elements_of_values, fit_learned_space

    statistics = robust_statistics(vectors)
    z = robust_z(vectors, statistics)
    d = z.shape[1] - n_context
    space = fit_learned_space(
        z[:, :d],
        z[:, d:],
        class_code.astype(np.int64),
        day.astype(np.int64),
        1.0 / np.bincount(episodes)[episodes],
        elements_of_values(d, n_blocks // 2),
    )
    # the model is linear: its values at the origin and at the unit vectors are all there is to it
    width = z.shape[1]
    units = np.concatenate([np.zeros((1, width)), np.eye(width)])
    at_origin, *at_units = space.place(units[:, :d], units[:, d:])
    return Fit(
        statistics,
        n_context,
        space.library.astype(np.float32),
        np.array(at_units).reshape(width, len(CLASSES)) - at_origin,
        at_origin,
    )


def _key(vectors: NDArray, shape: tuple[int, int], *columns: NDArray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(vectors).tobytes())
    for column in columns:
        digest.update(column.astype(np.int64).tobytes())
    return hash_of([digest.hexdigest(), shape, file_sha256(_LEARNER)])[:_HASH_DIGITS]


def _write(path: Path, fit: Fit) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(path)
    with temporary.open("wb") as stream:
        np.savez(
            stream,
            statistics=np.stack(fit.statistics),
            places=fit.places,
            coefficients=fit.coefficients,
            intercepts=fit.intercepts,
        )
    put_in_place(temporary, path)


def _read(path: Path, n_context: int) -> Fit:
    with np.load(path) as kept:
        return Fit(
            RobustStatistics(*kept["statistics"]),
            n_context,
            kept["places"],
            kept["coefficients"],
            kept["intercepts"],
        )
