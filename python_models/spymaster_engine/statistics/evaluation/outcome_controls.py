"""A market without information: unchanged vectors, redrawn outcomes."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from spymaster_engine.statistics.evaluation.bootstrap import episode_weights
from spymaster_engine.statistics.evaluation.judgement import Claim, Judgement
from spymaster_engine.statistics.evaluation.samples import Samples, with_context
from spymaster_engine.statistics.evaluation.verdict import RIVALS
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, Protocol, walk_forward
from spymaster_engine.statistics.retrieval.outcomes import CLASSES


def with_outcomes_redrawn(samples: Samples, seed: int) -> Samples:
    """Return the samples with an outcome per episode drawn from the shares of the whole sample.

    All windows of an episode share the draw. Windows with a cut off label stay without outcome.
    Mirrored windows are redrawn from their own shares.

    Args:
        samples: all windows of one direction.
        seed: of the draws.
    """
    generator = np.random.default_rng(seed)

    def redrawn(part: Samples) -> Samples:
        labelled = part.outcome >= 0
        if not labelled.any():
            return part
        weight = episode_weights(np.unique(part.episode[labelled], return_inverse=True)[1])
        shares = np.bincount(part.outcome[labelled], weight, minlength=len(CLASSES))
        codes = np.unique(part.episode, return_inverse=True)[1]
        drawn = generator.choice(
            len(CLASSES), size=int(codes.max(initial=-1)) + 1, p=shares / shares.sum()
        )
        return part.with_columns(outcome=np.where(labelled, drawn[codes], part.outcome))

    return samples.changed(redrawn)


def with_outcome_leaked(samples: Samples, strength: float, seed: int) -> Samples:
    """Return the samples with a noisy trace of each outcome in the context [positive control].

    Args:
        samples: all windows of one direction.
        strength: height of the trace; the noise has a standard deviation of 1.
        seed: of the noise.
    """
    generator = np.random.default_rng(seed)

    def leaked(part: Samples) -> Samples:
        noise = generator.normal(size=(len(part), len(CLASSES)))
        trace = noise + strength * (part.outcome[:, None] == np.arange(len(CLASSES)))
        return with_context(part, trace)

    return samples.changed(leaked)


def learned_claim(samples: Samples, is_query: NDArray[np.bool_], protocol: Protocol) -> Claim:
    """Return the claim for learned retrieval alone.

    Args:
        samples: all windows of one direction.
        is_query: (n,) windows to judge.
        protocol: how to walk.
    """
    models = {name: MODELS[name] for name in (*RIVALS, "retrieval_learned")}
    odds = walk_forward(samples, is_query, protocol, models)
    judgement = Judgement.of(
        odds, samples.outcome, samples.day, samples.episode, protocol.settings.evaluation_seed
    )
    return judgement.claim("retrieval_learned")
