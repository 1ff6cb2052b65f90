"""Evaluate a lake: read, judge, write the relations, publish, report."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from itertools import product
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray
from spymaster_engine.statistics.evaluation.ablations import AblationParts
from spymaster_engine.statistics.evaluation.walk_forward import Protocol
from spymaster_engine.statistics.retrieval.learned import one_thread
from spymaster_engine.statistics.retrieval.phases import APPROACHING, REACHED
from spymaster_engine.statistics.retrieval.settings import SPOT
from spymaster_ingest.console import progress
from spymaster_ingest.durable import write_text
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from spymaster_warehouse.build import build_and_publish

from spymaster.built_settings import as_built, built_settings, settings_of_answers
from spymaster.evaluation.ablation_parts import read_parts
from spymaster.evaluation.break_score import break_score_tables, hand_weights_of
from spymaster.evaluation.conditions import condition_tables
from spymaster.evaluation.directions import read_directions
from spymaster.evaluation.fingerprints import fingerprint_table
from spymaster.evaluation.gamma_walls import gamma_wall_table
from spymaster.evaluation.movements import movement_tables
from spymaster.evaluation.placebo import placebo_table
from spymaster.evaluation.read import (
    RELATIONS,
    Windows,
    families_of,
    history_windows,
    horizons_of,
    product_roots,
)
from spymaster.evaluation.report import write_report, write_report_without_approaches
from spymaster.evaluation.result_rows import SIGNALS, Row, Scope
from spymaster.evaluation.result_tables import (
    BREAK_SCORE,
    FINGERPRINTS,
    GAMMA_WALLS,
    LEVEL_PLACEBO,
    METRICS,
    PREDICTIONS,
    SCHEMAS,
    WALLS,
    table_of,
    table_path,
    write_tables,
)
from spymaster.evaluation.retests import retest_tables
from spymaster.evaluation.run_scopes import evaluate_all
from spymaster.evaluation.scored_windows import ScoredWindows, read_scored_windows
from spymaster.evaluation.signals import signal_rows
from spymaster.evaluation.walls import wall_table
from spymaster.published import open_published, relations_of

# raise it when the same windows would get other odds or scores
EVALUATION_VERSION = 7
_FINGERPRINT = "fingerprint.json"
_RELATIONS = "gold.evaluation"
# windows that are read and judged together: approaches, then what lies at and past the level
_PHASES = ((APPROACHING,), REACHED)


def evaluate(
    lake: Lake,
    folder: Path,
    *,
    roots: Sequence[str] = (),
    horizons: Sequence[str] = (),
    with_canaries: bool = True,
    workers: int = 2,
    again: bool = False,
    decisions: Path | None = None,
    with_ablations: bool = False,
) -> tuple[Path, list[dict[str, Any]]]:
    """Evaluate the published file; keep the last run's results while nothing has changed.

    Args:
        lake: the lake.
        folder: folder of the report.
        roots: products; empty for all.
        horizons: horizons of the labels; empty for the lake's own.
        with_canaries: whether to test planted leaks too.
        workers: most processes.
        again: whether to evaluate although nothing has changed.
        decisions: Parquet with symbol, level_id and decision_ts; these decisions are judged
            too, apart from the windows of every episode.
        with_ablations: whether to score odds that use fewer features.

    Returns:
        Path of the report, and the rows of eval_retrieval_verdict; none without approaches.

    Raises:
        SpymasterError: A product or horizon is not built, none of the decisions is a window of an
            approach, or publishing failed.
    """
    with open_published(lake, RELATIONS) as connection:
        settings, judged = built_settings(connection), settings_of_answers(connection)
        _require_built(connection, settings, roots, horizons)
    protocol = Protocol.of(settings)
    jobs = _jobs(
        lake,
        settings,
        roots,
        horizons or settings["evaluation_horizons"],
        decisions,
        with_ablations,
    )
    if not jobs:
        return write_report_without_approaches(folder, _protocol_lines(protocol)), []
    seed = settings["evaluation_seed"]
    products = {scope.root for scope, *_ in jobs}
    signals = _signals(lake, products, seed)
    others = _other_claims(lake, jobs, settings, decisions)
    scored, hand_weights = _scored(lake, jobs)
    rules = [EVALUATION_VERSION, judged, asdict(protocol), with_canaries, hand_weights.tolist()]
    fingerprint = _fingerprint(jobs, signals, others, scored, rules)
    if again or _stored_fingerprint(lake) != fingerprint:
        with progress(unit="directions") as bar:
            task = bar.add_task("walking forward", total=len(jobs))
            tables = evaluate_all(
                jobs, protocol, with_canaries, workers, lambda _: bar.advance(task)
            )
        with one_thread():
            scores = break_score_tables(
                scored, tables[PREDICTIONS], protocol, settings, hand_weights
            )
        write_tables(lake, tables | others | scores, judged)
        # signals depend on the verdicts
        _build(lake, f"{_RELATIONS}+", settings)
        signals = _signals(lake, products, seed)
        metrics = pa.concat_tables([tables[METRICS], table_of(METRICS, signals)])
        write_tables(lake, {METRICS: metrics}, judged)
        _build(lake, METRICS, settings)
        fingerprint = _fingerprint(jobs, signals, others, scored, rules)
        write_text(lake.evaluation / _FINGERPRINT, json.dumps(fingerprint))
    tables = {relation: pq.read_table(table_path(lake, relation)) for relation in SCHEMAS}
    report = write_report(tables, folder, _protocol_lines(protocol))
    return report, tables["eval_retrieval_verdict"].to_pylist()


def _require_built(
    connection: duckdb.DuckDBPyConnection,
    settings: dict[str, Any],
    roots: Sequence[str],
    horizons: Sequence[str],
) -> None:
    """Raise unless the products are built and the labels have the horizons."""
    if unknown := sorted(set(roots) - set(built := product_roots(connection))):
        raise SpymasterError(f"product {unknown[0]}", "no contract is built", _built_ones(built))
    known = horizons_of(connection, settings) if horizons else []
    if unknown := sorted(set(horizons) - set(known)):
        raise SpymasterError(f"horizon {unknown[0]}", "no label has it", _built_ones(known))


def _built_ones(names: Sequence[str]) -> str:
    return f"built: {', '.join(names) or 'none'}"


def _jobs(
    lake: Lake,
    settings: dict[str, Any],
    roots: Sequence[str],
    horizons: Sequence[str],
    decisions: Path | None,
    with_ablations: bool,
) -> list[tuple[Scope, Windows, AblationParts | None]]:
    jobs = []
    with open_published(lake, RELATIONS) as connection:
        for root in roots or product_roots(connection):
            for family, horizon, phases in product(
                families_of(connection, root), horizons, _PHASES
            ):
                if family == SPOT and phases != _PHASES[0]:
                    continue
                both = read_directions(
                    connection,
                    root,
                    horizon,
                    settings["vector_window_s"],
                    history_windows(settings, family),
                    settings["sma_bar_s"],
                    decisions,
                    family=family,
                    mirrored=settings["learned_mirrored"],
                    phases=phases,
                )
                for direction, windows in both.items():
                    if len(windows.samples):
                        scope = Scope(root, direction, horizon, family, ", ".join(phases))
                        is_ablated = with_ablations and family != SPOT and len(phases) == 1
                        parts = read_parts(connection, windows, scope) if is_ablated else None
                        jobs.append((scope, windows, parts))
    if decisions is not None and jobs and not any(job[1].decisions.any() for job in jobs):
        raise SpymasterError(
            decisions,
            "none of the decisions is a window of an approach",
            "decision_ts must be the end of a window of an episode, see gold.level_outcomes",
        )
    return jobs


def _build(lake: Lake, selected: str, settings: dict[str, Any]) -> None:
    """Build what depends on the evaluation, as far as the lake holds it."""
    absent = _absent_models(lake)
    left_out = ["--exclude", *absent] if absent else []
    arguments = ["--quiet", "--select", selected, *left_out, *as_built(settings)]
    build_and_publish(lake, arguments, command="spymaster evaluate")


def _absent_models(lake: Lake) -> list[str]:
    """Return the models that the published file lacks, without those of the evaluation."""
    folder = PROJECT_ROOT / "models"
    own = folder / _RELATIONS.replace(".", "/")
    with open_published(lake) as connection:
        there = {name.partition(".")[2] for name in relations_of(connection)}
    models = (path for path in folder.rglob("*") if path.suffix in (".sql", ".py"))
    return sorted(path.stem for path in models if path.stem not in there and path.parent != own)


def _signals(lake: Lake, roots: set[str], seed: int) -> list[Row]:
    with open_published(lake, RELATIONS) as connection, one_thread():
        return [row for root in sorted(roots) for row in signal_rows(connection, root, seed)]


def _other_claims(
    lake: Lake,
    jobs: Sequence[tuple[Scope, Windows, AblationParts | None]],
    settings: dict[str, Any],
    decisions: Path | None,
) -> dict[str, pa.Table]:
    """Return what is judged without odds, such as conditions, retests and placebos of levels."""
    roots, horizons = (
        list(dict.fromkeys(getattr(scope, name) for scope, *_ in jobs))
        for name in ("root", "horizon_id")
    )
    with open_published(lake, RELATIONS) as connection, one_thread():
        conditions = condition_tables(connection, roots, horizons, settings, decisions)
        return (
            conditions
            | movement_tables(connection, roots, settings)
            | retest_tables(connection, roots, settings)
            | {FINGERPRINTS: fingerprint_table(connection, roots, settings)}
            | {LEVEL_PLACEBO: placebo_table(connection, roots, horizons, settings)}
            | {GAMMA_WALLS: gamma_wall_table(connection, roots, horizons, settings)}
            | {WALLS: wall_table(connection, roots, settings)}
        )


def _scored(
    lake: Lake, jobs: Sequence[tuple[Scope, Windows, AblationParts | None]]
) -> tuple[list[ScoredWindows], NDArray[np.float64]]:
    """Return the windows of the jobs with their break score, and the weights of its parts."""
    of_levels = [
        (scope, windows)
        for scope, windows, _ in jobs
        if scope.retrieval_family != SPOT and scope.decision_phase == APPROACHING
    ]
    with open_published(lake, RELATIONS) as connection:
        scored = read_scored_windows(connection, of_levels)
        return scored, hand_weights_of(connection) if scored else np.empty(0)


def _fingerprint(
    jobs: Sequence[tuple[Scope, Windows, AblationParts | None]],
    signals: list[Row],
    others: Mapping[str, pa.Table],
    scored: Sequence[ScoredWindows],
    rules: list[Any],
) -> dict[str, str]:
    """Return a hash of the inputs of each job, of signals, scores and each other relation."""
    hashes = {SIGNALS: hashlib.sha256(repr(signals).encode()).hexdigest()}
    for relation, table in others.items():
        hashes[relation] = hashlib.sha256(repr(table.to_pylist()).encode()).hexdigest()
    scores = hashlib.sha256()
    for judged in scored:
        scores.update(judged.samples.context.tobytes() + judged.signal.tobytes())
    hashes[BREAK_SCORE] = scores.hexdigest()
    for scope, windows, parts in jobs:
        digest = hashlib.sha256(json.dumps([*rules, parts is not None], default=str).encode())
        for samples in (windows.samples, windows.samples.mirrored):
            columns = {} if samples is None else samples.columns()
            for name, column in columns.items():
                values = np.ascontiguousarray(column)
                digest.update(f"{name}{values.dtype}{values.shape}".encode())
                digest.update(values.view(np.uint8).data)
        for phase in (windows.phase, windows.mirrored_phase):
            digest.update(b"" if phase is None else "\n".join(phase).encode())
        for decisions in (windows.decisions, windows.mirrored_decisions):
            digest.update(b"" if decisions is None else np.packbits(decisions).data)
        hashes["|".join(scope.columns().values())] = digest.hexdigest()
    return hashes


def _stored_fingerprint(lake: Lake) -> dict[str, str] | None:
    path = lake.evaluation / _FINGERPRINT
    if not path.exists() or not all(table_path(lake, name).exists() for name in SCHEMAS):
        return None
    return json.loads(path.read_text(encoding="utf-8"))


def _protocol_lines(protocol: Protocol) -> list[str]:
    return [
        f"Walk-forward by trading day: the library of a day ends {protocol.embargo_days + 1} "
        "trading days before it; labels that look into the day are left out.",
        f"The first {protocol.evaluation_warm_up_days} days of a library are not judged. Models, "
        f"statistics and penalties are made anew every {protocol.settings.learned_refit_days} "
        "days, from earlier days only.",
        "Judged is what follows once price has come to the level, among decisions whose price did: "
        f"within {protocol.reach_ticks:g} ticks of it. The random walk starts there too. Whether "
        "price comes at all is judged by itself, beside the base rate of the distance.",
        "An episode counts once: its first eligible window and the first within 6, 4 and 2 ticks "
        "share its weight. At, through and back of a level are judged each by itself, and the "
        "course of an approach counts once: its first decision of the phase and the first in each "
        "band of distance.",
        "At and past a level the same rivals are judged, by phase and band; the random walk starts "
        f"where price stands. While a phase has fewer than "
        f"{protocol.settings.learned_min_episodes} courses, its learned space learns from all "
        "three; neighbors, base rates, maps and verdicts are always of the phase itself.",
        "Intervals: 1,000 resamples of whole days. The verdict is computed: useful only if the "
        "lower bound of the gain over the best of the simpler rivals is above zero, and the "
        "calibration error is below the 95 % quantile of what outcomes drawn from the stated "
        "odds themselves show (1,000 draws).",
        "The best of the simpler rivals is chosen with hindsight, which is to its advantage. "
        "logistic_vector and lightgbm_vector see what retrieval sees and are no simpler rivals.",
        "The learned space is learned from approaches of both directions, the other one seen in a "
        "mirror; neighbors and base rates are of one direction."
        if protocol.settings.learned_mirrored
        else "The learned space is learned from approaches of one direction.",
        "What is calibrated must beat rivals calibrated in the same way too.",
        "Given decisions are judged among themselves: libraries, rivals and base rates are of the "
        "episodes that hold one.",
        "knn_permuted learns and asks like retrieval_learned after the outcomes of each day were "
        "dealt out anew; knn_random asks in a space of random numbers.",
    ]
