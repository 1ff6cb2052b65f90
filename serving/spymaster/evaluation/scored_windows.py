"""Decision windows of both directions with the break score of their second."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.break_score import SCORES
from spymaster_engine.statistics.evaluation.samples import Samples, unit_windows

from spymaster.evaluation.read import Windows, evaluation_query
from spymaster.evaluation.result_rows import Scope
from spymaster.published import relations_of

_RELATION = "gold.break_score_1s"
# a rival feature with a sign: of an approach from above it is mirrored
_SIGNED_RIVALS = 3


@dataclass(frozen=True)
class ScoredWindows:
    """Windows of a product and horizon with a score, in order of time; n rows.

    Attributes:
        root, horizon_id: of the labels.
        samples: of both directions; the context holds SCORES, rival features are those of an
            approach from below, and codes of episodes, levels and kinds belong to one direction.
        key: symbol, dt, level_id, window_end_ts and episode_id of each row.
        direction: (n,) approach_up or approach_down.
        signal: (n,) names.
        unit: (n,) whether the window is judged: the first of its episode, or first at a distance.
        decisions: (n,) whether the window is a given decision.
    """

    root: str
    horizon_id: str
    samples: Samples
    key: pa.Table
    direction: NDArray[np.str_]
    signal: NDArray[np.str_]
    unit: NDArray[np.bool_]
    decisions: NDArray[np.bool_]

    def of_decided_episodes(self) -> ScoredWindows:
        """Return the windows of episodes with a given decision."""
        episode = self.samples.episode
        return self.take(np.flatnonzero(np.isin(episode, episode[self.decisions])))

    def take(self, rows: NDArray[np.int64]) -> ScoredWindows:
        """Return the rows of these numbers."""
        return replace(
            self,
            samples=self.samples.take(rows),
            key=self.key.take(pa.array(rows)),
            direction=self.direction[rows],
            signal=self.signal[rows],
            unit=self.unit[rows],
            decisions=self.decisions[rows],
        )


def read_scored_windows(
    connection: duckdb.DuckDBPyConnection, jobs: Iterable[tuple[Scope, Windows]]
) -> list[ScoredWindows]:
    """Read the scores of the windows of each product and horizon.

    Args:
        connection: the published file; without scores nothing is returned.
        jobs: windows by direction.
    """
    if _RELATION not in relations_of(connection):
        return []
    by_horizon: dict[tuple[str, str], dict[str, Windows]] = {}
    for scope, windows in jobs:
        by_horizon.setdefault((scope.root, scope.horizon_id), {})[scope.approach_dir] = windows
    return [
        _scored(connection, root, horizon_id, windows)
        for (root, horizon_id), windows in by_horizon.items()
    ]


def _scored(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon_id: str,
    by_direction: Mapping[str, Windows],
) -> ScoredWindows:
    both = list(by_direction.values())
    key = pa.concat_tables([windows.key for windows in both])
    directions = np.repeat(list(by_direction), [len(windows.samples) for windows in both])
    numbered = key.append_column("number", pa.array(np.arange(len(key))))
    connection.register("keys", numbered.append_column("approach_dir", pa.array(directions)))
    table = connection.execute(evaluation_query("break_scores")).to_arrow_table()
    connection.unregister("keys")
    scores = np.column_stack([table[name].to_numpy() for name in SCORES]).astype(np.float32)
    rows = table["number"].to_numpy()
    samples = _both_directions(by_direction).take(rows).with_columns(context=scores)
    found = ScoredWindows(
        root,
        horizon_id,
        samples,
        key.take(pa.array(rows)),
        directions[rows],
        np.array(table["signal"].to_pylist(), dtype=np.str_),
        np.concatenate([unit_windows(windows.samples) for windows in both])[rows],
        np.concatenate([windows.decisions for windows in both])[rows],
    )
    return found.take(np.lexsort((samples.level, samples.window_end_s, samples.day)))


def _both_directions(by_direction: Mapping[str, Windows]) -> Samples:
    """Join the directions without their inputs; approaches from above are mirrored."""
    dates = np.unique(np.concatenate([w.session_dates for w in by_direction.values()]))
    parts, n_codes = [], dict.fromkeys(("episode", "level", "level_kind"), 0)
    for direction, windows in by_direction.items():
        samples = windows.samples.without_inputs().alone()
        rival = samples.rival.copy()
        rival[:, :_SIGNED_RIVALS] *= 1.0 if direction == "approach_up" else -1.0
        codes = {name: getattr(samples, name) + n for name, n in n_codes.items()}
        n_codes = {name: int(code.max(initial=n_codes[name])) + 1 for name, code in codes.items()}
        day = np.searchsorted(dates, windows.session_dates)[samples.day]
        parts.append(samples.with_columns(rival=rival, day=day, **codes))
    names = parts[0].columns()
    joined: dict[str, Any] = {
        name: np.concatenate([getattr(part, name) for part in parts]) for name in names
    }
    return Samples(**joined)
