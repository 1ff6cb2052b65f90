"""`spymaster train` over a published file: what it reads, writes and prints."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.published import open_published
from spymaster.training import train as training
from spymaster.training.artefact_files import read_artefact
from spymaster.training.claimants import NAMED_FEATURES
from spymaster.training.events import read_events
from spymaster.training.read_sequences import CHANNELS
from spymaster.training.scopes import read_decisions
from spymaster.training.tables import PREDICTIONS, REGISTRY, table_path
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.settings import vars_with
from support.training_lake import (
    CONTEXT,
    N_DAYS,
    SEQUENCE_ROWS,
    WIDTH,
    reached_after_s,
    samples_of,
    write_training_lake,
)

SEQUENCES = "kernels"
NAMES = ("break_score", "named_logistic", "trees_stage_a", "trees_stage_b")
UNITS = {"approaching", "event"}


@pytest.fixture(scope="module")
def lake(tmp_path_factory: pytest.TempPathFactory) -> Lake:
    return write_training_lake(tmp_path_factory.mktemp("trained") / "lake")


@pytest.fixture(autouse=True)
def without_dbt(monkeypatch: pytest.MonkeyPatch) -> list[list[str]]:
    asked: list[list[str]] = []
    monkeypatch.setattr(
        training, "build_and_publish", lambda lake, arguments, command: asked.append(arguments)
    )
    return asked


@pytest.fixture
def reader(lake: Lake) -> Any:
    with open_published(lake) as connection:
        yield connection


def test_features_are_in_the_sense_of_the_approach(reader: duckdb.DuckDBPyConnection) -> None:
    """The mirror of a direction has the values of the other direction."""
    up, down = read_decisions(reader, "ES", "s240", vars_with(), NAMES)
    assert (up.scope.approach_dir, down.scope.approach_dir) == ("approach_up", "approach_down")
    assert up.features.mirrored is not None
    np.testing.assert_array_equal(up.features.mirrored, down.features.own)
    names = up.features.names
    assert names[:2] == ("x0_ticks", "minutes_since_open")
    assert names[2 + WIDTH : 2 + WIDTH + len(CONTEXT)] == CONTEXT
    assert set(NAMED_FEATURES) <= set(names)
    for job, sign in ((up, 1.0), (down, -1.0)):
        columns = dict(zip(names, job.features.own.T, strict=True))
        seconds = job.windows.samples.window_end_s
        np.testing.assert_allclose(columns["book_imbalance"], sign * (seconds % 7 / 7.0), rtol=1e-6)
        np.testing.assert_allclose(columns["ofi_30s"], sign * (seconds % 11))
        np.testing.assert_allclose(columns["x0_ticks"], job.windows.samples.x0_ticks, rtol=1e-6)
    np.testing.assert_array_equal(
        up.features.own[:, 2 : 2 + WIDTH], samples_of("approach_up").vector
    )


def test_sequences_belong_to_first_decisions(reader: duckdb.DuckDBPyConnection) -> None:
    for job in read_decisions(reader, "ES", "s240", vars_with(), [SEQUENCES]):
        samples, place = job.windows.samples, job.features.place
        assert place is not None
        is_first = np.insert(np.diff(samples.episode) != 0, 0, True)
        np.testing.assert_array_equal(place >= 0, is_first)
        rows = np.flatnonzero(is_first)
        found = job.features.sequences_of(rows)
        assert found.values.shape == (len(rows), len(CHANNELS), SEQUENCE_ROWS)
        np.testing.assert_array_equal(found.day, samples.day[rows])
        for channel in (0, 9):
            np.testing.assert_array_equal(
                found.values[:, channel, 5], samples.vector[rows, channel % WIDTH]
            )
        np.testing.assert_allclose(found.static[:, 2], samples.rival[rows, 2], rtol=1e-6)
        assert 0.05 < found.missing.mean() < 0.15


def test_events_have_features_by_role(reader: duckdb.DuckDBPyConnection) -> None:
    """Neither the label, nor what names the event."""
    up, down = read_events(reader, "ES", NAMES)
    expected = (
        "dist_to_tested_level_ticks",
        "minutes_since_open",
        "velocity_1min",
        "barrier_state",
    )
    assert up.features.names == expected
    assert set(up.features.own[:, 3]) == {1.0, 5.0}
    assert [claimant.names for claimant in up.claimants] == [expected[:3], expected]
    np.testing.assert_array_equal(
        down.windows.samples.x0_ticks, down.features.own[:, 0].astype(np.float64)
    )
    assert (up.windows.samples.x0_ticks == -up.features.own[:, 0]).all()


def test_whether_the_level_is_reached_in_time(reader: duckdb.DuckDBPyConnection) -> None:
    """It is asked where price is not there yet; the mirror has labels of the other direction."""
    up, down = read_decisions(reader, "ES", "s240", vars_with(), NAMES)
    for job, other in ((up, down), (down, up)):
        samples = job.windows.samples
        after_s = reached_after_s(samples_of(job.scope.approach_dir)).astype(int)
        heads = {head.name: head for head in job.heads}
        assert heads.keys() == {"reach_60", "reach_120"}
        for seconds in (60, 120):
            head = heads[f"reach_{seconds}"]
            is_asked = samples.x0_ticks < -vars_with()["reach_ticks"]
            assert 0 < is_asked.sum() < len(samples)
            np.testing.assert_array_equal(head.known, is_asked)
            np.testing.assert_array_equal(head.target[is_asked], (after_s <= seconds)[is_asked])
            [same] = [each for each in other.heads if each.name == head.name]
            np.testing.assert_array_equal(head.mirrored, same.target)


def test_labels_of_events_need_whole_paths(reader: duckdb.DuckDBPyConnection) -> None:
    """Paths cut short are left out: they would be known only where they went far."""
    up, _ = read_events(reader, "ES", NAMES)
    heads = {(head.name, head.horizon_id): head for head in up.heads}
    horizons = {"s120": 2, "s240": 4, "s480": 8}
    assert heads.keys() == {
        *(("tradeable_2", horizon) for horizon in horizons),
        ("strength_signed", "s240"),
    }
    for (name, horizon), head in heads.items():
        assert 0.1 < 1.0 - head.known.mean() < 0.3
        minutes = horizons[horizon]
        late = head.samples.label_end_s - up.windows.samples.window_end_s
        np.testing.assert_array_equal(late, 60 * minutes)
        columns = dict(zip(up.features.names, up.features.own[head.known].T, strict=True))
        if name == "strength_signed":
            expected = np.round(4.0 * columns["velocity_1min"])
            np.testing.assert_array_equal(head.target[head.known], expected)
        elif minutes == 8:
            expected = columns["barrier_state"] == 5.0
            np.testing.assert_array_equal(head.target[head.known], expected)
    shares = [heads["tradeable_2", horizon].target for horizon in horizons]
    assert np.nanmean(shares[0]) < np.nanmean(shares[1]) < np.nanmean(shares[2])


def test_ablations_read_one_family_each(
    lake: Lake, reader: duckdb.DuckDBPyConnection, monkeypatch: pytest.MonkeyPatch
) -> None:
    up, _ = read_events(reader, "ES", NAMES, ablations=True)
    assert {one.name: one.names for one in up.claimants if one.name.startswith("trees_of_")} == {
        "trees_of_context": ("dist_to_tested_level_ticks", "minutes_since_open"),
        "trees_of_kinematics": ("velocity_1min",),
        "trees_of_mechanics": ("barrier_state",),
    }
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    arguments = ["train", "--workers", "1", "--claimants", "break_score", "--to", "2025-10-14"]
    printed = CliRunner().invoke(cli, [*arguments, "--ablations", "--json"])
    assert printed.exit_code == 0, printed.output
    judged = {
        (row["unit"], row["model"])
        for row in json.loads(printed.stdout)
        if row["model"].startswith("trees_of_")
    }
    assert judged == {
        ("event", f"trees_of_{family}") for family in ("context", "kinematics", "mechanics")
    }


def test_days_bound_what_is_read(reader: duckdb.DuckDBPyConnection) -> None:
    days = (dt.date(2025, 10, 4), dt.date(2025, 10, 20))
    decisions = read_decisions(reader, "ES", "s240", vars_with(), NAMES, days)
    for job in (*decisions, *read_events(reader, "ES", NAMES, days)):
        dates = job.windows.session_dates.astype(object)
        assert (dates[0], dates[-1]) == days
        assert (job.windows.samples.day.min(), job.windows.samples.day.max()) == (0, 16)
        assert len(job.features.own) == len(job.windows.samples)


def test_a_training_fills_the_relations(
    lake: Lake, without_dbt: list[list[str]], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    printed = CliRunner().invoke(cli, ["train", "--workers", "1", "--json"])
    assert printed.exit_code == 0, printed.output
    rows = json.loads(printed.stdout)
    assert {row["unit"] for row in rows} == UNITS
    registry = pq.read_table(table_path(lake, REGISTRY)).to_pylist()
    for row in registry:
        assert read_artefact(lake, row["model_id"], row["content_hash"])
    folders = {path.name for path in lake.models.iterdir() if path.is_dir()}
    assert folders == {row["content_hash"] for row in registry}
    claimants = {unit: {r["claimant"] for r in registry if r["unit"] == unit} for unit in UNITS}
    assert claimants == {
        "approaching": {*NAMES, SEQUENCES},
        "event": {"trees_stage_a", "trees_stage_b"},
    }
    of_heads = {(row["unit"], row["head"], row["horizon_id"]) for row in rows}
    assert of_heads == {
        *((unit, head, "s240") for unit in UNITS for head in ("outcome", "break_or_reject")),
        *(("approaching", f"reach_{seconds}", "s240") for seconds in (60, 120)),
        *(("event", "tradeable_2", horizon) for horizon in ("s120", "s240", "s480")),
        ("event", "strength_signed", "s240"),
    }
    stated = pq.read_table(table_path(lake, PREDICTIONS)).to_pylist()
    assert {row["head"] for row in stated} == {"outcome"}
    # those of sequences are compared with all others on first decisions
    models = {
        slice_: {row["model"] for row in rows if row["slice"] == slice_ and row["unit"] != "event"}
        for slice_ in ("all", "first")
    }
    assert models["first"] - models["all"] == {SEQUENCES}
    assert models["all"] < models["first"]
    n_windows = {
        row["slice"]: row["n_windows"]
        for row in rows
        if (row["head"], row["unit"], row["approach_dir"], row["model"])
        == ("outcome", "approaching", "approach_up", "base_rate")
    }
    first_judged = 10 + 1
    assert n_windows["first"] == (N_DAYS - first_judged) * 12 < n_windows["all"]
    assert [arguments[:5] for arguments in without_dbt] == [
        ["--quiet", "--select", "model_registry", "model_predictions", "model_metrics"]
    ]
    # vectors carry the outcome, so that trees over all features gain
    [gain] = [
        row["skill"]
        for row in rows
        if (row["model"], row["unit"], row["approach_dir"], row["head"], row["slice"])
        == ("trees_stage_b", "approaching", "approach_up", "outcome", "all")
    ]
    assert gain > 0.05
    again = training.train(lake, claimants=["named_logistic"], workers=1)
    assert {row["unit"] for row in again} == {"approaching"}
    stored = pq.read_table(table_path(lake, PREDICTIONS)).to_pylist()
    assert {row["claimant"] for row in stored} == {"named_logistic"}
    kept = {path.name for path in lake.models.iterdir() if path.is_dir()}
    assert kept == {r["content_hash"] for r in registry if r["claimant"] == "named_logistic"}


def test_too_few_days_are_said(lake: Lake) -> None:
    with pytest.raises(SpymasterError, match="no day can be judged"):
        training.train(lake, days=(None, dt.date(2025, 10, 6)), workers=1)
    after = dt.date(2025, 10, 1) + dt.timedelta(days=N_DAYS)
    with pytest.raises(SpymasterError, match="no labelled decision"):
        training.train(lake, days=(after, None), workers=1)


def test_the_table_names_every_model(
    lake: Lake, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    monkeypatch.setenv("COLUMNS", "200")
    arguments = ["train", "--workers", "1", "--claimants", "named_logistic"]
    printed = CliRunner().invoke(cli, arguments)
    assert printed.exit_code == 0, printed.output
    for name in ("base_rate_by_distance", "first_passage", "named_logistic"):
        assert name in printed.output
