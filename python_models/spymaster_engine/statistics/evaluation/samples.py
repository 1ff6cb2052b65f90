"""Labelled decision windows of one direction, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# codes of windows without one of CLASSES
CENSORED, NOT_REACHED = -1, -2
# a window is judged when it is the first of its episode, or the first this near to the level
UNIT_DISTANCES_TICKS = (6, 4, 2)


@dataclass(frozen=True)
class Samples:
    """Eligible windows in ascending order of day and time; n rows.

    Attributes:
        vector: (n, d) float32, trigger vectors.
        context: (n, m) float32, NaN where unknown.
        rival: (n, 5), k_ticks, k_vol, speed_15s, sigma_1s_ticks, minutes since the open; NaN
            where unknown.
        outcome: (n,) codes of CLASSES, after price had come to the level;
            NOT_REACHED where it never came, CENSORED where the label was cut off.
        reached: (n,) 1 where price came to the level within the horizon, 0 where it did not; NaN
            where the path is shorter than the horizon. The label of ``outcome`` is cut off more
            often than this one, except where price never came.
        day: (n,) codes of trading days, 0 the first.
        episode: (n,) codes of episodes.
        level: (n,) codes of levels.
        level_kind: (n,) codes of kinds of level.
        half_hour: (n,) half-hours since the open.
        window_end_s: (n,) epoch seconds of the decision.
        feature_start_s: (n,) epoch seconds of the first record behind a vector.
        label_end_s: (n,) epoch seconds, end of the label.
        x0_ticks: (n,) distance to the level in the approach sense, negative before it.
        barrier_ticks: (n,).
        horizon_s: (n,).
        time_to_hit_s: (n,), from decision to hit, NaN without a hit.
        mfe_ticks: (n,) largest move in favour.
        mae_ticks: (n,) largest move against, at most 0.
        mirrored: windows of the other direction in the mirror, with the same columns and days, for
            training only; None without.
    """

    vector: NDArray[np.float32]
    context: NDArray[np.float32]
    rival: Floats
    outcome: Codes
    reached: Floats
    day: Codes
    episode: Codes
    level: Codes
    level_kind: Codes
    half_hour: Codes
    window_end_s: Codes
    feature_start_s: Codes
    label_end_s: Codes
    x0_ticks: Floats
    barrier_ticks: Floats
    horizon_s: Floats
    time_to_hit_s: Floats
    mfe_ticks: Floats
    mae_ticks: Floats
    mirrored: Samples | None = None

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.outcome)

    def take(self, rows: NDArray) -> Samples:
        """Return the chosen rows, by index or mask; mirrored windows stay whole."""
        return self.with_columns(**{name: values[rows] for name, values in self.columns().items()})

    def without_inputs(self) -> Samples:
        """Return the windows with empty vectors and contexts, whose copies cost the most."""
        return self.with_columns(vector=self.vector[:, :0], context=self.context[:, :0])

    def columns(self) -> dict[str, NDArray]:
        """Return the arrays by name, without mirrored windows."""
        names = (field.name for field in fields(self) if field.name != "mirrored")
        return {name: getattr(self, name) for name in names}

    def with_columns(self, **columns: NDArray) -> Samples:
        """Return a copy with some arrays replaced."""
        changes: dict[str, Any] = {**columns}
        return replace(self, **changes)

    def changed(self, change: Callable[[Samples], Samples]) -> Samples:
        """Apply a change to these windows, then to the mirrored windows."""
        changed = change(self)
        if self.mirrored is None:
            return changed
        return replace(changed, mirrored=change(self.mirrored))

    def alone(self) -> Samples:
        """Return the windows without mirrored windows."""
        return replace(self, mirrored=None)


def with_context(samples: Samples, more: NDArray) -> Samples:
    """Return the samples with columns added to their context, (n, m)."""
    context = np.concatenate([samples.context, more.astype(np.float32)], axis=1)
    return samples.with_columns(context=context)


def first_within(samples: Samples, distance_ticks: float) -> NDArray[np.bool_]:
    """Return which windows are the first of their episode at most this far from the level."""
    near = np.flatnonzero(np.abs(samples.x0_ticks) <= distance_ticks)
    # rows are in time order within an episode, and unique keeps the first
    firsts = near[np.unique(samples.episode[near], return_index=True)[1]]
    chosen = np.zeros(len(samples), np.bool_)
    chosen[firsts] = True
    return chosen


def unit_windows(samples: Samples) -> NDArray[np.bool_]:
    """Return which windows are judged: the first of an episode, and the first at each distance."""
    chosen = first_within(samples, np.inf)
    for distance in UNIT_DISTANCES_TICKS:
        chosen |= first_within(samples, distance)
    return chosen


def path_codes(samples: Samples) -> Codes:
    """Return codes of the price paths of labels: episodes that begin together.

    Labels of episodes whose first windows lie in the same horizon of a day cover nearly the same
    trades, whatever their level.
    """
    names, codes = np.unique(samples.episode, return_inverse=True)
    first = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(first, codes, samples.window_end_s)
    return first[codes] // max(int(samples.horizon_s.max(initial=1.0)), 1)
