"""A space that also learns from the other direction, mirrored, against plain twins."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from sklearn.linear_model import LogisticRegression
from spymaster_engine.statistics.retrieval import learned
from spymaster_engine.statistics.retrieval.fits import Fit, Past, fit_space
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.library import Library, LibraryLabels, LibraryReflection
from spymaster_engine.statistics.retrieval.mirror import NO_IMAGE, Mirror
from spymaster_engine.statistics.retrieval.near_and_far import FOLDS
from spymaster_engine.statistics.retrieval.near_and_far_fits import fits_of
from spymaster_engine.statistics.retrieval.pools import Pool
from support.settings import retrieval_settings

WIDTH, N_CONTEXT = 6, 2
COUNTED = np.ones(WIDTH, np.bool_)
ONE = Penalties(20.0, 5.0)


def past_of(seed: int, n_days: int = 12, weights: float = 1.0) -> Past:
    """Return random moments, three per episode; the first element predicts the outcome."""
    draw = np.random.default_rng(seed)
    n = n_days * 30
    vectors = draw.normal(size=(n, WIDTH)) * [1, 2, 3, 1, 1, 5] + 7.0
    odds = np.exp(np.outer(vectors[:, 0] - 7.0, [weights, 0.0, -weights]))
    below = np.cumsum(odds / odds.sum(axis=1, keepdims=True), axis=1)[:, :2]
    return Past(
        vectors.astype(np.float32),
        (draw.random((n, 1)) > below).sum(axis=1),
        np.repeat(np.arange(n_days), 30),
        np.repeat(np.arange(n // 3), 3),
    )


def plain_places(own: Past, mirrored: Past) -> tuple[np.ndarray, np.ndarray]:
    """Return the places of own rows, out of fold and by the model of all rows, step by step."""

    def normalised(vectors: np.ndarray) -> np.ndarray:
        columns = []
        for values in vectors.T.astype(np.float64):
            present = values[~np.isnan(values)]
            if not len(present):
                columns.append(np.zeros(len(values)))
                continue
            scale = 1.4826 * np.median(np.abs(present - np.median(present))) + 1e-6
            z = np.clip((values - np.median(present)) / scale, -8, 8)
            columns.append(np.where(np.isnan(values), 0.0, z))
        scaled = np.stack(columns, axis=1)
        divisor = [ONE.vector] * (WIDTH - N_CONTEXT) + [ONE.context] * N_CONTEXT
        return scaled / np.sqrt(divisor)

    rows = []
    for number, past in enumerate((own, mirrored)):
        rows.append(np.column_stack([normalised(past.vectors), np.full(len(past.vectors), number)]))
    features = np.concatenate(rows)
    outcome = np.concatenate([own.class_code, mirrored.class_code])
    days = sorted(set(own.day.tolist()))
    # a day that is none of the own ones goes with the next
    place = [sum(fitted_day < day for fitted_day in days) for day in (*own.day, *mirrored.day)]
    fold = np.array(place) % FOLDS

    def log_odds(chosen: np.ndarray, queries: np.ndarray) -> np.ndarray:
        model = LogisticRegression(C=1.0, tol=1e-8, max_iter=2_000)
        model.fit(features[chosen], outcome[chosen], sample_weight=np.full(chosen.sum(), 1 / 3))
        found = model.decision_function(queries)
        return found - found.mean(axis=1, keepdims=True)

    n = len(own.vectors)
    places = log_odds(np.ones(len(fold), np.bool_), features[:n])
    out_of_fold = np.empty((n, 3))
    for number in range(FOLDS):
        left_out = fold[:n] == number
        of_fold = log_odds(fold != number, features[:n])
        # every model has the middle of that of all rows
        out_of_fold[left_out] = (of_fold - of_fold.mean(axis=0) + places.mean(axis=0))[left_out]
    return out_of_fold, places


def fitted(own: Past, mirrored: Past | None, penalties: Penalties = ONE) -> Fit:
    return fit_space(own, COUNTED, N_CONTEXT, penalties=(penalties,), mirrored=mirrored)


@pytest.fixture
def solved(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fit to the end: the usual tolerance leaves places where they are to a hundredth."""
    monkeypatch.setattr(learned, "_TOLERANCE", 1e-8)
    monkeypatch.setattr(learned, "_MAX_ITERATIONS", 2_000)


def test_images_land_in_their_columns() -> None:
    mirror = Mirror((2, NO_IMAGE, 0), (1, 1, -1))
    seen = mirror.image(np.array([[1.0, 2.0, np.nan, 4.0], [5.0, 6.0, 7.0, 8.0]], np.float32))
    assert np.array_equal(seen, [[np.nan, np.nan, -1.0], [7.0, np.nan, -5.0]], equal_nan=True)
    there, back = Mirror((1, 0, 2), (1, -1, -1)), Mirror((1, 0, 2), (-1, 1, -1))
    vectors = past_of(1).vectors[:, :3]
    assert np.array_equal(there.image(back.image(vectors)), vectors)


@pytest.mark.usefixtures("solved")
def test_a_space_of_both_directions_equals_its_plain_twin() -> None:
    own, mirrored = past_of(1), past_of(2)
    # a feature without image, days of its own, and outcomes as frequent as it pleases
    mirrored.vectors[:, 2] = np.nan
    others = mirrored._replace(day=mirrored.day + 3, class_code=np.minimum(mirrored.class_code, 1))
    own = own._replace(day=own.day + (own.day > 4))
    fit = fitted(own, others)
    out_of_fold, places = plain_places(own, others)
    assert fit.places == pytest.approx(out_of_fold, abs=3e-3)
    assert fit.place(own.vectors) == pytest.approx(places, abs=3e-3)
    assert fit.place_left_out(own.vectors, own.day) == pytest.approx(fit.places, abs=1e-4)
    # a day without a row that was fitted is in the fold of the next
    between = fit.place_left_out(own.vectors, np.full(len(own.day), 5))
    assert between == pytest.approx(
        fit.place_left_out(own.vectors, np.full(len(own.day), 6)), abs=1e-9
    )
    alone = fitted(own, None)
    assert np.abs(alone.places - fit.places).max() > 0.2


@pytest.mark.usefixtures("solved")
def test_a_mirror_of_itself_is_twice_the_weight() -> None:
    own = past_of(1)
    both = fitted(own, own._replace(vectors=own.vectors + np.float32(5.0)))
    twice = fitted(own, None, Penalties(ONE.vector / 2, ONE.context / 2))
    # as near as the solver comes
    assert both.places == pytest.approx(twice.places, abs=2e-3)
    assert both.coefficients == pytest.approx(twice.coefficients, abs=2e-3)


def test_a_stored_fit_differs_with_and_without_mirror(tmp_path) -> None:
    own, mirrored = past_of(1), past_of(2)
    found = [
        fit_space(own, COUNTED, N_CONTEXT, tmp_path, (ONE,), mirror).coefficients
        for mirror in (
            None,
            mirrored,
            mirrored._replace(class_code=mirrored.class_code[::-1]),
            None,
        )
    ]
    assert len(list(tmp_path.iterdir())) == 3
    assert np.array_equal(found[0], found[3])
    assert not np.allclose(found[0], found[1])
    assert not np.allclose(found[1], found[2])


def library_of(past: Past, reflection: LibraryReflection | None = None) -> Library:
    """Return a library of the moments of a past, of two levels by turns."""
    n = len(past.vectors)
    nothing = np.full(n, np.nan)
    codes, no = past.class_code.astype(np.int8), np.zeros(n, np.bool_)
    labels = LibraryLabels(codes, np.ones(n), *[nothing] * 4, no, nothing)
    return Library(
        vectors=past.vectors,
        n_context=N_CONTEXT,
        keys=pa.table({"level_id": ["pm_high", "pm_high", "or_low", "or_low"] * (n // 4)}),
        day=past.day.astype(np.int32),
        episode_code=past.episode_code,
        distance_ticks=np.tile([2, 9], n // 2),
        labels={"s240": labels},
        reflection=reflection,
    )


def test_a_library_is_fitted_with_the_mirror_of_earlier_days(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    own, other = past_of(1), past_of(2)
    mirror = Mirror((2, 1, NO_IMAGE, 3, 4, 5), (1, -1, 1, 1, 1, 1))
    shown = {"before": library_of(other)}
    later = other._replace(
        vectors=np.where(other.day[:, None] < 10, other.vectors, np.float32(-3.0))
    )
    shown["later"] = library_of(later)
    earlier = other._replace(class_code=(other.class_code + (other.day == 9)) % 3)
    shown["earlier"] = library_of(earlier)
    # paths stand for the libraries they would open
    monkeypatch.setattr(LibraryReflection, "library", lambda self, _: shown[self.vectors_path.name])
    settings = retrieval_settings(
        retrieval_space="learned",
        vector_block_windows=[],
        learned_blocks=["w0"],
        learned_windows_per_episode=3,
    )

    def coefficients(
        name: str | None, level_ids: tuple[str, ...] | None = None, **changes
    ) -> np.ndarray:
        reflection = None if name is None else LibraryReflection(Path(name), Path(name), mirror)
        pool = Pool(library_of(own, reflection), dt.date(1970, 1, 12), level_ids)
        near, far = fits_of(pool, replace(settings, **changes))
        return np.stack([near.fit.coefficients, far.fit.coefficients])

    found = coefficients("before")
    # eleven days are known, of which ten were there at the last fit
    for band, distance in enumerate((2, 9)):
        before = (np.arange(len(own.day)) % 2 == band) & (own.day < 10)
        rows, images = (Past(*(column[before] for column in past)) for past in (own, other))
        counted = np.array([True, False, False, False, True, True])
        by_hand = fit_space(
            rows,
            counted,
            N_CONTEXT,
            mirrored=images._replace(vectors=mirror.image(images.vectors)),
        )
        assert found[band] == pytest.approx(by_hand.coefficients, abs=1e-6), distance
    assert np.array_equal(found, coefficients("later"))
    assert not np.allclose(found, coefficients("earlier"))
    alone = coefficients(None)
    assert not np.allclose(found, alone)
    assert np.array_equal(alone, coefficients("before", learned_mirrored=False))
    # a level that answers for itself is learned from its own approaches
    of_level = coefficients("before", ("pm_high",))
    assert np.array_equal(coefficients(None, ("pm_high",)), of_level)
