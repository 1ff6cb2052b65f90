"""What an evaluation leaves behind: rows of every relation, a report and pictures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from evaluation_market import ALL_USED, artificial_samples
from matplotlib.image import imread
from spymaster.cli import cli
from spymaster.errors import SpymasterError
from spymaster.evaluation.read import Windows
from spymaster.evaluation.report import sentence, write_report
from spymaster.evaluation.run import Scope, evaluate_all, last_library_day
from spymaster.evaluation.settings import project_vars, protocol_of
from spymaster.evaluation.tables import SCHEMAS, table_path, write_tables
from spymaster.lake import LAKE_VARIABLE, Lake
from spymaster_engine.evaluation.calibration import LogisticCurve, mapped
from spymaster_engine.evaluation.walk_forward import MODELS, Protocol
from spymaster_engine.retrieval.learned import Penalties

PROTOCOL = Protocol(used=ALL_USED, warm_up_days=8, refit_days=8, penalties=(Penalties(30.0, 30.0),))
N_DAYS = 26
LEVELS = ["or_high", "pm_high", "sma_90"]


def windows(strength: float, seed: int) -> Windows:
    samples, _ = artificial_samples(n_days=N_DAYS, strength=strength, seed=seed)
    dates = np.datetime64("2025-10-01") + np.arange(N_DAYS)
    ends = dates.astype("datetime64[s]")[samples.day] + (samples.window_end_s % 86_400).astype(
        "timedelta64[s]"
    )
    key = pa.table(
        {
            "symbol": ["ESZ5"] * len(samples),
            "dt": pa.array(dates[samples.day]),
            "level_id": np.array(LEVELS)[samples.level],
            "window_end_ts": pa.array(ends.astype("datetime64[us]")),
            "episode_id": [f"episode-{code}" for code in samples.episode],
        }
    )
    return Windows(samples, key, LEVELS, dates)


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    jobs = [
        (Scope("ES", "approach_up", "s240"), windows(1.0, 5)),
        (Scope("ES", "approach_down", "s240"), windows(0.0, 6)),
    ]
    return evaluate_all(jobs, PROTOCOL, with_canaries=False, workers=1)


def verdict_of(tables: dict[str, pa.Table], direction: str) -> dict:
    [row] = [
        row
        for row in tables["eval_retrieval_verdict"].to_pylist()
        if (row["approach_dir"], row["scope"], row["model"])
        == (direction, "pooled", "retrieval_learned")
    ]
    return row


def test_every_relation_has_its_columns(tables: dict[str, pa.Table]) -> None:
    for relation, schema in SCHEMAS.items():
        assert tables[relation].schema.equals(schema), relation


def test_predictions_are_those_of_every_model_and_of_earlier_libraries(
    tables: dict[str, pa.Table],
) -> None:
    rows = tables["eval_retrieval_predictions"].to_pylist()
    maps = {
        f"{name}_{kind}"
        for name in ("retrieval_learned", "retrieval_robust_z")
        for kind in ("platt", "isotonic")
    }
    assert {row["model"] for row in rows} == set(MODELS) | maps
    assert all(row["library_last_dt"] < row["dt"] for row in rows)
    # the embargo: one trading day lies between
    assert all((row["dt"] - row["library_last_dt"]).days == 2 for row in rows)


def test_maps_are_those_that_made_the_mapped_odds(tables: dict[str, pa.Table]) -> None:
    rows = tables["eval_retrieval_predictions"].to_pylist()
    keys = ("dt", "window_end_ts", "level_id", "approach_dir")

    def odds_of(model: str) -> dict[tuple, np.ndarray]:
        return {
            tuple(row[key] for key in keys): np.array(
                [[row["p_break"], row["p_reject"], row["p_chop"]]]
            )
            for row in rows
            if row["model"] == model
        }

    stated, expected = (odds_of(f"retrieval_learned{kind}") for kind in ("", "_platt"))
    curves: dict[tuple, list[LogisticCurve]] = {}
    for row in tables["eval_retrieval_maps"].to_pylist():
        if row["model"] == "retrieval_learned":
            curve = LogisticCurve(row["slope"], row["intercept"])
            curves.setdefault((row["asof_dt"], row["approach_dir"]), []).append(curve)
    for (day, *at, direction), one in expected.items():
        maps = tuple(curves[day, direction])
        assert mapped(stated[day, *at, direction], maps) == pytest.approx(one, abs=1e-12)
    # one more for what comes next
    days = {day for day, *_ in expected}
    assert {day for day, _ in curves} == days | {max(days) + dt.timedelta(days=1)}


def test_verdicts_tell_the_two_markets_apart(tables: dict[str, pa.Table]) -> None:
    assert verdict_of(tables, "approach_up")["skill_lo"] > 0
    assert verdict_of(tables, "approach_down")["verdict"] == "not shown"
    by_level = [
        row for row in tables["eval_retrieval_verdict"].to_pylist() if row["scope"] == "level"
    ]
    assert {row["level_id"] for row in by_level} == set(LEVELS)
    # fewer than 300 each
    assert {row["verdict"] for row in by_level} == {"too few episodes"}


def test_reliability_holds_the_whole_sample(tables: dict[str, pa.Table]) -> None:
    rows = [
        row
        for row in tables["eval_retrieval_reliability"].to_pylist()
        if (row["approach_dir"], row["model"]) == ("approach_up", "retrieval_learned")
    ]
    episodes = verdict_of(tables, "approach_up")["n_episodes"]
    for outcome in ("BREAK", "REJECT", "CHOP"):
        bins = [row for row in rows if row["outcome"] == outcome]
        assert sum(row["weight"] for row in bins) == pytest.approx(episodes)
        assert all(
            row["observed_lo"] <= row["observed_share"] <= row["observed_hi"] for row in bins
        )


def test_the_report_says_the_computed_verdict(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    text = write_report(tables, tmp_path, ["judged so"]).read_text()
    for direction in ("approach_up", "approach_down"):
        assert sentence(verdict_of(tables, direction)) in text
    assert "judged so" in text
    for name in ("skill-ES-s240.png", "reliability-ES-s240.png"):
        assert name in text
        picture = imread(tmp_path / name)
        assert picture.shape[0] > 300
        assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 50


def test_tables_are_replaced_as_a_whole(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for _ in range(2):
        write_tables(lake, tables)
    assert sorted(path.name for path in lake.evaluation.iterdir()) == sorted(
        f"{relation}.parquet" for relation in SCHEMAS
    )
    for relation, table in tables.items():
        assert pq.read_table(table_path(lake, relation)).equals(table)


def test_the_library_ends_before_the_embargo() -> None:
    samples = windows(0.0, 6).samples
    last = last_library_day(samples, PROTOCOL)
    assert (last[samples.day >= 2] == samples.day[samples.day >= 2] - 2).all()
    assert (last[samples.day < 2] == -1).all()
    # a day without labels cannot be known
    gap = samples.with_columns(outcome=np.where(samples.day == 9, -1, samples.outcome))
    assert (last_library_day(gap, PROTOCOL)[samples.day == 11] == 8).all()


def test_the_settings_are_the_projects() -> None:
    protocol = protocol_of(project_vars())
    assert protocol == Protocol()


def test_without_a_warehouse_the_command_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    with pytest.raises(SpymasterError, match="there is no warehouse yet"):
        CliRunner().invoke(cli, ["evaluate"], catch_exceptions=False)
