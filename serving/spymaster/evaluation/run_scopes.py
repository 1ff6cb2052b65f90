"""Evaluate a warehouse: walk forward, judge, and gather the rows of every relation."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.ablations import AblationParts, ablated_odds, ablations
from spymaster_engine.statistics.evaluation.blocks import Spaces
from spymaster_engine.statistics.evaluation.calibration import (
    MAPS,
    MapsOfDay,
    by_maps_of_day,
    maps_by_day,
)
from spymaster_engine.statistics.evaluation.canaries import release_canaries
from spymaster_engine.statistics.evaluation.expectations import expectation_metrics
from spymaster_engine.statistics.evaluation.measured import measured
from spymaster_engine.statistics.evaluation.model_odds import (
    MODELS,
    REACHED_MODELS,
    Model,
    expectations,
    is_pooled,
)
from spymaster_engine.statistics.evaluation.reaching import chances_of_reaching, reaching_metrics
from spymaster_engine.statistics.evaluation.samples import (
    CENSORED,
    Samples,
    unit_slices,
    unit_windows,
)
from spymaster_engine.statistics.evaluation.verdict import LEAST_EPISODES_OF_LEVEL, RIVALS
from spymaster_engine.statistics.evaluation.walk_forward import Protocol, walk_forward
from spymaster_engine.statistics.retrieval.distance_bands import DistanceBands
from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_engine.statistics.retrieval.settings import SPOT

from spymaster.evaluation.directions import by_phase
from spymaster.evaluation.read import Windows
from spymaster.evaluation.result_rows import (
    ALL,
    CLAIMANTS,
    DECISIONS,
    LEVEL,
    POOLED,
    POOLED_SHARE,
    PUBLISHED_MAP,
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
from spymaster.evaluation.result_tables import PREDICTIONS, SCHEMAS, table_of

_EXPECTATIONS, _REACHING, _POOLED = "expectations", "reaching", "is_pooled"


@dataclass(frozen=True)
class JudgedUnit:
    """Windows that are judged together, and the windows of their libraries.

    Attributes:
        name: ALL, the windows of every episode by distance, or DECISIONS, the given decisions.
        windows: n windows, from which libraries are built.
        judged: (n,) whether a window is judged; includes censored labels.
    """

    name: str
    windows: Windows
    judged: NDArray[np.bool_]

    @property
    def labelled(self) -> NDArray[np.bool_]:
        """Judged windows that reached the level and have an outcome, (n,)."""
        return self.judged & (self.windows.samples.outcome >= 0)

    @property
    def uncensored(self) -> NDArray[np.bool_]:
        """Judged windows whose label was not cut off, (n,)."""
        return self.judged & (self.windows.samples.outcome != CENSORED)

    @property
    def scope(self) -> str:
        """Scope of its claims."""
        return POOLED if self.name == ALL else self.name

    @property
    def with_map(self) -> str:
        """Slice of the days with calibration maps."""
        return "with_map" if self.name == ALL else f"{self.name}_with_map"


def units_of(windows: Windows, family: str, bands: DistanceBands | None = None) -> list[JudgedUnit]:
    """Return the units to judge: every episode, and the given decisions if there are any.

    Chosen moments are no sample of all approaches: other outcomes follow them, whatever the model.
    They are judged apart. Retrieval and rivals then use libraries of the decisions' episodes only.

    Without a level nothing tells one moment of an episode from another: all of them are judged.
    Rivals count them all, and what follows the first moment differs from what follows the others.

    Args:
        windows: of a direction and phase.
        family: of retrieval.
        bands: of distance, whose first windows are judged at and past a level; None before it.
    """
    samples = windows.samples
    judged = np.ones(len(samples), np.bool_) if family == SPOT else unit_windows(samples, bands)
    units = [JudgedUnit(ALL, windows, judged)]
    if windows.decisions.any():
        chosen = windows.of_decided_episodes()
        units.append(JudgedUnit(DECISIONS, chosen, chosen.decisions))
    return units


def mapped_odds(
    unit: JudgedUnit, odds: dict[str, NDArray]
) -> tuple[dict[str, NDArray], dict[str, list[MapsOfDay]]]:
    """Calibrate the odds of retrieval and its rivals by maps of earlier days.

    Calibration learns the base rates of the judged windows, so the rivals are calibrated too.

    Args:
        unit: the judged windows.
        odds: (n, 3) per model.

    Returns:
        Per model and kind of map (n, 3), NaN where there is no map, and its maps of every day.
    """
    all_mapped, all_maps = {}, {}
    for name in (*CLAIMANTS, *RIVALS):
        rows, probability, outcome, weight, day = stated(
            unit.windows.samples, odds[name], unit.labelled
        )
        for kind in MAPS:
            mapped = np.full_like(odds[name], np.nan)
            maps = list(maps_by_day(probability, outcome, weight, day, MAPS[kind]))
            mapped[rows] = by_maps_of_day(probability, day, maps)
            all_mapped[f"{name}_{kind}"], all_maps[f"{name}_{kind}"] = mapped, maps
    return all_mapped, all_maps


def evaluate_scope(
    scope: Scope,
    windows: Windows,
    protocol: Protocol,
    with_canaries: bool,
    parts: AblationParts | None = None,
) -> dict[str, pa.Table]:
    """Evaluate one direction and horizon, with linear algebra in one thread.

    The last digit of a sum depends on how many threads share it.

    Windows at and past a level are judged by phase, one after the other; leaks are put only into
    windows of approaches.

    Args:
        scope: the direction and horizon.
        windows: its windows.
        protocol: rules of the walk.
        with_canaries: whether to test planted leaks too.
        parts: features to leave out or replace in ablations; None for no ablations.

    Returns:
        The rows of each relation.
    """
    with one_thread():
        return _evaluate_scope(scope, windows, protocol, with_canaries, parts)


def _evaluate_scope(
    scope: Scope,
    windows: Windows,
    protocol: Protocol,
    with_canaries: bool,
    parts: AblationParts | None,
) -> dict[str, pa.Table]:
    settings = protocol.settings.of_family(scope.retrieval_family)
    protocol = replace(protocol, settings=settings)
    if windows.phase is None:
        return _evaluate_phase(scope, windows, protocol, with_canaries, parts, {})
    # phases learn from each other, and so share what is learned
    learned: dict[str, Spaces] = {}
    by_name = [
        _evaluate_phase(
            replace(scope, decision_phase=phase),
            own,
            protocol.of_phase(phase),
            False,
            None,
            learned,
        )
        for phase, own in by_phase(windows).items()
    ]
    return {name: pa.concat_tables([tables[name] for tables in by_name]) for name in SCHEMAS}


def _evaluate_phase(
    scope: Scope,
    windows: Windows,
    protocol: Protocol,
    with_canaries: bool,
    parts: AblationParts | None,
    learned: dict[str, Spaces],
) -> dict[str, pa.Table]:
    """Evaluate a phase; see ``evaluate_scope``. ``learned`` keeps the spaces of each unit."""
    rows: dict[str, list[Row]] = {name: [] for name in SCHEMAS if name != PREDICTIONS}
    predictions = []
    for unit in units_of(windows, scope.retrieval_family, protocol.unit_bands):
        spaces = learned.setdefault(unit.name, {})
        odds, maps, unit_predictions = _judge(scope, unit, protocol, rows, spaces)
        predictions.append(unit_predictions)
        if unit.name == ALL:
            # without a level there is neither a distance nor a level to judge apart
            if scope.retrieval_family != SPOT:
                _judge_slices(scope, unit, odds, protocol, rows)
            curves = {model: maps[f"{model}_{PUBLISHED_MAP}"] for model in CLAIMANTS}
            rows["eval_retrieval_maps"] += map_rows(scope, windows, curves)
            rows["eval_retrieval_verdict_asof"] += asof_claim_rows(
                scope, windows, odds, unit.labelled, protocol
            )
            if with_canaries:
                canaries = release_canaries(windows.samples, unit.labelled, protocol, spaces=spaces)
                rows["eval_retrieval_canaries"] += [
                    canary_row(scope, canary) for canary in canaries
                ]
            if parts is not None:
                ablated = ablated_odds(ablations(windows.samples, parts, protocol), unit.labelled)
                judgement = judgement_of(windows.samples, ablated, unit.labelled, protocol)
                rows["eval_retrieval_metrics"] += ablation_rows(scope, unit.name, judgement)
    tables = {relation: table_of(relation, found) for relation, found in rows.items()}
    return {**tables, PREDICTIONS: pa.concat_tables(predictions)}


def _judge(
    scope: Scope,
    unit: JudgedUnit,
    protocol: Protocol,
    rows: dict[str, list[Row]],
    spaces: Spaces,
) -> tuple[dict[str, NDArray], dict[str, list[MapsOfDay]], pa.Table]:
    """Walk forward, judge, and add a unit's rows; keep the learned ``spaces``.

    Returns:
        Each model's odds, the maps of each calibrated model, and the predictions.
    """
    samples, labelled = unit.windows.samples, unit.labelled
    is_before = protocol.phase == APPROACHING
    models: dict[str, Model] = {
        **(MODELS if is_before else REACHED_MODELS),
        _EXPECTATIONS: expectations,
        # past the level there is nothing to come to
        **({_REACHING: chances_of_reaching} if is_before else {_POOLED: is_pooled}),
    }
    answers = walk_forward(samples, unit.uncensored, protocol, models, spaces=spaces)
    numbers = answers.pop(_EXPECTATIONS)
    beside = answers.pop(_REACHING if is_before else _POOLED)
    # odds are conditional on price reaching the level
    for values in (numbers, *answers.values()):
        values[~labelled] = np.nan
    mapped, maps = mapped_odds(unit, answers)
    # models are compared on rows they share, so calibrated models are judged apart
    compared = {name: answers[name] for name in (*CLAIMANTS, *RIVALS)} | mapped
    of_claimants = tuple(name for name in mapped if name.startswith(CLAIMANTS))
    for name, odds, claimants in (
        (unit.name, answers, CLAIMANTS),
        (unit.with_map, compared, of_claimants),
    ):
        judgement = judgement_of(samples, odds, labelled, protocol)
        rows["eval_retrieval_metrics"] += metric_rows(scope, name, judgement.metrics())
        rows["eval_retrieval_verdict"] += claim_rows(scope, judgement, claimants, unit.scope)
        rows["eval_retrieval_reliability"] += reliability_rows(
            scope, unit.name, judgement, claimants
        )
    seed = protocol.settings.evaluation_seed
    found = expectation_metrics(numbers, samples, unit.judged, seed)
    if is_before:
        found += reaching_metrics(beside, samples, unit.uncensored, seed)
    else:
        pooled = np.where(labelled, beside[:, 0], np.nan)
        found.append(measured(CLAIMANTS[0], POOLED_SHARE, pooled, samples, seed))
    rows["eval_retrieval_metrics"] += metric_rows(scope, unit.name, found)
    published = {**answers, **{name: mapped[name] for name in of_claimants}}
    predictions = prediction_rows(scope, unit.name, unit.windows, published, labelled, protocol)
    return answers, maps, predictions


def _judge_slices(
    scope: Scope,
    unit: JudgedUnit,
    odds: dict[str, NDArray],
    protocol: Protocol,
    rows: dict[str, list[Row]],
) -> None:
    """Add scores by distance and by level, and claims by level.

    At and past a level only levels with enough episodes for a claim are judged apart.
    """
    samples = unit.windows.samples
    bands = protocol.unit_bands
    for name, chosen in slices_of(samples, unit.windows.levels, bands).items():
        if bands is not None and name in unit.windows.levels:
            here = samples.episode[chosen & unit.labelled & np.isfinite(odds[CLAIMANTS[0]][:, 0])]
            if len(np.unique(here)) < LEAST_EPISODES_OF_LEVEL:
                continue
        judgement = judgement_of(samples, odds, chosen & unit.labelled, protocol)
        rows["eval_retrieval_metrics"] += metric_rows(scope, name, judgement.metrics())
        if name in unit.windows.levels:
            rows["eval_retrieval_verdict"] += claim_rows(
                scope, judgement, CLAIMANTS, LEVEL, name, LEAST_EPISODES_OF_LEVEL
            )


def slices_of(
    samples: Samples, levels: Sequence[str], bands: DistanceBands | None = None
) -> dict[str, NDArray[np.bool_]]:
    """Return masks, (n,) bool, of the slices by distance and by level; see ``unit_slices``."""
    slices = unit_slices(samples, bands)
    for code, level in enumerate(levels):
        slices[level] = samples.level == code
    return slices


def evaluate_all(
    jobs: Sequence[tuple[Scope, Windows, AblationParts | None]],
    protocol: Protocol,
    with_canaries: bool,
    workers: int,
    done: Callable[[Scope], None] = lambda scope: None,
) -> dict[str, pa.Table]:
    """Evaluate several directions and horizons in parallel.

    Args:
        jobs: scopes with their windows and the parts of their ablations.
        protocol: rules of the walk.
        with_canaries: whether to test planted leaks too.
        workers: most processes, never more than jobs; 1 evaluates in this process.
        done: called after each job.

    Returns:
        The rows of each relation, in the order of the jobs.
    """
    workers = min(workers, len(jobs))
    if workers == 1:
        results = []
        for scope, windows, parts in jobs:
            results.append(evaluate_scope(scope, windows, protocol, with_canaries, parts))
            done(scope)
    else:
        # a forked copy of a process with threads may hang
        with ProcessPoolExecutor(workers, get_context("spawn")) as pool:
            # the longest first, so that none of them begins when the other processes are done
            longest_first = sorted(jobs, key=lambda job: len(job[1].samples), reverse=True)
            pending = {
                scope: pool.submit(evaluate_scope, scope, windows, protocol, with_canaries, parts)
                for scope, windows, parts in longest_first
            }
            results = []
            for scope, *_ in jobs:
                results.append(pending[scope].result())
                done(scope)
    return {
        relation: pa.concat_tables([tables[relation] for tables in results]) for relation in SCHEMAS
    }
