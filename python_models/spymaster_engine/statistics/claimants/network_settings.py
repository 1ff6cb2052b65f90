"""Settings of the training of networks, without the libraries that train."""

from __future__ import annotations

import os
from dataclasses import dataclass

_ONE_THREAD = "--xla_cpu_multi_thread_eigen=false intra_op_parallelism_threads=1"


@dataclass(frozen=True)
class TrainingSettings:
    """How a network is trained.

    Attributes:
        epochs: most passes over the rows.
        patience: passes without a lower loss on the last days after which training stops.
        batch: rows of a step.
        learning_rate: of AdamW.
        weight_decay: of AdamW.
    """

    epochs: int = 30
    patience: int = 3
    batch: int = 64
    learning_rate: float = 1e-3
    weight_decay: float = 0.05


def use_one_thread() -> None:
    """Let JAX compute on the processor in one thread, in which sums have one order.

    JAX reads this when it is first imported; what the environment already says stays.
    """
    os.environ.setdefault("JAX_PLATFORMS", "cpu")
    os.environ.setdefault("XLA_FLAGS", _ONE_THREAD)
