"""Outcomes after the four conditions, and the lead times of their alarms."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.outcome_gains import gain_verdict
from spymaster_engine.statistics.evaluation.samples import UNIT_DISTANCES_TICKS
from spymaster_engine.statistics.evaluation.turn_claims import (
    GROUPS,
    SENTENCES,
    STATES,
    TurnWindows,
    in_group,
    turn_gains,
    turn_skill,
)
from spymaster_engine.statistics.evaluation.turn_results import SENSES, turn_result_of
from spymaster_engine.statistics.retrieval.outcomes import CLASSES

from spymaster.evaluation.condition_forms import forms_of, use_form
from spymaster.evaluation.condition_leads import BOTH, leads_and_alarms
from spymaster.evaluation.read import bands_of, evaluation_query, given_rows
from spymaster.evaluation.result_rows import ALL, DECISIONS, Row
from spymaster.evaluation.result_tables import CONDITIONS, LEAD_TIMES, SCHEMAS, table_of
from spymaster.published import relations_of

EVERY = "every"
AT_ONCE = "at_once"
# column of the state, by whether conditions hold in the same second or within seconds
BASES = {AT_ONCE: "state", "within_seconds": "recent_state"}
DIRECTIONS = (BOTH, "approach_up", "approach_down")
_UNKNOWN = -1
_RELATIONS = {"steps.turn_states_1s", "silver.level_decisions", "steps.contract_trades"}


@dataclass(frozen=True)
class ConditionWindows:
    """Eligible decisions of a product with the state at one length of window; n rows.

    Attributes:
        day, episode: (n,) codes.
        direction, kind, band: (n,) names; band of the distance.
        x0_ticks: (n,) distance to the level, negative.
        state, outcome: (n,) codes of STATES and CLASSES, -1 for none.
        is_reached: (n,) whether the level was reached; False where unknown.
        is_known: (n,) whether ``is_reached`` is known.
        is_decision: (n,) whether the window is a given decision.
        change_ticks: (n,) price change until a position entered here is closed, in the direction
            of the approach; NaN where unknown.
        cost_ticks: cost of a position; NaN for a product without a cost.
    """

    day: NDArray[np.int64]
    episode: NDArray[np.int64]
    direction: NDArray[np.str_]
    kind: NDArray[np.str_]
    band: NDArray[np.str_]
    x0_ticks: NDArray[np.int64]
    state: NDArray[np.int64]
    outcome: NDArray[np.int64]
    is_reached: NDArray[np.bool_]
    is_known: NDArray[np.bool_]
    is_decision: NDArray[np.bool_]
    change_ticks: NDArray[np.float64]
    cost_ticks: float

    def units(self) -> NDArray[np.bool_]:
        """Return a mask of the first window of each episode, and of the first at each distance."""
        chosen = np.zeros(len(self.day), np.bool_)
        for distance in (np.inf, *UNIT_DISTANCES_TICKS):
            near = np.flatnonzero(np.abs(self.x0_ticks) <= distance)
            # rows are in order of time, and unique keeps the first
            chosen[near[np.unique(self.episode[near], return_index=True)[1]]] = True
        return chosen

    def judged(self, chosen: NDArray[np.bool_]) -> TurnWindows:
        """Return the chosen windows that have a state and an outcome."""
        usable = chosen & (self.state != _UNKNOWN) & (self.outcome != _UNKNOWN)
        cells = np.char.add(np.char.add(self.direction, "|"), self.band)
        cell = np.unique(cells, return_inverse=True)[1]
        windows = TurnWindows(self.day, self.episode, cell, self.state, self.outcome)
        return windows.take(usable)


def condition_tables(
    connection: duckdb.DuckDBPyConnection,
    roots: Sequence[str],
    horizons: Sequence[str],
    settings: Mapping[str, Any],
    decisions: Path | None = None,
) -> dict[str, pa.Table]:
    """Return the rows of eval_turn_conditions and condition_lead_times.

    Args:
        connection: the published file; the tables are empty if it has no conditions.
        roots: products.
        horizons: horizons of the labels.
        settings: the settings of ``built_settings``.
        decisions: Parquet with symbol, level_id and decision_ts; these decisions are judged
            too, apart from the windows of every episode.
    """
    found: list[Row] = []
    lead_times = [SCHEMAS[LEAD_TIMES].empty_table()]
    if relations_of(connection) >= _RELATIONS:
        for root in roots:
            for form, horizon in product(forms_of(connection, root), horizons):
                use_form(connection, form)
                leads, alarms = leads_and_alarms(connection, root, horizon, settings, form)
                lead_times.append(leads)
                for window_s in settings["condition_windows_s"]:
                    scope = {"root": root, "horizon_id": horizon, "condition_window_s": window_s}
                    scope |= {"conditions_basis": form}
                    both = read_condition_windows(
                        connection, root, horizon, window_s, settings["distance_bands"], decisions
                    )
                    is_main = window_s == settings["condition_window_s"]
                    for basis, windows in both.items():
                        seen = alarms if is_main and basis == AT_ONCE else {}
                        found += _rows({**scope, "basis": basis}, windows, settings, seen)
    return {CONDITIONS: table_of(CONDITIONS, found), LEAD_TIMES: pa.concat_tables(lead_times)}


def read_condition_windows(
    connection: duckdb.DuckDBPyConnection,
    root: str,
    horizon_id: str,
    window_s: int,
    bands: Mapping[str, Sequence[int | None]],
    decisions: Path | None = None,
) -> dict[str, ConditionWindows]:
    """Read the eligible decisions of a product's selected contracts, in order of time.

    Args:
        connection: the published file, with a form of the conditions in use.
        root: product root.
        horizon_id: horizon of the labels, with the barriers that the decisions use.
        window_s: length of the windows of the conditions.
        bands: bands of distance, [from, to] in ticks, None for no end.
        decisions: Parquet file or folder with symbol, level_id and decision_ts.

    Returns:
        The windows by basis, a key of ``BASES``; they differ in their state only.
    """
    table = connection.execute(
        evaluation_query("turn_windows"),
        {"root": root, "horizon_id": horizon_id, "condition_window_s": window_s},
    ).to_arrow_table()

    def names(column: str) -> NDArray[np.str_]:
        return np.array(table[column].to_pylist(), dtype=np.str_)

    def codes(column: str, of: Sequence[str]) -> NDArray[np.int64]:
        places = pa.compute.index_in(table[column], pa.array(of)).fill_null(_UNKNOWN)
        return places.combine_chunks().to_numpy().astype(np.int64)

    def numbers(column: str) -> NDArray[np.float64]:
        values = table[column].cast(pa.float64()).fill_null(np.nan)
        return values.combine_chunks().to_numpy()

    x0_ticks = table["x0_ticks"].to_numpy().astype(np.int64)
    reached = names("outcome_reached")
    windows = ConditionWindows(
        day=np.unique(table["session_date"].to_numpy(), return_inverse=True)[1],
        episode=np.unique(names("episode_id"), return_inverse=True)[1],
        direction=names("approach_dir"),
        kind=names("level_kind"),
        band=bands_of(np.abs(x0_ticks), bands),
        x0_ticks=x0_ticks,
        state=codes("state", STATES),
        outcome=codes("outcome_reached", CLASSES),
        is_reached=np.isin(reached, CLASSES),
        is_known=reached != "CENSORED",
        is_decision=given_rows(connection, table, decisions),
        change_ticks=numbers("change_ticks"),
        cost_ticks=_cost_ticks(connection, root),
    )
    return {basis: replace(windows, state=codes(column, STATES)) for basis, column in BASES.items()}


def _cost_ticks(connection: duckdb.DuckDBPyConnection, root: str) -> float:
    """Return the cost of a position; NaN without a cost and before signals are built."""
    if "reference.trigger_thresholds" not in relations_of(connection):
        return np.nan
    cost = connection.execute(
        "select cost_ticks from reference.trigger_thresholds where root = ?", [root]
    ).fetchone()
    return np.nan if cost is None else float(cost[0])


def _rows(
    scope: Row, windows: ConditionWindows, settings: Mapping[str, Any], alarms: Mapping[tuple, Row]
) -> list[Row]:
    """Return the rows of a product, horizon and length of window."""
    found: list[Row] = []
    for name, units in ((ALL, windows.units()), (DECISIONS, windows.is_decision)):
        if not units.any():
            continue
        is_main = scope["condition_window_s"] == settings["condition_window_s"] and name == ALL
        for part, chosen in _slices(windows, units, with_parts=is_main):
            key = {**scope, "slice": name, **part}
            judged = windows.judged(chosen)
            if len(judged):
                found += state_rows(key, windows, chosen, judged, settings, alarms)
                found.append(_skill_row(key, judged, settings))
    return found


def _slices(
    windows: ConditionWindows, units: NDArray[np.bool_], *, with_parts: bool
) -> Iterator[tuple[Row, NDArray[np.bool_]]]:
    """Yield each direction, and with parts its kinds of level and bands of distance."""
    for direction in DIRECTIONS:
        own = units if direction == BOTH else units & (windows.direction == direction)
        yield {"approach_dir": direction, "level_kind": None, "distance_band": None}, own
        for column, values in (("level_kind", windows.kind), ("distance_band", windows.band)):
            for value in np.unique(values[own]) if with_parts else ():
                part = {"level_kind": None, "distance_band": None, column: str(value)}
                yield {"approach_dir": direction, **part}, own & (values == value)


def state_rows(
    key: Row,
    windows: ConditionWindows,
    chosen: NDArray[np.bool_],
    judged: TurnWindows,
    settings: Mapping[str, Any],
    alarms: Mapping[tuple, Row],
) -> Iterator[Row]:
    """Yield the shares of outcomes after each group of states.

    Args:
        key: key columns of the rows.
        windows: all windows.
        chosen: (n,) mask of the windows in the slice.
        judged: chosen windows that have a state and an outcome.
        settings: the settings of ``built_settings``.
        alarms: alarm columns by direction and group.
    """
    is_whole = key["level_kind"] is None and key["distance_band"] is None
    for group, states in GROUPS.items():
        inside = in_group(judged, group)
        if not inside.any():
            continue
        of_group = chosen & np.isin(windows.state, [STATES.index(name) for name in states])
        known = of_group & windows.is_known
        # support counts the days of the state, not all judged days
        n_days = len(np.unique(judged.day[inside]))
        n_episodes = len(np.unique(judged.episode[inside]))
        least_episodes = settings["condition_min_episodes"]
        for outcome, gain in turn_gains(judged, group, settings["evaluation_seed"]).items():
            is_sentence = is_whole and SENTENCES.get(group) == outcome
            # the interval is corrected for the number of these claims
            is_claim = is_sentence and key["approach_dir"] == BOTH
            is_claim &= key["condition_window_s"] == settings["condition_window_s"]
            is_alarmed = is_sentence and key["slice"] == ALL
            yield {
                **key,
                "state": group,
                "outcome": outcome,
                "n_days": n_days,
                "n_episodes": n_episodes,
                "n_windows": int(inside.sum()),
                "reached_share": float(windows.is_reached[known].mean()),
                "share": gain.share,
                "base_rate": gain.base_rate,
                "gain": gain.gain,
                "gain_lo": gain.lo,
                "gain_hi": gain.hi,
                "verdict": gain_verdict(gain, n_days, n_episodes, least_episodes)
                if is_claim
                else None,
                **(alarms.get((key["approach_dir"], group), {}) if is_alarmed else {}),
                **(_results(key, windows, group, settings) if is_sentence else {}),
            }


def _results(key: Row, windows: ConditionWindows, group: str, settings: Mapping[str, Any]) -> Row:
    """Return the result of trading on a claim, as columns of eval_turn_conditions.

    A position opens at the first window of an approach that has the state and lies within
    ``signal_max_ticks`` of the level.
    """
    outcome = SENTENCES[group]
    if outcome not in SENSES or np.isnan(windows.cost_ticks):
        return {}
    inside = np.isin(windows.state, [STATES.index(name) for name in GROUPS[group]])
    inside &= np.abs(windows.x0_ticks) <= settings["signal_max_ticks"]
    if key["approach_dir"] != BOTH:
        inside &= windows.direction == key["approach_dir"]
    if key["slice"] == DECISIONS:
        inside &= windows.is_decision
    result = turn_result_of(
        outcome,
        windows.day[inside],
        windows.episode[inside],
        windows.change_ticks[inside],
        windows.cost_ticks,
        settings["evaluation_seed"],
    )
    return {
        "n_results": result.n,
        "result_ticks": result.mean,
        "result_lo_ticks": result.lo,
        "result_hi_ticks": result.hi,
    }


def _skill_row(key: Row, judged: TurnWindows, settings: Mapping[str, Any]) -> Row:
    found = turn_skill(
        judged,
        settings["evaluation_warm_up_days"],
        settings["embargo_days"],
        settings["base_rate_weight"],
        settings["evaluation_seed"],
    )
    return {
        **key,
        "state": EVERY,
        "outcome": None,
        "n_days": found.n_days,
        "n_episodes": found.n_episodes,
        "n_windows": len(judged),
        "log_loss": found.log_loss,
        "rival_log_loss": found.rival_log_loss,
        "skill": found.skill,
        "skill_lo": found.lo,
        "skill_hi": found.hi,
    }
