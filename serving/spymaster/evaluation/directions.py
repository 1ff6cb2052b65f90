"""Windows of both directions of approach, each with the other one in its mirror."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
from spymaster_engine.statistics.retrieval.mirror import Mirror

from spymaster.evaluation.read import Windows, query, read_windows

_DIRECTIONS = ("approach_up", "approach_down")


def read_directions(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon_id: str,
    window_s: int,
    history_windows: int,
    bar_s: int,
    decisions: Path | None = None,
    *,
    mirrored: bool = True,
) -> dict[str, Windows]:
    """Read the windows of both directions; arguments but the last are those of ``read_windows``.

    Each direction sees the other one in its mirror, unless it has no windows, or ``mirrored`` is
    false.
    """
    up, down = (
        read_windows(
            connection, root, direction, horizon_id, window_s, history_windows, bar_s, decisions
        )
        for direction in _DIRECTIONS
    )
    if not (mirrored and len(up.samples) and len(down.samples)):
        return dict(zip(_DIRECTIONS, (up, down), strict=True))
    return {
        direction: with_mirror(own, other, _mirror_of(connection, direction))
        for direction, own, other in zip(_DIRECTIONS, (up, down), (down, up), strict=True)
    }


def with_mirror(own: Windows, other: Windows, mirror: Mirror) -> Windows:
    """Return windows of a direction that see those of the other one in the mirror.

    Args:
        own: of the direction.
        other: of the other one, for the same horizon.
        mirror: of the direction.
    """
    seen = mirror.image(np.concatenate([other.samples.vector, other.samples.context], axis=1))
    width = own.samples.vector.shape[1]
    mirrored = other.samples.with_columns(
        vector=seen[:, :width],
        context=seen[:, width:],
        # a date without windows of the own direction counts as the one after it, never earlier
        day=np.searchsorted(own.session_dates, other.session_dates)[other.samples.day],
    )
    samples = replace(own.samples, mirrored=mirrored)
    return replace(own, samples=samples, mirrored_decisions=other.decisions)


def _mirror_of(connection: duckdb.DuckDBPyConnection, approach_dir: str) -> Mirror:
    """Read where a direction finds the images of its features in the other one."""
    rows = connection.execute(query("mirror"), {"approach_dir": approach_dir}).fetchall()
    return Mirror(*zip(*rows, strict=True))
