"""Layers of networks in NumPy: what predicting needs, over weights by name."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Singles = NDArray[np.float32]
Weights = dict[str, NDArray]

_NORM_EPSILON = np.float32(1e-5)


def linear(x: Singles, weights: Weights, name: str) -> Singles:
    """Return the linear map of the last axis; a map without bias has none in the weights."""
    result = x @ weights[f"{name}.weight"].T
    bias = weights.get(f"{name}.bias")
    return result if bias is None else result + bias


def norm(x: Singles, weights: Weights, name: str) -> Singles:
    """Return the last axis with mean 0 and variance 1, then scaled (layer normalisation)."""
    centred: Singles = x - x.mean(axis=-1, keepdims=True)
    variance: Singles = np.square(centred).mean(axis=-1, keepdims=True)
    spread: Singles = np.sqrt(variance + _NORM_EPSILON, dtype=np.float32)
    standard: Singles = centred / spread
    return standard * weights[f"{name}.weight"] + weights[f"{name}.bias"]


def gelu(x: Singles) -> Singles:
    """Return x times the normal distribution at x, in its approximation by tanh."""
    factor = np.float32(np.sqrt(2.0 / np.pi))
    curve: Singles = np.tanh(factor * (x + np.float32(0.044715) * x * x * x))
    return x * np.float32(0.5) * (np.float32(1.0) + curve)


def attention(
    x: Singles, seen: NDArray[np.bool_], weights: Weights, name: str, heads: int
) -> tuple[Singles, Singles]:
    """Return attention of each token to the seen tokens of its row.

    Source: A. Vaswani and others, Attention is all you need, NIPS 2017.

    Args:
        x: (n, tokens, width) float32.
        seen: (n, tokens), which tokens are attended to, at least one a row.
        weights: by name.
        name: of the attention within the weights.
        heads: number of heads, which share out the width.

    Returns:
        (n, tokens, width); attention weights, (n, heads, tokens, tokens), which sum to 1 over the
        last axis.
    """
    n, tokens, width = x.shape
    query, key, value = (
        linear(x, weights, f"{name}.{part}_proj").reshape(n, tokens, heads, -1).swapaxes(1, 2)
        for part in ("query", "key", "value")
    )
    scores = query @ key.swapaxes(2, 3) / np.float32(np.sqrt(width // heads))
    scores = np.where(seen[:, None, None, :], scores, np.float32(-np.inf))
    powers = np.exp(scores - scores.max(axis=-1, keepdims=True))
    share = powers / powers.sum(axis=-1, keepdims=True)
    joined = (share @ value).swapaxes(1, 2).reshape(n, tokens, -1)
    return linear(joined, weights, f"{name}.output_proj"), share
