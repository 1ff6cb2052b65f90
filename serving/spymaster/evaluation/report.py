"""The report of an evaluation: the verdicts, and everything needed to doubt them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
from spymaster_engine.statistics.evaluation.ablations import WHOLE
from spymaster_engine.statistics.evaluation.expectations import EXPECTED
from spymaster_engine.statistics.evaluation.reaching import REACH_MODELS
from spymaster_engine.statistics.evaluation.verdict import NOT_SHOWN, TOO_FEW, USEFUL
from spymaster_engine.statistics.retrieval.phases import APPROACHING
from spymaster_ingest.durable import write_text

from spymaster.evaluation.break_score_report import break_score_lines
from spymaster.evaluation.condition_report import condition_lines
from spymaster.evaluation.direction_words import (
    DIRECTIONS,
    SCOPES,
    is_of_spot,
    panels_of,
    place_of,
    report_scope,
)
from spymaster.evaluation.fingerprint_report import fingerprint_lines
from spymaster.evaluation.market_report import family_lines, market_lines
from spymaster.evaluation.movement_report import movement_lines
from spymaster.evaluation.phase_report import phase_lines
from spymaster.evaluation.pictures import draw_reliability, draw_skill
from spymaster.evaluation.placebo_report import placebo_lines
from spymaster.evaluation.report_tables import Row, interval, number, of_row, table_lines
from spymaster.evaluation.result_rows import (
    ABLATION,
    ALL,
    CLAIMANTS,
    DECISIONS,
    PUBLISHED_MAP,
    SIGNALS,
)
from spymaster.evaluation.result_tables import (
    BREAK_SCORE,
    CONDITIONS,
    FINGERPRINTS,
    GAMMA_WALLS,
    LEAD_TIMES,
    LEVEL_PLACEBO,
    MOVEMENT_PROFILE,
    RETESTS,
    SCORE_OUTCOMES,
    WALLS,
)
from spymaster.evaluation.retest_report import retest_lines
from spymaster.evaluation.signal_report import signal_lines
from spymaster.evaluation.wall_report import gamma_wall_lines, wall_lines

_NAME = "evaluation.md"
_TITLE = "# Has it looked like this before, and is that worth anything?"
_TOO_LITTLE = (
    "Too little is built to judge anything: {what}. A day is judged by libraries of earlier days, "
    'see "How it was judged"; land more days and run `spymaster build`.'
)
_SCORES = ("log_loss", "brier", "rps", "auc", "ece", "mce", "entropy")
_DISTANCES = ("first", "within_6_ticks", "within_4_ticks", "within_2_ticks")
_SENTENCES = {
    USEFUL: (
        "useful: the odds beat {best_baseline}, the best of the simpler rivals, by {skill:.3f} "
        "nats per episode (95 % interval {skill_lo:.3f} to {skill_hi:.3f}), and are no further off "
        "than chance allows (calibration error {ece:.3f}, chance up to {ece_chance_q95:.3f})"
    ),
    NOT_SHOWN: (
        "not shown: against {best_baseline}, the best of the simpler rivals, the gain is "
        "{skill:.3f} nats per episode (95 % interval {skill_lo:.3f} to {skill_hi:.3f}); "
        "calibration error {ece:.3f}, chance up to {ece_chance_q95:.3f}"
    ),
    TOO_FEW: "too few episodes: {n_episodes} on {n_days} days",
}


def report_sentence(claim: Row) -> str:
    """Return the sentence of the report on a verdict, with its numbers.

    Args:
        claim: a row of eval_retrieval_verdict.
    """
    return _SENTENCES[claim["verdict"]].format(**claim)


def write_report(
    tables: Mapping[str, pa.Table], folder: Path, protocol_lines: Iterable[str]
) -> Path:
    """Write the report and its pictures, and return the report's path.

    Args:
        tables: the evaluation's relations by name.
        folder: folder of the report; created if missing.
        protocol_lines: lines that explain the protocol.
    """
    folder.mkdir(parents=True, exist_ok=True)
    verdicts = tables["eval_retrieval_verdict"].to_pylist()
    metrics = tables["eval_retrieval_metrics"].to_pylist()
    reliability = tables["eval_retrieval_reliability"].to_pylist()
    lines = [_TITLE, ""]
    for root, horizon in sorted({(row["root"], row["horizon_id"]) for row in verdicts}):
        chosen = [
            [row for row in rows if row["root"] == root and row["horizon_id"] == horizon]
            for rows in (verdicts, metrics, reliability)
        ]
        before = [[row for row in rows if row["decision_phase"] == APPROACHING] for rows in chosen]
        lines += [f"## {root}, horizon {horizon}", ""]
        if not any(row["n_episodes"] for row in before[0]):
            lines += [_TOO_LITTLE.format(what="no episode has odds from earlier days"), ""]
        lines += family_lines(chosen[0]) + _verdict_lines(before[0])
        lines += _picture_lines(before[1], before[2], folder, f"{root}-{horizon}")
        lines += _score_lines(before[1])
        lines += phase_lines(chosen[0], chosen[1], _SENTENCES)
    lines += placebo_lines(tables[LEVEL_PLACEBO].to_pylist())
    lines += gamma_wall_lines(tables[GAMMA_WALLS].to_pylist())
    lines += wall_lines(tables[WALLS].to_pylist())
    lines += signal_lines([row for row in metrics if row["slice"] == SIGNALS])
    lines += condition_lines(
        *(tables[relation].to_pylist() for relation in (CONDITIONS, LEAD_TIMES))
    )
    lines += retest_lines(tables[RETESTS].to_pylist())
    lines += break_score_lines(
        *(tables[relation].to_pylist() for relation in (BREAK_SCORE, SCORE_OUTCOMES))
    )
    lines += fingerprint_lines(tables[FINGERPRINTS].to_pylist())
    lines += movement_lines(tables[MOVEMENT_PROFILE], folder)
    lines += _canary_lines(tables["eval_retrieval_canaries"].to_pylist())
    return _written(folder, lines, protocol_lines)


def write_report_without_approaches(folder: Path, protocol_lines: Iterable[str]) -> Path:
    """Write the report of a lake without labelled approaches, as ``write_report`` does."""
    folder.mkdir(parents=True, exist_ok=True)
    what = "there are no labelled approaches"
    return _written(folder, [_TITLE, "", _TOO_LITTLE.format(what=what), ""], protocol_lines)


def _written(folder: Path, lines: Sequence[str], protocol_lines: Iterable[str]) -> Path:
    how = ["## How it was judged", "", *(f"- {line}" for line in protocol_lines), ""]
    path = folder / _NAME
    write_text(path, "\n".join([*lines, *how]))
    return path


def _verdict_lines(verdicts: Sequence[Row]) -> list[str]:
    lines = []
    found = {(row["scope"], row["approach_dir"], row["model"]): row for row in verdicts}
    for scope in SCOPES:
        for direction, words in DIRECTIONS.items():
            stated = found.get((scope, direction, CLAIMANTS[0]))
            if stated is None:
                continue
            mapped = found[scope, direction, f"{CLAIMANTS[0]}_{PUBLISHED_MAP}"]
            lines += [
                f"**{words[0].upper()}{words[1:]}, {place_of(direction, scope)}**: "
                f"{report_sentence(stated)}. "
                f"{stated['n_episodes']:,} episodes on {stated['n_days']} days. After calibration "
                f"on earlier days, {mapped['n_episodes']:,} episodes on {mapped['n_days']} days: "
                f"{report_sentence(mapped)}.",
                "",
            ]
    header = (
        "direction",
        "level",
        "model",
        "verdict",
        "skill",
        "best rival",
        "ECE",
        "by chance",
        "episodes",
    )
    rows = [
        (
            DIRECTIONS[row["approach_dir"]],
            report_scope(row),
            row["model"],
            row["verdict"],
            interval(row["skill"], row["skill_lo"], row["skill_hi"]),
            row["best_baseline"],
            number(row["ece"]),
            number(row["ece_chance_q95"]),
            f"{row['n_episodes']:,}",
        )
        for row in verdicts
    ]
    return [*lines, *table_lines(header, rows), ""]


def _picture_lines(
    metrics: Sequence[Row], reliability: Sequence[Row], folder: Path, name: str
) -> list[str]:
    lines = []
    for unit in (ALL, DECISIONS):
        if any(row["slice"] == unit and row["metric"] == "log_loss" for row in metrics):
            suffix = name if unit == ALL else f"{name}-{unit}"
            lines += _unit_picture_lines(unit, metrics, reliability, folder, suffix)
    return lines


def _unit_picture_lines(
    unit: str, metrics: Sequence[Row], reliability: Sequence[Row], folder: Path, name: str
) -> list[str]:
    panels = panels_of(metrics)
    model = CLAIMANTS[0]
    prefix = "skill_vs_"
    skill = [
        {**row, "rival": row["metric"].removeprefix(prefix)}
        for row in metrics
        if row["slice"] == unit and row["model"] == model and row["metric"].startswith(prefix)
    ]
    judged = "every episode" if unit == ALL else "the given decisions"
    draw_skill(
        skill,
        panels,
        folder / f"skill-{name}.png",
        f"{model}, {judged}: gain over each rival (right of zero: retrieval is better)",
    )
    draw_reliability(
        [row for row in reliability if row["model"] == model and row["slice"] == unit],
        panels,
        folder / f"reliability-{name}.png",
        f"{model}, {judged}: stated odds against what happened, ten bins of equal mass",
    )
    return [
        f"![Gain of {model} over each rival, {judged}](skill-{name}.png)",
        "",
        f"![Reliability of {model}, {judged}](reliability-{name}.png)",
        "",
    ]


def _score_lines(metrics: Sequence[Row]) -> list[str]:
    lines = []
    for direction, words in DIRECTIONS.items():
        here = [row for row in metrics if row["approach_dir"] == direction]
        if is_of_spot(direction) and not here:
            continue
        found = {(row["slice"], row["model"], row["metric"]): row for row in here}
        title = f"{words[0].upper()}{words[1:]}"
        for unit, of in ((ALL, ""), (DECISIONS, " of the given decisions")):
            models = list(
                dict.fromkeys(
                    row["model"]
                    for row in here
                    if row["slice"] == unit
                    and row["metric"] == "log_loss"
                    and not row["model"].startswith(ABLATION)
                )
            )
            if not models:
                continue
            lines += [f"### {title}: scores{of}", ""]
            lines += table_lines(
                ("model", *_SCORES),
                [
                    (model, *(of_row(found.get((unit, model, score))) for score in _SCORES))
                    for model in models
                ],
            )
            lines += ["", *_expectation_lines(unit, found)]
        lines += _ablation_lines(found) + market_lines(found)
        if is_of_spot(direction):
            continue
        lines += [f"Gain of {CLAIMANTS[0]} over base_rate by distance to the level:", ""]
        lines += table_lines(
            ("windows", "gain, nats"),
            [
                (name, of_row(found.get((name, CLAIMANTS[0], "skill_vs_base_rate"))))
                for name in _DISTANCES
            ],
        )
        lines.append("")
    return lines


def _ablation_lines(found: Mapping[tuple[str, str, str], Row]) -> list[str]:
    """Return the gain or loss of the learned space with fewer or other features."""
    gain = f"skill_vs_{ABLATION}{WHOLE}"
    units = [unit for unit in (ALL, DECISIONS) if (unit, f"{ABLATION}{WHOLE}", "log_loss") in found]
    models = list(
        dict.fromkeys(model for unit, model, _ in found if unit == ALL and ABLATION in model)
    )
    if not units or not models:
        return []
    rows = [
        (
            model.removeprefix(ABLATION),
            *(of_row(found.get((unit, model, gain))) for unit in units),
        )
        for model in models
        if model != f"{ABLATION}{WHOLE}"
    ]
    names = {ALL: "every episode", DECISIONS: "given decisions"}
    return [
        f"What {CLAIMANTS[0]} gains or loses, nats, when it sees something else (all with the "
        "same penalties, learned from one direction but for with_mirror):",
        "",
        *table_lines(("sees", *(names[unit] for unit in units)), rows),
        "",
    ]


def _expectation_lines(unit: str, found: Mapping[tuple[str, str, str], Row]) -> list[str]:
    """Return the scores of the stated quantiles and the support of the answers."""
    claimant, usual = CLAIMANTS[0], "base_rate"
    rows = [
        (
            quantile.name,
            f"{quantile.share:.0%}",
            of_row(found.get((unit, claimant, f"coverage_{quantile.name}"))),
            of_row(found.get((unit, claimant, f"pinball_{quantile.name}"))),
            of_row(found.get((unit, usual, f"pinball_{quantile.name}"))),
            of_row(found.get((unit, claimant, f"pinball_gain_{quantile.name}"))),
        )
        for quantile in EXPECTED
        if (unit, claimant, f"pinball_{quantile.name}") in found
    ]
    if not rows:
        return []
    support = found[unit, claimant, "n_eff_median"]["value"]
    censored = of_row(found.get((unit, claimant, "censored_share")))
    header = ("quantile", "should cover", "covers", "loss", "loss of the library's", "gain")
    return [
        "Quantiles of what follows, among the neighbors and in the whole library (pinball loss, "
        "right of zero: the neighbors are better):",
        "",
        *table_lines(header, rows),
        "",
        f"Effective episodes behind an answer, median: {support:.0f}. Share of judged windows "
        f"whose label was cut off: {censored}.",
        "",
        *_reaching_lines(unit, found),
    ]


def _reaching_lines(unit: str, found: Mapping[tuple[str, str, str], Row]) -> list[str]:
    """Return the scores of the stated chances of reaching the level."""
    usual = REACH_MODELS[-1]
    rows = [
        (
            model,
            of_row(found.get((unit, model, "reached_log_loss"))),
            of_row(found.get((unit, model, "reached_brier"))),
            of_row(found.get((unit, model, f"reached_skill_vs_{usual}"))),
        )
        for model in REACH_MODELS
    ]
    share = of_row(found.get((unit, "base_rate", "reached_share")))
    return [
        f"Does price come to the level? It does in {share} of the judged windows:",
        "",
        *table_lines(
            ("model", "log-loss", "Brier", "gain over the base rate of the distance"), rows
        ),
        "",
    ]


def _canary_lines(canaries: Sequence[Row]) -> list[str]:
    if not canaries:
        return []
    rows = [
        (
            DIRECTIONS[row["approach_dir"]],
            row["canary"],
            row["expectation"],
            interval(row["skill"], row["skill_lo"], row["skill_hi"]),
            f"{row['skill_change']:+.3f}",
            "yes" if row["has_fired"] else "NO",
        )
        for row in canaries
    ]
    header = ("direction", "leak put in", "must happen", "skill over base_rate", "change", "did it")
    return ["## Leaks put in on purpose", "", *table_lines(header, rows), ""]
