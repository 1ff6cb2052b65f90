"""How much worse the learned space gets with fewer or other features.

All variants train on one direction, since some features have no mirror image; one variant measures
what the other direction adds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.model_odds import retrieval_learned
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.evaluation.walk_forward import walk_forward
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_engine.statistics.retrieval.visible_blocks import elements_of_values

Floats = NDArray[np.float64]
Variant = tuple[Samples, Protocol]

WHOLE = "whole"
WITHOUT_VECTOR = "without_vector"
WITHOUT_CONTEXT = "without_context"
WITHOUT_GEX = "without_gex"
WITH_MIRROR = "with_mirror"
WITH_DIFFERENCES = "with_differences"
WITH_MARKET = "with_market"
ONLY_MARKET = "only_market"
# choosing penalties per variant takes ten times as long, so all share them
_PENALTIES = (Penalties(1_000.0, 100.0),)


@dataclass(frozen=True)
class AblationParts:
    """Features that a variant leaves out or replaces.

    Attributes:
        blocks: (d,) bool per block, its elements of the vector.
        gex: (m,) bool, columns of the context for gamma exposure.
        instead: other features of the same windows, (n, k) float32 each, NaN where unknown.
        market: market features (book, order flow, trades and options, without any level) at the
            same windows, (n, k) float32, NaN where unknown; None where no window has any, or where
            the vectors consist of them.
    """

    blocks: Mapping[str, NDArray[np.bool_]]
    gex: NDArray[np.bool_]
    instead: Mapping[str, NDArray[np.float32]]
    market: NDArray[np.float32] | None = None


def ablations(samples: Samples, parts: AblationParts, protocol: Protocol) -> dict[str, Variant]:
    """Return the variants by name; ``whole`` is the reference.

    Args:
        samples: all windows of one direction.
        parts: features to leave out or replace.
        protocol: how to walk.
    """
    protocol = replace(protocol, penalties=_PENALTIES)
    both, samples = samples, samples.alone()
    width = samples.vector.shape[1]
    if protocol.used is None:
        # every block, as in a library of many episodes, from the first day on
        visible = protocol.settings.visible_blocks
        seen = visible.blocks(visible.enough_episodes)
        values = elements_of_values(width, visible.n_blocks, seen, visible.n_orders)
    else:
        values = np.array(protocol.used)
    whole = _seeing(protocol, values)
    everywhere = np.ones(samples.context.shape[1], np.bool_)
    variants = {
        WHOLE: (samples, whole),
        WITHOUT_VECTOR: (samples, _seeing(protocol, np.zeros(width, np.bool_))),
        WITHOUT_CONTEXT: (_blind(samples, everywhere), whole),
        WITH_DIFFERENCES: (samples, _seeing(protocol, np.ones(width, np.bool_))),
    }
    if np.isfinite(samples.context[:, parts.gex]).any():
        variants[WITHOUT_GEX] = (_blind(samples, parts.gex), whole)
    if both.mirrored is not None:
        variants[WITH_MIRROR] = (both, whole)
    for name, own in parts.blocks.items():
        if (own & values).any():
            variants[f"only_{name}"] = (samples, _seeing(protocol, own & values))
    for name, other in parts.instead.items():
        everything = _seeing(protocol, np.ones(other.shape[1], np.bool_))
        variants[name] = (samples.with_columns(vector=other), everything)
    if parts.market is not None:
        of_market = np.ones(parts.market.shape[1], np.bool_)
        beside = np.concatenate([samples.vector, parts.market], axis=1)
        variants[WITH_MARKET] = (
            samples.with_columns(vector=beside),
            _seeing(protocol, np.concatenate([values, of_market])),
        )
        variants[ONLY_MARKET] = (
            _blind(samples, everywhere).with_columns(vector=parts.market),
            _seeing(protocol, of_market),
        )
    return variants


def ablated_odds(
    variants: Mapping[str, Variant],
    is_query: NDArray[np.bool_],
    tick: Callable[[str], None] = lambda name: None,
) -> dict[str, Floats]:
    """Return the odds of learned retrieval in every variant, (n, 3) each.

    Args:
        variants: of ``ablations``.
        is_query: (n,) windows to judge.
        tick: called with the name of each variant before its walk.
    """
    odds = {}
    for name, (samples, protocol) in variants.items():
        tick(name)
        odds[name] = walk_forward(samples, is_query, protocol, {name: retrieval_learned})[name]
    return odds


def _blind(samples: Samples, columns: NDArray[np.bool_]) -> Samples:
    """Return the samples with some columns of the context unknown, (m,) bool."""
    return samples.with_columns(context=np.where(columns, np.float32(np.nan), samples.context))


def _seeing(protocol: Protocol, used: NDArray[np.bool_]) -> Protocol:
    return replace(protocol, used=tuple(used.tolist()))
