"""Fits of the learned space: made once, kept beside the library they were made from.

A fit is named by a hash of all it was made from, so that a kept one is never out of date.
"""

from __future__ import annotations

import contextlib
import hashlib
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from sklearn.linear_model import LogisticRegression

from spymaster_engine.content_hash import hash_of
from spymaster_engine.durable import put_in_place, temporary_sibling
from spymaster_engine.retrieval.learned import (
    FOLDS,
    PENALTIES,
    LearnedSpace,
    Penalties,
    fit_learned_space,
)
from spymaster_engine.retrieval.normalise import RobustStatistics, robust_statistics, robust_z

_HASH_DIGITS = 16


@dataclass(frozen=True, eq=False)
class Fit:
    """A learned space and the scale of what it places.

    Attributes:
        statistics: of the rows it was fitted on, context included.
        n_context: columns of the context.
        space: places of those rows by models that have not seen their day, and the model.
    """

    statistics: RobustStatistics
    n_context: int
    space: LearnedSpace = field(repr=False)

    @property
    def places(self) -> NDArray[np.float32]:
        """Where the rows it was fitted on lie."""
        return self.space.library.astype(np.float32)

    def place(self, vectors: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return where raw (q, d) vectors with their context lie."""
        z = robust_z(vectors, self.statistics)
        d = z.shape[1] - self.n_context
        return self.space.place(z[:, :d], z[:, d:]).astype(np.float32)


def fit_space(
    vectors: NDArray[np.float32],
    n_context: int,
    class_code: NDArray[np.integer],
    day: NDArray[np.integer],
    episode_code: NDArray[np.integer],
    directory: Path | None,
) -> Fit:
    """Return the space learned from rows, of a former time if it was kept.

    Args:
        vectors: (n, d) float32, raw vectors with their context.
        n_context: columns of the context.
        class_code: (n,) what followed them.
        day: (n,).
        episode_code: (n,) codes; every episode has the same weight.
        directory: where fits are kept; None keeps none.
    """
    statistics = robust_statistics(vectors)
    # names of episodes mean nothing, and change when days are added
    episodes = np.unique(episode_code, return_inverse=True)[1]
    path = None
    if directory is not None:
        name = _key(vectors, n_context, class_code, day, episodes)
        path = directory / f"space-{name}.npz"
        if path.exists():
            return Fit(statistics, n_context, _read(path))
    z = robust_z(vectors, statistics)
    d = z.shape[1] - n_context
    space = fit_learned_space(
        z[:, :d],
        z[:, d:],
        class_code.astype(np.int64),
        day.astype(np.int64),
        1.0 / np.bincount(episodes)[episodes],
    )
    if path is not None:
        # a reader of somebody else's lake fits again
        with contextlib.suppress(OSError):
            _write(path, space)
    return Fit(statistics, n_context, space)


def _key(vectors: NDArray, n_context: int, *columns: NDArray) -> str:
    digest = hashlib.sha256(np.ascontiguousarray(vectors).tobytes())
    for column in columns:
        digest.update(column.astype(np.int64).tobytes())
    return hash_of([digest.hexdigest(), n_context, FOLDS, [list(one) for one in PENALTIES]])[
        :_HASH_DIGITS
    ]


def _write(path: Path, space: LearnedSpace) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(path)
    with temporary.open("wb") as stream:
        np.savez(
            stream,
            library=space.library,
            penalties=np.array(space.penalties),
            tried=np.array(list(space.loss)),
            loss=np.array(list(space.loss.values())),
            classes=space.model.classes_,
            coefficients=space.model.coef_,
            intercepts=space.model.intercept_,
        )
    put_in_place(temporary, path)


def _read(path: Path) -> LearnedSpace:
    with np.load(path) as kept:
        model = LogisticRegression()
        model.classes_ = kept["classes"]
        model.coef_, model.intercept_ = kept["coefficients"], kept["intercepts"]
        tried = [Penalties(*map(float, row)) for row in kept["tried"]]
        return LearnedSpace(
            Penalties(*map(float, kept["penalties"])),
            dict(zip(tried, map(float, kept["loss"]), strict=True)),
            kept["library"],
            model,
        )
