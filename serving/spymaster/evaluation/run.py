"""The whole evaluation of a warehouse: walk, judge, and gather the rows of every relation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.ablations import Parts, ablated_odds, ablations
from spymaster_engine.statistics.evaluation.calibration import MAPS, calibrated
from spymaster_engine.statistics.evaluation.canaries import release_canaries
from spymaster_engine.statistics.evaluation.expectations import expectation_metrics
from spymaster_engine.statistics.evaluation.models import MODELS, expectations
from spymaster_engine.statistics.evaluation.reaching import chances_of_reaching, reaching_metrics
from spymaster_engine.statistics.evaluation.samples import (
    CENSORED,
    UNIT_DISTANCES_TICKS,
    Samples,
    first_within,
    unit_windows,
)
from spymaster_engine.statistics.evaluation.verdict import LEAST_EPISODES_OF_LEVEL, RIVALS
from spymaster_engine.statistics.evaluation.walk_forward import Protocol, walk_forward

from spymaster.evaluation.read import Windows
from spymaster.evaluation.rows import (
    ALL,
    CLAIMANTS,
    DECISIONS,
    LEVEL,
    POOLED,
    Row,
    Scope,
    ablation_rows,
    asof_claim_rows,
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

_EXPECTATIONS, _REACHING = "expectations", "reaching"
_PREDICTIONS = "eval_retrieval_predictions"


@dataclass(frozen=True)
class Unit:
    """What is judged: windows, and which of them.

    Attributes:
        name: ALL, the windows of every episode by their distance, or DECISIONS that were given.
        windows: libraries are made of these.
        judged: (n,), those that are judged, with labels that were cut off.
    """

    name: str
    windows: Windows
    judged: NDArray[np.bool_]

    @property
    def asked(self) -> NDArray[np.bool_]:
        """Those of them that came to the level and have a label of what followed, (n,)."""
        return self.judged & (self.windows.samples.outcome >= 0)

    @property
    def approached(self) -> NDArray[np.bool_]:
        """Those of them of which it is known whether they came to the level, (n,)."""
        return self.judged & (self.windows.samples.outcome != CENSORED)

    @property
    def scope(self) -> str:
        """What its claims are about."""
        return POOLED if self.name == ALL else self.name

    @property
    def with_map(self) -> str:
        """Its slice of the days for which maps were known."""
        return "with_map" if self.name == ALL else f"{self.name}_with_map"


def units_of(windows: Windows) -> list[Unit]:
    """Return what is judged: every episode, and decisions that were given.

    Moments that somebody chose are no sample of all approaches: they differ in what follows them,
    which is not to anybody's credit. They are judged among themselves, with libraries of the
    episodes that hold one, for retrieval and rivals alike.
    """
    units = [Unit(ALL, windows, unit_windows(windows.samples))]
    if windows.decisions.any():
        chosen = windows.of_decided_episodes()
        units.append(Unit(DECISIONS, chosen, chosen.decisions))
    return units


def mapped_odds(unit: Unit, odds: dict[str, NDArray]) -> dict[str, NDArray]:
    """Return the calibrated odds of retrieval and its rivals, by maps of earlier days.

    What is calibrated has learned the base rates of what is judged, so it must beat rivals that
    have learned them too.

    Args:
        unit: what is judged.
        odds: of every model, (n, 3).

    Returns:
        Per model and kind of map (n, 3), NaN where there is no map.
    """
    found = {}
    for name in (*CLAIMANTS, *RIVALS):
        rows, probability, outcome, weight, day = stated(
            unit.windows.samples, odds[name], unit.asked
        )
        for kind in MAPS:
            mapped = np.full_like(odds[name], np.nan)
            mapped[rows] = calibrated(probability, outcome, weight, day, kind)
            found[f"{name}_{kind}"] = mapped
    return found


def evaluate_scope(
    scope: Scope,
    windows: Windows,
    protocol: Protocol,
    with_canaries: bool,
    parts: Parts | None = None,
) -> dict[str, pa.Table]:
    """Evaluate one direction and horizon.

    Args:
        scope: what is evaluated.
        windows: of it.
        protocol: how to walk.
        with_canaries: whether to let leaks in as well.
        parts: what to leave out or replace in ablations; None for no ablations.

    Returns:
        Per relation its rows.
    """
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS if name != _PREDICTIONS}
    predictions = []
    for unit in units_of(windows):
        said, found = _judged(scope, unit, protocol, rows)
        predictions.append(found)
        if unit.name == ALL:
            _judge_slices(scope, unit, said, protocol, rows)
            rows["eval_retrieval_maps"] += map_rows(scope, windows, said, unit.asked)
            rows["eval_retrieval_verdict_asof"] += asof_claim_rows(
                scope, windows, said, unit.asked, protocol
            )
            if with_canaries:
                canaries = release_canaries(windows.samples, unit.asked, protocol)
                rows["eval_retrieval_canaries"] += [canary_row(scope, one) for one in canaries]
            if parts is not None:
                odds = ablated_odds(ablations(windows.samples, parts, protocol), unit.asked)
                judgement = judgement_of(windows.samples, odds, unit.asked, protocol)
                rows["eval_retrieval_metrics"] += ablation_rows(scope, unit.name, judgement)
    tables = {relation: table_of(relation, found) for relation, found in rows.items()}
    return {**tables, _PREDICTIONS: pa.concat_tables(predictions)}


def _judged(
    scope: Scope, unit: Unit, protocol: Protocol, rows: dict[str, list[Row]]
) -> tuple[dict[str, NDArray], pa.Table]:
    """Walk, judge, and add the rows of a unit; return every model's odds and the predictions."""
    samples, asked = unit.windows.samples, unit.asked
    models = {**MODELS, _EXPECTATIONS: expectations, _REACHING: chances_of_reaching}
    said = walk_forward(samples, unit.approached, protocol, models)
    numbers, chances = said.pop(_EXPECTATIONS), said.pop(_REACHING)
    # odds are of what follows at the level
    for one in (numbers, *said.values()):
        one[~asked] = np.nan
    mapped = mapped_odds(unit, said)
    # models are compared on rows they share, so those with maps are judged apart
    compared = {name: said[name] for name in (*CLAIMANTS, *RIVALS)} | mapped
    of_claimants = tuple(name for name in mapped if name.startswith(CLAIMANTS))
    for name, odds, claimants in (
        (unit.name, said, CLAIMANTS),
        (unit.with_map, compared, of_claimants),
    ):
        judgement = judgement_of(samples, odds, asked, protocol)
        rows["eval_retrieval_metrics"] += metric_rows(scope, name, judgement.metrics())
        rows["eval_retrieval_verdict"] += claim_rows(scope, judgement, claimants, unit.scope)
        rows["eval_retrieval_reliability"] += reliability_rows(
            scope, unit.name, judgement, claimants
        )
    seed = protocol.settings.evaluation_seed
    measured = expectation_metrics(numbers, samples, unit.judged, seed)
    measured += reaching_metrics(chances, samples, unit.approached, seed)
    rows["eval_retrieval_metrics"] += metric_rows(scope, unit.name, measured)
    everything = {**said, **{name: mapped[name] for name in of_claimants}}
    found = prediction_rows(scope, unit.name, unit.windows, everything, asked, protocol)
    return said, found


def _judge_slices(
    scope: Scope,
    unit: Unit,
    said: dict[str, NDArray],
    protocol: Protocol,
    rows: dict[str, list[Row]],
) -> None:
    """Add scores by distance and by level, and claims by level."""
    samples = unit.windows.samples
    for name, chosen in slices_of(samples, unit.windows.levels).items():
        judgement = judgement_of(samples, said, chosen & unit.asked, protocol)
        rows["eval_retrieval_metrics"] += metric_rows(scope, name, judgement.metrics())
        if name in unit.windows.levels:
            rows["eval_retrieval_verdict"] += claim_rows(
                scope, judgement, CLAIMANTS, LEVEL, name, LEAST_EPISODES_OF_LEVEL
            )


def slices_of(samples: Samples, levels: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return the slices that scores are also shown for: by distance and by level."""
    slices = {"first": first_within(samples, np.inf)}
    for distance in UNIT_DISTANCES_TICKS:
        slices[f"within_{distance}_ticks"] = first_within(samples, distance)
    for code, level in enumerate(levels):
        slices[level] = samples.level == code
    return slices


def evaluate_all(
    jobs: Sequence[tuple[Scope, Windows, Parts | None]],
    protocol: Protocol,
    with_canaries: bool,
    workers: int,
    done: Callable[[Scope], None] = lambda scope: None,
) -> dict[str, pa.Table]:
    """Evaluate several directions and horizons, some at a time.

    Args:
        jobs: what to evaluate, and what to leave out in ablations.
        protocol: how to walk.
        with_canaries: whether to let leaks in as well.
        workers: processes; 1 works in this one.
        done: called when a job is.

    Returns:
        Per relation the rows of all jobs, in their order.
    """
    if workers == 1:
        results = []
        for scope, windows, parts in jobs:
            results.append(evaluate_scope(scope, windows, protocol, with_canaries, parts))
            done(scope)
    else:
        # a forked copy of a process with threads may hang
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            pending = [
                pool.submit(evaluate_scope, scope, windows, protocol, with_canaries, parts)
                for scope, windows, parts in jobs
            ]
            results = []
            for (scope, *_), one in zip(jobs, pending, strict=True):
                results.append(one.result())
                done(scope)
    return {relation: pa.concat_tables([one[relation] for one in results]) for relation in SCHEMAS}
