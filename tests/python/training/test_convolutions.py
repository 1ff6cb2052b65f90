"""Convolutional features equal those of the definition."""

from __future__ import annotations

import numpy as np
import pytest
from naive import convolutions as naive
from spymaster_engine.statistics.claimants.convolutions import PLACES, Convolutions

ROWS, CHANNELS = 49, 3
PER_KERNEL = 19


@pytest.fixture(scope="module")
def values() -> np.ndarray:
    # whole numbers, whose sums are exact in any order
    draw = np.random.default_rng(1)
    return draw.integers(-3, 4, (6, CHANNELS, ROWS)).astype(np.float32)


@pytest.fixture(scope="module")
def fitted(values: np.ndarray) -> Convolutions:
    return Convolutions.fit(values[:5], PER_KERNEL, 42)


def parts(ends: np.ndarray, combination: int) -> slice:
    return slice(int(ends[combination - 1]) if combination else 0, int(ends[combination]))


def test_there_are_84_kernels_and_the_features_that_were_asked_for(fitted: Convolutions) -> None:
    assert [tuple(places) for places in PLACES.tolist()] == naive.KERNELS
    assert len(naive.KERNELS) == 84
    assert len(fitted.biases) == 84 * PER_KERNEL
    # the longest has nine weights within the rows
    assert fitted.dilations.tolist() == [1, 2, 3, 4, 6]
    assert 8 * fitted.dilations[-1] < ROWS


def test_every_channel_is_used_about_equally_often(fitted: Convolutions) -> None:
    counts = np.bincount(fitted.channels, minlength=CHANNELS)
    assert counts.max() - counts.min() < 0.2 * counts.mean()


def test_biases_and_shares_are_those_of_the_definition(
    values: np.ndarray, fitted: Convolutions
) -> None:
    shares = fitted.transform(values)
    training = [series.tolist() for series in values[:5]]
    new = values[5].tolist()
    # every seventh combination covers all dilations and many kernels
    for combination in range(0, len(fitted.bias_ends), 7):
        number, kernel = divmod(combination, 84)
        gap = int(fitted.dilations[number])
        channels = fitted.channels[parts(fitted.channel_ends, combination)].tolist()
        assert len(set(channels)) == len(channels) > 0

        def of(
            series: list[list[float]],
            number: int = number,
            kernel: int = kernel,
            gap: int = gap,
            channels: list[int] = channels,
        ) -> list[float]:
            found = naive.outputs(series, channels, naive.KERNELS[kernel], gap)
            return naive.counted(found, number, kernel, gap)

        pooled = [value for series in training for value in of(series)]
        features = parts(fitted.bias_ends, combination)
        for feature in range(features.start, features.stop):
            bias = float(fitted.biases[feature])
            expected = naive.quantile(pooled, naive.golden_level(feature))
            assert bias == pytest.approx(expected, abs=1e-5)
            assert shares[5, feature] == np.float32(naive.share_above(of(new), bias))


def test_a_row_has_the_same_features_alone(values: np.ndarray, fitted: Convolutions) -> None:
    assert np.array_equal(fitted.transform(values)[3:4], fitted.transform(values[3:4]))
