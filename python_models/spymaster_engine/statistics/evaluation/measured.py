"""The mean of something over judged windows, with its interval over days."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import episode_weights, mean_over_days
from spymaster_engine.statistics.evaluation.judgement import Metric
from spymaster_engine.statistics.evaluation.samples import Samples


def measured(
    model: str, name: str, values: NDArray[np.float64], samples: Samples, seed: int
) -> Metric:
    """Return the mean of values, (n,), ignoring NaN; every episode weighs the same."""
    known = np.isfinite(values)
    if not known.any():
        return Metric(model, name, *[float("nan")] * 3)
    weight = episode_weights(np.unique(samples.episode[known], return_inverse=True)[1])
    return Metric(model, name, *mean_over_days(values[known], weight, samples.day[known], seed))
