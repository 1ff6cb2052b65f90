"""Results of confirmed moments on earlier days, computed row by row from the definition.

Rows are those of the relations of the same name; their fields are the columns.

Rules chosen where the specification leaves room:
- A day is the UTC date of the file. An evening's rows belong to the next session, which selects the
  contract, but to the day of their own UTC date.
- Levels share no episode; an episode's name means another episode on another day or root.
- A window without a known end is no row: the next confirmed window of its episode is the first.
- A confirmed moment has a base rate, because confirmation compares with it.
"""

from __future__ import annotations

import datetime as dt
import math
from collections.abc import Callable, Iterable, Sequence
from typing import Any, NamedTuple

import numpy as np

Row = dict[str, Any]
Bound = Callable[[Sequence[float]], Any]

AT_LEVEL = ("BREAK", "REJECT", "CHOP")
PHASES = ("approaching", "at", "through", "back")
_SHARE, _BOOTSTRAP_DRAWS = 0.025, 20_000


class Candidate(NamedTuple):
    """A row of `trigger_candidates`."""

    symbol: str
    dt: dt.date
    session_date: dt.date
    level_id: str
    window_end_ts: dt.datetime
    episode_id: str
    decision_phase: str
    root: str
    p_top1: float | None
    margin: float | None
    base_top1: float | None
    c_top1: str
    is_similar: bool | None
    is_confirmed: bool | None
    ineligible_reason: str | None
    shape_reason: str | None


class Label(NamedTuple):
    """A row of `level_labels`."""

    symbol: str
    dt: dt.date
    level_id: str
    window_end_ts: dt.datetime
    horizon_id: str
    barrier_kind: str
    outcome_reached: str
    exit_x_ticks: int | None
    x0_ticks: int
    barrier_ticks: int
    mfe_to_exit_ticks: int | None
    mae_to_exit_ticks: int | None


class Decision(NamedTuple):
    """A row of `level_decisions`; all rows of a day have the same mode."""

    symbol: str
    dt: dt.date
    barrier_mode: str


class Selection(NamedTuple):
    """A row of `mbo_contract_day_selection`."""

    root: str
    session_date: dt.date
    selected_symbol: str | None


class Threshold(NamedTuple):
    """A row of `trigger_thresholds`."""

    root: str
    cost_ticks: float
    risk_q80_ticks_max: float


class AsOf(NamedTuple):
    """A row of `retrieval_days`."""

    root: str
    dt: dt.date


class Rule(NamedTuple):
    """Key of a row of `trigger_condition_record`."""

    root: str
    dt: dt.date
    decision_phase: str


class Market(NamedTuple):
    """All inputs of both relations, by relation name."""

    trigger_candidates: Sequence[Candidate]
    level_labels: Sequence[Label]
    level_decisions: Sequence[Decision]
    mbo_contract_day_selection: Sequence[Selection]
    trigger_thresholds: Sequence[Threshold]
    retrieval_days: Sequence[AsOf]


class Limits(NamedTuple):
    """Fewest fires, and days with fires, that a bound needs."""

    min_fires: int
    min_fire_days: int


def trigger_results(market: Market, horizon_id: str) -> list[Row]:
    """Rows of `trigger_results` in the order of the candidates."""
    rows = []
    for candidate in market.trigger_candidates:
        label = _label_of(candidate, market, horizon_id)
        if (
            candidate.is_similar
            and candidate.ineligible_reason != "beyond_barrier"
            and _is_selected(candidate, market)
            and label is not None
            and label.exit_x_ticks is not None
        ):
            rows.append(_result(candidate, label, _threshold(market, candidate.root)))
    return rows


def _is_selected(candidate: Candidate, market: Market) -> bool:
    row = Selection(candidate.root, candidate.session_date, candidate.symbol)
    return row in market.mbo_contract_day_selection


def _threshold(market: Market, root: str) -> Threshold:
    [threshold] = (row for row in market.trigger_thresholds if row.root == root)
    return threshold


def _label_of(candidate: Candidate, market: Market, horizon_id: str) -> Label | None:
    """Label of a candidate at the horizon and under the mode of its day, or None."""
    modes = {
        row.barrier_mode
        for row in market.level_decisions
        if (row.symbol, row.dt) == (candidate.symbol, candidate.dt)
    }
    found = [
        row
        for row in market.level_labels
        if row.window_end_ts == candidate.window_end_ts
        and (row.symbol, row.dt, row.level_id)
        == (candidate.symbol, candidate.dt, candidate.level_id)
        and row.horizon_id == horizon_id
        and row.barrier_kind in modes
    ]
    assert len(modes) <= 1
    assert len(found) <= 1
    return found[0] if found else None


def _result(candidate: Candidate, label: Label, threshold: Threshold) -> Row:
    follows_approach = candidate.c_top1.startswith("BREAK")
    side = 1 if follows_approach else -1
    against = -label.mae_to_exit_ticks if follows_approach else label.mfe_to_exit_ticks
    ends_at_barrier_against = side * label.exit_x_ticks <= -label.barrier_ticks
    is_reached = label.outcome_reached in AT_LEVEL
    names = ("root", "symbol", "dt", "level_id", "window_end_ts")
    names += ("decision_phase", "episode_id", "p_top1", "margin", "base_top1", "is_confirmed")
    return {name: getattr(candidate, name) for name in names} | {
        "can_fire": candidate.ineligible_reason is None and candidate.shape_reason is None,
        "is_right": candidate.c_top1.split("_")[0] == label.outcome_reached,
        "is_chop": label.outcome_reached == "CHOP",
        "is_reached": is_reached,
        "is_stopped": against > threshold.risk_q80_ticks_max or ends_at_barrier_against,
        "result_ticks": side * (label.exit_x_ticks - label.x0_ticks),
    }


def confirmed_fires(results: Iterable[Row], rule: Rule) -> list[Row]:
    """Earliest confirmed row of a phase of each episode of a root on the days before a day."""
    episodes: dict[tuple[dt.date, str], list[Row]] = {}
    for row in results:
        is_of_rule = row["root"] == rule.root and row["decision_phase"] == rule.decision_phase
        if is_of_rule and row["dt"] < rule.dt and row["is_confirmed"]:
            episodes.setdefault((row["dt"], row["episode_id"]), []).append(row)
    return [min(rows, key=lambda row: row["window_end_ts"]) for rows in episodes.values()]


def condition_record(
    results: Sequence[Row], market: Market, limits: Limits, bound: Bound
) -> dict[Rule, Row]:
    """Rows of `trigger_condition_record` by root, day and phase, without `is_earning`.

    Args:
        results: rows of `trigger_results`.
        market: gives the requested roots and days, and the costs.
        limits: least counts that a bound needs.
        bound: function for the lower bound of a mean, see `bound_range`.
    """
    return {
        Rule(*as_of, phase): _record(
            confirmed_fires(results, Rule(*as_of, phase)),
            _threshold(market, as_of.root).cost_ticks,
            limits,
            bound,
        )
        for as_of in market.retrieval_days
        for phase in PHASES
    }


def _record(fires: Sequence[Row], cost_ticks: float, limits: Limits, bound: Bound) -> Row:
    there = [row for row in fires if row["is_reached"]]
    results_ticks = [float(row["result_ticks"]) for row in fires]
    gains = [row["is_right"] - row["base_top1"] for row in there]
    n_days = len({row["dt"] for row in fires})
    has_bounds = len(fires) >= limits.min_fires and n_days >= limits.min_fire_days
    return {
        "n_fires": len(fires),
        "n_fire_days": n_days,
        "precision_rate": mean([float(row["is_right"]) for row in there]),
        "usual_rate": mean([row["base_top1"] for row in there]),
        "gain_lo": bound(gains) if has_bounds else None,
        "edge_ticks": mean([ticks - cost_ticks for ticks in results_ticks]),
        "edge_lo": bound([ticks - cost_ticks for ticks in results_ticks]) if has_bounds else None,
    }


def is_earning(gain_lo: float | None, edge_lo: float | None) -> bool:
    """Whether both bounds are known and above zero."""
    return gain_lo is not None and edge_lo is not None and gain_lo > 0 and edge_lo > 0


def mean(values: Sequence[float]) -> float | None:
    """Mean; None without values."""
    return math.fsum(values) / len(values) if values else None


def bound_range(values: Sequence[float], resamples: int, errors: float = 4) -> Any:
    """Range of a bootstrap bound with few draws; None with fewer than two numbers.

    Many draws give the distribution of the mean. The share of it below a bound from `resamples`
    draws deviates by the error of a share; a number of such errors is allowed.
    """
    if len(values) < 2:
        return None
    draws = np.random.default_rng(1).integers(len(values), size=(_BOOTSTRAP_DRAWS, len(values)))
    means = np.array(values)[draws].mean(axis=1)
    error = errors * math.sqrt(_SHARE * (1 - _SHARE) / resamples)
    low, high = np.quantile(means, [max(0, _SHARE - error), _SHARE + error])
    return float(low), float(high)
