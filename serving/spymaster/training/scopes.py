"""Decisions and events of the published file, with the features that claimants read."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.heads import Head
from spymaster_engine.statistics.claimants.walk import Claimant, Features
from spymaster_engine.statistics.evaluation.samples import Samples, with_context
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.phases import APPROACHING, REACHED

from spymaster.evaluation.directions import by_phase, read_directions
from spymaster.evaluation.read import RELATIONS as OF_DECISIONS
from spymaster.evaluation.read import Windows, family_of, history_windows
from spymaster.evaluation.result_rows import CLAIMANTS as RETRIEVAL
from spymaster.evaluation.result_rows import Scope
from spymaster.training.claimants import MOMENT, PLACE, SEQUENCE_CLAIMANTS, of_decisions
from spymaster.training.heads import reach_heads
from spymaster.training.keys import registered_keys, training_query
from spymaster.training.read_sequences import read_sequences

RELATIONS = (
    *OF_DECISIONS,
    "gold.eval_retrieval_predictions",
    "gold.retrieval_answers",
    "gold.break_score_1s",
    "gold.sequence_dataset",
    "silver.level_corridor_1s",
    "silver.market_features_1s",
)
_MINUTES = 4  # column of Samples.rival


@dataclass(frozen=True)
class TrainingJob:
    """Windows of one direction and phase, or events, and the claimants that state their odds.

    Attributes:
        scope: the direction, horizon and phase.
        unit: the phase, or ``event``.
        windows: n rows.
        features: of the rows.
        claimants: to train.
        stated: (n, 3) odds by model that others have stated, NaN where unknown.
        mean_similarity: (n,) of the neighbors of retrieval, NaN where unknown; None without any.
        heads: labels of the rows beside the outcome.
    """

    scope: Scope
    unit: str
    windows: Windows
    features: Features
    claimants: list[Claimant]
    stated: dict[str, NDArray[np.float64]]
    mean_similarity: NDArray[np.float64] | None = None
    heads: Sequence[Head] = ()


def read_decisions(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon: str,
    settings: dict[str, Any],
    names: Sequence[str],
    days: tuple[date | None, date | None] = (None, None),
) -> list[TrainingJob]:
    """Read the decisions of a product, by phase and direction; none where it has none.

    Args:
        connection: the published file.
        root: product root.
        horizon: of the labels.
        settings: of the build.
        names: of claimants.
        days: first and last session date; None for no bound.
    """
    family = family_of(connection, root)
    jobs = []
    for phases in ((APPROACHING,), REACHED):
        both = read_directions(
            connection,
            root,
            horizon,
            settings["vector_window_s"],
            history_windows(settings, family),
            settings["sma_bar_s"],
            family=family,
            mirrored=settings["learned_mirrored"],
            phases=phases,
        )
        both = {
            direction: _between(windows, days)
            for direction, windows in _with_moments(connection, both).items()
        }
        heads: dict[str, list[Head]] = {}
        if phases == (APPROACHING,):
            heads = reach_heads(connection, both, horizon, settings["reach_ticks"])
        for direction, windows in both.items():
            if not len(windows.samples):
                continue
            parts = {APPROACHING: windows} if windows.phase is None else by_phase(windows)
            names_of = _feature_names(connection, family, direction)
            for phase, part in parts.items():
                scope = Scope(root, direction, horizon, family, phase)
                job = _job(connection, scope, part, names_of, names)
                jobs.append(replace(job, heads=heads.get(direction, ())))
    return jobs


def _job(
    connection: duckdb.DuckDBPyConnection,
    scope: Scope,
    windows: Windows,
    feature_names: tuple[str, ...],
    names: Sequence[str],
) -> TrainingJob:
    samples, mirrored = windows.samples, windows.samples.mirrored
    sequences, place = None, None
    if any(name in SEQUENCE_CLAIMANTS for name in names):
        sequences, place = read_sequences(connection, scope, windows)
    features = Features(
        feature_names,
        _matrix(samples),
        None if mirrored is None else _matrix(mirrored),
        sequences,
        place,
    )
    has_fixed_barriers = float(np.ptp(samples.barrier_ticks)) == 0.0
    claimants = [
        claimant
        for claimant in of_decisions(names, feature_names, scope.decision_phase, has_fixed_barriers)
        if sequences is not None or not claimant.reads_sequences
    ]
    stated, similarity = _retrieval_odds(connection, scope, windows)
    unit = scope.decision_phase
    return TrainingJob(scope, unit, windows, features, claimants, stated, similarity)


def _matrix(samples: Samples) -> NDArray[np.float32]:
    """Return place, vector, context and the features of the moment, (n, features)."""
    place = np.stack([samples.x0_ticks, samples.rival[:, _MINUTES]], axis=1)
    return np.concatenate([place, samples.vector, samples.context], axis=1, dtype=np.float32)


def _feature_names(
    connection: duckdb.DuckDBPyConnection, family: str, direction: str
) -> tuple[str, ...]:
    rows = connection.execute(
        "select feature_name from gold.retrieval_mirror where retrieval_family = ? "
        "and approach_dir = ? order by feature_index",
        [family, direction],
    ).fetchall()
    return (*PLACE, *(name for (name,) in rows), *MOMENT)


def _with_moments(
    connection: duckdb.DuckDBPyConnection, both: dict[str, Windows]
) -> dict[str, Windows]:
    """Add the features of the moment to the context, in the mirror too.

    They are in the sense of the approach, so that those of the mirror are those of the other
    direction.
    """
    found = {
        direction: _at_keys(connection, windows, direction) for direction, windows in both.items()
    }
    result = {}
    for direction, windows in both.items():
        samples = with_context(windows.samples, found[direction])
        if samples.mirrored is not None:
            [other] = (name for name in both if name != direction)
            mirrored = with_context(samples.mirrored, found[other])
            samples = replace(samples, mirrored=mirrored)
        result[direction] = replace(windows, samples=samples)
    return result


def _at_keys(
    connection: duckdb.DuckDBPyConnection, windows: Windows, direction: str
) -> NDArray[np.float32]:
    with registered_keys(connection, windows.key, direction):
        table = connection.execute(training_query("moment_features")).to_arrow_table()
    columns = [
        table[name].cast(pa.float32()).combine_chunks().to_numpy(zero_copy_only=False)
        for name in MOMENT
    ]
    return np.stack(columns, axis=1)


def _retrieval_odds(
    connection: duckdb.DuckDBPyConnection, scope: Scope, windows: Windows
) -> tuple[dict[str, NDArray[np.float64]], NDArray[np.float64]]:
    """Return the odds of retrieval by model, and how alike neighbors are; see ``TrainingJob``.

    There are no odds before an evaluation.
    """
    with registered_keys(connection, windows.key, scope.approach_dir):
        rows = connection.execute(
            training_query("retrieval_odds"),
            {
                "models": list(RETRIEVAL),
                "approach_dir": scope.approach_dir,
                "phase": scope.decision_phase,
                "horizon_id": scope.horizon_id,
            },
        ).fetchnumpy()
    similarity = np.full(len(windows.samples), np.nan)
    found = np.ma.filled(np.ma.asarray(rows["mean_similarity"], np.float64), np.nan)
    similarity[rows["number"]] = found
    odds = {}
    for model in RETRIEVAL:
        own = np.asarray(rows["model"]) == model
        if own.any():
            odds[model] = np.full((len(windows.samples), len(CLASSES)), np.nan)
            columns = [rows[f"p_{outcome.lower()}"][own] for outcome in CLASSES]
            odds[model][rows["number"][own]] = np.column_stack(columns)
    return odds, similarity


def _between(windows: Windows, days: tuple[date | None, date | None]) -> Windows:
    """Return the windows of these days; day codes begin with the first of them."""
    first, last = days
    if first is None and last is None:
        return windows
    dates = windows.session_dates
    low = 0 if first is None else int(np.searchsorted(dates, np.datetime64(first)))
    high = (
        len(dates)
        if last is None
        else int(np.searchsorted(dates, np.datetime64(last), side="right"))
    )

    def kept(samples: Samples) -> tuple[Samples, NDArray[np.bool_]]:
        inside = (samples.day >= low) & (samples.day < high)
        taken = samples.take(inside)
        return taken.with_columns(day=taken.day - low), inside

    own, inside = kept(replace(windows.samples, mirrored=None))
    taken = windows.take(inside)
    mirrored, phase = windows.samples.mirrored, windows.mirrored_phase
    if mirrored is not None:
        image, inside = kept(mirrored)
        own = replace(own, mirrored=image)
        phase = None if phase is None else phase[inside]
        given = windows.mirrored_decisions
        taken = replace(taken, mirrored_decisions=None if given is None else given[inside])
    return replace(taken, samples=own, session_dates=dates[low:high], mirrored_phase=phase)
