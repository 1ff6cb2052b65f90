"""A market in which nothing can be known: vectors as they are, outcomes drawn anew."""

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

    All windows of an episode share the draw. Windows whose label was cut off stay without one.
    Windows in the mirror are drawn likewise, from their own shares.

    Args:
        samples: all windows of one direction.
        seed: of the draws.
    """
    generator = np.random.default_rng(seed)

    def redrawn(one: Samples) -> Samples:
        labelled = one.outcome >= 0
        if not labelled.any():
            return one
        weight = episode_weights(np.unique(one.episode[labelled], return_inverse=True)[1])
        shares = np.bincount(one.outcome[labelled], weight, minlength=len(CLASSES))
        codes = np.unique(one.episode, return_inverse=True)[1]
        drawn = generator.choice(
            len(CLASSES), size=int(codes.max(initial=-1)) + 1, p=shares / shares.sum()
        )
        return one.with_columns(outcome=np.where(labelled, drawn[codes], one.outcome))

    return samples.changed(redrawn)


def with_outcome_leaked(samples: Samples, strength: float, seed: int) -> Samples:
    """Return the samples with a noisy trace of each outcome in the context: the control.

    Args:
        samples: all windows of one direction.
        strength: height of the trace; the noise has a standard deviation of 1.
        seed: of the noise.
    """
    generator = np.random.default_rng(seed)

    def leaked(one: Samples) -> Samples:
        noise = generator.normal(size=(len(one), len(CLASSES)))
        trace = noise + strength * (one.outcome[:, None] == np.arange(len(CLASSES)))
        return with_context(one, trace)

    return samples.changed(leaked)


def learned_claim(samples: Samples, asked: NDArray[np.bool_], protocol: Protocol) -> Claim:
    """Return what may be claimed of learned retrieval, with nothing else evaluated.

    Args:
        samples: all windows of one direction.
        asked: (n,) which to judge.
        protocol: how to walk.
    """
    models = {name: MODELS[name] for name in (*RIVALS, "retrieval_learned")}
    odds = walk_forward(samples, asked, protocol, models)
    judgement = Judgement.of(
        odds, samples.outcome, samples.day, samples.episode, protocol.settings.evaluation_seed
    )
    return judgement.claim("retrieval_learned")
