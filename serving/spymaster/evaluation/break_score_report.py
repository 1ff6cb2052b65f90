"""The report's section on the break score: what it is worth, in words."""

from __future__ import annotations

from collections.abc import Sequence

from spymaster_engine.statistics.evaluation.bootstrap import LEAST_DAYS
from spymaster_engine.statistics.evaluation.break_score import (
    BETTER,
    FITTED_WEIGHTS,
    HAND_WEIGHTS,
    PARTS,
    SCORE,
    WORSE,
)
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW

from spymaster.evaluation.conditions import BOTH
from spymaster.evaluation.result_rows import ALL, DECISIONS, Row
from spymaster.evaluation.score_outcomes import RANGE_POINTS

_SLICES = {ALL: "", DECISIONS: " at the given decisions"}
_CLAIMS = {
    BETTER: "The hand-made score knows more than distance",
    NOT_SHOWN: "The hand-made score knows nothing beyond distance",
    WORSE: "The hand-made score misleads",
    TOO_FEW: "What the hand-made score knows beyond distance",
}
_FITTED = {
    BETTER: "Weights fitted on earlier days beat them",
    NOT_SHOWN: "Weights fitted on earlier days know no more",
    WORSE: "Weights fitted on earlier days know less",
    TOO_FEW: "Weights fitted on earlier days",
}
_PARTS = dict(zip(PARTS, ("liquidity", "hedging", "tape"), strict=True))
_OUTCOMES = ("BREAK", "REJECT", "CHOP")
_WEIGHTS = ("weight_l", "weight_h", "weight_t")


def break_score_lines(scores: Sequence[Row], outcomes: Sequence[Row]) -> list[str]:
    """Return the lines of the report on the break score.

    Args:
        scores: rows of eval_break_score.
        outcomes: rows of eval_break_score_outcomes.
    """
    if not scores:
        return []
    lines = [
        "## Does the break score know anything?",
        "",
        "The score says how likely a level breaks, by a rule with weights made by hand. Is it "
        "worth more than knowing how far price is from the level? A map from distance and score to "
        "the odds, fitted on earlier days, is judged against rivals that know distance only. The "
        "first window of an approach counts and the first within 6, 4 and 2 ticks, if price came "
        "to the level; an approach has weight 1. Shares after a range of scores or a signal are of "
        "every window, against the base rate of the same direction and distance.",
        "",
    ]
    for root, horizon, part in sorted({_scope(row) for row in scores}):
        own, followed = (
            [row for row in rows if _scope(row) == (root, horizon, part)]
            for rows in (scores, outcomes)
        )
        lines += [f"### {root}, horizon {horizon}{_SLICES[part]}", "", *_verdicts(own)]
        lines += [*_signals(followed), "", *_skills(own), *_ranges(followed)]
    return lines


def break_score_sentence(row: Row) -> str:
    """Return the verdict on the score with its numbers, in words.

    Args:
        row: a row of eval_break_score with a verdict.
    """
    claims = _CLAIMS if row["model"] == SCORE else _FITTED
    claim = f"{claims[row['verdict']]}: {row['verdict']}"
    support = f"{row['n_episodes']:,} episodes on {_days(row['n_days'])}"
    if row["verdict"] == TOO_FEW:
        few = f"; a verdict needs {LEAST_DAYS}" if row["n_days"] < LEAST_DAYS else ""
        return f"{claim}, {support}{few}"
    sentence = (
        f"{claim}. Against {row['rival']} the gain is {_gain(row)} nats per episode, {support}"
    )
    if row["model"] == SCORE:
        sentence += (
            f"; calibration error of the odds {row['ece']:.3f}, chance up to "
            f"{row['ece_chance_q95']:.3f}"
        )
        if row["verdict"] == WORSE:
            sentence += "; a higher score came before more rejections"
    return sentence


def _verdicts(rows: Sequence[Row]) -> list[str]:
    lines = []
    whole = [row for row in rows if _is_whole(row)]
    found = {row["model"]: row for row in whole if row["verdict"] is not None}
    lines.append(f"- {break_score_sentence(found[SCORE])}.")
    if FITTED_WEIGHTS in found:
        hand = next(row for row in whole if row["model"] == HAND_WEIGHTS)
        lines.append(
            f"- Weights of liquidity, hedging and tape by hand: {_weights(hand)}; by earlier days: "
            f"{_weights(found[FITTED_WEIGHTS])}. {break_score_sentence(found[FITTED_WEIGHTS])}."
        )
    lines += [
        f"- The {_PARTS[row['model']]} score never changed, so nothing is known of it."
        for row in whole
        if row["model"] in _PARTS and row["score_std"] == 0.0
    ]
    return lines


def _signals(rows: Sequence[Row]) -> list[str]:
    lines = []
    for row in rows:
        if row["verdict"] is None:
            continue
        support = f"{row['n_episodes']:,} episodes on {_days(row['n_days'])}"
        followed = (
            f" {row['outcome']} followed in {row['share']:.0%}, the base rate at that distance is "
            f"{row['base_rate']:.0%} (difference {row['gain']:+.3f}, interval "
            f"{row['gain_lo']:+.3f} to {row['gain_hi']:+.3f})."
        )
        few = row["verdict"] == TOO_FEW
        lines.append(
            f"- Signal {row['signal']}: {row['verdict']}, {support}.{'' if few else followed}"
        )
    silent = {"BREAK", "REJECT"} - {row["signal"] for row in rows}
    lines += [f"- Signal {signal} stood at no decision." for signal in sorted(silent)]
    return lines


def _skills(rows: Sequence[Row]) -> list[str]:
    chosen = [row for row in rows if _is_whole(row) and row["log_loss"] is not None]
    if not chosen:
        return []
    header = ("model", "rival", "gain, nats per episode (95 %)", "Brier gain (95 %)")
    return [
        _cells(header),
        _cells(["---"] * len(header)),
        *(_cells([row["model"], row["rival"], _gain(row), _gain(row, "brier_")]) for row in chosen),
        "",
    ]


def _ranges(rows: Sequence[Row]) -> list[str]:
    chosen = [row for row in rows if _is_whole(row)]
    groups: dict[str, dict[str, Row]] = {}
    for row in chosen:
        first = row["score_from"]
        name = row["signal"] if first is None else f"{first} to {first + RANGE_POINTS}"
        groups.setdefault(name, {})[row["outcome"]] = row
    if not groups:
        return []
    header = ("score or signal", "episodes", *_OUTCOMES, "BREAK of the resolved", "map's BREAK")
    lines = [_cells(header), _cells(["---"] * len(header))]
    for name, found in groups.items():
        first = found["BREAK"]
        shares = [
            f"{found[outcome]['share']:.0%} ({found[outcome]['base_rate']:.0%})"
            for outcome in _OUTCOMES
        ]
        resolved = [_share(first[column]) for column in ("resolved_share", "mean_probability")]
        lines.append(_cells([name, f"{first['n_episodes']:,}", *shares, *resolved]))
    return [*lines, "", "In brackets the base rate at the same distance.", ""]


def _scope(row: Row) -> tuple[str, str, str]:
    return row["root"], row["horizon_id"], row["slice"]


def _is_whole(row: Row) -> bool:
    return row["approach_dir"] == BOTH and row["distance_band"] is None


def _gain(row: Row, score: str = "") -> str:
    gain, low, high = (row[f"{score}skill{bound}"] for bound in ("", "_lo", "_hi"))
    if low is None:
        return f"{gain:+.3f} (too few days for an interval)"
    return f"{gain:+.3f} ({low:+.3f} to {high:+.3f})"


def _weights(row: Row) -> str:
    if row["weight_l"] is None:
        return "none, no part makes a break more likely"
    return ", ".join(f"{row[name]:.2f}" for name in _WEIGHTS)


def _days(n_days: int) -> str:
    return f"{n_days} day" if n_days == 1 else f"{n_days} days"


def _share(value: float | None) -> str:
    return "-" if value is None else f"{value:.0%}"


def _cells(values: Sequence[object]) -> str:
    return "| " + " | ".join(str(value) for value in values) + " |"
