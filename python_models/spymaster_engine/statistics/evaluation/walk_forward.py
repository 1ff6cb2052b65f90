"""Walk-forward: every window is judged with data from before its day only."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.blocks import Spaces, blocks, rows_known_before
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.model_odds import MODELS, Model
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

__all__ = ["MODELS", "Protocol", "blocks", "walk_forward"]


def walk_forward(
    samples: Samples,
    is_query: NDArray[np.bool_],
    protocol: Protocol,
    models: Mapping[str, Model] = MODELS,
    tick: Callable[[int], None] = lambda days: None,
    spaces: Spaces | None = None,
) -> dict[str, Floats]:
    """Compute the odds of every model, day by day.

    Args:
        samples: all windows of one direction.
        is_query: (n,) windows to judge.
        protocol: how to walk.
        models: by name.
        tick: called with the number of days each time some are done.
        spaces: shares what is learned with other walks over the same samples.

    Returns:
        Output by model, (n, 3) float64 for odds, NaN where not judged or unknown.
    """
    stated: dict[str, Floats] = {}
    for block, days in blocks(samples, protocol, spaces):
        for number in days:
            rows = np.flatnonzero(is_query & (samples.day == number))
            if len(rows):
                known = rows_known_before(samples, samples, number, protocol)
                followed = rows_known_before(
                    samples, samples, number, protocol, ~np.isnan(samples.reached)
                )
                day = Day(block, known, followed, rows)
                # idle threads spin, which costs walks side by side a core
                with one_thread():
                    outputs = {name: model(day) for name, model in models.items()}
                for name, odds in outputs.items():
                    if name not in stated:
                        stated[name] = np.full((len(samples), odds.shape[1]), np.nan)
                    stated[name][rows] = odds
            tick(1)
    nothing = np.full((len(samples), len(CLASSES)), np.nan)
    return {name: stated.get(name, nothing) for name in models}
