"""Transformer: an encoder over patches of sequences.

Source: Y. Nie and others, A time series is worth 64 words (PatchTST), ICLR 2023. A patch is 16 rows
(80 s) and begins 8 rows after the one before. In the first form a token has the patches of all
channels; in the second every channel is a series of its own, encoded with the same weights. Each
token also has the 16 flags of missing rows. Tokens without a known row are not attended to, nor do
they count in the mean over time. Trained by JAX (extra ``deep``, imported by ``fit`` alone);
predicts by NumPy.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.artefacts import pack, unpack
from spymaster_engine.statistics.claimants.layers import Weights, attention, gelu, linear, norm
from spymaster_engine.statistics.claimants.losses import OutputScale
from spymaster_engine.statistics.claimants.network_settings import (
    TrainingSettings,
    use_one_thread,
)
from spymaster_engine.statistics.claimants.sequences import Inputs, Scales, Sequences
from spymaster_engine.statistics.claimants.splits import last_split
from spymaster_engine.statistics.retrieval.learned import one_thread

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]
Bools = NDArray[np.bool_]

NAME = "transformer"
_ROWS_AT_ONCE = 64


@dataclass(frozen=True)
class TransformerSettings:
    """Settings of the transformer.

    Attributes:
        n_classes: of the target; 0 for a number.
        patch: rows of a patch.
        stride: rows from the begin of a patch to that of the next.
        layers: of the encoder.
        heads: of each attention.
        width: of a hidden state.
        dropout: share of hidden states that a training step drops.
        by_channel: every channel is a series of its own; else a token has all channels.
        pretraining_epochs: passes over windows without labels, where there are some.
        training: how it is trained.
    """

    n_classes: int = 3
    patch: int = 16
    stride: int = 8
    layers: int = 3
    heads: int = 4
    width: int = 64
    dropout: float = 0.2
    by_channel: bool = False
    pretraining_epochs: int = 5
    training: TrainingSettings = field(
        default_factory=lambda: TrainingSettings(epochs=12, learning_rate=5e-4)
    )


@dataclass(frozen=True)
class FittedTransformer:
    """A fitted claimant.

    Attributes:
        settings: of the fit.
        scales: of the sequences.
        output: what the outputs mean.
        weights: of the network, float32 by name.
    """

    settings: TransformerSettings
    scales: Scales
    output: OutputScale
    weights: Weights

    def predict(self, sequences: Sequences) -> Floats:
        """Return the odds of the classes, (n, classes), or the expected number, (n,)."""
        outputs = [self.outputs(rows)[0] for rows in self._parts(sequences)]
        return self.output.stated(np.concatenate(outputs))

    def attention(self, sequences: Sequences) -> Singles:
        """Return what each series attends to, (n, series, layers, heads, tokens, tokens).

        A diagnostic, no explanation: the last axis sums to 1 for every token before it.
        """
        return np.concatenate([self.outputs(rows)[1] for rows in self._parts(sequences)])

    def _parts(self, sequences: Sequences) -> Iterator[dict[str, NDArray]]:
        """Yield what the network reads of some decisions after others, which saves memory."""
        for at in range(0, max(len(sequences), 1), _ROWS_AT_ONCE):
            part = sequences.take(slice(at, at + _ROWS_AT_ONCE))
            yield token_rows(self.scales.apply(part), self.settings)

    def outputs(self, rows: Mapping[str, NDArray]) -> tuple[Singles, Singles]:
        """Return the outputs of the network, (n, classes + 1) float32, and ``attention``.

        Args:
            rows: of ``token_rows``.
        """
        tokens, seen = rows["tokens"], rows["seen"]
        n, series, n_tokens, size = tokens.shape
        with one_thread():
            states, shares = self._encode(
                tokens.reshape(n * series, n_tokens, size), np.repeat(seen, series, axis=0)
            )
            states = states.reshape(n, series, n_tokens, -1)
            counts = seen[:, None, :, None].astype(np.float32)
            mean = (states * counts).sum(axis=2) / counts.sum(axis=2)
            pooled = [mean.reshape(n, -1), states[:, :, -1].reshape(n, -1), rows["static"]]
            hidden = gelu(linear(np.concatenate(pooled, axis=1), self.weights, "hidden"))
            outputs = linear(hidden, self.weights, "out")
        return outputs, shares.reshape(n, series, *shares.shape[1:])

    def _encode(self, tokens: Singles, seen: Bools) -> tuple[Singles, Singles]:
        """Return hidden states, (n, tokens, width), and attention by layer and head."""
        weights = self.weights
        x = linear(tokens, weights, "encoder.embed") + weights["encoder.position"]
        shares = []
        for number in range(self.settings.layers):
            name = f"encoder.layers.{number}"
            z = norm(x, weights, f"{name}.norm_attention")
            attended, share = attention(z, seen, weights, f"{name}.attention", self.settings.heads)
            x = x + attended
            z = norm(x, weights, f"{name}.norm_linear")
            z = gelu(linear(z, weights, f"{name}.widen"))
            x = x + linear(z, weights, f"{name}.narrow")
            shares.append(share)
        return norm(x, weights, "encoder.norm"), np.stack(shares, axis=1)

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact."""
        arrays = {**self.scales.arrays(), **self.output.arrays(), **self.weights}
        return pack({"claimant": NAME, **asdict(self.settings)}, arrays)


def load(artefact: Mapping[str, bytes], sha256: str) -> FittedTransformer:
    """Return the claimant of an artefact.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    settings, arrays = unpack(artefact, sha256)
    del settings["claimant"]
    settings["training"] = TrainingSettings(**settings["training"])
    parts = ("encoder.", "restore.", "hidden.", "out.")
    return FittedTransformer(
        TransformerSettings(**settings),
        Scales.from_arrays(arrays),
        OutputScale.from_arrays(arrays),
        {name: one for name, one in arrays.items() if name.startswith(parts)},
    )


def token_rows(inputs: Inputs, settings: TransformerSettings) -> dict[str, NDArray]:
    """Return what the network reads of standardised sequences.

    Returns:
        ``tokens``: (n, series, tokens, size) float32, ``size`` is patch * (channels + 1), or
        2 * patch for a series per channel; ``seen``: (n, tokens), which tokens have a known row,
        all where none has; ``static``: (n, static) float32.
    """
    patches = _patches(inputs.values, settings)
    seen: Bools = np.asarray(_patches(~inputs.missing, settings).any(axis=2))
    seen[~seen.any(axis=1)] = True
    n, n_all, n_tokens, _ = patches.shape
    if settings.by_channel:
        flags = np.broadcast_to(patches[:, -1:], patches[:, :-1].shape)
        tokens = np.concatenate([patches[:, :-1], flags], axis=3)
    else:
        tokens = patches.swapaxes(1, 2).reshape(n, 1, n_tokens, n_all * settings.patch)
    return {"tokens": np.ascontiguousarray(tokens), "seen": seen, "static": inputs.static}


def _patches(values: NDArray, settings: TransformerSettings) -> NDArray:
    """Return (..., tokens, patch) of (..., rows); the last patch ends with the last row."""
    windows = np.lib.stride_tricks.sliding_window_view(values, settings.patch, axis=-1)
    first = (windows.shape[-2] - 1) % settings.stride
    return windows[..., first :: settings.stride, :]


def fit(
    sequences: Sequences,
    target: NDArray,
    weight: Floats,
    seed: int,
    settings: TransformerSettings | None = None,
    strength: NDArray | None = None,
    unlabelled: Sequences | None = None,
) -> FittedTransformer:
    """Fit on the decisions of earlier days; the last fifth of the days says when to stop.

    Args:
        sequences: n decisions.
        target: (n,) codes of classes, or numbers.
        weight: (n,) above 0, for example one in total per episode.
        seed: of first weights, order of rows, dropout and hidden patches.
        settings: default TransformerSettings().
        strength: (n,) numbers to learn beside classes, NaN where unknown.
        unlabelled: windows of the same earlier days, whose hidden patches the encoder first learns
            to restore; None for no pretraining.

    Raises:
        TooFewDaysError: there are too few days to stop on later ones.
        ImportError: extra ``deep`` is not installed.
    """
    use_one_thread()
    import jax

    from spymaster_engine.statistics.claimants import network_training, networks

    chosen = settings or TransformerSettings()
    split = last_split(sequences.day)
    scales = Scales.of(sequences)
    output = OutputScale.of(target, weight, chosen.n_classes, strength)
    rows = token_rows(scales.apply(sequences), chosen)
    _, series, n_tokens, size = rows["tokens"].shape
    first, second = jax.random.split(jax.random.key(seed))
    encoder = networks.Encoder(
        size, n_tokens, chosen.width, chosen.heads, chosen.layers, chosen.dropout, first
    )
    n_static, n_outputs = rows["static"].shape[1], chosen.n_classes + 1
    network = networks.Transformer(encoder, series, n_static, n_outputs, chosen.dropout, second)
    if unlabelled is not None:
        windows = token_rows(scales.apply(unlabelled), chosen)
        network = network_training.pretrained(
            network, windows, seed, chosen.pretraining_epochs, chosen.training
        )
    rows.update(output.columns(target, weight, strength))
    network = network_training.trained(network, rows, split, seed, chosen.training)
    return FittedTransformer(chosen, scales, output, networks.weights_of(network))
