"""Heads: other labels of the windows, stated in the walk of the outcomes.

A head has a label of its own, yes or no (1 or 0) or a number, which ends at a time of its own.
Days, embargo, purge and refits are those of the outcome.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.blocks import Block, block_before, rows_known_before
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.rival_fits import PRIOR_EPISODES, library_weights
from spymaster_engine.statistics.evaluation.samples import CENSORED, Samples
from spymaster_engine.statistics.retrieval.distance_bands import NO_BAND

Floats = NDArray[np.float64]

BINARY, NUMBER = "binary", "number"
BASE_RATE, BY_DISTANCE, MEAN = "base_rate", "base_rate_by_distance", "mean"


@dataclass(frozen=True)
class Head:
    """A label beside the outcome.

    Attributes:
        name: of the head.
        horizon_id: of the label.
        kind: BINARY or NUMBER.
        samples: n windows without inputs, whose outcome is 0 where this label is known, else
            CENSORED, and whose label_end_s is that of this label.
        target: (n,) 1 or 0, or numbers; NaN where unknown.
        mirrored: (m,) the same of ``samples.mirrored``; None without any.
    """

    name: str
    horizon_id: str
    kind: str
    samples: Samples
    target: Floats
    mirrored: Floats | None = None

    @classmethod
    def of(
        cls,
        name: str,
        horizon_id: str,
        kind: str,
        samples: Samples,
        target: Floats,
        mirrored: Floats | None = None,
    ) -> Head:
        """Return the head of a label; windows in the mirror are left out where it has none."""
        own = _known_where(samples, target)
        if mirrored is not None and samples.mirrored is not None:
            own = replace(own, mirrored=_known_where(samples.mirrored, mirrored))
        return cls(name, horizon_id, kind, own, target, mirrored)

    @property
    def key(self) -> str:
        """Return what names the head in a walk."""
        return f"{self.name} {self.horizon_id}"

    @property
    def known(self) -> NDArray[np.bool_]:
        """Return which windows have the label, (n,)."""
        return np.isfinite(self.target)

    def block(self, block: Block) -> Block:
        """Return what is known of this label where a block begins."""
        return block_before(self.samples, block.first_day, block.protocol)

    def rivals(self) -> dict[str, Callable[[Day], Floats]]:
        """Return what claimants must beat, by name: each states (q, 1) for a day."""
        if self.kind == NUMBER:
            return {MEAN: lambda day: _usual(self, day, by_distance=False)}
        return {
            BASE_RATE: lambda day: _usual(self, day, by_distance=False),
            BY_DISTANCE: lambda day: _usual(self, day, by_distance=True),
        }


def _known_where(samples: Samples, target: Floats) -> Samples:
    if len(target) != len(samples):
        raise ValueError(f"{len(samples)} windows have {len(target)} labels")
    labelled = samples.alone().without_inputs()
    return labelled.with_columns(outcome=np.where(np.isfinite(target), 0, CENSORED))


def _usual(head: Head, day: Day, *, by_distance: bool) -> Floats:
    """Return the mean label of earlier days, (q, 1), NaN without any.

    Shares are drawn to one half by an episode of uniform belief, those of a band of distance to the
    share of all.
    """
    samples, protocol = head.samples, day.block.protocol
    number = int(samples.day[day.query_rows[0]])
    rows = day.block.alike(rows_known_before(samples, samples, number, protocol))
    if not len(rows):
        return np.full((len(day.query_rows), 1), np.nan)
    library, target = samples.take(rows), head.target[rows]
    weight = library_weights(library)
    belief = 1.0 if head.kind == BINARY else 0.0
    usual = ((weight * target).sum() + 0.5 * belief) / (weight.sum() + belief)
    if not by_distance:
        return np.full((len(day.query_rows), 1), usual)
    bands = day.block.settings.bands
    # code 0 is the level itself
    codes, asked = (
        bands.codes(x0_ticks) - NO_BAND
        for x0_ticks in (library.x0_ticks, samples.x0_ticks[day.query_rows])
    )
    n_bands = int(max(codes.max(), asked.max())) + 1
    sums = np.bincount(codes, weight * target, minlength=n_bands)
    mass = np.bincount(codes, weight, minlength=n_bands)
    return ((sums + PRIOR_EPISODES * usual) / (mass + PRIOR_EPISODES))[asked][:, None]
