"""The output of an evaluation: rows of every relation, a report and pictures."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from click.testing import CliRunner
from matplotlib.image import imread
from spymaster.cli import cli
from spymaster.evaluation.read import Windows
from spymaster.evaluation.report import report_sentence, write_report
from spymaster.evaluation.result_rows import Scope, last_library_day
from spymaster.evaluation.result_tables import SCHEMAS, table_path, write_tables
from spymaster.evaluation.run_scopes import evaluate_all
from spymaster_engine.statistics.evaluation.ablations import AblationParts
from spymaster_engine.statistics.evaluation.calibration import LogisticCurve, mapped
from spymaster_engine.statistics.evaluation.reaching import REACH_MODELS
from spymaster_engine.statistics.evaluation.walk_forward import MODELS
from spymaster_engine.statistics.retrieval.learned import Penalties
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, Lake
from support.evaluation_market import ALL_USED, artificial_samples
from support.settings import protocol

PROTOCOL = protocol(
    used=ALL_USED,
    evaluation_warm_up_days=8,
    learned_refit_days=8,
    penalties=(Penalties(30.0, 30.0),),
    learned_episodes_per_neighbor=6,
)
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
    # every third episode has a decision at its last window
    last = np.append(np.diff(samples.episode) != 0, True)
    decisions = last & (samples.episode % 3 == 0)
    return Windows(samples, key, LEVELS, dates, decisions)


def with_parts(windows: Windows) -> tuple[Windows, AblationParts]:
    """Return windows and their ablations; only three elements carry the outcome."""
    elements = np.arange(windows.samples.vector.shape[1])
    blocks = {"informative": elements < 3, "noise": elements >= 3}
    informative = windows.samples.vector[:, :3]
    gex = np.array([False, False, False, True])
    return windows, AblationParts(blocks, gex, {"informative_only": informative})


@pytest.fixture(scope="module")
def tables() -> dict[str, pa.Table]:
    jobs = [
        (Scope("ES", "approach_up", "s240"), *with_parts(windows(1.0, 5))),
        (Scope("ES", "approach_down", "s240"), windows(0.0, 6), None),
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


def test_predictions_cover_every_model_with_earlier_libraries(
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


def test_published_maps_reproduce_the_mapped_odds(tables: dict[str, pa.Table]) -> None:
    rows = [
        row for row in tables["eval_retrieval_predictions"].to_pylist() if row["slice"] == "all"
    ]
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
    for (day, *at, direction), odds in expected.items():
        maps = tuple(curves[day, direction])
        assert mapped(stated[day, *at, direction], maps) == pytest.approx(odds, abs=1e-12)
    # one more for what comes next
    days = {day for day, *_ in expected}
    assert {day for day, _ in curves} == days | {max(days) + dt.timedelta(days=1)}


def test_verdicts_differ_between_the_two_markets(tables: dict[str, pa.Table]) -> None:
    assert verdict_of(tables, "approach_up")["skill_lo"] > 0
    assert verdict_of(tables, "approach_down")["verdict"] == "not shown"
    by_level = [
        row for row in tables["eval_retrieval_verdict"].to_pylist() if row["scope"] == "level"
    ]
    assert {row["level_id"] for row in by_level} == set(LEVELS)
    # fewer than 300 each
    assert {row["verdict"] for row in by_level} == {"too few episodes"}


def test_given_decisions_are_judged_apart(tables: dict[str, pa.Table]) -> None:
    given_windows = windows(1.0, 5)
    given = given_windows.key.filter(pa.array(given_windows.decisions)).to_pylist()
    expected = {(row["episode_id"], row["window_end_ts"]) for row in given}
    rows = [
        row
        for row in tables["eval_retrieval_predictions"].to_pylist()
        if (row["approach_dir"], row["slice"], row["model"])
        == ("approach_up", "decisions", "retrieval_learned")
    ]
    assert {(row["episode_id"], row["window_end_ts"]) for row in rows} < expected
    [claim] = [
        row
        for row in tables["eval_retrieval_verdict"].to_pylist()
        if (row["approach_dir"], row["scope"], row["model"])
        == ("approach_up", "decisions", "retrieval_learned")
    ]
    assert claim["n_episodes"] == len(rows) == len({row["episode_id"] for row in rows})
    chances = {row["episode_id"]: max(row[f"p_{row['outcome'].lower()}"], 1e-6) for row in rows}
    [loss] = [
        row["value"]
        for row in tables["eval_retrieval_metrics"].to_pylist()
        if (row["approach_dir"], row["slice"], row["model"], row["metric"])
        == ("approach_up", "decisions", "retrieval_learned", "log_loss")
    ]
    assert loss == pytest.approx(-np.mean(np.log(list(chances.values()))), abs=1e-12)


def test_stated_quantiles_are_judged(tables: dict[str, pa.Table]) -> None:
    found = {
        (row["model"], row["metric"]): row
        for row in tables["eval_retrieval_metrics"].to_pylist()
        if (row["approach_dir"], row["slice"]) == ("approach_up", "all")
    }
    for name, share in (("mfe_q50_ticks", 0.5), ("mfe_q80_ticks", 0.8), ("mae_q80_ticks", 0.8)):
        for model in ("retrieval_learned", "base_rate"):
            assert found[model, f"coverage_{name}"]["value"] == pytest.approx(share, abs=0.1)
            assert found[model, f"pinball_{name}"]["value"] > 0
    # outcomes shift excursions, and neighbors know something of outcomes; 26 days are too few for
    # a bound above 0 in every such market
    assert found["retrieval_learned", "pinball_gain_mfe_q50_ticks"]["value"] > 0.05
    assert found["retrieval_learned", "n_eff_median"]["lo"] is None
    # episodes, of which a window has up to three neighbors
    assert 15 <= found["retrieval_learned", "n_eff_median"]["value"] <= 60
    assert found["retrieval_learned", "censored_share"]["value"] == 0.0
    assert found["base_rate", "reached_share"]["value"] == 1.0
    for model in REACH_MODELS:
        assert found[model, "reached_log_loss"]["value"] == pytest.approx(0.0, abs=1e-5)


def test_verdicts_are_stored_as_of_each_judged_day(tables: dict[str, pa.Table]) -> None:
    rows = [
        row
        for row in tables["eval_retrieval_verdict_asof"].to_pylist()
        if (row["approach_dir"], row["model"]) == ("approach_up", "retrieval_learned")
    ]
    judged = sorted(
        {
            row["dt"]
            for row in tables["eval_retrieval_predictions"].to_pylist()
            if (row["approach_dir"], row["slice"], row["model"])
            == ("approach_up", "all", "retrieval_learned")
        }
    )
    last = judged[-1] + dt.timedelta(days=1)
    assert [row["asof_dt"] for row in rows] == [*judged[1:], last]
    # a verdict uses the days before it only
    assert [row["n_days"] for row in rows] == list(range(1, len(judged) + 1))
    assert {row["verdict"] for row in rows[:9]} == {"too few episodes"}
    whole = verdict_of(tables, "approach_up")
    assert {key: rows[-1][key] for key in ("skill", "skill_lo", "ece", "verdict")} == {
        key: whole[key] for key in ("skill", "skill_lo", "ece", "verdict")
    }
    assert rows[-1]["verdict_run"] == f"retrieval_learned_{last}"


def test_ablations_show_which_features_matter(tables: dict[str, pa.Table]) -> None:
    found = {
        row["model"].removeprefix("ablation_"): row
        for row in tables["eval_retrieval_metrics"].to_pylist()
        if (row["approach_dir"], row["slice"], row["metric"])
        == ("approach_up", "all", "skill_vs_ablation_whole")
    }
    assert set(found) == {
        "without_vector",
        "without_context",
        "with_differences",
        "only_informative",
        "only_noise",
        "informative_only",
    }
    for variant in ("without_vector", "only_noise"):
        assert found[variant]["hi"] < 0, variant
    for variant in ("only_informative", "informative_only", "without_context"):
        assert found[variant]["value"] > max(
            found["without_vector"]["value"], found["only_noise"]["value"]
        )


def test_reliability_holds_the_whole_sample(tables: dict[str, pa.Table]) -> None:
    rows = [
        row
        for row in tables["eval_retrieval_reliability"].to_pylist()
        if (row["approach_dir"], row["slice"], row["model"])
        == ("approach_up", "all", "retrieval_learned")
    ]
    episodes = verdict_of(tables, "approach_up")["n_episodes"]
    for outcome in ("BREAK", "REJECT", "CHOP"):
        bins = [row for row in rows if row["outcome"] == outcome]
        assert sum(row["weight"] for row in bins) == pytest.approx(episodes)
        assert all(
            row["observed_lo"] <= row["observed_share"] <= row["observed_hi"] for row in bins
        )


def test_the_report_prints_the_computed_verdict(
    tables: dict[str, pa.Table], tmp_path: Path
) -> None:
    text = write_report(tables, tmp_path, ["judged so"]).read_text()
    for direction in ("approach_up", "approach_down"):
        assert report_sentence(verdict_of(tables, direction)) in text
    assert "judged so" in text
    for name in (
        "skill-ES-s240.png",
        "reliability-ES-s240.png",
        "skill-ES-s240-decisions.png",
        "reliability-ES-s240-decisions.png",
    ):
        assert name in text
        picture = imread(tmp_path / name)
        assert picture.shape[0] > 300
        assert len(np.unique(picture.reshape(-1, picture.shape[2]), axis=0)) > 50


def test_tables_are_replaced_as_a_whole(tables: dict[str, pa.Table], tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    for _ in range(2):
        write_tables(lake, tables, "{}")
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


def test_without_a_warehouse_the_command_fails_with_a_remedy(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(LAKE_VARIABLE, str(tmp_path))
    with pytest.raises(SpymasterError, match="nothing is published yet"):
        CliRunner().invoke(cli, ["evaluate"], catch_exceptions=False)
