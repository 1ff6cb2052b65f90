"""The directions of the evaluation in words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from spymaster.evaluation.result_rows import DECISIONS, POOLED

_OF_LEVELS = {"approach_up": "approaches from below", "approach_down": "approaches from above"}
_OF_SPOT = {"spot_up": "moments after a rise", "spot_down": "moments after a fall"}
DIRECTIONS = _OF_LEVELS | _OF_SPOT
SCOPES = {POOLED: "all levels", DECISIONS: "the given decisions"}
_NO_LEVEL = "no level"


def is_of_spot(approach_dir: str) -> bool:
    """Return whether a direction is one of moments without a level."""
    return approach_dir in _OF_SPOT


def panels_of(rows: Iterable[Mapping[str, Any]]) -> list[tuple[str, str]]:
    """Return the directions to draw, with their words: those of levels, and others with rows."""
    there = {row["approach_dir"] for row in rows}
    return [
        (direction, words)
        for direction, words in DIRECTIONS.items()
        if direction in _OF_LEVELS or direction in there
    ]


def place_of(approach_dir: str, scope: str) -> str:
    """Return where the judged windows of a direction and scope are."""
    return _NO_LEVEL if is_of_spot(approach_dir) and scope == POOLED else SCOPES[scope]


def report_scope(claim: Mapping[str, Any]) -> str:
    """Return the scope of a verdict in the report: a level, all levels or given decisions."""
    return claim["level_id"] or place_of(claim["approach_dir"], claim["scope"])
