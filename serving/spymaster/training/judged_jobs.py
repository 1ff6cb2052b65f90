"""Train and judge the claimants of one job: predictions, scores and artefacts."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.claimants.artefacts import content_hash
from spymaster_engine.statistics.claimants.ensembles import BLENDED, STACKED, blended, stacked
from spymaster_engine.statistics.claimants.venn_abers import intervals_by_day
from spymaster_engine.statistics.claimants.walk import SEED, FittedModel, Walk, walk_claimants
from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.calibration import calibrated
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_engine.statistics.evaluation.samples import unit_windows
from spymaster_engine.statistics.evaluation.verdict import RIVALS, TOO_FEW
from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.outcomes import CHOP, CLASSES

from spymaster.evaluation.result_rows import (
    ALL,
    PUBLISHED_MAP,
    Row,
    judgement_of,
    stated,
)
from spymaster.evaluation.result_rows import CLAIMANTS as RETRIEVALS
from spymaster.training.claimants import EVENT, STAGE_B
from spymaster.training.model_scores import head_scores, model_scores
from spymaster.training.scopes import TrainingJob
from spymaster.training.tables import METRICS, PREDICTIONS, REGISTRY, SCHEMAS

Floats = NDArray[np.float64]

OUTCOME, BREAK_OR_REJECT = "outcome", "break_or_reject"
WITH_MAP, FIRST, FIRST_WITH_MAP = "with_map", "first", "first_with_map"
RETRIEVAL = RETRIEVALS[0]
_SETTINGS = "settings.json"


@dataclass(frozen=True)
class JudgedJob:
    """What a job has given.

    Attributes:
        rows: of model_registry and model_metrics.
        predictions: rows of model_predictions.
        artefacts: files of the artefacts by their content hash.
    """

    rows: dict[str, list[Row]]
    predictions: pa.Table
    artefacts: dict[str, dict[str, bytes]]


def train_job(job: TrainingJob, protocol: Protocol, code_hash: str) -> JudgedJob:
    """Walk forward, judge and keep what was learned, with linear algebra in one thread.

    Args:
        job: windows and claimants.
        protocol: rules of the walk, while price approaches.
        code_hash: of the code that trains.
    """
    family = job.scope.retrieval_family
    settings = protocol.settings.of_family(family)
    if job.unit == EVENT:
        # events lie at their level: there is no far space
        settings = replace(settings, learned_max_distance_ticks=np.inf)
    protocol = replace(protocol, settings=settings).of_phase(job.scope.decision_phase)
    samples = job.windows.samples
    unit = _unit(job, protocol)
    judged = unit & (samples.outcome >= 0)
    with one_thread():
        asked = {head.key: unit & head.known for head in job.heads}
        queries = np.logical_or.reduce([judged, *asked.values()])
        walk = walk_claimants(
            job.claimants, samples, job.features, queries, protocol, heads=job.heads
        )
        odds = {**walk.odds, **job.stated}
        mapped = {name: _mapped(job, of_model, judged) for name, of_model in odds.items()}
        ensembles = _ensembles(job, odds, judged)
        metrics = _metric_rows(job, odds, mapped, ensembles, judged, protocol)
        for head in job.heads:
            of_head = head_scores(head, walk.heads[head.key], asked[head.key], protocol)
            metrics += [
                {**_scope_columns(job, head.name, head.horizon_id), "slice": ALL, **row}
                for row in of_head
            ]
    registry, artefacts = _registered(job, walk, judged, protocol, code_hash)
    predictions = _predictions(job, walk, mapped, judged)
    return JudgedJob({REGISTRY: registry, METRICS: metrics}, predictions, artefacts)


def _unit(job: TrainingJob, protocol: Protocol) -> NDArray[np.bool_]:
    """Return which windows are judged where their label is known, (n,)."""
    samples = job.windows.samples
    if job.unit == EVENT:
        return np.ones(len(samples), np.bool_)
    return unit_windows(samples, protocol.unit_bands)


def train_all(
    jobs: Sequence[TrainingJob],
    protocol: Protocol,
    code_hash: str,
    workers: int,
    done: Callable[[], None] = lambda: None,
) -> list[JudgedJob]:
    """Train several jobs in parallel; the results are in the order of the jobs.

    Args:
        jobs: windows and claimants.
        protocol: rules of the walk.
        code_hash: of the code that trains.
        workers: most processes; 1 trains in this process.
        done: called after each job.
    """
    if min(workers, len(jobs)) == 1:
        results = []
        for job in jobs:
            results.append(train_job(job, protocol, code_hash))
            done()
        return results
    # a forked copy of a process with threads may hang
    with ProcessPoolExecutor(min(workers, len(jobs)), get_context("spawn")) as pool:
        # the longest first, so that none of them begins when the other processes are done
        order = sorted(range(len(jobs)), key=lambda place: -len(jobs[place].windows.samples))
        pending = {
            place: pool.submit(train_job, jobs[place], protocol, code_hash) for place in order
        }
        results = []
        for place in range(len(jobs)):
            results.append(pending[place].result())
            done()
        return results


def model_id(job: TrainingJob, model: FittedModel) -> str:
    """Return the name of a model: product, direction, unit, horizon, head, claimant, first day."""
    of_head = _head_columns(job, model)
    keys = ("root", "approach_dir", "unit", "horizon_id", "head")
    names = (*(of_head[key] for key in keys), model.claimant)
    return "|".join(str(name) for name in (*names, job.windows.session_dates[model.first_day]))


def _head_columns(job: TrainingJob, model: FittedModel) -> Row:
    head = model.head
    if head is None:
        return _scope_columns(job, OUTCOME)
    return _scope_columns(job, head.name, head.horizon_id)


def _mapped(job: TrainingJob, odds: Floats, judged: NDArray[np.bool_]) -> Floats:
    """Return odds after the maps of earlier days, (n, 3), NaN where there is none."""
    rows, probability, outcome, weight, day = stated(job.windows.samples, odds, judged)
    mapped = np.full_like(odds, np.nan)
    mapped[rows] = calibrated(probability, outcome, weight, day, PUBLISHED_MAP)
    return mapped


def _scope_columns(job: TrainingJob, head: str, horizon_id: str | None = None) -> Row:
    scope = job.scope
    return {
        "head": head,
        "root": scope.root,
        "approach_dir": scope.approach_dir,
        "unit": job.unit,
        "horizon_id": horizon_id or scope.horizon_id,
    }


def _registered(
    job: TrainingJob,
    walk: Walk,
    judged: NDArray[np.bool_],
    protocol: Protocol,
    code_hash: str,
) -> tuple[list[Row], dict[str, dict[str, bytes]]]:
    """Return the rows of the registry, and the artefacts by content hash."""
    dates = job.windows.session_dates
    by_name = {claimant.name: claimant for claimant in job.claimants}
    rows, artefacts = [], {}
    for model in walk.models:
        artefact = model.fitted.artefact()
        sha256 = content_hash(artefact)
        artefacts[sha256] = artefact
        claimant = by_name[model.claimant]
        chosen = json.loads(artefact[_SETTINGS])
        names = "\n".join(claimant.names)
        last_day = min(model.first_day + protocol.settings.learned_refit_days, len(dates)) - 1
        rows.append(
            {
                **_head_columns(job, model),
                "model_id": model_id(job, model),
                "claimant": model.claimant,
                "family": claimant.family,
                "n_features": len(claimant.names),
                "feature_list_hash": hashlib.sha256(names.encode()).hexdigest(),
                "first_train_dt": dates[model.first_train_day].item(),
                "last_train_dt": dates[model.last_train_day].item(),
                "n_train_days": model.n_train_days,
                "n_train_rows": model.n_train_rows,
                "first_dt": dates[model.first_day].item(),
                "last_dt": dates[last_day].item(),
                "verdict_before": _verdict_before(job, walk, model, judged, protocol),
                "settings": json.dumps(
                    {name: value for name, value in chosen.items() if name != "names"}
                ),
                "seed": SEED,
                "content_hash": sha256,
                "code_hash": code_hash,
            }
        )
    return rows, artefacts


def _verdict_before(
    job: TrainingJob,
    walk: Walk,
    model: FittedModel,
    judged: NDArray[np.bool_],
    protocol: Protocol,
) -> str | None:
    """Return the verdict on a claimant from the days before a model serves; None of a head."""
    if model.head is not None:
        return None
    samples = job.windows.samples
    earlier = judged & (samples.day < model.first_day)
    if len(np.unique(samples.day[earlier])) < LEAST_DAYS:
        return TOO_FEW
    compared = {name: walk.odds[name] for name in (*RIVALS, model.claimant)}
    return judgement_of(samples, compared, earlier, protocol).claim(model.claimant).verdict


def _predictions(
    job: TrainingJob, walk: Walk, mapped: Mapping[str, Floats], judged: NDArray[np.bool_]
) -> pa.Table:
    """Return a row per judged decision and claimant."""
    samples, windows, schema = job.windows.samples, job.windows, SCHEMAS[PREDICTIONS]
    pieces = []
    for claimant in job.claimants:
        odds = walk.odds[claimant.name]
        rows = np.flatnonzero(judged & np.isfinite(odds[:, 0]))
        models = [
            model for model in walk.models if model.head is None and model.claimant == claimant.name
        ]
        firsts = np.array([model.first_day for model in models], np.int64)
        serving = np.searchsorted(firsts, samples.day[rows], side="right") - 1
        ids = np.array([model_id(job, model) for model in models], dtype=object)
        columns: dict[str, Any] = {
            name: windows.key[name].take(pa.array(rows)) for name in windows.key.column_names
        }
        columns |= {
            name: pa.array([value] * len(rows), pa.string())
            for name, value in _scope_columns(job, OUTCOME).items()
        }
        columns |= {
            "model_id": pa.array(ids[serving], pa.string()),
            "claimant": pa.array([claimant.name] * len(rows), pa.string()),
            "fold_dt": pa.array(windows.session_dates[samples.day[rows]]),
            "outcome": pa.array(np.array(CLASSES)[samples.outcome[rows]]),
        }
        _, stated_odds, outcomes, weight, day = stated(samples, odds, judged)
        bounds = intervals_by_day(stated_odds, outcomes, weight, day)
        for code, outcome in enumerate(CLASSES):
            name = f"p_{outcome.lower()}"
            for bound, values in zip(("p0", "p1"), bounds, strict=True):
                column = f"{bound}_{outcome.lower()}"
                columns[column] = pa.array(values[:, code], from_pandas=True)
            columns[f"{name}_raw"] = pa.array(odds[rows, code])
            columns[name] = pa.array(mapped[claimant.name][rows, code], from_pandas=True)
        pieces.append(pa.table(columns).select(schema.names).cast(schema))
    return pa.concat_tables(pieces) if pieces else schema.empty_table()


def _metric_rows(
    job: TrainingJob,
    odds: Mapping[str, Floats],
    mapped: Mapping[str, Floats],
    ensembles: Mapping[str, Floats],
    judged: NDArray[np.bool_],
    protocol: Protocol,
) -> list[Row]:
    """Return the scores of every model, by head and slice; models are compared on shared rows."""
    slices = _slices(job, odds, mapped, ensembles)
    samples = job.windows.samples
    rows: list[Row] = []
    for name, of_models in slices.items():
        for head, chosen, compared in (
            (OUTCOME, judged, of_models),
            (
                BREAK_OR_REJECT,
                judged & (samples.outcome != CHOP),
                {model: _decided(of_model) for model, of_model in of_models.items()},
            ),
        ):
            judgement = judgement_of(samples, compared, chosen, protocol)
            key = {**_scope_columns(job, head), "slice": name}
            rows += [{**key, **scores} for scores in model_scores(judgement)]
    return rows


def _ensembles(
    job: TrainingJob, odds: Mapping[str, Floats], judged: NDArray[np.bool_]
) -> dict[str, Floats]:
    """Return the odds of trees with retrieval, (n, 3), by ensemble; none without both."""
    if STAGE_B not in odds or RETRIEVAL not in odds or job.mean_similarity is None:
        return {}
    samples = job.windows.samples
    trees, retrieval = odds[STAGE_B], odds[RETRIEVAL]
    rows, _, outcome, weight, day = stated(samples, trees + retrieval, judged)
    stack = np.full_like(trees, np.nan)
    stack[rows] = stacked([trees[rows], retrieval[rows]], outcome, weight, day)
    return {BLENDED: blended(trees, retrieval, job.mean_similarity), STACKED: stack}


def _slices(
    job: TrainingJob,
    odds: Mapping[str, Floats],
    mapped: Mapping[str, Floats],
    ensembles: Mapping[str, Floats],
) -> dict[str, dict[str, Floats]]:
    """Return the models that are compared in each slice.

    Sequences belong to the first decision of a phase only: claimants that read them are judged on
    these, and there everything else with them.
    """
    of_sequences = {claimant.name for claimant in job.claimants if claimant.reads_sequences}
    stated = {name: each for name, each in odds.items() if np.isfinite(each[:, 0]).any()}
    others = {name: each for name, each in stated.items() if name not in of_sequences}

    def with_maps(models: Mapping[str, Floats]) -> dict[str, Floats]:
        # rivals are calibrated too: a map learns the base rates of the judged decisions
        maps = {f"{name}_{PUBLISHED_MAP}": mapped[name] for name in models}
        # a stack needs odds of earlier days, as a map does
        known = {n: each for n, each in ensembles.items() if np.isfinite(each[:, 0]).any()}
        return {**models, **maps, **known}

    slices = {ALL: others, WITH_MAP: with_maps(others)}
    if len(stated) > len(others):
        slices |= {FIRST: stated, FIRST_WITH_MAP: with_maps(stated)}
    return slices


def _decided(odds: Floats) -> Floats:
    """Return odds given that the move was decided: CHOP has none."""
    decided = odds.copy()
    decided[:, CHOP] = 0.0
    return decided / decided.sum(axis=1, keepdims=True)
