"""Surfaces, scores and calibration are rebuilt only where their inputs changed."""

from __future__ import annotations

import datetime as dt
import shutil
from dataclasses import dataclass

import duckdb
import numpy as np
import pytest
from support.lakes import SURFACES, partition_files
from support.small_days import (
    DAYS,
    SmallLake,
    drop_groups,
    group_starts,
    seconds_of,
    small_day,
    symbol_of,
)

pytestmark = pytest.mark.long

ROOT = "INCR"
FIRST, SECOND, THIRD, FOURTH, FIFTH = SESSIONS = DAYS[:5]
# the second half of a busy minute comes after the study window
STUDY_END, STUDY_END_S = "00:03", 180
CALIBRATION = "physics_norm_calibration"
# views have no files, but record their rebuilt partitions
FILES = ("vacuum_cells_1s", "radar_vacuum_1s", "vacuum_metric_counts", "physics_bands_1s")
GRIDS = ("vacuum_metrics_1s",)
SCORES = ("vacuum_surface_1s", "physics_surface_1s", "physics_bands_1s")
NARROW_TICKS, WIDE_TICKS = 10, 25

Partition = tuple[str, dt.date]


@dataclass(frozen=True)
class Stage:
    """Result of a run.

    Attributes:
        files: write time of every file of a partitioned relation, by relation, date, name.
        state: input fingerprint and model checksum per relation and date.
        quantiles: all quantiles of a date.
    """

    files: dict[tuple[str, dt.date, str], int]
    state: dict[Partition, tuple[str, str]]
    quantiles: dict[dt.date, tuple]


def run_stage(lake: SmallLake, **variables: object) -> Stage:
    lake.run(*SURFACES, rth_end=STUDY_END, **variables)
    return Stage(
        files={
            (path.parts[-4], dt.date.fromisoformat(path.parts[-2][3:]), path.name): (
                path.stat().st_mtime_ns
            )
            for path in partition_files(lake.lake)
        },
        state={
            (relation, day): tuple(versions)
            for relation, day, *versions in lake.ask(
                "select relation, dt, input_fingerprint, model_checksum from meta.partition_state"
            )
        },
        quantiles={
            day: tuple(sorted(rows))
            for day, rows in lake.ask(
                "select dt, list((valid_from_ts, metric_name, coalesce(q05, -1), "
                f"coalesce(q95, -1))) from gold.{CALIBRATION} group by dt"
            )
        },
    )


@pytest.fixture(scope="module")
def history(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    lake = SmallLake(tmp_path_factory.mktemp("increments"), [ROOT])
    days = {(ROOT, day): small_day(day) for day in SESSIONS}
    lake.land(days)
    stages = {"first": run_stage(lake)}
    stages["unrelated var"] = run_stage(lake, dominance_min=0.5, exact_fill_match_min=0.9)

    lake.land({(ROOT, SECOND): changed_after_study(days[ROOT, SECOND])})
    stages["day changed after its study window"] = run_stage(lake)
    lake.land({(ROOT, SECOND): small_day(SECOND, seed=2)})
    stages["day changed"] = run_stage(lake)

    with duckdb.connect(str(lake.lake.warehouse)) as connection:
        connection.execute(
            "update reference.physics_weights "
            "set weight = weight + case weight_name when 'vacuum' then -0.1 else 0.1 end "
            "where weight_name in ('vacuum', 'erosion')"
        )
    stages["weights changed"] = run_stage(lake)
    stages["narrow grid"] = run_stage(lake, vacuum_max_ticks=NARROW_TICKS)

    shutil.rmtree(lake.lake.bronze_partition("future", symbol_of(ROOT), "mbo", FIRST))
    stages["day removed, wide grid"] = run_stage(lake, vacuum_max_ticks=WIDE_TICKS)
    return stages


def changed_after_study(records: np.ndarray) -> np.ndarray:
    starts = group_starts(records)
    start = int(starts[seconds_of(records)[starts] >= STUDY_END_S][0])
    return drop_groups(records, start, np.random.default_rng(3))


def written(before: Stage, after: Stage) -> set[Partition]:
    """Return partitions with a newly written file."""
    return {file[:2] for file, time in after.files.items() if before.files.get(file) != time}


def recorded(before: Stage, after: Stage) -> set[Partition]:
    """Return partitions recorded as built from other input than before."""
    return {
        partition
        for partition, versions in after.state.items()
        if before.state.get(partition) != versions
    }


def partitions(relations: tuple[str, ...], *days: dt.date) -> set[Partition]:
    return {(relation, day) for relation in relations for day in days}


def test_the_first_run_builds_every_partition_once(history: dict[str, Stage]) -> None:
    first = history["first"]
    assert sorted(file[:2] for file in first.files) == sorted(partitions(FILES, *SESSIONS))
    assert partitions((*FILES, CALIBRATION, *GRIDS, *SCORES), *SESSIONS) <= first.state.keys()


def test_a_var_that_shapes_nothing_builds_nothing(history: dict[str, Stage]) -> None:
    assert history["unrelated var"] == history["first"]


def test_a_changed_day_rebuilds_itself_and_later_days_that_depend_on_it(
    history: dict[str, Stage],
) -> None:
    before, after = history["day changed after its study window"], history["day changed"]
    assert written(before, after) == (
        partitions(FILES, SECOND) | partitions(("physics_bands_1s",), THIRD, FOURTH)
    )
    surfaces = {
        partition for partition in recorded(before, after) if partition[0] in (*SCORES, CALIBRATION)
    }
    assert surfaces == partitions((*SCORES, CALIBRATION), SECOND, THIRD, FOURTH)
    assert {day for _, day in recorded(before, after)} == {SECOND, THIRD, FOURTH}
    changed = {day for day in SESSIONS if before.quantiles[day] != after.quantiles[day]}
    assert changed == {SECOND, THIRD, FOURTH}


def test_scores_stay_when_a_new_calibration_has_the_same_quantiles(
    history: dict[str, Stage],
) -> None:
    before, after = history["unrelated var"], history["day changed after its study window"]
    assert written(before, after) == partitions(FILES, SECOND)
    changes = recorded(before, after)
    assert {day for relation, day in changes if relation == CALIBRATION} == {SECOND, THIRD, FOURTH}
    assert {day for relation, day in changes if relation != CALIBRATION} == {SECOND}
    assert {day for day in SESSIONS if before.quantiles[day] != after.quantiles[day]} <= {SECOND}


def test_changed_weights_rebuild_the_weighted_scores(history: dict[str, Stage]) -> None:
    before, after = history["day changed"], history["weights changed"]
    assert written(before, after) == partitions(("physics_bands_1s",), *SESSIONS)
    assert recorded(before, after) == partitions(SCORES, *SESSIONS)
    assert after.quantiles == before.quantiles


def test_a_narrower_grid_rebuilds_the_relations_on_the_grid(history: dict[str, Stage]) -> None:
    before, after = history["weights changed"], history["narrow grid"]
    counts_and_scores = ("vacuum_metric_counts", "physics_bands_1s")
    assert written(before, after) == partitions(counts_and_scores, *SESSIONS)
    assert recorded(before, after) == partitions(
        (*GRIDS, "vacuum_metric_counts", CALIBRATION, *SCORES), *SESSIONS
    )


def test_a_grid_wider_than_the_zone_rebuilds_the_cells(history: dict[str, Stage]) -> None:
    before, after = history["narrow grid"], history["day removed, wide grid"]
    assert written(before, after) == partitions(FILES, *SESSIONS[1:])


def test_a_removed_day_leaves_every_relation(history: dict[str, Stage]) -> None:
    after = history["day removed, wide grid"]
    assert {day for _, day in after.state} == set(SESSIONS[1:])
    assert after.quantiles.keys() == set(SESSIONS[1:])
