"""Settings of the evaluation: the project's dbt vars, as a build without --vars sees them."""

from __future__ import annotations

from typing import Any

from spymaster_engine.statistics.evaluation.walk_forward import Protocol
from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.sight import Sight
from spymaster_ingest.errors import SpymasterError


def protocol_of(settings: dict[str, Any]) -> Protocol:
    """Return how to walk.

    Args:
        settings: vars of the project.

    Raises:
        SpymasterError: The learned space is to see a block that a vector does not have.
    """
    blocks = ["w0"]
    for windows in settings["vector_block_windows"]:
        blocks += [f"w{windows}_mean", f"w{windows}_delta"]
    unknown = [block for block in settings["learned_blocks"] if block not in blocks]
    if unknown:
        raise SpymasterError(
            "var learned_blocks",
            f"a vector has no block {', '.join(unknown)}",
            f"choose from {', '.join(blocks)}",
        )
    return Protocol(
        embargo_days=settings["embargo_days"],
        warm_up_days=settings["evaluation_warm_up_days"],
        refit_days=settings["learned_refit_days"],
        learned_distance_ticks=settings["learned_max_distance_ticks"],
        learned_windows_per_episode=settings["learned_windows_per_episode"],
        per_episode=settings["neighbors_per_episode"],
        raw_neighbors=settings["retrieval_k_raw"],
        neighbors=settings["retrieval_k"],
        least_neighbors=settings["learned_min_k"],
        episodes_per_neighbor=settings["learned_episodes_per_neighbor"],
        similarity_power=settings["similarity_power"],
        base_rate_weight=settings["base_rate_weight"],
        distance_bands=DistanceBands.of(
            (name, *bounds) for name, bounds in settings["distance_bands"].items()
        ),
        reach_ticks=settings["reach_ticks"],
        sight=Sight(
            len(blocks),
            tuple(blocks.index(block) for block in settings["learned_blocks"]),
            settings["learned_every_block_episodes"],
        ),
        mirrored=settings["learned_mirrored"],
        seed=settings["evaluation_seed"],
    )
