"""Windows of both directions of approach, each with the other direction mirrored."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.samples import Samples
from spymaster_engine.statistics.retrieval.mirror import Mirror
from spymaster_engine.statistics.retrieval.phases import APPROACHING, REACHED
from spymaster_engine.statistics.retrieval.settings import LEVEL, SPOT

from spymaster.evaluation.read import Windows, evaluation_query, read_windows

_OF_LEVELS = ("approach_up", "approach_down")
_OF_SPOT = ("spot_up", "spot_down")


def read_directions(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon_id: str,
    window_s: int,
    history_windows: int,
    bar_s: int,
    decisions: Path | None = None,
    *,
    family: str = LEVEL,
    mirrored: bool = True,
    phases: Sequence[str] = (APPROACHING,),
) -> dict[str, Windows]:
    """Read the windows of both directions; for the other arguments see ``read_windows``.

    ``family`` is that of the vectors, ``phases`` those of the decisions. With ``mirrored``, each
    direction also holds the other's windows mirrored, if both have any.
    """
    directions = _OF_SPOT if family == SPOT else _OF_LEVELS
    up, down = (
        read_windows(
            connection,
            root,
            direction,
            horizon_id,
            window_s,
            history_windows,
            bar_s,
            decisions,
            family=family,
            phases=phases,
        )
        for direction in directions
    )
    if not (mirrored and len(up.samples) and len(down.samples)):
        return dict(zip(directions, (up, down), strict=True))
    return {
        direction: with_mirror(own, other, _mirror_of(connection, family, direction))
        for direction, own, other in zip(directions, (up, down), (down, up), strict=True)
    }


def with_mirror(own: Windows, other: Windows, mirror: Mirror) -> Windows:
    """Return windows of a direction together with the other direction's, mirrored.

    Args:
        own: windows of the direction.
        other: windows of the other direction, same horizon.
        mirror: mirror of the direction.
    """
    image = mirror.image(np.concatenate([other.samples.vector, other.samples.context], axis=1))
    width = own.samples.vector.shape[1]
    mirrored = other.samples.with_columns(
        vector=image[:, :width],
        context=image[:, width:],
        # a date without windows of the own direction counts as a later day, never an earlier one
        day=np.searchsorted(own.session_dates, other.session_dates)[other.samples.day],
    )
    samples = replace(own.samples, mirrored=mirrored)
    return replace(
        own, samples=samples, mirrored_decisions=other.decisions, mirrored_phase=other.phase
    )


def by_phase(windows: Windows) -> dict[str, Windows]:
    """Return the windows of each phase at or past the level that has any.

    Those of the other phases stay beside them for training only, in the mirror too.
    """
    if windows.phase is None:
        raise ValueError("the windows have no phases")
    parts = {}
    for name in REACHED:
        is_own = windows.phase == name
        if is_own.any():
            own = windows.take(is_own)
            samples = _apart(replace(windows.samples, mirrored=None), is_own)
            mirrored, phase = windows.samples.mirrored, windows.mirrored_phase
            if mirrored is not None and phase is not None:
                samples = replace(samples, mirrored=_apart(mirrored, phase == name))
                given = windows.mirrored_decisions
                if given is not None:
                    own = replace(own, mirrored_decisions=given[phase == name])
            parts[name] = replace(own, samples=samples, phase=None, mirrored_phase=None)
    return parts


def _apart(samples: Samples, is_own: NDArray[np.bool_]) -> Samples:
    """Return the windows of a phase, (n,) bool, with the others for training only."""
    return replace(samples.take(is_own), other_phases=samples.take(~is_own))


def _mirror_of(connection: duckdb.DuckDBPyConnection, family: str, approach_dir: str) -> Mirror:
    """Read which feature of the other direction mirrors each feature, and its sign."""
    values = {"approach_dir": approach_dir}
    if family == SPOT:
        rows = connection.execute(evaluation_query("spot_mirror"), values).fetchall()
    else:
        rows = connection.execute(
            evaluation_query("mirror"), values | {"family": family}
        ).fetchall()
    return Mirror(*zip(*rows, strict=True))
