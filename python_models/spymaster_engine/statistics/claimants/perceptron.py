"""Perceptron: two hidden layers over block means and static features of sequences.

Trained by JAX (extra ``deep``, imported by ``fit`` alone); predicts by NumPy.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.artefacts import pack, unpack
from spymaster_engine.statistics.claimants.layers import Weights, gelu, linear
from spymaster_engine.statistics.claimants.losses import OutputScale
from spymaster_engine.statistics.claimants.network_settings import (
    TrainingSettings,
    use_one_thread,
)
from spymaster_engine.statistics.claimants.sequences import Scales, Sequences, block_means
from spymaster_engine.statistics.claimants.splits import last_split
from spymaster_engine.statistics.retrieval.learned import one_thread

Floats = NDArray[np.float64]
Singles = NDArray[np.float32]

NAME = "perceptron"


@dataclass(frozen=True)
class PerceptronSettings:
    """Settings of the perceptron.

    Attributes:
        n_classes: of the target; 0 for a number.
        width: of both hidden layers.
        dropout: share of hidden states that a training step drops.
        training: how it is trained.
    """

    n_classes: int = 3
    width: int = 64
    dropout: float = 0.3
    training: TrainingSettings = field(default_factory=TrainingSettings)


@dataclass(frozen=True)
class FittedPerceptron:
    """A fitted claimant.

    Attributes:
        settings: of the fit.
        scales: of the sequences.
        output: what the outputs mean.
        weights: of the network, float32 by name.
    """

    settings: PerceptronSettings
    scales: Scales
    output: OutputScale
    weights: Weights

    def predict(self, sequences: Sequences) -> Floats:
        """Return the odds of the classes, (n, classes), or the expected number, (n,)."""
        features = block_means(self.scales.apply(sequences))
        return self.output.stated(self.outputs(features))

    def outputs(self, features: Singles) -> Singles:
        """Return the outputs of the network, (n, classes + 1) float32.

        Args:
            features: (n, inputs) float32, block means of standardised sequences.
        """
        with one_thread():
            x = gelu(linear(features, self.weights, "hidden.0"))
            x = gelu(linear(x, self.weights, "hidden.1"))
            return linear(x, self.weights, "out")

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact."""
        arrays = {**self.scales.arrays(), **self.output.arrays(), **self.weights}
        return pack({"claimant": NAME, **asdict(self.settings)}, arrays)


def load(artefact: Mapping[str, bytes], sha256: str) -> FittedPerceptron:
    """Return the claimant of an artefact.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    settings, arrays = unpack(artefact, sha256)
    del settings["claimant"]
    settings["training"] = TrainingSettings(**settings["training"])
    weights = {name: one for name, one in arrays.items() if name.startswith(("hidden.", "out."))}
    return FittedPerceptron(
        PerceptronSettings(**settings),
        Scales.from_arrays(arrays),
        OutputScale.from_arrays(arrays),
        weights,
    )


def fit(
    sequences: Sequences,
    target: NDArray,
    weight: Floats,
    seed: int,
    settings: PerceptronSettings | None = None,
    strength: NDArray | None = None,
) -> FittedPerceptron:
    """Fit on the decisions of earlier days; the last fifth of the days says when to stop.

    Args:
        sequences: n decisions.
        target: (n,) codes of classes, or numbers.
        weight: (n,) above 0, for example one in total per episode.
        seed: of first weights, order of rows and dropout.
        settings: default PerceptronSettings().
        strength: (n,) numbers to learn beside classes, NaN where unknown.

    Raises:
        TooFewDaysError: there are too few days to stop on later ones.
        ImportError: extra ``deep`` is not installed.
    """
    use_one_thread()
    import jax

    from spymaster_engine.statistics.claimants import network_training, networks

    chosen = settings or PerceptronSettings()
    split = last_split(sequences.day)
    scales = Scales.of(sequences)
    features = block_means(scales.apply(sequences))
    output = OutputScale.of(target, weight, chosen.n_classes, strength)
    rows = {"features": features, **output.columns(target, weight, strength)}
    network = networks.Perceptron(
        features.shape[1],
        chosen.width,
        chosen.n_classes + 1,
        chosen.dropout,
        jax.random.key(seed),
    )
    network = network_training.trained(network, rows, split, seed, chosen.training)
    return FittedPerceptron(chosen, scales, output, networks.weights_of(network))
