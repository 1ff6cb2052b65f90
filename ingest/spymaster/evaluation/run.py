"""The whole evaluation of a warehouse: walk, judge, and gather the rows of every relation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.evaluation.calibration import MAPS, calibrated
from spymaster_engine.evaluation.canaries import release_canaries
from spymaster_engine.evaluation.expectations import expectation_metrics
from spymaster_engine.evaluation.models import MODELS, expectations
from spymaster_engine.evaluation.samples import (
    UNIT_DISTANCES_TICKS,
    Samples,
    first_within,
    unit_windows,
)
from spymaster_engine.evaluation.verdict import LEAST_EPISODES_OF_LEVEL
from spymaster_engine.evaluation.walk_forward import Protocol, walk_forward

from spymaster.evaluation.read import Windows
from spymaster.evaluation.rows import (
    ALL,
    CLAIMANTS,
    DECISIONS,
    LEVEL,
    POOLED,
    Row,
    Scope,
    canary_row,
    claim_rows,
    judgement_of,
    map_rows,
    metric_rows,
    prediction_rows,
    reliability_rows,
    stated,
)
from spymaster.evaluation.tables import SCHEMAS, table_of

_EXPECTATIONS = "expectations"
_PREDICTIONS = "eval_retrieval_predictions"


def units_of(windows: Windows) -> dict[str, NDArray[np.bool_]]:
    """Return which labelled windows are judged: those of every episode, and given decisions."""
    labelled = windows.samples.outcome >= 0
    units = {ALL: unit_windows(windows.samples) & labelled}
    if windows.decisions.any():
        units[DECISIONS] = windows.decisions & labelled
    return units


def mapped_odds(
    samples: Samples, odds: dict[str, NDArray], chosen: NDArray[np.bool_]
) -> dict[str, NDArray]:
    """Return the calibrated odds of retrieval, maps fitted on the chosen rows of earlier days.

    Args:
        samples: windows of one direction.
        odds: of every model, (n, 3).
        chosen: (n,), rows that are mapped and that maps are fitted on.

    Returns:
        Per claimant and kind of map (n, 3), NaN where there is no map.
    """
    found = {}
    for name in CLAIMANTS:
        rows, *said = stated(samples, odds[name], chosen)
        for kind in MAPS:
            mapped = np.full_like(odds[name], np.nan)
            mapped[rows] = calibrated(*said, kind)
            found[f"{name}_{kind}"] = mapped
    return found


def evaluate_scope(
    scope: Scope,
    windows: Windows,
    protocol: Protocol,
    with_canaries: bool,
    tick: Callable[[int], None] = lambda days: None,
) -> dict[str, pa.Table]:
    """Evaluate one direction and horizon.

    Returns:
        Per relation its rows.
    """
    samples, units = windows.samples, units_of(windows)
    asked = np.logical_or.reduce(list(units.values()))
    said = walk_forward(samples, asked, protocol, {**MODELS, _EXPECTATIONS: expectations}, tick)
    numbers = said.pop(_EXPECTATIONS)
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS if name != _PREDICTIONS}
    predictions = []
    for unit, chosen in units.items():
        mapped = mapped_odds(samples, said, chosen)
        everything = {**said, **mapped}
        # models are compared on rows they share, so those with maps are judged apart
        kind, with_map = (POOLED, "with_map") if unit == ALL else (unit, f"{unit}_with_map")
        for name, odds, claimants in (
            (unit, said, CLAIMANTS),
            (with_map, everything, tuple(mapped)),
        ):
            judgement = judgement_of(samples, odds, chosen, protocol)
            rows["eval_retrieval_metrics"] += metric_rows(scope, name, judgement.metrics())
            rows["eval_retrieval_verdict"] += claim_rows(scope, judgement, claimants, kind)
            rows["eval_retrieval_reliability"] += reliability_rows(
                scope, unit, judgement, claimants
            )
        # labels that were cut off count here, so that their share can be told
        judged = unit_windows(samples) if unit == ALL else windows.decisions
        measured = expectation_metrics(numbers, samples, judged, protocol.seed)
        rows["eval_retrieval_metrics"] += metric_rows(scope, unit, measured)
        predictions.append(prediction_rows(scope, unit, windows, everything, chosen, protocol))
    for name, chosen in slices_of(samples, windows.levels).items():
        judgement = judgement_of(samples, said, chosen & units[ALL], protocol)
        rows["eval_retrieval_metrics"] += metric_rows(scope, name, judgement.metrics())
        if name in windows.levels:
            rows["eval_retrieval_verdict"] += claim_rows(
                scope, judgement, CLAIMANTS, LEVEL, name, LEAST_EPISODES_OF_LEVEL
            )
    rows["eval_retrieval_maps"] += map_rows(scope, windows, said, units[ALL])
    if with_canaries:
        canaries = release_canaries(samples, units[ALL], protocol)
        rows["eval_retrieval_canaries"] += [canary_row(scope, canary) for canary in canaries]
    tables = {relation: table_of(relation, found) for relation, found in rows.items()}
    return {**tables, _PREDICTIONS: pa.concat_tables(predictions)}


def slices_of(samples: Samples, levels: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return the slices that scores are also shown for: by distance and by level."""
    slices = {"first": first_within(samples, np.inf)}
    for distance in UNIT_DISTANCES_TICKS:
        slices[f"within_{distance}_ticks"] = first_within(samples, distance)
    for code, level in enumerate(levels):
        slices[level] = samples.level == code
    return slices


def evaluate_all(
    jobs: Sequence[tuple[Scope, Windows]],
    protocol: Protocol,
    with_canaries: bool,
    workers: int,
    done: Callable[[Scope], None] = lambda scope: None,
) -> dict[str, pa.Table]:
    """Evaluate several directions and horizons, some at a time.

    Args:
        jobs: what to evaluate.
        protocol: how to walk.
        with_canaries: whether to let leaks in as well.
        workers: processes; 1 works in this one.
        done: called when a job is.

    Returns:
        Per relation the rows of all jobs, in their order.
    """
    if workers == 1:
        results = []
        for scope, windows in jobs:
            results.append(evaluate_scope(scope, windows, protocol, with_canaries))
            done(scope)
    else:
        # a forked copy of a process with threads may hang
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            pending = [
                pool.submit(evaluate_scope, scope, windows, protocol, with_canaries)
                for scope, windows in jobs
            ]
            results = []
            for (scope, _), one in zip(jobs, pending, strict=True):
                results.append(one.result())
                done(scope)
    return {relation: pa.concat_tables([one[relation] for one in results]) for relation in SCHEMAS}
