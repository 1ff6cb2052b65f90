"""The report's section on the four conditions: verdicts on the hypothesis in words."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.turn_claims import SENTENCES
from spymaster_engine.statistics.evaluation.verdict import TOO_FEW

from spymaster.evaluation.condition_forms import NET, ORDERS
from spymaster.evaluation.conditions import AT_ONCE, BOTH, EVERY
from spymaster.evaluation.result_rows import ALL, DECISIONS

Row = dict[str, Any]

_DIRECTIONS = {
    BOTH: "both directions",
    "approach_up": "approaches from below",
    "approach_down": "approaches from above",
}
_SLICES = {ALL: "", DECISIONS: ", at the given decisions"}
_BASES = {AT_ONCE: "conditions at once", "within_seconds": "conditions within seconds"}
_HEADINGS = {ORDERS: "", NET: ", from market by price, net of what arrived"}
_FORMS = {ORDERS: "", NET: ", net of what arrived"}
_CLAIMS = {
    "all_four": "Both sides withdraw, price turns",
    "ahead_only": "Only the side ahead withdraws, price goes through",
    "any_missing": "Something is missing, price chops",
}
_STATES = {
    "all_four": "all four",
    "ahead_only": "ahead only",
    "behind_only": "behind only",
    "partial": "partial",
    "none": "none",
    "any_missing": "any missing",
}
_OUTCOMES = ("BREAK", "REJECT", "CHOP")
_QUANTILES = (0.1, 0.5, 0.9)
_LEADS = {
    "lead_to_move_s": "before the first half of the barrier was gone",
    "lead_to_hit_s": "before the barrier was hit",
    "lead_to_confirmation_s": "before the two-minute candle that confirms it ended",
}


def condition_lines(conditions: Sequence[Row], lead_times: Sequence[Row]) -> list[str]:
    """Return the lines of the report on the four conditions.

    Args:
        conditions: rows of eval_turn_conditions.
        lead_times: rows of condition_lead_times.
    """
    if not conditions:
        return []
    lines = [
        "## Do four conditions precede a turn?",
        "",
        "The hypothesis: when asks above a level move higher and are pulled faster than added, and "
        "bids below it move lower and are pulled faster than added, price turns at the level; when "
        "only the side ahead of price does so, price chases it and goes through; when something is "
        "missing, it chops. Shares are of approaches that reached the level, against the base rate "
        "of the same direction and distance. Six claims are judged at once (three sentences, "
        "conditions at once or within seconds); their intervals hold together in 95 %.",
        "",
    ]
    for scope in sorted({_scope(row) for row in conditions}, key=_order):
        own = [row for row in conditions if _scope(row) == scope]
        root, horizon, form = scope
        heading = f"### {root}, horizon {horizon}{_HEADINGS[form]}"
        lines += [heading, "", *_sentences(own), *_table(own)]
        lines += _skills(own)
        lines += _lead_lines([row for row in lead_times if _scope(row) == scope])
    return lines


def condition_claim_sentence(row: Row) -> str:
    """Return a verdict on a claim of the hypothesis with its numbers, in words.

    Args:
        row: a row of eval_turn_conditions with a verdict.
    """
    basis = _BASES[row["basis"]] + _FORMS[row["conditions_basis"]]
    where = f"{_DIRECTIONS[row['approach_dir']]}, {basis}, {row['condition_window_s']} s windows"
    claim = f"{_CLAIMS[row['state']]} ({where}{_SLICES[row['slice']]}): {row['verdict']}"
    days = f"{row['n_episodes']:,} episodes on {_days(row['n_days'])}"
    if row["verdict"] == TOO_FEW:
        few = f"; a verdict needs {LEAST_DAYS}" if row["n_days"] < LEAST_DAYS else ""
        few = "; one day proves nothing" if row["n_days"] == 1 else few
        return f"{claim}, {days}{few}"
    return (
        f"{claim}. {row['outcome']} followed in {row['share']:.0%}, the base rate at that distance "
        f"is {row['base_rate']:.0%} (difference {row['gain']:+.3f}, interval "
        f"{row['gain_lo']:+.3f} to {row['gain_hi']:+.3f}), {days}"
    )


def _scope(row: Row) -> tuple[str, str, str]:
    return row["root"], row["horizon_id"], row["conditions_basis"]


def _order(scope: tuple[str, str, str]) -> tuple[str, str, bool]:
    """Return the key by which the form from orders comes first."""
    root, horizon, form = scope
    return root, horizon, form == NET


def _days(n_days: int) -> str:
    return f"{n_days} day" if n_days == 1 else f"{n_days} days"


def _is_whole(row: Row) -> bool:
    return row["level_kind"] is None and row["distance_band"] is None


def _main_window(rows: Sequence[Row]) -> int:
    """Return the length of window whose rows are split into parts, or the first length."""
    parts = [row["condition_window_s"] for row in rows if not _is_whole(row)]
    return (parts or [row["condition_window_s"] for row in rows])[0]


def _sentences(rows: Sequence[Row]) -> list[str]:
    main = _main_window(rows)
    # verdicts on a single direction stay in the relation
    chosen = [row for row in rows if row["verdict"] is not None and row["approach_dir"] == BOTH]
    chosen.sort(
        key=lambda row: (
            row["condition_window_s"] != main,
            row["basis"],
            row["slice"],
            list(SENTENCES).index(row["state"]),
        )
    )
    lines = []
    for row in chosen:
        sentence = condition_claim_sentence(row)
        if row["false_alarms_per_hour"] is not None:
            sentence += (
                f". The state was seen {row['n_alarms']:,} times, "
                f"{row['false_alarms_per_hour']:.1f} times an hour in vain"
            )
        lines.append(f"- {sentence}.{_result(row)}")
    return [*lines, ""]


def _result(row: Row) -> str:
    """Return the result of trading on a claim in words; empty without a result."""
    if not row["n_results"] or row["result_lo_ticks"] is None:
        return ""
    return (
        f" Following it near the level would have made {row['result_ticks']:+.2f} ticks a "
        f"time after cost ({row['result_lo_ticks']:+.2f} to {row['result_hi_ticks']:+.2f}), "
        f"{row['n_results']:,} times."
    )


def _table(rows: Sequence[Row]) -> list[str]:
    main = _main_window(rows)
    chosen = [
        row
        for row in rows
        if row["condition_window_s"] == main
        and row["basis"] == AT_ONCE
        and row["slice"] == ALL
        and row["approach_dir"] == BOTH
        and row["level_kind"] is None
        and row["outcome"] is not None
    ]
    found = {(row["distance_band"], row["state"], row["outcome"]): row for row in chosen}
    header = ("distance, ticks", "state", "episodes", "reached", *_OUTCOMES)
    lines = [_cells(header), _cells(["---"] * len(header))]
    for band in (None, *sorted({row["distance_band"] or "" for row in chosen} - {""})):
        for state, words in _STATES.items():
            outcomes = [found.get((band, state, outcome)) for outcome in _OUTCOMES]
            if outcomes[0] is None:
                continue
            shares = [f"{row['share']:.0%} ({row['base_rate']:.0%})" for row in outcomes if row]
            reached = f"{outcomes[0]['reached_share']:.0%}"
            lines.append(
                _cells([band or "all", words, outcomes[0]["n_episodes"], reached, *shares])
            )
    return [*lines, "", "In brackets the base rate at the same distance.", ""]


def _skills(rows: Sequence[Row]) -> list[str]:
    lines = [
        f"- Over {row['condition_window_s']} s, {_BASES[row['basis']]}: the past shares of a "
        f"state gain {row['skill']:+.3f} nats per episode over the base rate of the distance (95 % "
        f"interval "
        f"{row['skill_lo']:+.3f} to {row['skill_hi']:+.3f}), {row['n_episodes']:,} episodes on "
        f"{_days(row['n_days'])}."
        for row in rows
        if row["state"] == EVERY
        and row["approach_dir"] == BOTH
        and row["slice"] == ALL
        and _is_whole(row)
        and row["skill"] is not None
    ]
    return [*lines, ""] if lines else []


def _lead_lines(rows: Sequence[Row]) -> list[str]:
    lines = []
    for outcome, words in (("REJECT", "all four"), ("BREAK", "ahead only")):
        own = [row for row in rows if row["outcome_reached"] == outcome]
        seen = [row for row in own if row["seen_ts"] is not None]
        if not own:
            continue
        line = f"{words} had held before {len(seen)} of {len(own)} approaches that ended {outcome}"
        if seen:
            line += ": "
            line += "; ".join(_lead(seen, column, text) for column, text in _LEADS.items())
        lines.append(f"- How early: {line}.")
    return [*lines, ""] if lines else []


def _lead(rows: Sequence[Row], column: str, words: str) -> str:
    values = [row[column] for row in rows if row[column] is not None]
    if not values:
        return f"{words} not shown"
    low, middle, high = np.quantile(values, _QUANTILES)
    return f"{middle:.0f} s {words} (four in five between {low:.0f} and {high:.0f} s)"


def _cells(values: Sequence[object]) -> str:
    return "| " + " | ".join(str(value) for value in values) + " |"
