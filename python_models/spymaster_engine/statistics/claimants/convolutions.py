"""Features of sequences by fixed convolutions: the share of outputs above a bias.

Source of the method: A. Dempster, D. Schmidt and G. Webb, MiniRocket: a very fast (almost)
deterministic transform for time series classification, KDD 2021. A kernel has nine weights, three
of 2 and six of -1, which are all 84 kernels of that kind; it is applied with several dilations, to
the sum of some channels. A feature is the share of the outputs that exceed a bias, which is a
quantile of the outputs for training rows. Deterministic here: the training rows are evenly spaced
and the choice of channels is drawn from a seed and kept.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields
from itertools import combinations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.compiled import kernel

Singles = NDArray[np.float32]
Ints = NDArray[np.int32]

WEIGHTS = 9
# places of the three weights of 2, per kernel
PLACES: NDArray[np.int32] = np.array(list(combinations(range(WEIGHTS), 3)), np.int32)
# exponents of the dilations, evenly spaced from 1 to the longest that fits
_EXPONENTS = 8
_MOST_CHANNELS = 9
_BIAS_ROWS = 32
_GOLDEN = (5**0.5 + 1) / 2


@dataclass(frozen=True)
class Convolutions:
    """What is convolved and which outputs count: a plan of combinations of kernel and dilation.

    Attributes:
        dilations: (dilations,) int32, rows between two weights, ascending.
        channel_ends: (combinations,) int32, end of the channels of each combination within
            ``channels``; combinations are ordered by dilation, then kernel.
        channels: int32, channels whose outputs a combination adds up.
        bias_ends: (combinations,) int32, end of the biases of each combination.
        biases: (features,) float32.
    """

    dilations: Ints
    channel_ends: Ints
    channels: Ints
    bias_ends: Ints
    biases: Singles

    @classmethod
    def fit(cls, values: Singles, features_per_kernel: int, seed: int) -> Convolutions:
        """Plan the convolutions and take the biases from training rows.

        Args:
            values: (n, channels, rows) float32, standardised, n at least 1.
            features_per_kernel: features of each of the 84 kernels, all dilations together.
            seed: of the choice of channels.
        """
        _, n_channels, n_rows = values.shape
        dilations, counts = _dilations(n_rows, features_per_kernel)
        n_combinations = len(dilations) * len(PLACES)
        chosen = list(_channel_choices(n_channels, n_combinations, seed))
        channel_ends = np.cumsum([len(one) for one in chosen]).astype(np.int32)
        per_combination = np.repeat(counts, len(PLACES))
        plan = cls(
            dilations,
            channel_ends,
            np.concatenate(chosen).astype(np.int32),
            np.cumsum(per_combination).astype(np.int32),
            np.empty(0, np.float32),
        )
        rows = np.unique(np.linspace(0, len(values) - 1, _BIAS_ROWS).round().astype(np.int64))
        outputs = np.empty((n_combinations, len(rows), n_rows), np.float32)
        plan._run(np.ascontiguousarray(values[rows]), outputs, np.empty((0, 0), np.float32))
        return cls(
            plan.dilations,
            plan.channel_ends,
            plan.channels,
            plan.bias_ends,
            _biases(outputs, dilations, per_combination),
        )

    def transform(self, values: Singles) -> Singles:
        """Return the share of outputs above each bias, (n, features) float32.

        Args:
            values: (n, channels, rows) float32, as long as those of the fit.
        """
        shares = np.empty((len(values), len(self.biases)), np.float32)
        self._run(np.ascontiguousarray(values), np.empty((0, 0, 0), np.float32), shares)
        return shares

    def _run(self, values: Singles, outputs: Singles, shares: Singles) -> None:
        _, n_channels, n_rows = values.shape
        margin = (WEIGHTS // 2) * int(self.dilations[-1])
        padded = np.zeros((n_channels, n_rows + 2 * margin), np.float32)
        sums = np.empty((n_channels, n_rows), np.float32)
        output = np.empty(n_rows, np.float32)
        _convolve(
            values,
            self.dilations,
            PLACES,
            self.channel_ends,
            self.channels,
            self.bias_ends,
            self.biases,
            padded,
            sums,
            output,
            outputs,
            shares,
        )

    def arrays(self) -> dict[str, NDArray]:
        """Return the arrays for an artefact, names begin with ``convolutions.``."""
        return {f"convolutions.{field.name}": getattr(self, field.name) for field in fields(self)}

    @classmethod
    def from_arrays(cls, arrays: dict[str, NDArray]) -> Convolutions:
        """Return the plan of an artefact."""
        return cls(*(arrays[f"convolutions.{field.name}"] for field in fields(cls)))


def counted_rows(combination: int, dilation: int, n_rows: int) -> slice:
    """Return the outputs of a combination that count.

    Every second combination, by the sum of the numbers of dilation and kernel, counts all outputs,
    with zeros beyond both ends; the others only outputs whose nine rows all exist.
    """
    number, place = divmod(combination, len(PLACES))
    margin = 0 if (number + place) % 2 == 0 else (WEIGHTS // 2) * dilation
    return slice(margin, n_rows - margin)


def _dilations(n_rows: int, features_per_kernel: int) -> tuple[Ints, NDArray[np.int64]]:
    """Return the dilations and how many features of a kernel each has."""
    longest = float((n_rows - 1) // (WEIGHTS - 1))
    # a power that is whole must not fall below itself
    powers = np.floor(longest ** np.linspace(0.0, 1.0, _EXPONENTS) + 1e-9).astype(np.int32)
    dilations, repeats = np.unique(powers, return_counts=True)
    counts = repeats * features_per_kernel // _EXPONENTS
    counts[: features_per_kernel - counts.sum()] += 1
    return dilations, counts


def _channel_choices(n_channels: int, n_choices: int, seed: int) -> Iterator[NDArray[np.int64]]:
    """Yield the channels of each combination: few more often than many, each equally often."""
    draw = np.random.default_rng(seed)
    most = np.log2(min(n_channels, _MOST_CHANNELS) + 1)
    waiting = np.empty(0, np.int64)
    for _ in range(n_choices):
        size = int(2.0 ** draw.uniform(0.0, most))
        if len(waiting) < size:
            waiting = draw.permutation(n_channels)
        yield np.sort(waiting[:size])
        waiting = waiting[size:]


def _biases(outputs: Singles, dilations: Ints, counts: NDArray[np.int64]) -> Singles:
    """Return quantiles of the counted outputs, at levels i * golden ratio modulo 1, i = 1..."""
    levels = np.arange(1, counts.sum() + 1) * _GOLDEN % 1.0
    ends = np.cumsum(counts)
    biases = np.empty(len(levels), np.float32)
    for combination, (end, count) in enumerate(zip(ends, counts, strict=True)):
        dilation = int(dilations[combination // len(PLACES)])
        counted = outputs[combination, :, counted_rows(combination, dilation, outputs.shape[2])]
        part = slice(end - count, end)
        biases[part] = np.quantile(counted.astype(np.float64), levels[part])
    return biases


@kernel
def _convolve(
    values,
    dilations,
    places,
    channel_ends,
    channels,
    bias_ends,
    biases,
    padded,
    sums,
    output,
    outputs,
    shares,
):
    """Convolve rows by every combination; keep the outputs, or the shares above the biases.

    Args:
        values: (n, channels, rows) float32.
        dilations: see ``Convolutions``, as are the next but one and those up to ``biases``.
        places: (84, 3) int32, places of the weights of 2.
        channel_ends: of the combinations.
        channels: of the combinations.
        bias_ends: of the combinations.
        biases: of the combinations.
        padded: (channels, rows + 2 * margin) float32 of zeros, for work.
        sums: (channels, rows) float32, for work.
        output: (rows,) float32, for work.
        outputs: (combinations, n, rows) float32 to fill; empty for shares.
        shares: (n, features) float32 to fill; empty for outputs.
    """
    n_rows = values.shape[2]
    n_kernels = places.shape[0]
    margin = (padded.shape[1] - n_rows) // 2
    keeps = outputs.size > 0
    minus = np.float32(-1.0)
    three = np.float32(3.0)
    for row in range(values.shape[0]):
        for channel in range(values.shape[1]):
            for at in range(n_rows):
                padded[channel, margin + at] = values[row, channel, at]
        for number in range(dilations.shape[0]):
            dilation = dilations[number]
            first = margin - 4 * dilation
            for channel in range(values.shape[1]):
                for at in range(n_rows):
                    sums[channel, at] = np.float32(0.0)
                for weight in range(9):
                    shift = first + weight * dilation
                    for at in range(n_rows):
                        sums[channel, at] += minus * padded[channel, shift + at]
            for place in range(n_kernels):
                combination = number * n_kernels + place
                begin = channel_ends[combination - 1] if combination else 0
                for at in range(n_rows):
                    output[at] = np.float32(0.0)
                one = first + places[place, 0] * dilation
                two = first + places[place, 1] * dilation
                last = first + places[place, 2] * dilation
                for index in range(begin, channel_ends[combination]):
                    channel = channels[index]
                    for at in range(n_rows):
                        output[at] += sums[channel, at] + three * (
                            padded[channel, one + at]
                            + padded[channel, two + at]
                            + padded[channel, last + at]
                        )
                if keeps:
                    for at in range(n_rows):
                        outputs[combination, row, at] = output[at]
                    continue
                left = 0 if (number + place) % 2 == 0 else 4 * dilation
                first_bias = bias_ends[combination - 1] if combination else 0
                for bias in range(first_bias, bias_ends[combination]):
                    above = np.int32(0)
                    for at in range(left, n_rows - left):
                        above += np.int32(output[at] > biases[bias])
                    shares[row, bias] = np.float32(above) / np.float32(n_rows - 2 * left)
