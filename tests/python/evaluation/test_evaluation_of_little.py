"""A lake with too little to judge gets a report that says so, and a wrong name gets one line."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner, Result
from spymaster.cli import cli
from spymaster.evaluation import run_scopes
from spymaster.evaluation.read import RELATIONS, Windows
from spymaster.evaluation.report import write_report
from spymaster.evaluation.result_rows import Scope
from spymaster.evaluation.run_scopes import evaluate_all
from spymaster_engine.statistics.evaluation.samples import CENSORED
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.evaluation_market import artificial_samples
from support.settings import protocol, vars_with
from threadpoolctl import threadpool_info, threadpool_limits

PROTOCOL = protocol()
NOTHING_JUDGED = "Too little is built to judge anything: no episode has odds from earlier days"


def windows(n_days: int, *, is_censored: bool = False) -> Windows:
    """Return a few episodes per day; their labels may all be cut off."""
    samples, _ = artificial_samples(n_days=n_days, episodes_per_day=3, width=7)
    if is_censored:
        samples = samples.with_columns(outcome=np.full(len(samples), CENSORED))
    dates = np.datetime64("2025-10-01") + np.arange(n_days)
    seconds = (samples.window_end_s % 86_400).astype("timedelta64[s]")
    ends = dates.astype("datetime64[s]")[samples.day] + seconds
    key = pa.table(
        {
            "symbol": ["ESZ5"] * len(samples),
            "dt": pa.array(dates[samples.day]),
            "level_id": [f"level-{code}" for code in samples.level],
            "window_end_ts": pa.array(ends.astype("datetime64[us]")),
            "episode_id": [f"episode-{code}" for code in samples.episode],
        }
    )
    levels = [f"level-{code}" for code in range(3)]
    return Windows(samples, key, levels, dates, np.zeros(len(samples), np.bool_))


@pytest.mark.parametrize("with_canaries", [True, False], ids=["canaries", "no canaries"])
@pytest.mark.parametrize(
    "given",
    [windows(1), windows(2), windows(2, is_censored=True)],
    ids=["one day", "two days", "labels cut off"],
)
def test_the_report_says_that_too_little_is_there(
    given: Windows, with_canaries: bool, tmp_path: Path
) -> None:
    jobs = [(Scope("ES", "approach_up", "s240"), given, None)]
    # no more processes than jobs: this many would be no number of processes
    tables = evaluate_all(jobs, PROTOCOL, with_canaries, workers=10**20)
    verdicts = tables["eval_retrieval_verdict"].to_pylist()
    assert {(row["verdict"], row["n_episodes"]) for row in verdicts} == {("too few episodes", 0)}
    assert not tables["eval_retrieval_predictions"].num_rows
    # a leak that cannot be measured has not fired
    assert not tables["eval_retrieval_canaries"].num_rows
    text = write_report(tables, tmp_path, ["A line."]).read_text()
    assert NOTHING_JUDGED in text


def test_scores_are_computed_in_one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """The last digit of a score must not depend on the machine's cores."""
    judged_with = set()
    judgement_of = run_scopes.judgement_of

    def noted(*arguments: Any) -> Any:
        used = threadpool_info()
        judged_with.update(pool["num_threads"] for pool in used if pool["user_api"] == "blas")
        return judgement_of(*arguments)

    monkeypatch.setattr(run_scopes, "judgement_of", noted)
    with threadpool_limits(2):
        evaluate_all([(Scope("ES", "approach_up", "s240"), windows(1), None)], PROTOCOL, False, 1)
    assert judged_with == {1}


def lake_without_approaches(root: Path) -> Lake:
    """Return a published lake of one product whose relations have no rows of an approach."""
    settings = json.dumps(vars_with())
    held = {
        "gold.retrieval_settings": f"'{settings}' as settings, '{{}}' as evaluation_settings",
        "gold.level_outcomes": "'h0' as horizon_id",
        "silver.mbo_contract_day_selection": "'ES' as root, 'ESZ5' as selected_symbol",
        "gold.retrieval_families": "'ES' as root, 'level' as retrieval_family",
    }
    lake = Lake(root)
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("create schema silver; create schema gold; create schema steps")
        for relation in RELATIONS:
            columns = held.get(relation, "1 as nothing")
            connection.execute(f"create table {relation} as select {columns}")
    return lake


def evaluate(lake: Lake, *arguments: str) -> Result:
    environment = {LAKE_VARIABLE: str(lake.root)}
    return CliRunner().invoke(cli, ["evaluate", *arguments], env=environment)


def test_without_approaches_there_is_a_report(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_without_approaches(tmp_path)
    monkeypatch.setattr("spymaster.evaluation.evaluate.read_directions", lambda *_, **__: {})
    result = evaluate(lake)
    assert result.exit_code == 0, result.output
    text = (lake.evaluation / "report" / "evaluation.md").read_text()
    assert "Too little is built to judge anything: there are no labelled approaches" in text
    assert "## How it was judged" in text


@pytest.mark.parametrize(
    ("option", "given", "line"),
    [
        ("--root", "ZZ", r"product ZZ: no contract is built (built: ES)"),
        ("--root", "\udcff\udcfe", r"product \udcff\udcfe: no contract is built (built: ES)"),
        ("--horizon", "s7", "horizon s7: no label has it (built: h0, h1, s120, s240,"),
        (
            "--horizon",
            "\udcff\udcfe",
            r"horizon \udcff\udcfe: no label has it (built: h0",
        ),
    ],
)
def test_an_unknown_name_is_refused_with_the_known_ones(
    option: str, given: str, line: str, tmp_path: Path
) -> None:
    result = evaluate(lake_without_approaches(tmp_path), option, given)
    assert isinstance(result.exception, SpymasterError)
    assert line in str(result.exception)
