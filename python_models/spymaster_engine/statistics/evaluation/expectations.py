"""Expectations in numbers: how long until a barrier is hit, how far price goes for and against."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.judgement import Metric
from spymaster_engine.statistics.evaluation.measured import measured
from spymaster_engine.statistics.evaluation.samples import CENSORED, NOT_REACHED, Samples
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
from spymaster_engine.statistics.retrieval.summaries import weighted_quantiles

Floats = NDArray[np.float64]


class ExpectedQuantile(NamedTuple):
    """A quantile of a result of windows.

    Attributes:
        name: of the quantile.
        field: of Samples with the result; NaN where it did not occur.
        share: of the quantile.
        sign: -1 for results of at most 0 that are bad where large: the quantile is of their size.
    """

    name: str
    field: str
    share: float
    sign: int = 1

    def of(self, samples: Samples) -> Floats:
        """Return the results, with the sign."""
        return self.sign * getattr(samples, self.field)


EXPECTED = (
    ExpectedQuantile("time_to_hit_q50_s", "time_to_hit_s", 0.5),
    ExpectedQuantile("mfe_q50_ticks", "mfe_ticks", 0.5),
    ExpectedQuantile("mfe_q80_ticks", "mfe_ticks", 0.8),
    ExpectedQuantile("mae_q50_ticks", "mae_ticks", 0.5, -1),
    ExpectedQuantile("mae_q80_ticks", "mae_ticks", 0.8, -1),
)


def expected_quantiles(library: Samples, rows: NDArray[np.int64], weights: Floats) -> Floats:
    """Return the quantiles EXPECTED of the results of library rows.

    Args:
        library: n rows.
        rows: (q, k), NOT_CHOSEN as padding.
        weights: (q, k), 0 as padding.

    Returns:
        (q, len(EXPECTED)), NaN where nothing is known.
    """
    at = np.where(rows == NOT_CHOSEN, 0, rows)
    columns = []
    for one in EXPECTED:
        values = one.of(library)[at]
        [column] = weighted_quantiles(values, weights, (one.share,))
        columns.append(column)
    return np.stack(columns, axis=1)


def expectation_pinball_loss(stated: Floats, happened: Floats, share: float) -> Floats:
    """Return the pinball loss of a stated quantile (Koenker and Bassett 1978).

    Its mean is least for the true quantile.

    Args:
        stated: (n,).
        happened: (n,), in the same unit.
        share: of the quantile.

    Returns:
        (n,), in that unit, not negative; NaN where either is unknown.
    """
    above = happened - stated
    return np.maximum(share * above, (share - 1.0) * above)


def expectation_covered(stated: Floats, happened: Floats) -> Floats:
    """Return 1 where the result is at most the stated quantile, else 0; NaN where unknown."""
    known = np.isfinite(stated) & np.isfinite(happened)
    return np.where(known, (happened <= stated).astype(np.float64), np.nan)


def expectation_metrics(
    numbers: Floats, samples: Samples, judged: NDArray[np.bool_], seed: int
) -> list[Metric]:
    """Return scores of the stated quantiles of neighbors and library, and their support.

    Per quantile the mean pinball loss and the share of results that it covers, under
    ``retrieval_learned`` for the neighbors and ``base_rate`` for the library, and by how much
    the neighbors' loss is below the library's. Every episode has the same weight.

    Args:
        numbers: (n, 2 * len(EXPECTED) + 1), of ``models.expectations``.
        samples: n windows.
        judged: (n,), judged windows, including those with a cut off label.
        seed: of the resamples.
    """
    cut_off = np.where(judged, samples.outcome == CENSORED, np.nan).astype(np.float64)
    found = [measured("retrieval_learned", "censored_share", cut_off, samples, seed)]
    away = np.where(judged, samples.outcome == NOT_REACHED, np.nan).astype(np.float64)
    found.append(measured("retrieval_learned", "not_reached_share", away, samples, seed))
    n_eff = numbers[np.isfinite(numbers[:, -1]), -1]
    if not len(n_eff):
        return found
    nothing = float("nan")
    middle = float(np.median(n_eff))
    found.append(Metric("retrieval_learned", "n_eff_median", middle, nothing, nothing))
    for column, one in enumerate(EXPECTED):
        happened = one.of(samples)
        losses = []
        for model, place in (("retrieval_learned", column), ("base_rate", column + len(EXPECTED))):
            stated = numbers[:, place]
            losses.append(expectation_pinball_loss(stated, happened, one.share))
            inside = expectation_covered(stated, happened)
            found.append(measured(model, f"pinball_{one.name}", losses[-1], samples, seed))
            found.append(measured(model, f"coverage_{one.name}", inside, samples, seed))
        gain = losses[1] - losses[0]
        name = f"pinball_gain_{one.name}"
        found.append(measured("retrieval_learned", name, gain, samples, seed))
    return found
