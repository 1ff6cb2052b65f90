"""What a training writes: rows of the relations, artefacts that are checked, and clear errors."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pytest
from click.testing import CliRunner
from spymaster.cli import cli
from spymaster.evaluation.read import Windows
from spymaster.evaluation.result_rows import Scope, judgement_of
from spymaster.evaluation.result_tables import rows_as_table
from spymaster.training import claimants
from spymaster.training.artefact_files import (
    load_model,
    read_artefact,
    remove_others,
    write_artefact,
)
from spymaster.training.claimants import CLAIMANTS as ALL_CLAIMANTS
from spymaster.training.claimants import NAMED_FEATURES, of_decisions, require_known
from spymaster.training.judged_jobs import JudgedJob, train_all
from spymaster.training.scopes import TrainingJob
from spymaster.training.tables import METRICS, PREDICTIONS, REGISTRY, SCHEMAS
from spymaster_engine.statistics.claimants import trees
from spymaster_engine.statistics.evaluation.samples import unit_windows
from spymaster_engine.statistics.evaluation.verdict import RIVALS
from spymaster_engine.statistics.retrieval.outcomes import CHOP
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.claimant_walks import CLAIMANTS, PROTOCOL, features_of, market, walked

SAMPLES = market(n_days=26)
FIRST_JUDGED = PROTOCOL.evaluation_warm_up_days + PROTOCOL.embargo_days
DATES = np.datetime64("2025-10-01") + np.arange(26)


def job() -> TrainingJob:
    """Return a job whose retrieval states the shares of the outcomes."""
    ends = DATES.astype("datetime64[s]")[SAMPLES.day] + (SAMPLES.window_end_s % 86_400).astype(
        "timedelta64[s]"
    )
    levels = ["or_high", "pm_high", "sma_90"]
    key = pa.table(
        {
            "symbol": ["ESZ5"] * len(SAMPLES),
            "dt": pa.array(DATES[SAMPLES.day]),
            "level_id": np.array(levels)[SAMPLES.level],
            "window_end_ts": pa.array(ends.astype("datetime64[us]")),
            "episode_id": [f"episode-{code}" for code in SAMPLES.episode],
        }
    )
    windows = Windows(SAMPLES, key, levels, DATES, np.zeros(len(SAMPLES), np.bool_))
    retrieval = np.full((len(SAMPLES), 3), 1.0 / 3.0)
    return TrainingJob(
        Scope("ES", "approach_up", "s240"),
        "approaching",
        windows,
        features_of(SAMPLES),
        list(CLAIMANTS),
        {"retrieval_learned": retrieval},
    )


@pytest.fixture(scope="module")
def result() -> JudgedJob:
    [found] = train_all([job()], PROTOCOL, "code", workers=1)
    return found


def test_every_prediction_is_of_a_registered_model(result: JudgedJob) -> None:
    registry = {row["model_id"]: row for row in result.rows[REGISTRY]}
    predictions = result.predictions.to_pylist()
    assert {row["model_id"] for row in predictions} == registry.keys()
    for row in predictions:
        model = registry[row["model_id"]]
        assert model["first_dt"] <= row["fold_dt"] <= model["last_dt"]
        # the embargo: a trading day lies between
        assert (row["fold_dt"] - model["last_train_dt"]).days >= 2
        assert model["claimant"] == row["claimant"]
    assert result.artefacts.keys() == {model["content_hash"] for model in registry.values()}
    assert result.predictions.schema.equals(SCHEMAS[PREDICTIONS])


def test_a_model_knows_the_verdict_of_the_days_before_it(result: JudgedJob) -> None:
    odds, units = walked(SAMPLES).odds, unit_windows(SAMPLES)
    found = {}
    for row in result.rows[REGISTRY]:
        first_day = int(np.searchsorted(DATES, np.datetime64(row["first_dt"])))
        earlier = units & (SAMPLES.day < first_day) & np.isfinite(odds[row["claimant"]][:, 0])
        of_days = {name: odds[name] for name in (*RIVALS, row["claimant"])}
        claim = judgement_of(SAMPLES, of_days, earlier, PROTOCOL).claim(row["claimant"])
        found[row["claimant"], first_day] = claim.verdict
        assert row["verdict_before"] == claim.verdict
    assert found["trees", FIRST_JUDGED] == "too few episodes"
    assert found["trees", FIRST_JUDGED + 12] != "too few episodes"


def test_predictions_are_those_of_the_artefacts(result: JudgedJob) -> None:
    """Reading the file again gives the odds that were published."""
    rows = {row["model_id"]: row for row in result.rows[REGISTRY]}
    places = {
        end: place for place, end in enumerate(job().windows.key["window_end_ts"].to_pylist())
    }
    for name, model in rows.items():
        if model["claimant"] != "trees":
            continue
        loaded = trees.load(result.artefacts[model["content_hash"]], model["content_hash"])
        own = [row for row in result.predictions.to_pylist() if row["model_id"] == name]
        at = np.array([places[row["window_end_ts"]] for row in own])
        inputs = trees.Matrix(SAMPLES.vector[at], SAMPLES.day[at])
        stated = [[row[f"p_{which}_raw"] for which in ("break", "reject", "chop")] for row in own]
        np.testing.assert_array_equal(loaded.predict(inputs), stated)


def test_rows_have_the_columns_of_their_relations(result: JudgedJob) -> None:
    for name, rows in result.rows.items():
        assert all(row.keys() <= set(SCHEMAS[name].names) for row in rows)
        table = rows_as_table(rows, SCHEMAS[name])
        assert table.num_rows == len(rows) > 0
    registry = rows_as_table(result.rows[REGISTRY], SCHEMAS[REGISTRY])
    assert not any(column.null_count for column in registry.columns)


def test_maps_learn_from_earlier_days(result: JudgedJob) -> None:
    """The first days have too few predictions for a map, later ones have one."""
    rows = result.predictions.to_pylist()
    mapped = {row["fold_dt"] for row in rows if row["p_break"] is not None}
    unmapped = {row["fold_dt"] for row in rows if row["p_break"] is None}
    assert unmapped
    assert mapped
    assert max(unmapped) < min(mapped)


def test_every_model_is_scored_on_the_same_decisions(result: JudgedJob) -> None:
    rows = result.rows[METRICS]
    assert {row["model"] for row in rows if row["slice"] == "all"} == {
        *RIVALS,
        *(claimant.name for claimant in CLAIMANTS),
        "retrieval_learned",
    }
    for head in ("outcome", "break_or_reject"):
        own = [row for row in rows if (row["head"], row["slice"]) == (head, "all")]
        assert len({row["n_windows"] for row in own}) == 1
        by_model = {row["model"]: row for row in own}
        # a third each, or a half each where it was decided
        shares = 3 if head == "outcome" else 2
        assert by_model["retrieval_learned"]["log_loss"] == pytest.approx(np.log(shares))
        best = min((by_model[name]["log_loss"], name) for name in RIVALS)
        assert by_model["trees"]["best_rival"] == best[1]
        gain = best[0] - by_model["trees"]["log_loss"]
        assert by_model["trees"]["skill"] == pytest.approx(gain, abs=1e-12)
    n_windows = {row["head"]: row["n_windows"] for row in rows if row["slice"] == "all"}
    units = result.predictions.filter(
        pa.compute.equal(result.predictions["claimant"], "trees")
    ).to_pylist()
    n_chop = sum(row["outcome"] == "CHOP" for row in units)
    assert CHOP == 2
    assert n_windows == {"outcome": len(units), "break_or_reject": len(units) - n_chop}


@pytest.fixture
def lake(tmp_path: Path) -> Lake:
    made = Lake(tmp_path / "lake")
    made.models.mkdir(parents=True)
    return made


def test_an_altered_artefact_is_refused_by_name(lake: Lake, result: JudgedJob) -> None:
    model = result.rows[REGISTRY][0]
    artefact = result.artefacts[model["content_hash"]]
    sha256 = write_artefact(lake, artefact)
    assert sha256 == model["content_hash"]
    assert read_artefact(lake, model["model_id"], sha256) == artefact
    path = next((lake.models / sha256).iterdir())
    content = bytearray(path.read_bytes())
    content[-2] ^= 1
    path.write_bytes(bytes(content))
    with pytest.raises(SpymasterError) as error:
        read_artefact(lake, model["model_id"], sha256)
    assert model["model_id"] in str(error.value)
    assert "altered" in str(error.value)


def test_a_model_is_loaded_by_its_registry_row(lake: Lake, result: JudgedJob) -> None:
    """Whichever claimant it is, it states the published odds again."""
    few = trees.Matrix(SAMPLES.vector[:7], SAMPLES.day[:7])
    named = trees.Matrix(SAMPLES.vector[:7, :6], SAMPLES.day[:7])
    for row in result.rows[REGISTRY]:
        artefact = result.artefacts[row["content_hash"]]
        write_artefact(lake, artefact)
        model = load_model(lake, row["model_id"], row["content_hash"])
        assert model.artefact().keys() == artefact.keys()
        odds = model.predict(named if row["claimant"] == "named_logistic" else few)
        np.testing.assert_allclose(odds.sum(axis=1), 1.0)


def test_a_missing_artefact_is_named(lake: Lake) -> None:
    with pytest.raises(SpymasterError, match=r"model some.*missing"):
        read_artefact(lake, "some", "0" * 64)


def test_artefacts_that_nothing_names_are_removed(lake: Lake) -> None:
    kept, old = (write_artefact(lake, {"a": text}) for text in (b"kept", b"old"))
    (lake.models / ".unfinished-some").mkdir()
    (lake.models / "model_registry.parquet").write_bytes(b"")
    (lake.models / "of_a_user").mkdir()
    remove_others(lake, {kept})
    assert {path.name for path in lake.models.iterdir()} == {
        kept,
        "model_registry.parquet",
        "of_a_user",
    }
    assert old != kept


def test_an_unknown_claimant_is_named() -> None:
    with pytest.raises(SpymasterError, match=r"claimant oracle.*named_logistic"):
        require_known(["oracle"])
    require_known(ALL_CLAIMANTS)


def test_networks_need_an_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(claimants, "find_spec", lambda module: None)
    with pytest.raises(SpymasterError, match=r"claimant perceptron.*`deep`"):
        require_known(["kernels", "perceptron"])
    require_known(["kernels"])
    assert not {"perceptron", "transformer"} & set(claimants.DEFAULT)


def test_bounds_hold_the_odds_of_earlier_days(result: JudgedJob) -> None:
    rows = [row for row in result.predictions.to_pylist() if row["p0_break"] is not None]
    assert rows
    assert {row["fold_dt"] for row in rows} == {
        row["fold_dt"] for row in result.predictions.to_pylist() if row["p_break"] is not None
    }
    for row in rows:
        for outcome in ("break", "reject", "chop"):
            assert 0.0 <= row[f"p0_{outcome}"] < row[f"p1_{outcome}"] <= 1.0


def test_the_named_regression_reads_ten_features() -> None:
    [claimant] = of_decisions(["named_logistic"], NAMED_FEATURES, "at", has_fixed_barriers=True)
    assert claimant.names == NAMED_FEATURES
    assert len(claimant.names) == 10


def test_without_a_published_file_it_says_what_to_do(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    found = CliRunner().invoke(cli, ["train"])
    assert found.exit_code != 0
    assert "nothing is published yet" in str(found.exception) + found.output
    found = CliRunner().invoke(cli, ["train", "--claimants", "oracle"])
    assert "claimant oracle" in str(found.exception) + found.output
