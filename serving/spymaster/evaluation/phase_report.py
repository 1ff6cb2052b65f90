"""What odds at and past a level are worth, beside those while price approaches it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from spymaster_engine.statistics.retrieval.phases import APPROACHING, PHASES, REACHED

from spymaster.evaluation.direction_words import DIRECTIONS, is_of_spot
from spymaster.evaluation.report_tables import Row, interval, number, of_row, table_lines
from spymaster.evaluation.result_rows import ALL, CLAIMANTS, DECISIONS, POOLED, POOLED_SHARE

PHASE_WORDS = {
    APPROACHING: "approaching",
    "at": "at the level",
    "through": "through it",
    "back": "back before it",
}
_SCOPES = {POOLED: "all levels", DECISIONS: "the given decisions"}


def phase_lines(
    verdicts: Sequence[Row], metrics: Sequence[Row], sentences: Mapping[str, str]
) -> list[str]:
    """Return the section on phases; empty where nothing past a level is judged.

    Args:
        verdicts: rows of eval_retrieval_verdict of a product and horizon, of every phase.
        metrics: rows of eval_retrieval_metrics of the same.
        sentences: the report's sentence by verdict, with fields of a row.
    """
    if not any(row["decision_phase"] in REACHED for row in verdicts):
        return []
    claims = {
        (row["scope"], row["approach_dir"], row["decision_phase"]): row
        for row in verdicts
        if row["model"] == CLAIMANTS[0] and row["scope"] in _SCOPES
    }
    found = {
        (row["slice"], row["approach_dir"], row["decision_phase"], row["model"], row["metric"]): row
        for row in metrics
    }
    lines = [
        "### At and past the level",
        "",
        f"What the odds of {CLAIMANTS[0]} are worth once price has come to the level, beside those "
        "while it approaches. Every phase is judged by itself; past the level the unit is the "
        "course of an approach. Skill is the gain over the best of the simpler rivals, nats.",
        "",
    ]
    rows = []
    for (scope, direction), phase in _places(claims):
        claim = claims[scope, direction, phase]
        key = (ALL if scope == POOLED else DECISIONS, direction, phase)
        gain, loss, usual = (
            of_row(found.get((*key, model, metric)))
            for model, metric in (
                (CLAIMANTS[0], "skill_vs_base_rate"),
                (CLAIMANTS[0], "log_loss"),
                ("base_rate", "log_loss"),
            )
        )
        rows.append(
            (
                DIRECTIONS[direction],
                _SCOPES[scope],
                PHASE_WORDS[phase],
                claim["verdict"],
                f"{claim['n_episodes']:,} on {claim['n_days']:,} days",
                interval(claim["skill"], claim["skill_lo"], claim["skill_hi"]),
                claim["best_baseline"],
                gain,
                loss,
                usual,
                f"{number(claim['ece'])}, chance up to {number(claim['ece_chance_q95'])}",
            )
        )
    header = (
        "direction",
        "decisions",
        "phase",
        "verdict",
        "approaches",
        "skill",
        "best rival",
        "gain over the base rate",
        "log-loss",
        "log-loss of the base rate",
        "calibration error",
    )
    lines += [*table_lines(header, rows), ""]
    for (scope, direction), phase in _places(claims):
        if phase == APPROACHING or scope != POOLED:
            continue
        claim = claims[scope, direction, phase]
        words = f"{DIRECTIONS[direction]}, {PHASE_WORDS[phase]}"
        lines += [
            f"**{words[0].upper()}{words[1:]}**: {sentences[claim['verdict']].format(**claim)}."
            + _pooled_words(found.get((ALL, direction, phase, CLAIMANTS[0], POOLED_SHARE))),
            "",
        ]
    return lines + _band_lines(found)


def _places(
    claims: Mapping[tuple[str, str, str], Row],
) -> list[tuple[tuple[str, str], str]]:
    """Return scope, direction and phase of the claims of directions judged past the level."""
    return [
        ((scope, direction), phase)
        for scope in _SCOPES
        for direction in DIRECTIONS
        if not is_of_spot(direction)
        if any((scope, direction, name) in claims for name in REACHED)
        for phase in PHASES
        if (scope, direction, phase) in claims
    ]


def _pooled_words(share: Row | None) -> str:
    """Return how many answers had a space that learned from all phases."""
    if share is None or share["value"] is None or not share["value"] > 0:
        return ""
    return (
        f" In {share['value']:.0%} of the judged decisions the phase had too few courses of its "
        "own, and the learned space learned from at, through and back together."
    )


def _band_lines(found: Mapping[tuple[str, str, str, str, str], Row]) -> list[str]:
    """Return the gain over the base rate by band of distance past the level."""
    rows = [
        (
            DIRECTIONS[direction],
            PHASE_WORDS[phase],
            name.removeprefix("band_").removesuffix("_ticks"),
            of_row(row),
        )
        for (name, direction, phase, model, metric), row in found.items()
        if name.startswith("band_")
        and (model, metric) == (CLAIMANTS[0], "skill_vs_base_rate")
        and phase in REACHED
    ]
    if not rows:
        return []
    header = ("direction", "phase", "ticks from the level", "gain, nats")
    return [
        f"Gain of {CLAIMANTS[0]} over base_rate by distance from the level:",
        "",
        *table_lines(header, rows),
        "",
    ]
