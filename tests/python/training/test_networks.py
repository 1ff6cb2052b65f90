"""Forward passes in NumPy equal those of JAX; patches and their attention."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from spymaster_engine.statistics.claimants.losses import OutputScale
from spymaster_engine.statistics.claimants.network_settings import use_one_thread
from spymaster_engine.statistics.claimants.perceptron import FittedPerceptron, PerceptronSettings
from spymaster_engine.statistics.claimants.sequences import Inputs, Scales, Sequences, block_means
from spymaster_engine.statistics.claimants.transformer import (
    FittedTransformer,
    TransformerSettings,
    token_rows,
)

use_one_thread()

CHANNELS, ROWS, STATIC = 5, 240, 4
OUTPUT = OutputScale(np.full(3, 1 / 3), 0.0, 1.0)


@pytest.fixture(scope="module")
def sequences() -> Sequences:
    draw = np.random.default_rng(1)
    values = draw.normal(size=(7, CHANNELS, ROWS)).astype(np.float32)
    missing = draw.random((7, ROWS)) < 0.1
    # whole patches, and everything
    missing[1, 40:90] = True
    missing[2, :200] = True
    missing[3] = True
    static = draw.normal(size=(7, STATIC)).astype(np.float32)
    return Sequences(values, missing, static, np.arange(7))


@pytest.fixture(scope="module")
def scales(sequences: Sequences) -> Scales:
    return Scales.of(sequences)


@pytest.fixture(scope="module")
def inputs(sequences: Sequences, scales: Scales) -> Inputs:
    return scales.apply(sequences)


def shaken(network: Any) -> Any:
    """Draw all weights anew: the last map begins with zeros, which would hide any difference."""
    import equinox as eqx
    import jax

    arrays, rest = eqx.partition(network, eqx.is_array)
    leaves, tree = jax.tree.flatten(arrays)
    draw = np.random.default_rng(2)
    moved = [leaf + 0.1 * draw.normal(size=leaf.shape).astype(np.float32) for leaf in leaves]
    return eqx.combine(jax.tree.unflatten(tree, moved), rest)


def test_perceptrons_are_equal(inputs: Inputs, scales: Scales) -> None:
    import jax
    from spymaster_engine.statistics.claimants.network_training import outputs_of
    from spymaster_engine.statistics.claimants.networks import Perceptron, weights_of

    features = block_means(inputs)
    network = shaken(Perceptron(features.shape[1], 64, 4, 0.3, jax.random.key(1)))
    model = FittedPerceptron(PerceptronSettings(), scales, OUTPUT, weights_of(network))
    found, expected = model.outputs(features), outputs_of(network, {"features": features})
    assert found.dtype == np.float32
    assert np.abs(expected).max() > 0.1
    assert found == pytest.approx(expected, abs=1e-5)


@pytest.mark.parametrize("by_channel", [False, True])
def test_transformers_are_equal(
    sequences: Sequences, inputs: Inputs, scales: Scales, by_channel: bool
) -> None:
    import jax
    from spymaster_engine.statistics.claimants.network_training import outputs_of
    from spymaster_engine.statistics.claimants.networks import Encoder, Transformer, weights_of

    settings = TransformerSettings(by_channel=by_channel)
    rows = token_rows(inputs, settings)
    _, series, n_tokens, size = rows["tokens"].shape
    assert (series, n_tokens) == (CHANNELS if by_channel else 1, 29)
    first, second = jax.random.split(jax.random.key(1))
    encoder = Encoder(size, n_tokens, 64, 4, 3, 0.2, first)
    network = shaken(Transformer(encoder, series, rows["static"].shape[1], 4, 0.2, second))
    model = FittedTransformer(settings, scales, OUTPUT, weights_of(network))
    found, shares = model.outputs(rows)
    expected = outputs_of(network, rows)
    assert found.dtype == np.float32
    assert np.abs(expected).max() > 0.1
    assert found == pytest.approx(expected, abs=1e-5)
    assert shares.shape == (7, series, 3, 4, n_tokens, n_tokens)
    assert shares.sum(axis=-1) == pytest.approx(1.0, abs=1e-5)
    assert np.array_equal(model.attention(sequences), shares)
    unseen = np.broadcast_to(~rows["seen"][:, None, None, None, None, :], shares.shape)
    assert unseen.any()
    assert not shares[unseen].any()


def test_a_token_has_its_rows_of_all_channels_and_the_last_ends_at_the_decision(
    inputs: Inputs,
) -> None:
    joint = token_rows(inputs, TransformerSettings())
    apart = token_rows(inputs, TransformerSettings(by_channel=True))
    for token in (0, 3, 28):
        part = slice(8 * token, 8 * token + 16)
        assert np.array_equal(joint["tokens"][0, 0, token], inputs.values[0, :, part].ravel())
        own = np.concatenate([inputs.values[0, 2, part], inputs.missing[0, part]])
        assert np.array_equal(apart["tokens"][0, 2, token], own)
        assert joint["seen"][1, token] == (not inputs.missing[1, part].all())
    assert part.stop == ROWS
    # without any known row every token is seen, or the odds would be of nothing
    assert joint["seen"][3].all()
    assert not joint["seen"][1].all()


def test_block_means_leave_missing_rows_out(inputs: Inputs) -> None:
    found = block_means(inputs)
    n_all = CHANNELS + 1
    assert found.shape == (7, 8 * n_all + inputs.static.shape[1])
    for block, (near, far) in enumerate(((0, 1), (1, 4), (4, 12), (12, 24), (24, 48))):
        rows = np.arange(ROWS - far, ROWS - near)
        for number in range(7):
            known = [row for row in rows if not inputs.missing[number, row]]
            for channel in range(CHANNELS):
                values = [inputs.values[number, channel, row] for row in known]
                expected = np.mean(values) if values else 0.0
                place = block * n_all + channel
                assert found[number, place] == pytest.approx(expected, abs=1e-5)
            share = 1.0 - len(known) / len(rows)
            assert found[number, (block + 1) * n_all - 1] == pytest.approx(share)


def test_scales_are_those_of_known_rows_and_say_what_is_unknown() -> None:
    values = np.array([[[1.0, 3.0, np.nan, 99.0]], [[5.0, 7.0, 4.0, 4.0]]], np.float32)
    missing = np.array([[False, False, False, True], [False] * 4])
    static = np.array([[1.0, 2.0], [3.0, np.nan]], np.float32)
    inputs = Scales.of(Sequences(values, missing, static, np.arange(2)))
    known = np.array([1.0, 3.0, 5.0, 7.0, 4.0, 4.0])
    found = inputs.apply(Sequences(values, missing, static, np.arange(2)))
    expected = (np.array([1.0, 3.0]) - known.mean()) / known.std()
    assert found.values[0, 0, :2] == pytest.approx(expected, abs=1e-5)
    assert found.values[0, 0, 2:].tolist() == [0.0, 0.0]
    assert found.values[0, 1].tolist() == [0.0, 0.0, 0.0, 1.0]
    # standardised, constant or unknown as 0; unknown or not; share of known rows without a value
    assert found.static == pytest.approx(
        np.array([[-1.0, 0.0, 0.0, 0.0, 1 / 3], [1.0, 0.0, 0.0, 1.0, 0.0]]), abs=1e-5
    )
