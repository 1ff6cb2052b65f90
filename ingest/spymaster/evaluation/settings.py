"""Settings of the evaluation: the project's dbt vars, as a build without --vars sees them."""

from __future__ import annotations

from typing import Any

import yaml
from spymaster_engine.evaluation.walk_forward import Protocol

from spymaster.lake import PROJECT_ROOT


def project_vars() -> dict[str, Any]:
    """Return the vars of dbt_project.yml."""
    text = (PROJECT_ROOT / "dbt_project.yml").read_text(encoding="utf-8")
    return yaml.safe_load(text)["vars"]


def protocol_of(settings: dict[str, Any], block_width: int) -> Protocol:
    """Return how to walk.

    Args:
        settings: vars of the project.
        block_width: columns of a block of the vector.
    """
    return Protocol(
        embargo_days=settings["embargo_days"],
        warm_up_days=settings["evaluation_warm_up_days"],
        refit_days=settings["learned_refit_days"],
        windows_per_episode=settings["learned_windows_per_episode"],
        per_episode=settings["neighbors_per_episode"],
        neighbours=settings["retrieval_k"],
        least_neighbours=settings["learned_min_k"],
        episodes_per_neighbour=settings["learned_episodes_per_neighbor"],
        similarity_power=settings["similarity_power"],
        base_rate_weight=settings["base_rate_weight"],
        block_width=block_width,
        seed=settings["evaluation_seed"],
    )
