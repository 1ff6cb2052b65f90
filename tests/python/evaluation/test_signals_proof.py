"""Results of the rule of signals at given decisions, with a planted truth and without.

A decision is a signal if it lies within the distance of signals, the odds of its top outcome exceed
their base rate, a position on that outcome would have made more than its cost among the neighbors
(lower bound of the interval), and the verdict has been useful for as many judged days as signals
require. Libraries hold the episodes with a decision.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

import duckdb
import numpy as np
import pytest
from spymaster.evaluation.read import Windows, date_of_day_code
from spymaster.evaluation.result_rows import CLAIMANTS, DECISIONS, Scope, asof_claim_rows
from spymaster.evaluation.run_scopes import units_of
from spymaster_engine.statistics.evaluation.blocks import Band
from spymaster_engine.statistics.evaluation.bootstrap import mean_over_days
from spymaster_engine.statistics.evaluation.judged_day import Day
from spymaster_engine.statistics.evaluation.model_odds import _by_band, _in_space, _shares
from spymaster_engine.statistics.evaluation.turn_results import SENSES
from spymaster_engine.statistics.evaluation.verdict import RIVALS, USEFUL
from spymaster_engine.statistics.evaluation.walk_forward import MODELS, walk_forward
from spymaster_engine.statistics.retrieval.base_rates import REACHED
from spymaster_engine.statistics.retrieval.neighbor_choice import NOT_CHOSEN
from spymaster_engine.statistics.retrieval.outcomes import CLASSES
from spymaster_engine.statistics.retrieval.settings import LEVEL
from spymaster_ingest.lake import Lake
from spymaster_warehouse.project_vars import project_vars
from support.proof_markets import market_lake
from test_evaluation_proof import PROTOCOL, windows_of

pytestmark = pytest.mark.long

VARS = project_vars()
DAYS_PER_FALSE_SIGNAL = 5
RESAMPLES = 500
LEARNED = "retrieval_learned"
assert CLAIMANTS[0] == LEARNED


class Signals(NamedTuple):
    """Signals that fired, (n,) each: day and result after cost; and the number of judged days."""

    date: np.ndarray
    result_ticks: np.ndarray
    n_days: int


def changes_of(lake: Lake, windows: Windows) -> tuple[np.ndarray, float]:
    """Return the price change from each window until a position closes, and its cost, in ticks."""
    keys = windows.key.append_column("row", [np.arange(len(windows.samples))])
    with duckdb.connect(str(lake.published), read_only=True) as connection:
        connection.execute("set TimeZone = 'UTC'")
        connection.register("keys", keys)
        rows = connection.execute(
            """
            select keys.row, outcomes.exit_x_ticks - outcomes.x0_ticks
            from gold.level_outcomes as outcomes
            inner join keys using (symbol, level_id, window_end_ts)
            where
                outcomes.horizon_id = $horizon_id
                and outcomes.barrier_kind = 'fixed'
                and outcomes.exit_x_ticks is not null
            """,
            {"horizon_id": VARS["signal_horizon"]},
        ).fetchall()
        [cost] = connection.execute(
            "select cost_ticks from reference.trigger_thresholds where root = 'ES'"
        ).fetchone()
    changes = np.full(len(windows.samples), np.nan)
    for row, change in rows:
        changes[row] = change
    return changes, cost


def bounds(changes: np.ndarray, episode: np.ndarray) -> tuple[float, float]:
    """Return the 95 % interval of a mean over resampled episodes."""
    known = np.isfinite(changes)
    code = np.unique(episode[known], return_inverse=True)[1]
    sums, counts = np.bincount(code, changes[known]), np.bincount(code)
    drawn = np.random.default_rng(VARS["evaluation_seed"]).integers(
        len(sums), size=(RESAMPLES, len(sums))
    )
    low, high = np.quantile(sums[drawn].sum(axis=1) / counts[drawn].sum(axis=1), (0.025, 0.975))
    return float(low), float(high)


def position_of(changes: np.ndarray, cost: float) -> Callable[[Day], np.ndarray]:
    """Return a model whose position per window is 1 with the approach, -1 against it, or 0."""

    def of_band(day: Day, band: Band, queries: np.ndarray) -> np.ndarray:
        chosen, rows = _in_space(day, band, queries, band.space)
        usual = day.usual(queries)[:, :REACHED]
        odds = _shares(day, chosen, rows, band.library.outcome, usual)
        sense = np.zeros((len(queries), 1))
        for number, places in enumerate(chosen.rows):
            own = rows[places[places != NOT_CHOSEN]]
            low, high = bounds(changes[own], day.block.samples.episode[own])
            top = int(odds[number].argmax())
            way = SENSES.get(CLASSES[top], 0)
            edge_low = {1: low, -1: -high}.get(way, -np.inf) - cost
            if edge_low > 0.0 and odds[number, top] > usual[number, top]:
                sense[number] = way
        return sense

    return lambda day: _by_band(day, lambda band, queries: of_band(day, band, queries))


def days_with_verdict(windows: Windows, odds: dict, queries: np.ndarray) -> set[int]:
    """Return the days on which the verdict has been useful for as long as signals require."""
    scope = Scope("ES", "approach_up", VARS["signal_horizon"])
    rows = asof_claim_rows(scope, windows, odds, queries, PROTOCOL)
    verdicts = {row["asof_dt"]: row["verdict"] for row in rows if row["model"] == LEARNED}
    dates, in_a_row = {}, 0
    for date in sorted(verdicts):
        in_a_row = in_a_row + 1 if verdicts[date] == USEFUL else 0
        dates[date] = in_a_row >= VARS["signal_verdict_days"]
    n_days = len(windows.session_dates)
    return {day for day in range(n_days) if dates.get(date_of_day_code(windows, day), False)}


def signals_of(lake: Lake) -> Signals:
    """Return the signals of both directions."""
    dates, results, n_days = [], [], 0
    for both in windows_of(lake).values():
        [unit] = [unit for unit in units_of(both, LEVEL) if unit.name == DECISIONS]
        windows, samples = unit.windows, unit.windows.samples
        changes, cost = changes_of(lake, windows)
        names = [*CLAIMANTS, *RIVALS]
        models = {name: MODELS[name] for name in names} | {"position": position_of(changes, cost)}
        odds = walk_forward(samples, unit.labelled, PROTOCOL, models)
        sense = np.nan_to_num(odds.pop("position")[:, 0])
        n_days = max(n_days, len(np.unique(samples.day[np.isfinite(odds[LEARNED][:, 0])])))
        fired = sense != 0.0
        fired &= np.abs(samples.x0_ticks) <= VARS["signal_max_ticks"]
        fired &= np.isin(samples.day, list(days_with_verdict(windows, odds, unit.labelled)))
        fired &= np.isfinite(changes)
        dates.append(samples.day[fired])
        results.append(sense[fired] * changes[fired] - cost)
    return Signals(np.concatenate(dates), np.concatenate(results), n_days)


def test_signals_at_planted_decisions_earn_their_cost(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = signals_of(market_lake("planted", tmp_path_factory))
    weight = np.ones(len(found.date))
    mean, low, high = mean_over_days(
        found.result_ticks, weight, found.date, VARS["evaluation_seed"]
    )
    print(f"{len(weight)} signals, {mean:.2f} ticks ({low:.2f} to {high:.2f}), {found.n_days} days")
    assert low > 0.0


def test_a_market_without_knowledge_has_hardly_any_signal_at_its_decisions(
    tmp_path_factory: pytest.TempPathFactory,
) -> None:
    found = signals_of(market_lake("null", tmp_path_factory))
    print(f"{len(found.date)} signals on {found.n_days} days")
    assert len(found.date) < found.n_days / DAYS_PER_FALSE_SIGNAL
