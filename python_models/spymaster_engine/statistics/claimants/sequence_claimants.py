"""The claimants of sequences by name, from the cheapest to the dearest."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Protocol

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants import kernels, perceptron, transformer
from spymaster_engine.statistics.claimants.artefacts import SETTINGS, check
from spymaster_engine.statistics.claimants.sequences import Sequences

FITS: dict[str, Callable[..., Fitted]] = {
    kernels.NAME: kernels.fit,
    perceptron.NAME: perceptron.fit,
    transformer.NAME: transformer.fit,
}
SETTINGS_OF: dict[str, Callable[..., Any]] = {
    kernels.NAME: kernels.KernelSettings,
    perceptron.NAME: perceptron.PerceptronSettings,
    transformer.NAME: transformer.TransformerSettings,
}
_LOADS: dict[str, Callable[[Mapping[str, bytes], str], Fitted]] = {
    kernels.NAME: kernels.load,
    perceptron.NAME: perceptron.load,
    transformer.NAME: transformer.load,
}


class Fitted(Protocol):
    """A fitted claimant of sequences."""

    def predict(self, sequences: Sequences) -> NDArray[np.float64]:
        """Return the odds of the classes, (n, classes), or the expected number, (n,)."""
        ...

    def artefact(self) -> dict[str, bytes]:
        """Return the files of the artefact."""
        ...


def load(artefact: Mapping[str, bytes], sha256: str) -> Fitted:
    """Return the claimant of an artefact, whichever it is.

    Raises:
        AlteredArtefactError: the content hash is another one.
    """
    check(artefact, sha256)
    return _LOADS[json.loads(artefact[SETTINGS])["claimant"]](artefact, sha256)
