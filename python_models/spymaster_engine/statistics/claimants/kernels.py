"""Kernels and ridge: convolutional features of sequences, and ridge regression on them.

The ridge regresses on every class at once (1 where it happened, else 0), in its dual form. Shares
of the convolutions, and block means with static features, are two groups of features that weigh
equally, however many there are of each. The penalty is the one with the least squared error (of
classes: Brier score) in an inner walk-forward over the training days. Odds: the shares of the
classes, multiplied by exp(t * d), with d what the ridge says above the share, and one number t
for all classes that maximises the likelihood of the inner walk-forward's out-of-fold values. t = 0,
which states the shares, is what follows from labels that nothing explains.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import minimize_scalar
from sklearn.kernel_ridge import KernelRidge

from spymaster_engine.statistics.claimants.artefacts import pack, unpack
from spymaster_engine.statistics.claimants.convolutions import Convolutions
from spymaster_engine.statistics.claimants.sequences import Inputs, Scales, Sequences, block_means
from spymaster_engine.statistics.claimants.splits import Split, inner_splits
from spymaster_engine.statistics.claimants.targets import class_shares, one_hot, softmax
from spymaster_engine.statistics.retrieval.learned import one_thread

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

NAME = "kernels"
_MOST_SLOPE = 50.0


@dataclass(frozen=True)
class KernelSettings:
    """Settings of kernels and ridge.

    Attributes:
        n_classes: of the target; 0 for a number.
        features_per_kernel: features of each of the 84 kernels.
        penalties: candidates, ascending; a feature group has a mean square of 1 per row.
    """

    n_classes: int = 3
    features_per_kernel: int = 60
    penalties: tuple[float, ...] = (1.0, 3.0, 10.0, 30.0, 100.0, 300.0, 1_000.0, 3_000.0)


@dataclass(frozen=True)
class FittedKernels:
    """A fitted claimant.

    Attributes:
        settings: of the fit.
        penalty: the chosen one.
        scales: of the sequences.
        convolutions: of the sequences.
        center: (features,) float32, subtracted from the features.
        coefficient: (features, outputs) float32; an output per class, or one.
        intercept: (outputs,) float64, of the ridge: the weighted means of the target.
        shares: (classes,) float64, empty for a number.
        slope: t of the odds.
    """

    settings: KernelSettings
    penalty: float
    scales: Scales
    convolutions: Convolutions
    center: Singles
    coefficient: Singles
    intercept: Floats
    shares: Floats
    slope: float

    def predict(self, sequences: Sequences) -> Floats:
        """Return the odds of the classes, (n, classes), or the expected number, (n,)."""
        inputs = self.scales.apply(sequences)
        features = _features(self.convolutions, inputs)
        with one_thread():
            d = ((features - self.center) @ self.coefficient).astype(np.float64)
        if not self.settings.n_classes:
            return d[:, 0] + self.intercept[0]
        return odds_of(d, self.shares, self.slope)

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact."""
        arrays = {
            **self.scales.arrays(),
            **self.convolutions.arrays(),
            "center": self.center,
            "coefficient": self.coefficient,
            "intercept": self.intercept,
            "shares": self.shares,
            "slope": np.array([self.slope]),
        }
        settings = {"claimant": NAME, "penalty": self.penalty, **asdict(self.settings)}
        return pack(settings, arrays)


def load(artefact: Mapping[str, bytes], sha256: str) -> FittedKernels:
    """Return the claimant of an artefact.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    settings, arrays = unpack(artefact, sha256)
    del settings["claimant"]
    penalty = settings.pop("penalty")
    settings["penalties"] = tuple(settings["penalties"])
    return FittedKernels(
        KernelSettings(**settings),
        penalty,
        Scales.from_arrays(arrays),
        Convolutions.from_arrays(arrays),
        arrays["center"],
        arrays["coefficient"],
        arrays["intercept"],
        arrays["shares"],
        float(arrays["slope"][0]),
    )


def fit(
    sequences: Sequences,
    target: NDArray,
    weight: Floats,
    seed: int,
    settings: KernelSettings | None = None,
) -> FittedKernels:
    """Fit on the decisions of earlier days.

    Args:
        sequences: n decisions.
        target: (n,) codes of classes, or numbers.
        weight: (n,) above 0, for example one in total per episode.
        seed: of the choice of channels.
        settings: default KernelSettings().

    Raises:
        TooFewDaysError: there are too few days for the inner walk-forward.
    """
    chosen = settings or KernelSettings()
    scales = Scales.of(sequences)
    inputs = scales.apply(sequences)
    convolutions = Convolutions.fit(inputs.values, chosen.features_per_kernel, seed)
    features = _features(convolutions, inputs)
    center = np.average(features, axis=0, weights=weight).astype(np.float32)
    features -= center
    factor = _group_factors(features, weight, len(convolutions.biases))
    features *= factor
    wanted = one_hot(target, chosen.n_classes) if chosen.n_classes else target[:, None]
    with one_thread():
        products = (features @ features.T).astype(np.float64)
        ridge = _Ridge(products, wanted.astype(np.float64), weight)
        penalty, out_of_fold = ridge.choose(inner_splits(sequences.day), chosen.penalties)
        every = np.ones(len(sequences), np.bool_)
        dual = ridge.solve(every, products, penalty)
        coefficient = (features.T @ dual.astype(np.float32)) * factor[:, None]
    shares, slope = np.empty(0), 0.0
    if chosen.n_classes:
        shares = class_shares(target, weight, chosen.n_classes)
        rows = np.flatnonzero(np.isfinite(out_of_fold[:, 0]))
        d = out_of_fold[rows]
        slope = fitted_slope(d, target[rows], weight[rows], shares)
    return FittedKernels(
        chosen, penalty, scales, convolutions, center, coefficient, ridge.mean(every), shares, slope
    )


def odds_of(d: Floats, shares: Floats, slope: float) -> Floats:
    """Return shares * exp(slope * d), normalised.

    Args:
        d: (n, classes), what the ridge says above the shares.
        shares: (classes,).
        slope: at least 0.
    """
    return softmax(slope * d + np.log(shares))


def fitted_slope(d: Floats, outcome: NDArray, weight: Floats, shares: Floats) -> float:
    """Return the slope of the greatest likelihood, in [0, 50]; see ``odds_of``."""

    def loss(slope: float) -> float:
        chosen = odds_of(d, shares, slope)[np.arange(len(d)), outcome]
        return -float(np.average(np.log(np.maximum(chosen, 1e-300)), weights=weight))

    found = minimize_scalar(loss, bounds=(0.0, _MOST_SLOPE), method="bounded")
    # the search does not try its bounds
    return float(found.x) if found.fun < loss(0.0) else 0.0


def _features(convolutions: Convolutions, inputs: Inputs) -> Singles:
    return np.concatenate([convolutions.transform(inputs.values), block_means(inputs)], axis=1)


def _group_factors(features: Singles, weight: Floats, n_shares: int) -> Singles:
    """Return factors that give each feature of a group the same variance, each group one of 1."""
    variance = np.average(np.square(features), axis=0, weights=weight)
    varies = variance > 1e-12
    factor = np.zeros(features.shape[1])
    for group in (slice(None, n_shares), slice(n_shares, None)):
        inside = varies[group]
        factor[group][inside] = 1.0 / np.sqrt(variance[group][inside] * inside.sum())
    return factor.astype(np.float32)


@dataclass(frozen=True)
class _Ridge:
    """Ridge regression in its dual form, with an intercept that is not penalised.

    Attributes:
        products: (n, n) float64, products of the features of two rows.
        wanted: (n, outputs) float64.
        weight: (n,).
    """

    products: Floats
    wanted: Floats
    weight: Floats

    def mean(self, rows: NDArray[np.bool_]) -> Floats:
        """Return the weighted mean of what is wanted, (outputs,)."""
        return np.average(self.wanted[rows], axis=0, weights=self.weight[rows])

    def solve(self, rows: NDArray[np.bool_], products: Floats, penalty: float) -> Floats:
        """Return the dual coefficients of rows, whose products are centred, (rows, outputs)."""
        model = KernelRidge(alpha=penalty, kernel="precomputed")
        model.fit(products, self.wanted[rows] - self.mean(rows), sample_weight=self.weight[rows])
        return model.dual_coef_

    def judge(self, split: Split, penalties: tuple[float, ...]) -> Floats:
        """Return what rows of later days are said to be above the mean of the learned rows.

        Returns:
            (penalties, judged, outputs).
        """
        learned = self.products[np.ix_(split.learned, split.learned)]
        judged = self.products[np.ix_(split.judged, split.learned)]
        # features are centred over the learned rows alone
        share = self.weight[split.learned] / self.weight[split.learned].sum()
        means = learned @ share
        judged = judged - (judged @ share)[:, None] - means + means @ share
        learned = learned - means[:, None] - means + means @ share
        return np.stack([judged @ self.solve(split.learned, learned, one) for one in penalties])

    def choose(self, splits: list[Split], penalties: tuple[float, ...]) -> tuple[float, Floats]:
        """Return the penalty with the least squared error on later days.

        Returns:
            The penalty, of equals the largest; its out-of-fold values above the mean of the
            learned rows, (n, outputs), NaN where not judged.
        """
        stated = np.full((len(penalties), *self.wanted.shape), np.nan)
        losses = np.zeros(len(penalties))
        for split in splits:
            above = self.judge(split, penalties)
            stated[:, split.judged] = above
            error = above + self.mean(split.learned) - self.wanted[split.judged]
            losses += np.square(error).sum(axis=2) @ self.weight[split.judged]
        best = len(losses) - 1 - int(np.argmin(losses[::-1]))
        return penalties[best], stated[best]
