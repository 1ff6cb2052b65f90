"""Sequences as claimants read them: standardised by what the training rows were like."""

from __future__ import annotations

from dataclasses import dataclass, fields
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Codes = NDArray[np.int64]
Bools = NDArray[np.bool_]

# standardised values are cut off here, as those of retrieval are
_FARTHEST = 8.0
# rows before the decision at which the blocks of ``block_means`` end: 5 s to 20 min
_BLOCK_ENDS = (1, 4, 12, 24, 48, 96, 160, 240)


@dataclass(frozen=True)
class Sequences:
    """Decisions with what came before them, oldest row first; the last row ends at the decision.

    Attributes:
        values: (n, channels, rows) float32, NaN where unknown; values of missing rows count for
            nothing.
        missing: (n, rows), rows that are invalid or missing.
        static: (n, s) float32, features of the decision, NaN where unknown.
        day: (n,) ascending codes of trading days. No input of a model: fits choose settings on
            later days than they fit.
    """

    values: Singles
    missing: Bools
    static: Singles
    day: Codes

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.values)

    def take(self, rows: NDArray | slice) -> Sequences:
        """Return the chosen decisions, by index, mask or slice."""
        return Sequences(*(getattr(self, field.name)[rows] for field in fields(self)))


@dataclass(frozen=True)
class Inputs:
    """Standardised sequences.

    Attributes:
        values: (n, channels + 1, rows) float32. Missing rows and unknown values are 0, the mean of
            the training rows. The last channel is 1 where the row is missing, else 0.
        missing: (n, rows).
        static: (n, 2 * s + channels) float32: the features, unknown ones 0; 1 where a feature is
            unknown; per channel the share of the known rows in which its value is unknown.
    """

    values: Singles
    missing: Bools
    static: Singles

    def __len__(self) -> int:
        """Return the number of decisions."""
        return len(self.values)

    def take(self, rows: NDArray | slice) -> Inputs:
        """Return the chosen decisions, by index, mask or slice."""
        return Inputs(self.values[rows], self.missing[rows], self.static[rows])


@dataclass(frozen=True)
class Scales:
    """Means and reciprocal standard deviations of training rows; 0 where nothing varies.

    Attributes:
        mean: (channels,) float32.
        factor: (channels,) float32.
        static_mean: (s,) float32.
        static_factor: (s,) float32.
    """

    mean: Singles
    factor: Singles
    static_mean: Singles
    static_factor: Singles

    @classmethod
    def of(cls, training: Sequences) -> Scales:
        """Measure the known values of training rows, missing rows left out."""
        by_channel = np.moveaxis(training.values, 1, 0)
        channels = [_moments(channel[~training.missing]) for channel in by_channel]
        statics = [_moments(column) for column in training.static.T]
        columns = (
            np.array([pair[place] for pair in pairs], np.float32)
            for pairs in (channels, statics)
            for place in range(2)
        )
        return cls(*columns)

    def apply(self, sequences: Sequences) -> Inputs:
        """Standardise sequences; see ``Inputs``."""
        unknown = ~np.isfinite(sequences.values)
        known_row = ~sequences.missing[:, None, :]
        z = (sequences.values - self.mean[:, None]) * self.factor[:, None]
        usable = known_row & ~unknown
        z = np.where(usable, np.clip(z, -_FARTHEST, _FARTHEST), np.float32(0.0))
        values = np.concatenate([z, sequences.missing[:, None, :].astype(np.float32)], axis=1)
        n_known = np.maximum(known_row.sum(axis=2), 1)
        gaps = (unknown & known_row).sum(axis=2) / n_known
        return Inputs(
            values.astype(np.float32),
            sequences.missing,
            np.concatenate([self._static(sequences.static), gaps], axis=1, dtype=np.float32),
        )

    def _static(self, static: Singles) -> Singles:
        unknown = ~np.isfinite(static)
        z = np.clip((static - self.static_mean) * self.static_factor, -_FARTHEST, _FARTHEST)
        return np.concatenate([np.where(unknown, 0.0, z), unknown], axis=1, dtype=np.float32)

    def arrays(self) -> dict[str, NDArray]:
        """Return the arrays for an artefact, names begin with ``scales.``."""
        return {f"scales.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray]) -> Scales:
        """Return the scales of an artefact."""
        return cls(*(arrays[f"scales.{field.name}"] for field in fields(cls)))


def _moments(values: NDArray) -> tuple[float, float]:
    """Return mean and reciprocal standard deviation of the known values."""
    known = values[np.isfinite(values)].astype(np.float64)
    if not known.size:
        return 0.0, 0.0
    spread = float(known.std())
    mean = float(known.mean())
    return mean, 1.0 / spread if spread > 1e-6 * max(abs(mean), 1.0) else 0.0


def block_means(inputs: Inputs) -> Singles:
    """Return means over blocks of rows, short ones next to the decision, and the static features.

    Returns:
        (n, (channels + 1) * blocks + static) float32. A channel's mean is over the rows of the
        block that are not missing, 0 where all are; the last channel's is the share of missing
        rows.
    """
    rows = inputs.values.shape[2]
    ends = [0, *(end for end in _BLOCK_ENDS if end < rows), rows]
    blocks = []
    for near, far in pairwise(ends):
        part = slice(rows - far, rows - near)
        sums = inputs.values[:, :, part].sum(axis=2, dtype=np.float64)
        known = (~inputs.missing[:, part]).sum(axis=1)
        counts = np.repeat(np.maximum(known, 1)[:, None], sums.shape[1], axis=1)
        counts[:, -1] = far - near
        blocks.append(sums / counts)
    return np.concatenate([*blocks, inputs.static], axis=1, dtype=np.float32)
