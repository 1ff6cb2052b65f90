"""Networks in JAX with layers of equinox, for training only (extra ``deep``)."""

from __future__ import annotations

from typing import Any

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
from jax import Array
from numpy.typing import NDArray


class Perceptron(eqx.Module):
    """Two hidden layers."""

    hidden: list[eqx.nn.Linear]
    out: eqx.nn.Linear
    dropout: eqx.nn.Dropout

    def __init__(self, n_inputs: int, width: int, n_outputs: int, dropout: float, key: Array):
        first, second, last = jax.random.split(key, 3)
        self.hidden = [
            eqx.nn.Linear(n_inputs, width, key=first),
            eqx.nn.Linear(width, width, key=second),
        ]
        self.out = _zero(eqx.nn.Linear(width, n_outputs, key=last))
        self.dropout = eqx.nn.Dropout(dropout)

    def __call__(self, row: dict[str, Array], key: Array | None) -> Array:
        """Return the outputs of a row, (outputs,); without a key nothing is dropped.

        Args:
            row: ``features``, (inputs,).
            key: of the draws of dropout.
        """
        x = row["features"]
        for number, layer in enumerate(self.hidden):
            x = _dropped(self.dropout, jax.nn.gelu(layer(x)), key, number)
        return self.out(x)


class Layer(eqx.Module):
    """A layer of an encoder that normalises before attention and before the two linear maps."""

    attention: eqx.nn.MultiheadAttention
    norm_attention: eqx.nn.LayerNorm
    norm_linear: eqx.nn.LayerNorm
    widen: eqx.nn.Linear
    narrow: eqx.nn.Linear
    dropout: eqx.nn.Dropout

    def __init__(self, width: int, heads: int, dropout: float, key: Array):
        first, second, last = jax.random.split(key, 3)
        self.attention = eqx.nn.MultiheadAttention(heads, width, key=first)
        self.norm_attention = eqx.nn.LayerNorm(width)
        self.norm_linear = eqx.nn.LayerNorm(width)
        self.widen = eqx.nn.Linear(width, 2 * width, key=second)
        self.narrow = eqx.nn.Linear(2 * width, width, key=last)
        self.dropout = eqx.nn.Dropout(dropout)

    def __call__(self, x: Array, seen: Array, key: Array | None) -> Array:
        """Return (tokens, width); ``seen``, (tokens,), says which tokens are attended to."""
        mask = jnp.broadcast_to(seen, (len(seen), len(seen)))
        z = jax.vmap(self.norm_attention)(x)
        x = x + _dropped(self.dropout, self.attention(z, z, z, mask=mask), key, 0)
        z = jax.nn.gelu(jax.vmap(self.widen)(jax.vmap(self.norm_linear)(x)))
        return x + _dropped(self.dropout, jax.vmap(self.narrow)(z), key, 1)


class Encoder(eqx.Module):
    """Patches to hidden states of one sequence."""

    embed: eqx.nn.Linear
    position: Array
    layers: list[Layer]
    norm: eqx.nn.LayerNorm

    def __init__(
        self, size: int, tokens: int, width: int, heads: int, depth: int, dropout: float, key: Array
    ):
        first, second, *rest = jax.random.split(key, depth + 2)
        self.embed = eqx.nn.Linear(size, width, key=first)
        self.position = 0.02 * jax.random.normal(second, (tokens, width))
        self.layers = [Layer(width, heads, dropout, one) for one in rest]
        self.norm = eqx.nn.LayerNorm(width)

    def __call__(self, tokens: Array, seen: Array, key: Array | None) -> Array:
        """Return (tokens, width).

        Args:
            tokens: (tokens, size).
            seen: (tokens,), which tokens are attended to.
            key: of the draws of dropout.
        """
        x = jax.vmap(self.embed)(tokens) + self.position
        for number, layer in enumerate(self.layers):
            x = layer(x, seen, None if key is None else jax.random.fold_in(key, number))
        return jax.vmap(self.norm)(x)


class Transformer(eqx.Module):
    """An encoder over patches, whose mean and last states and the static features give outputs."""

    encoder: Encoder
    restore: eqx.nn.Linear
    hidden: eqx.nn.Linear
    out: eqx.nn.Linear
    dropout: eqx.nn.Dropout

    def __init__(
        self,
        encoder: Encoder,
        series: int,
        n_static: int,
        n_outputs: int,
        dropout: float,
        key: Array,
    ):
        first, second, last = jax.random.split(key, 3)
        width, size = encoder.embed.weight.shape
        self.encoder = encoder
        self.restore = eqx.nn.Linear(width, size, key=first)
        self.hidden = eqx.nn.Linear(2 * series * width + n_static, width, key=second)
        self.out = _zero(eqx.nn.Linear(width, n_outputs, key=last))
        self.dropout = eqx.nn.Dropout(dropout)

    def encode(self, row: dict[str, Array], key: Array | None) -> Array:
        """Return the hidden states of every series, (series, tokens, width)."""
        keys = None if key is None else jax.random.split(key, len(row["tokens"]))
        return jax.vmap(self.encoder, in_axes=(0, None, None if keys is None else 0))(
            row["tokens"], row["seen"], keys
        )

    def __call__(self, row: dict[str, Array], key: Array | None) -> Array:
        """Return the outputs of a row, (outputs,); without a key nothing is dropped.

        Args:
            row: ``tokens``, (series, tokens, size); ``seen``, (tokens,) bool, at least one;
                ``static``, (static,).
            key: of the draws of dropout.
        """
        states = self.encode(row, key)
        seen = row["seen"][:, None]
        mean = jnp.sum(states * seen, axis=1) / jnp.sum(seen)
        pooled = jnp.concatenate([mean.ravel(), states[:, -1].ravel(), row["static"]])
        hidden = jax.nn.gelu(self.hidden(_dropped(self.dropout, pooled, key, 100)))
        return self.out(_dropped(self.dropout, hidden, key, 101))

    def restored(self, row: dict[str, Array], hidden: Array, key: Array | None) -> Array:
        """Return tokens as restored from those that are not hidden, (series, tokens, size).

        Args:
            row: see ``__call__``.
            hidden: (tokens,) bool.
            key: of the draws of dropout.
        """
        left = {**row, "tokens": jnp.where(hidden[:, None], 0.0, row["tokens"])}
        return jax.vmap(jax.vmap(self.restore))(self.encode(left, key))


def weights_of(network: eqx.Module) -> dict[str, NDArray[np.float32]]:
    """Return the arrays of a network by their path, such as ``encoder.layers.0.widen.weight``."""
    leaves, _ = jax.tree_util.tree_flatten_with_path(eqx.filter(network, eqx.is_array))
    return {
        jax.tree_util.keystr(path, simple=True, separator="."): np.array(leaf)
        for path, leaf in leaves
    }


def _dropped(dropout: eqx.nn.Dropout, x: Array, key: Array | None, number: int) -> Array:
    if key is None:
        return x
    return dropout(x, key=jax.random.fold_in(key, number))


def _zero(linear: eqx.nn.Linear) -> Any:
    """Return a linear map whose outputs are 0: training begins at the shares of the classes."""
    return jax.tree.map(lambda leaf: jnp.zeros_like(leaf) if eqx.is_array(leaf) else leaf, linear)
