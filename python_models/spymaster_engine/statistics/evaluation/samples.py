"""Labelled decision windows of one direction, as arrays."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands

Floats = NDArray[np.float64]
Codes = NDArray[np.int64]

# codes of windows without one of CLASSES
CENSORED, NOT_REACHED = -1, -2
# a window is judged when it is the first of its episode, or the first this near to the level; past
# the level, the first of its phase in the course, or the first there in a band of distance
UNIT_DISTANCES_TICKS = (6, 4, 2)


# parts of samples that hold windows for training only
_FOR_TRAINING = ("mirrored", "other_phases")


@dataclass(frozen=True)
class Samples:
    """Eligible windows of a phase in ascending order of day and time; n rows.

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
        episode: (n,) codes of episodes; at and past the level of courses.
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
        other_phases: windows of the other phases at or past the level, with the same columns, days
            and codes of episodes, for training while the phase has few episodes; None without.
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
    other_phases: Samples | None = None

    def __len__(self) -> int:
        """Return the number of windows."""
        return len(self.outcome)

    def take(self, rows: NDArray) -> Samples:
        """Return the chosen rows, by index or mask; windows for training only stay whole."""
        return self.with_columns(**{name: values[rows] for name, values in self.columns().items()})

    def without_inputs(self) -> Samples:
        """Return the windows with empty vectors and contexts, whose copies cost the most."""
        return self.with_columns(vector=self.vector[:, :0], context=self.context[:, :0])

    def columns(self) -> dict[str, NDArray]:
        """Return the arrays by name, without the windows for training only."""
        names = (field.name for field in fields(self) if field.name not in _FOR_TRAINING)
        return {name: getattr(self, name) for name in names}

    def with_columns(self, **columns: NDArray) -> Samples:
        """Return a copy with some arrays replaced."""
        changes: dict[str, Any] = {**columns}
        return replace(self, **changes)

    def changed(self, change: Callable[[Samples], Samples]) -> Samples:
        """Apply a change to these windows, then to those for training only."""
        changed: Any = change(self)
        for name in _FOR_TRAINING:
            part = getattr(self, name)
            if part is not None:
                changed = replace(changed, **{name: part.changed(change)})
        return changed

    def alone(self) -> Samples:
        """Return the windows without those for training only."""
        return replace(self, mirrored=None, other_phases=None)


def with_context(samples: Samples, more: NDArray) -> Samples:
    """Return the samples with columns added to their context, (n, m)."""
    context = np.concatenate([samples.context, more.astype(np.float32)], axis=1)
    return samples.with_columns(context=context)


def in_order_of_time(*parts: Samples) -> Samples:
    """Return the windows of several phases as one, without any windows for training only."""
    columns: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in parts[0].columns()
    }
    together = Samples(**columns)
    return together.take(np.lexsort((together.level, together.window_end_s, together.day)))


def first_within(samples: Samples, distance_ticks: float) -> NDArray[np.bool_]:
    """Return which windows are the first of their episode at most this far from the level."""
    return _first_of(samples, np.abs(samples.x0_ticks) <= distance_ticks)


def _first_of(samples: Samples, inside: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Return which windows are the first of their episode among those inside, (n,)."""
    rows = np.flatnonzero(inside)
    # rows are in time order within an episode, and unique keeps the first
    firsts = rows[np.unique(samples.episode[rows], return_index=True)[1]]
    chosen = np.zeros(len(samples), np.bool_)
    chosen[firsts] = True
    return chosen


def unit_slices(
    samples: Samples, bands: DistanceBands | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Return masks, (n,), of the windows that are judged, by the name of their slice.

    A window is chosen by what is known at its end: that it is the first of its episode, and the
    first within each of UNIT_DISTANCES_TICKS. At and past a level nothing comes nearer step by
    step: with ``bands``, those of the phase, it is the first of the phase in its course, and the
    first there in each band.
    """
    slices = {"first": first_within(samples, np.inf)}
    if bands is None:
        for distance in UNIT_DISTANCES_TICKS:
            slices[f"within_{distance}_ticks"] = first_within(samples, distance)
        return slices
    codes = bands.codes(samples.x0_ticks)
    for code, name in enumerate(bands.names):
        slices[f"band_{name}_ticks"] = _first_of(samples, codes == code)
    return slices


def unit_windows(samples: Samples, bands: DistanceBands | None = None) -> NDArray[np.bool_]:
    """Return which windows are judged, (n,): those in any of ``unit_slices``."""
    masks = list(unit_slices(samples, bands).values())
    return np.logical_or.reduce(masks)


def path_codes(samples: Samples) -> Codes:
    """Return codes of the price paths of labels: episodes that begin together.

    Labels of episodes whose first windows lie in the same horizon of a day cover nearly the same
    trades, whatever their level.
    """
    names, codes = np.unique(samples.episode, return_inverse=True)
    first = np.full(len(names), np.iinfo(np.int64).max)
    np.minimum.at(first, codes, samples.window_end_s)
    return first[codes] // max(int(samples.horizon_s.max(initial=1.0)), 1)
