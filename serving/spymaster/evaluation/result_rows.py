"""Rows of the evaluation's relations: claims, scores, reliability, maps and predictions."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation import scores
from spymaster_engine.statistics.evaluation.ablations import WHOLE
from spymaster_engine.statistics.evaluation.bootstrap import (
    episode_weights,
    interval,
    resampled_means,
)
from spymaster_engine.statistics.evaluation.calibration import (
    LEAST_MAPPED,
    LogisticCurve,
    MapsOfDay,
    platt,
)
from spymaster_engine.statistics.evaluation.canaries import Canary, require_earlier_library
from spymaster_engine.statistics.evaluation.judgement import Judgement, Metric
from spymaster_engine.statistics.evaluation.reliability import Reliability
from spymaster_engine.statistics.evaluation.samples import Samples, path_codes
from spymaster_engine.statistics.evaluation.verdict import RIVALS
from spymaster_engine.statistics.evaluation.walk_forward import Protocol
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_engine.statistics.retrieval.settings import LEVEL as LEVEL_FAMILY

from spymaster.evaluation.read import Windows, date_of_day_code
from spymaster.evaluation.result_tables import SCHEMAS

Row = dict[str, Any]

# the two retrieval models whose odds are published
CLAIMANTS = ("retrieval_learned", "retrieval_robust_z")
POOLED, LEVEL = "pooled", "level"
# judged windows: those of every episode by distance, or given decisions
ALL, DECISIONS = "all", "decisions"
# slice of the signals that fired
SIGNALS = "signals"
# prefix of the models of ablations
ABLATION = "ablation_"
# metric: share of windows whose learned space learned from all phases at or past the level
POOLED_SHARE = "pooled_share"
# the only kind of map that is published
PUBLISHED_MAP = platt.__name__


@dataclass(frozen=True)
class Scope:
    """One direction, horizon and phase of a product, and the family of its features.

    Windows at and past a level are read together: the phase of a job names all of theirs.
    """

    root: str
    approach_dir: str
    horizon_id: str
    retrieval_family: str = LEVEL_FAMILY
    decision_phase: str = APPROACHING

    def columns(self) -> Row:
        """Return the scope as columns."""
        return {
            "root": self.root,
            "approach_dir": self.approach_dir,
            "decision_phase": self.decision_phase,
            "horizon_id": self.horizon_id,
            "retrieval_family": self.retrieval_family,
        }


def stated(
    samples: Samples, odds: NDArray, chosen: NDArray[np.bool_]
) -> tuple[NDArray, NDArray, NDArray, NDArray, NDArray]:
    """Return the chosen rows with odds; their odds, outcomes, weights by episode, and days."""
    rows = np.flatnonzero(chosen & np.isfinite(odds[:, 0]))
    weight = episode_weights(np.unique(samples.episode[rows], return_inverse=True)[1])
    return rows, odds[rows], samples.outcome[rows], weight, samples.day[rows]


def judgement_of(
    samples: Samples,
    odds: Mapping[str, NDArray],
    chosen: NDArray[np.bool_],
    protocol: Protocol,
) -> Judgement:
    """Judge every model on the chosen windows."""
    return Judgement.of(
        {name: model_odds[chosen] for name, model_odds in odds.items()},
        samples.outcome[chosen],
        samples.day[chosen],
        samples.episode[chosen],
        protocol.settings.evaluation_seed,
        path_codes(samples)[chosen],
    )


def metric_rows(scope: Scope, name: str, metrics: Iterable[Metric]) -> list[Row]:
    """Return scores of a slice."""
    return [{**scope.columns(), "slice": name, **metric._asdict()} for metric in metrics]


def ablation_rows(scope: Scope, name: str, judgement: Judgement) -> list[Row]:
    """Return the log-loss of each ablation, and its gain over the model with every feature."""
    if not judgement.n_episodes:
        return []
    metrics = []
    for variant in judgement.odds:
        model = f"{ABLATION}{variant}"
        metrics.append(judgement.mean_loss(variant)._replace(model=model))
        if variant != WHOLE:
            metric = f"skill_vs_{ABLATION}{WHOLE}"
            metrics.append(Metric(model, metric, *judgement.skill(variant, WHOLE)))
    return metric_rows(scope, name, metrics)


def claim_rows(
    scope: Scope,
    judgement: Judgement,
    models: Iterable[str],
    kind: str,
    level: str | None = None,
    least_episodes: int = 0,
) -> list[Row]:
    """Return the verdict on each model."""
    where = {**scope.columns(), "scope": kind, "level_id": level}
    return [{**where, **judgement.claim(model, least_episodes)._asdict()} for model in models]


def asof_claim_rows(
    scope: Scope,
    windows: Windows,
    odds: Mapping[str, NDArray],
    chosen: NDArray[np.bool_],
    protocol: Protocol,
) -> list[Row]:
    """Return the verdicts known on each day, from the judged windows of earlier days.

    The last rows are for the day after the last one.
    """
    compared = {name: odds[name] for name in (*CLAIMANTS, *RIVALS)}
    judged = np.unique(windows.samples.day[chosen & np.isfinite(odds[CLAIMANTS[0]][:, 0])])
    rows: list[Row] = []
    for before in [*judged[1:], len(windows.session_dates)] if len(judged) else []:
        earlier = chosen & (windows.samples.day < before)
        judgement = judgement_of(windows.samples, compared, earlier, protocol)
        asof_dt = date_of_day_code(windows, before)
        for model in CLAIMANTS:
            claim = judgement.claim(model)._asdict()
            run = {"asof_dt": asof_dt, "verdict_run": f"{model}_{asof_dt}"}
            rows.append({**scope.columns(), **run, **claim})
    return rows


def reliability_rows(
    scope: Scope, name: str, judgement: Judgement, models: Iterable[str]
) -> list[Row]:
    """Return each model's bins with intervals of the observed share over resampled days."""
    rows: list[Row] = []
    if not judgement.n_episodes:
        return rows
    where = {**scope.columns(), "slice": name}
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
            rows.append({**where, "model": model, **row, "observed_lo": lo, "observed_hi": hi})
    return rows


def map_rows(
    scope: Scope, windows: Windows, maps: Mapping[str, Iterable[MapsOfDay[LogisticCurve]]]
) -> list[Row]:
    """Return the logistic maps of every model and day; the last maps are for the day to come."""
    rows: list[Row] = []
    for model, of_days in maps.items():
        for fitted in of_days:
            rows += [
                {
                    **scope.columns(),
                    "model": model,
                    "asof_dt": date_of_day_code(windows, fitted.day),
                    "outcome": outcome,
                    **asdict(curve),
                    "least_probability": LEAST_MAPPED,
                    "n_predictions": fitted.n_predictions,
                }
                for outcome, curve in zip(CLASSES, fitted.maps, strict=True)
            ]
    return rows


def canary_row(scope: Scope, canary: Canary) -> Row:
    """Return the effect of a planted leak."""
    row = canary._asdict()
    return {**scope.columns(), "canary": row.pop("name"), **row}


def prediction_rows(
    scope: Scope,
    name: str,
    windows: Windows,
    odds: Mapping[str, NDArray],
    chosen: NDArray[np.bool_],
    protocol: Protocol,
) -> pa.Table:
    """Return one row per judged window and model.

    Raises:
        LookAheadError: A library reaches into the day of its query.
    """
    samples = windows.samples
    library_last_day = last_library_day(samples, protocol)
    schema = SCHEMAS["eval_retrieval_predictions"]
    pieces = []
    for model, model_odds in odds.items():
        rows = np.flatnonzero(chosen & np.isfinite(model_odds[:, 0]))
        require_earlier_library(library_last_day[rows], samples.day[rows])
        columns = {
            column: windows.key[column].take(pa.array(rows)) for column in windows.key.column_names
        }
        columns |= {
            "approach_dir": pa.array([scope.approach_dir] * len(rows)),
            "decision_phase": pa.array([scope.decision_phase] * len(rows)),
            "horizon_id": pa.array([scope.horizon_id] * len(rows)),
            "slice": pa.array([name] * len(rows)),
            "model": pa.array([model] * len(rows)),
            "outcome": pa.array(np.array(CLASSES)[samples.outcome[rows]]),
            "x0_ticks": pa.array(samples.x0_ticks[rows].astype(np.int32)),
            "library_last_dt": pa.array(windows.session_dates[library_last_day[rows]]),
        }
        columns |= {
            f"p_{outcome.lower()}": pa.array(model_odds[rows, code])
            for code, outcome in enumerate(CLASSES)
        }
        pieces.append(pa.table(columns).select(schema.names).cast(schema))
    return pa.concat_tables(pieces)


def last_library_day(samples: Samples, protocol: Protocol) -> NDArray[np.int64]:
    """Return per window the last day of its library, (n,) codes; -1 for an empty library."""
    days = np.unique(samples.day[samples.outcome >= 0])
    earlier = np.searchsorted(days, samples.day - protocol.embargo_days)
    return np.append(-1, days)[earlier]
