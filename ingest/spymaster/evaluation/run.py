"""The whole evaluation of a warehouse: walk, judge, and gather the rows of every relation."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.evaluation import scores
from spymaster_engine.evaluation.bootstrap import episode_weights, interval, resampled_means
from spymaster_engine.evaluation.calibration import (
    LEAST_MAPPED,
    MAPS,
    calibrated,
    maps_by_day,
)
from spymaster_engine.evaluation.canaries import Canary, release_canaries, require_earlier_library
from spymaster_engine.evaluation.expectations import expectation_metrics
from spymaster_engine.evaluation.judgement import Judgement
from spymaster_engine.evaluation.models import MODELS, expectations
from spymaster_engine.evaluation.reliability import Reliability
from spymaster_engine.evaluation.samples import (
    UNIT_DISTANCES_TICKS,
    Samples,
    first_within,
    paths,
    unit_windows,
)
from spymaster_engine.evaluation.verdict import LEAST_EPISODES_OF_LEVEL
from spymaster_engine.evaluation.walk_forward import Protocol, walk_forward
from spymaster_engine.retrieval.outcomes import CLASSES

from spymaster.evaluation.read import Windows
from spymaster.evaluation.tables import SCHEMAS, table_of

Row = dict[str, Any]

# the two spaces of retrieval, whose odds are published
CLAIMANTS = ("retrieval_learned", "retrieval_robust_z")
POOLED, LEVEL = "pooled", "level"
ALL = "all"
# maps that others than this evaluation can apply
_PUBLISHED_MAP = "platt"
_EXPECTATIONS = "expectations"


@dataclass(frozen=True)
class Scope:
    """What was evaluated: one direction and horizon of a product."""

    root: str
    approach_dir: str
    horizon_id: str

    def columns(self) -> Row:
        """Return the columns that name it."""
        return {
            "root": self.root,
            "approach_dir": self.approach_dir,
            "horizon_id": self.horizon_id,
        }


def odds_of(
    samples: Samples, protocol: Protocol, tick: Callable[[int], None] = lambda days: None
) -> tuple[dict[str, NDArray], NDArray, NDArray[np.bool_]]:
    """Return every model's odds of the judged windows, calibrated ones of retrieval included.

    Args:
        samples: windows of one direction.
        protocol: how to walk.
        tick: called with the number of days each time some are done.

    Returns:
        Per model (n, 3), NaN where nothing is known; expectations in numbers; and which windows
        are judged (n,).
    """
    asked = unit_windows(samples) & (samples.outcome >= 0)
    models = {**MODELS, _EXPECTATIONS: expectations}
    odds = walk_forward(samples, asked, protocol, models, tick)
    numbers = odds.pop(_EXPECTATIONS)
    for name in CLAIMANTS:
        rows, *stated = _stated(samples, odds[name])
        for kind in MAPS:
            mapped = np.full_like(odds[name], np.nan)
            mapped[rows] = calibrated(*stated, kind)
            odds[f"{name}_{kind}"] = mapped
    return odds, numbers, asked


def _stated(samples: Samples, odds: NDArray) -> tuple[NDArray, ...]:
    """Return the rows with odds; their odds, outcomes, weights by episode, and days."""
    rows = np.flatnonzero(np.isfinite(odds[:, 0]))
    weight = episode_weights(np.unique(samples.episode[rows], return_inverse=True)[1])
    return rows, odds[rows], samples.outcome[rows], weight, samples.day[rows]


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
    samples = windows.samples
    odds, numbers, asked = odds_of(samples, protocol, tick)
    canaries = release_canaries(samples, asked, protocol) if with_canaries else []
    plain = {name: one for name, one in odds.items() if not name.endswith(tuple(MAPS))}
    rows: dict[str, list[Row]] = {relation: [] for relation in SCHEMAS}
    for name, chosen in slices_of(samples, windows.levels).items():
        judgement = _judgement(samples, plain, chosen, protocol)
        rows["eval_retrieval_metrics"] += [
            {**scope.columns(), "slice": name, **metric._asdict()} for metric in judgement.metrics()
        ]
        if name == ALL:
            rows["eval_retrieval_verdict"] += _claims(scope, judgement, CLAIMANTS, POOLED, None, 0)
            rows["eval_retrieval_reliability"] += _reliability(scope, judgement, CLAIMANTS)
        elif name in windows.levels:
            rows["eval_retrieval_verdict"] += _claims(
                scope, judgement, CLAIMANTS, LEVEL, name, LEAST_EPISODES_OF_LEVEL
            )
    rows["eval_retrieval_metrics"] += [
        {**scope.columns(), "slice": ALL, **metric._asdict()}
        for metric in expectation_metrics(numbers, samples, unit_windows(samples), protocol.seed)
    ]
    mapped = [name for name in odds if name not in plain]
    everything = np.ones(len(samples), np.bool_)
    judgement = _judgement(samples, odds, everything, protocol)
    rows["eval_retrieval_metrics"] += [
        {**scope.columns(), "slice": "with_map", **metric._asdict()}
        for metric in judgement.metrics()
    ]
    rows["eval_retrieval_verdict"] += _claims(scope, judgement, mapped, POOLED, None, 0)
    rows["eval_retrieval_reliability"] += _reliability(scope, judgement, mapped)
    rows["eval_retrieval_maps"] += _maps(scope, windows, odds)
    rows["eval_retrieval_canaries"] += [_canary_row(scope, canary) for canary in canaries]
    tables = {
        relation: table_of(relation, found)
        for relation, found in rows.items()
        if relation != "eval_retrieval_predictions"
    }
    tables["eval_retrieval_predictions"] = _predictions(scope, windows, odds, protocol)
    return tables


def slices_of(samples: Samples, levels: Sequence[str]) -> dict[str, NDArray[np.bool_]]:
    """Return the slices that scores are shown for: all, by distance, and by level."""
    slices = {ALL: np.ones(len(samples), np.bool_), "first": first_within(samples, np.inf)}
    for distance in UNIT_DISTANCES_TICKS:
        slices[f"within_{distance}_ticks"] = first_within(samples, distance)
    for code, level in enumerate(levels):
        slices[level] = samples.level == code
    return slices


def _judgement(
    samples: Samples,
    odds: Mapping[str, NDArray],
    chosen: NDArray[np.bool_],
    protocol: Protocol,
) -> Judgement:
    return Judgement.of(
        {name: one[chosen] for name, one in odds.items()},
        samples.outcome[chosen],
        samples.day[chosen],
        samples.episode[chosen],
        protocol.seed,
        paths(samples)[chosen],
    )


def _claims(
    scope: Scope,
    judgement: Judgement,
    models: Iterable[str],
    kind: str,
    level: str | None,
    least_episodes: int,
) -> list[Row]:
    where = {**scope.columns(), "scope": kind, "level_id": level}
    return [{**where, **judgement.claim(model, least_episodes)._asdict()} for model in models]


def _reliability(scope: Scope, judgement: Judgement, models: Iterable[str]) -> list[Row]:
    """Return the bins of the models with intervals of what happened over resampled days."""
    rows: list[Row] = []
    if not judgement.n_episodes:
        return rows
    for model in models:
        reliability = Reliability.of(judgement.odds[model], judgement.weight)
        for row in reliability.table(judgement.outcome):
            code = CLASSES.index(row["outcome"])
            inside = reliability.bins[code] == row["bin"]
            hits = scores.one_hot(judgement.outcome[inside])[:, code]
            lo, hi = interval(
                resampled_means(
                    hits, judgement.weight[inside], judgement.day[inside], judgement.counts
                )
            )
            rows.append(
                {**scope.columns(), "model": model, **row, "observed_lo": lo, "observed_hi": hi}
            )
    return rows


def _maps(scope: Scope, windows: Windows, odds: Mapping[str, NDArray]) -> list[Row]:
    """Return the logistic maps of every day; the last ones are for what comes next."""
    dates = windows.session_dates
    rows: list[Row] = []
    for model in CLAIMANTS:
        _, *stated = _stated(windows.samples, odds[model])
        for one in maps_by_day(*stated, _PUBLISHED_MAP):
            asof_dt = dates[one.day] if one.day < len(dates) else dates[-1] + 1
            rows += [
                {
                    **scope.columns(),
                    "model": model,
                    "asof_dt": asof_dt.item(),
                    "outcome": outcome,
                    **curve._asdict(),
                    "least_probability": LEAST_MAPPED,
                    "n_predictions": one.n_predictions,
                }
                for outcome, curve in zip(CLASSES, one.maps, strict=True)
            ]
    return rows


def _canary_row(scope: Scope, canary: Canary) -> Row:
    row = canary._asdict()
    return {**scope.columns(), "canary": row.pop("name"), **row}


def _predictions(
    scope: Scope, windows: Windows, odds: Mapping[str, NDArray], protocol: Protocol
) -> pa.Table:
    """Return one row per judged window and model."""
    samples = windows.samples
    library_last_day = last_library_day(samples, protocol)
    pieces = []
    for model, one in odds.items():
        rows = np.flatnonzero(np.isfinite(one[:, 0]))
        require_earlier_library(library_last_day[rows], samples.day[rows])
        columns = {
            name: windows.key[name].take(pa.array(rows)) for name in windows.key.column_names
        }
        columns |= {
            "approach_dir": pa.array([scope.approach_dir] * len(rows)),
            "horizon_id": pa.array([scope.horizon_id] * len(rows)),
            "model": pa.array([model] * len(rows)),
            "outcome": pa.array(np.array(CLASSES)[samples.outcome[rows]]),
            "x0_ticks": pa.array(samples.x0_ticks[rows].astype(np.int32)),
            "library_last_dt": pa.array(windows.session_dates[library_last_day[rows]]),
        }
        columns |= {
            f"p_{name.lower()}": pa.array(one[rows, code]) for code, name in enumerate(CLASSES)
        }
        schema = SCHEMAS["eval_retrieval_predictions"]
        pieces.append(pa.table(columns).select(schema.names).cast(schema))
    return pa.concat_tables(pieces)


def last_library_day(samples: Samples, protocol: Protocol) -> NDArray[np.int64]:
    """Return per window the last day with labels before its day and the embargo, -1 for none."""
    days = np.unique(samples.day[samples.outcome >= 0])
    place = np.searchsorted(days, samples.day - protocol.embargo_days) - 1
    return np.where(place >= 0, days[place], -1)


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
