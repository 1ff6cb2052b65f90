"""Training of networks with JAX and optax; importing this needs extra ``deep``."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any, TypeVar

import equinox as eqx
import jax
import jax.numpy as jnp
import numpy as np
import optax
from jax import Array
from numpy.typing import NDArray

from spymaster_engine.statistics.claimants.network_settings import TrainingSettings
from spymaster_engine.statistics.claimants.networks import Transformer
from spymaster_engine.statistics.claimants.splits import Split

# arrays of equal length, a row per decision
Rows = dict[str, NDArray]
# the same within a compiled program, where they are JAX's
Arrays = Mapping[str, Any]
Network = TypeVar("Network", bound=eqx.Module)

_STRENGTH_SHARE = 0.5
_HIDDEN_SHARE = 0.4
_EVALUATED_ROWS = 256


def trained(
    network: Network, rows: Rows, split: Split, seed: int, settings: TrainingSettings
) -> Network:
    """Return the network as it was when its loss on the last days was lowest.

    Before the first step counts too: a network that finds nothing states the shares.

    Args:
        network: to train.
        rows: inputs of the network and columns of the losses.
        split: rows to learn from, and rows of later days.
        seed: of the order of rows and of dropout.
        settings: of the training.
    """
    learned, judged = _part(rows, split.learned), _part(rows, split.judged)
    optimiser = _optimiser(settings)
    state = optimiser.init(eqx.filter(network, eqx.is_inexact_array))
    draw, key = np.random.default_rng(seed), jax.random.key(seed)
    best, least, waited, number = network, _mean_loss(network, judged), 0, 0
    for _ in range(settings.epochs):
        for batch in _batches(learned, draw, settings.batch):
            step_key = jax.random.fold_in(key, number)
            network, state = _step(network, state, batch, step_key, settings)
            number += 1
        loss = _mean_loss(network, judged)
        waited += 1
        if loss < least:
            best, least, waited = network, loss, 0
        if waited >= settings.patience:
            break
    return best


def pretrained(
    network: Transformer, rows: Rows, seed: int, epochs: int, settings: TrainingSettings
) -> Transformer:
    """Return the network after learning to restore hidden patches of windows without labels.

    Args:
        network: to train.
        rows: ``tokens``, ``seen``, ``static``.
        seed: of the order of rows, of dropout and of what is hidden.
        epochs: passes over the rows.
        settings: of the steps.
    """
    optimiser = _optimiser(settings)
    state = optimiser.init(eqx.filter(network, eqx.is_inexact_array))
    draw, key = np.random.default_rng(seed), jax.random.key(seed)
    number = 0
    for _ in range(epochs):
        for batch in _batches(rows, draw, settings.batch):
            step_key = jax.random.fold_in(key, number)
            network, state = _restoring_step(network, state, batch, step_key, settings)
            number += 1
    return network


def outputs_of(network: Any, rows: Rows) -> NDArray[np.float32]:
    """Return the outputs of rows by JAX, (n, outputs), nothing dropped."""
    return np.asarray(_outputs(network, rows))


@cache
def _optimiser(settings: TrainingSettings) -> optax.GradientTransformation:
    return optax.chain(
        optax.clip_by_global_norm(1.0),
        optax.adamw(settings.learning_rate, weight_decay=settings.weight_decay),
    )


@eqx.filter_jit
def _step(
    network: Any, state: Any, batch: Arrays, key: Array, settings: TrainingSettings
) -> tuple[Any, Any]:
    def loss(candidate: Any) -> Array:
        keys = jax.random.split(key, len(batch["counts"]))
        outputs = jax.vmap(candidate)(batch, keys)
        return jnp.sum(_losses(outputs, batch)) / jnp.sum(batch["counts"])

    return _moved(network, state, eqx.filter_grad(loss)(network), settings)


@eqx.filter_jit
def _restoring_step(
    network: Any, state: Any, batch: Arrays, key: Array, settings: TrainingSettings
) -> tuple[Any, Any]:
    hiding, dropping = jax.random.split(key)
    hidden = jax.random.bernoulli(hiding, _HIDDEN_SHARE, batch["seen"].shape)
    keys = jax.random.split(dropping, len(batch["counts"]))

    def loss(candidate: Any) -> Array:
        found = jax.vmap(candidate.restored)(batch, hidden, keys)
        counts = (hidden & batch["seen"]) * batch["counts"][:, None]
        errors = jnp.square(found - batch["tokens"]).mean(axis=(1, 3))
        return jnp.sum(errors * counts) / jnp.maximum(jnp.sum(counts), 1.0)

    return _moved(network, state, eqx.filter_grad(loss)(network), settings)


def _moved(network: Any, state: Any, gradient: Any, settings: TrainingSettings) -> tuple[Any, Any]:
    kept = eqx.filter(network, eqx.is_inexact_array)
    updates, state = _optimiser(settings).update(gradient, state, kept)
    return eqx.apply_updates(network, updates), state


def _losses(outputs: Array, batch: Arrays) -> Array:
    """Return cross-entropy by class weight and SmoothL1 of the number, per row; 0 if unknown."""
    distance = optax.huber_loss(outputs[:, -1], batch["number"]) * batch["number_weight"]
    if not batch["wanted"].shape[1]:
        return distance * batch["counts"]
    entropy = -jnp.sum(jax.nn.log_softmax(outputs[:, :-1]) * batch["wanted"], axis=1)
    return (entropy + _STRENGTH_SHARE * distance) * batch["counts"]


@eqx.filter_jit
def _outputs(network: Any, rows: Arrays) -> Array:
    return jax.vmap(lambda row: network(row, None))(rows)


@eqx.filter_jit
def _sum_of_losses(network: Any, batch: Arrays) -> Array:
    outputs = jax.vmap(lambda row: network(row, None))(batch)
    return jnp.sum(_losses(outputs, batch))


def _mean_loss(network: Any, rows: Rows) -> float:
    batches = _in_batches(rows, np.arange(_length(rows)), _EVALUATED_ROWS)
    losses: list[float] = [float(_sum_of_losses(network, batch)) for batch in batches]
    return sum(losses) / _length(rows)


def _batches(rows: Rows, draw: np.random.Generator, size: int) -> Iterator[Rows]:
    return _in_batches(rows, draw.permutation(_length(rows)), size)


def _in_batches(rows: Rows, order: NDArray, size: int) -> Iterator[Rows]:
    """Yield batches of one size, so that one program fits all; ``counts`` is 0 for repeats."""
    for first in range(0, len(order), size):
        chosen = order[first : first + size]
        counts = np.zeros(size, np.float32)
        counts[: len(chosen)] = 1.0
        places = np.resize(chosen, size)
        yield {**_part(rows, places), "counts": counts}


def _part(rows: Rows, chosen: NDArray) -> Rows:
    return {name: values[chosen] for name, values in rows.items()}


def _length(rows: Rows) -> int:
    return len(next(iter(rows.values())))
