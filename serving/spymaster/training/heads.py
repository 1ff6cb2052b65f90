"""Labels beside the outcome: whether price reaches the level in time, how far events go."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import duckdb
import numpy as np
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.heads import BINARY, NUMBER, Head
from spymaster_engine.statistics.evaluation.samples import Samples

from spymaster.evaluation.read import Windows
from spymaster.training.keys import registered_keys, training_query

Floats = NDArray[np.float64]

# seconds until price is within reach of the level
REACH_S = (60, 120)
# horizons of events by their minutes; the primary one is that of strength
EVENT_HORIZONS: Mapping[int, str] = {2: "s120", 4: "s240", 8: "s480"}
PRIMARY_MIN = 4
TRADEABLE, STRENGTH = "tradeable_2", "strength_signed"


def reach_heads(
    connection: duckdb.DuckDBPyConnection,
    both: Mapping[str, Windows],
    horizon: str,
    reach_ticks: float,
) -> dict[str, list[Head]]:
    """Return whether price comes to the level in time, by direction of approach.

    Unknown where price is there already, and where the path is shorter than the horizon: of a
    shorter one it would be known that the level was reached, but never that it was not.

    Args:
        connection: the published file.
        both: windows that approach, by direction; the mirror of one holds those of the other.
        horizon: of the labels.
        reach_ticks: distance within which price has come to the level.
    """
    targets = {
        direction: _reached_in_time(connection, windows, direction, horizon, reach_ticks)
        for direction, windows in both.items()
    }
    heads = {}
    for direction, windows in both.items():
        others = [targets[other] for other in both if other != direction]
        mirrored = others[0] if others and windows.samples.mirrored is not None else {}
        heads[direction] = [
            Head.of(
                f"reach_{seconds}", horizon, BINARY, windows.samples, target, mirrored.get(seconds)
            )
            for seconds, target in targets[direction].items()
        ]
    return heads


def _reached_in_time(
    connection: duckdb.DuckDBPyConnection,
    windows: Windows,
    direction: str,
    horizon: str,
    reach_ticks: float,
) -> dict[int, Floats]:
    """Return 1, 0 or NaN for each window, (n,), by seconds."""
    samples = windows.samples
    with registered_keys(connection, windows.key, direction):
        rows = connection.execute(
            training_query("reached_after"), {"horizon_id": horizon}
        ).fetchnumpy()
    after_s = np.ma.filled(np.ma.asarray(rows["reached_after_s"], np.float64), np.inf)
    is_asked = np.isfinite(samples.reached) & (samples.x0_ticks < -reach_ticks)
    return {
        seconds: np.where(is_asked & (samples.horizon_s >= seconds), after_s <= seconds, np.nan)
        for seconds in REACH_S
    }


def event_heads(samples: Samples, columns: Mapping[str, Floats]) -> Sequence[Head]:
    """Return whether events go far enough, and how far they go.

    Unknown where the path is shorter than the horizon: of a shorter one it would be known that it
    went far enough, but never that it did not.

    Args:
        samples: n events.
        columns: (n,) each: tradeable_2, strength_signed, future_price and label_end_s, with the
            minutes behind.
    """
    heads = []
    for minutes, horizon in EVENT_HORIZONS.items():
        is_whole = np.isfinite(columns[f"future_price_{minutes}min"])
        ends = columns[f"label_end_s_{minutes}min"].astype(np.int64)
        labelled = samples.with_columns(label_end_s=ends)
        kinds = {TRADEABLE: BINARY} | ({STRENGTH: NUMBER} if minutes == PRIMARY_MIN else {})
        for name, kind in kinds.items():
            target = np.where(is_whole, columns[f"{name}_{minutes}min"], np.nan)
            heads.append(Head.of(name, horizon, kind, labelled, target))
    return heads
