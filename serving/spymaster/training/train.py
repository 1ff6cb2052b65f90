"""Train a lake's claimants: read, walk forward, write artefacts and relations, publish."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from datetime import date
from functools import partial
from pathlib import Path

import pyarrow as pa
import spymaster_engine.statistics
from spymaster_engine.statistics.evaluation.protocol import Protocol
from spymaster_ingest.console import progress
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from spymaster_warehouse.build import build_and_publish

from spymaster.built_settings import as_built, built_settings, settings_of_answers
from spymaster.evaluation.read import product_roots
from spymaster.evaluation.result_rows import Row
from spymaster.evaluation.result_tables import rows_as_table, write_table
from spymaster.published import open_published
from spymaster.training.artefact_files import remove_others, write_artefact
from spymaster.training.claimants import CLAIMANTS, DEFAULT, require_known
from spymaster.training.events import read_events
from spymaster.training.judged_jobs import JudgedJob, train_all
from spymaster.training.scopes import RELATIONS, TrainingJob, read_decisions
from spymaster.training.tables import METRICS, PREDICTIONS, REGISTRY, SCHEMAS, table_path


def train(
    lake: Lake,
    *,
    claimants: Sequence[str] = (),
    days: tuple[date | None, date | None] = (None, None),
    workers: int = 2,
    ablations: bool = False,
) -> list[Row]:
    """Train and judge claimants; replace the results of the last training.

    Args:
        lake: the lake.
        claimants: their names; empty for all that need no extra.
        days: first and last session date to read; None for no bound.
        workers: most processes.
        ablations: whether trees on the features of each family alone compete too, on events.

    Returns:
        The rows of gold.model_metrics.

    Raises:
        SpymasterError: A claimant is not known, nothing is published, or there is nothing to train
            on.
    """
    require_known(claimants)
    names = [name for name in CLAIMANTS if name in (claimants or DEFAULT)]
    with open_published(lake, RELATIONS) as connection:
        settings, judged = built_settings(connection), settings_of_answers(connection)
        protocol = Protocol.of(settings)
        jobs: list[TrainingJob] = []
        for root in product_roots(connection):
            for horizon in settings["evaluation_horizons"]:
                jobs += read_decisions(connection, root, horizon, settings, names, days)
            jobs += read_events(connection, root, names, days, ablations=ablations)
    if not jobs:
        raise SpymasterError(
            lake.published,
            "there is no labelled decision to train on",
            "land and build more days, or widen --from and --to",
        )
    with progress(unit="jobs") as bar:
        task = bar.add_task("training", total=len(jobs))
        results = train_all(jobs, protocol, code_hash(), workers, partial(bar.advance, task))
    metrics = [row for result in results for row in result.rows[METRICS]]
    if not metrics:
        first = protocol.evaluation_warm_up_days + protocol.embargo_days
        raise SpymasterError(
            lake.published,
            "no day can be judged: none has enough labelled days before it",
            f"the first {first} days of a library are not judged; land and build more days",
        )
    _write(lake, results, judged)
    models = ("--select", REGISTRY, PREDICTIONS, METRICS)
    build_and_publish(lake, ["--quiet", *models, *as_built(settings)], command="spymaster train")
    return metrics


def code_hash() -> str:
    """Return a hash of the code that fits and judges."""
    [folder] = spymaster_engine.statistics.__path__
    digest = hashlib.sha256()
    for path in sorted(Path(folder).rglob("*.py")):
        digest.update(str(path.relative_to(folder)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def _write(lake: Lake, results: Sequence[JudgedJob], judged: str) -> None:
    """Write artefacts, then the relations that name them, then remove what none names."""
    lake.models.mkdir(parents=True, exist_ok=True)
    named = set()
    for result in results:
        for artefact in result.artefacts.values():
            named.add(write_artefact(lake, artefact))
    tables = {
        relation: rows_as_table(
            [row for result in results for row in result.rows[relation]], SCHEMAS[relation]
        )
        for relation in (REGISTRY, METRICS)
    }
    tables[PREDICTIONS] = pa.concat_tables([result.predictions for result in results])
    for relation, table in tables.items():
        write_table(table_path(lake, relation), table, SCHEMAS[relation], judged)
    remove_others(lake, named)
