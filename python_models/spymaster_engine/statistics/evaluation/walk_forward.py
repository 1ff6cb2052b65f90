"""Walk-forward: every window is judged with data from before its day only."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.blocks import Block, Day, Protocol
from spymaster_engine.statistics.evaluation.models import MODELS, Model
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.retrieval.bands import spread_over_episodes
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

Floats = NDArray[np.float64]
Rows = NDArray[np.int64]

__all__ = ["MODELS", "Protocol", "blocks", "walk_forward"]


def blocks(samples: Samples, protocol: Protocol) -> Iterator[tuple[Block, list[int]]]:
    """Yield the blocks of test days with the days they serve, earliest first.

    Leaves out days of the warm-up, and blocks whose library lacks an outcome or enough days for a
    fit.
    """
    n_days = int(samples.day.max(initial=-1)) + 1
    first = protocol.evaluation_warm_up_days + protocol.embargo_days
    for number, start in enumerate(range(first, n_days, protocol.settings.learned_refit_days)):
        known = _known_before(samples, samples, start, protocol)
        mirrored = samples.mirrored
        in_mirror = (
            np.empty(0, np.int64)
            if mirrored is None
            else _known_before(mirrored, samples, start, protocol)
        )
        fitted = known[
            spread_over_episodes(samples.episode[known], protocol.evaluation_windows_per_episode)
        ]
        days = range(start, min(start + protocol.settings.learned_refit_days, n_days))
        end = int(np.searchsorted(samples.day, days[-1], side="right"))
        block = Block(samples, known, in_mirror, fitted, end, protocol, number)
        if all(band.is_learnable for band in block.bands):
            yield block, list(days)


def walk_forward(
    samples: Samples,
    asked: NDArray[np.bool_],
    protocol: Protocol,
    models: Mapping[str, Model] = MODELS,
    tick: Callable[[int], None] = lambda days: None,
) -> dict[str, Floats]:
    """Compute the odds of every model, day by day.

    Args:
        samples: all windows of one direction.
        asked: (n,) windows to judge.
        protocol: how to walk.
        models: by name.
        tick: called with the number of days each time some are done.

    Returns:
        Output by model, (n, 3) float64 for odds, NaN where not judged or unknown.
    """
    stated: dict[str, Floats] = {}
    for block, days in blocks(samples, protocol):
        for number in days:
            rows = np.flatnonzero(asked & (samples.day == number))
            if len(rows):
                known = _known_before(samples, samples, number, protocol)
                followed = _known_before(
                    samples, samples, number, protocol, ~np.isnan(samples.reached)
                )
                day = Day(block, known, followed, rows)
                for name, model in models.items():
                    odds = model(day)
                    if name not in stated:
                        stated[name] = np.full((len(samples), odds.shape[1]), np.nan)
                    stated[name][rows] = odds
            tick(1)
    nothing = np.full((len(samples), len(CLASSES)), np.nan)
    return {name: stated.get(name, nothing) for name in models}


def _known_before(
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
