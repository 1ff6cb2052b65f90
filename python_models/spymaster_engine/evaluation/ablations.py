"""What the learned space loses when it sees less, or more, of a moment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.evaluation.blocks import Protocol
from spymaster_engine.evaluation.models import retrieval_learned
from spymaster_engine.evaluation.samples import Samples
from spymaster_engine.evaluation.walk_forward import walk_forward
from spymaster_engine.retrieval.learned import elements_of_values

Floats = NDArray[np.float64]

WITHOUT_VECTOR = "without_vector"
WITHOUT_CONTEXT = "without_context"
WITH_DIFFERENCES = "with_differences"


def ablations(
    samples: Samples, blocks: Mapping[str, NDArray[np.bool_]], protocol: Protocol
) -> dict[str, tuple[Samples, Protocol]]:
    """Return what to walk with instead, by name.

    Args:
        samples: all windows of one direction.
        blocks: per block of the vector, which elements are its own.
        protocol: the one to compare with.
    """
    width = samples.vector.shape[1]
    values = elements_of_values(width, protocol.n_blocks // 2)
    empty = samples.with_columns(context=np.zeros_like(samples.context))
    variants = {
        WITHOUT_VECTOR: (samples, _seeing(protocol, np.zeros(width, np.bool_))),
        WITHOUT_CONTEXT: (empty, _seeing(protocol, values)),
        WITH_DIFFERENCES: (samples, _seeing(protocol, np.ones(width, np.bool_))),
    }
    for name, own in blocks.items():
        if (own & values).any():
            variants[f"only_{name}"] = (samples, _seeing(protocol, own & values))
    return variants


def ablated_odds(
    variants: Mapping[str, tuple[Samples, Protocol]], asked: NDArray[np.bool_]
) -> dict[str, Floats]:
    """Return the odds of learned retrieval in every variant, (n, 3) each."""
    return {
        name: walk_forward(samples, asked, protocol, {name: retrieval_learned})[name]
        for name, (samples, protocol) in variants.items()
    }


def _seeing(protocol: Protocol, used: NDArray[np.bool_]) -> Protocol:
    return replace(protocol, used=tuple(used.tolist()))
