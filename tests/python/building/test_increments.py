"""A build processes only new or changed input: one lake goes through landings and builds."""

from __future__ import annotations

import json
import re
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pytest
from spymaster_engine.door import KERNELS
from spymaster_engine.door.book import BOOK_ENGINE
from spymaster_ingest.lake import Lake
from spymaster_ingest.landing.manifest import MANIFEST_NAME
from support import lakes
from support.built_lakes import Built, Raw

FIRST, SECOND, THIRD = lakes.DAYS
ES_FIRST, ES_SECOND, ES_THIRD = (f"{lakes.ES}|{day}" for day in lakes.DAYS)
CL_FIRST = f"{lakes.CL}|{FIRST}"
BUSY_FROM, BUSY_TO = "20:06", "20:07"
NARROW_TICKS = 50


@dataclass(frozen=True)
class Stage:
    """Work and result of a build.

    Attributes:
        passes: contract-days the engine replayed, `symbol|dt`.
        manifest: fingerprint and output hash per contract-day.
        files: the engine's files with their write times.
        state: rows of meta.partition_state.
        hashes: content hash per relation of silver and gold.
        partitions: contract-days per relation of the engine.
        walls: per contract-day wall rows, first and last second, furthest tick.
        results: dbt's node results.
    """

    passes: list[str]
    manifest: dict[str, tuple]
    files: dict[str, int]
    state: set[tuple]
    hashes: dict[str, str]
    partitions: dict[str, list[str]]
    walls: dict[str, tuple]
    results: list


def run_stage(lake: Lake, *, is_tested: bool = False, **variables: object) -> Stage:
    """Build, with data tests or without, and collect the result."""
    passes: list[str] = []
    replay = BOOK_ENGINE.run

    def recording(orders: Any, prices: Any, settings: dict[str, Any]) -> Any:
        passes.append(day_of[settings["input_content_hash"]])
        return replay(orders=orders, prices=prices, settings=settings)

    day_of = {
        json.loads(path.read_text())["content_hash"]: "|".join(
            part.partition("=")[2] for part in (path.parts[-4], path.parts[-2])
        )
        for path in lake.bronze.rglob(f"table=mbo/*/{MANIFEST_NAME}")
    }
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(KERNELS, "book_engine", replace(BOOK_ENGINE, run=recording))
        build = lakes.build if is_tested else lakes.build_models
        results = build(lake, *lakes.WITHOUT_LEVELS, **variables)
    keyed = "select symbol || '|' || dt as partition_key"
    return Stage(
        passes=passes,
        manifest={
            key: row
            for key, *row in lakes.ask(
                lake,
                "select partition_key, input_fingerprint, output_content_hash "
                "from silver.book_engine_manifest inner join meta.partition_state "
                "on owner = symbol and partition_state.dt = book_engine_manifest.dt "
                "where relation = 'book_engine_manifest'",
            )
        },
        files=lakes.engine_files(lake),
        state=lakes.partition_state(lake),
        hashes=lakes.content_hashes(lake),
        partitions={
            relation: [
                key
                for (key,) in lakes.ask(
                    lake, f"{keyed} from silver.{relation} group by all order by all"
                )
            ]
            for relation in (*lakes.ENGINE_RELATIONS, "book_engine_manifest")
        },
        walls={
            key: tuple(row)
            for key, *row in lakes.ask(
                lake,
                f"{keyed}, count(*), min(window_start_ts), max(window_start_ts), "
                "max(abs(rel_ticks)) from silver.wall_surface_1s group by all",
            )
        },
        results=results,
    )


@pytest.fixture(scope="module")
def history(built: Built, raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Stage]:
    lake = Lake(tmp_path_factory.mktemp("history") / "lake")
    shutil.copytree(built.lake.root, lake.root)
    stages = {"nothing new": run_stage(lake, is_tested=True)}
    lakes.land_raw(lake, raw.es[THIRD])
    stages["day added"] = run_stage(lake, is_tested=True)
    stages["window changed"] = run_stage(
        lake,
        start_date=SECOND,
        end_date=SECOND,
        surface_window=(BUSY_FROM, BUSY_TO),
    )
    stages["width changed"] = run_stage(
        lake,
        symbols=[lakes.CL],
        surface_window=(BUSY_FROM, BUSY_TO),
        wall_max_ticks=NARROW_TICKS,
        level_max_k_ticks=NARROW_TICKS // 2,
    )
    shutil.rmtree(lake.bronze_partition("future", lakes.ES, "mbo", FIRST))
    lakes.land_raw(lake, raw.changed, overwrite=True)
    stages["removed and landed again"] = run_stage(lake)
    return stages


def rebuilt(before: Stage, after: Stage) -> set[str]:
    """Return contract-days whose manifest row is new or differs."""
    return {key for key, row in after.manifest.items() if before.manifest.get(key) != row}


def written(before: Stage, after: Stage) -> set[str]:
    """Return contract-days below whose engine directory a file was written."""
    paths = [path for path, time in after.files.items() if before.files.get(path) != time]
    return {"|".join(part.partition("=")[2] for part in Path(path).parts[-3:-1]) for path in paths}


def test_a_build_with_nothing_new_processes_nothing(
    history: dict[str, Stage], built: Built
) -> None:
    stage = history["nothing new"]
    assert stage.passes == []
    # the lake was copied: its unchanged write times show that even a moved lake is not rebuilt
    assert stage.files == lakes.engine_files(built.lake)
    assert stage.hashes == built.hashes
    assert stage.state == lakes.partition_state(built.lake)


def test_tests_of_unchanged_partitions_read_nothing(
    history: dict[str, Stage], built: Built
) -> None:
    relations = {f"model.spymaster.{name}" for name in lakes.ENGINE_RELATIONS}
    tests = [
        result.node
        for result in history["nothing new"].results
        if result.node.resource_type == "test" and relations & set(result.node.depends_on.nodes)
    ]
    assert len(tests) > 5
    built_relations = {relation for relation, *_ in lakes.partition_state(built.lake)}
    untested = {relation for relation, *_ in lakes.partitions_to_test(built.lake)}

    def reads_nothing(test: object) -> bool:
        # a test that runs per partition runs only on untested partitions
        by_partition = test.config.meta.get("partitions_of", [])
        if by_partition:
            return built_relations.issuperset(by_partition) and untested.isdisjoint(by_partition)
        return re.search(r"where\s+false", test.compiled_code) is not None

    assert [test.name for test in tests if not reads_nothing(test)] == []


def test_tests_of_an_added_day_read_that_day_only(history: dict[str, Stage]) -> None:
    [carry_over] = [
        result.node
        for result in history["day added"].results
        if result.node.name == "assert_wall_depth_carries_over_to_the_next_second"
    ]
    assert re.findall(r"dt = date '(\S+)'", carry_over.compiled_code) == [THIRD.isoformat()]


def test_only_an_added_day_is_processed(history: dict[str, Stage]) -> None:
    before, after = history["nothing new"], history["day added"]
    assert after.passes == [ES_THIRD]
    assert rebuilt(before, after) == written(before, after) == {ES_THIRD}
    assert before.files.items() <= after.files.items()
    assert before.state < after.state
    # the calibration belongs to the root
    assert {row[1:3] for row in after.state - before.state} == {(lakes.ES, THIRD), ("ES", THIRD)}
    for relation, days in after.partitions.items():
        assert days == sorted([CL_FIRST, ES_FIRST, ES_SECOND, ES_THIRD]), relation


@pytest.mark.parametrize(
    ("before", "after", "day", "is_as_asked"),
    [
        (
            "day added",
            "window changed",
            ES_SECOND,
            lambda wall: f"{wall[1]:%H:%M:%S} {wall[2]:%H:%M:%S}" == "00:06:00 00:06:59",
        ),
        ("window changed", "width changed", CL_FIRST, lambda wall: wall[3] == NARROW_TICKS),
    ],
)
def test_a_changed_var_rebuilds_the_selected_partition_only(
    history: dict[str, Stage],
    before: str,
    after: str,
    day: str,
    is_as_asked: Callable[[tuple], bool],
) -> None:
    earlier, later = history[before], history[after]
    assert later.passes == [day]
    assert rebuilt(earlier, later) == written(earlier, later) == {day}
    changed = {
        f"{row[1]}|{row[2]}"
        for row in later.state - earlier.state
        # the calibration belongs to the root; the view differs for every day, which costs nothing
        if row[0] not in {"physics_norm_calibration", "wall_derivatives_1s"}
    }
    assert changed == {day}
    assert is_as_asked(later.walls[day])
    assert not is_as_asked(earlier.walls[day])
    assert {key: wall for key, wall in later.walls.items() if key != day} == {
        key: wall for key, wall in earlier.walls.items() if key != day
    }
    assert later.partitions == earlier.partitions


def test_a_removed_partition_leaves_every_relation(history: dict[str, Stage]) -> None:
    after = history["removed and landed again"]
    for relation, days in after.partitions.items():
        assert days == [CL_FIRST, ES_SECOND, ES_THIRD], relation
    # the day's trades are still landed and counted
    built = {result.node.name for result in after.results}
    assert {row[0] for row in after.state if row[1:3] == (lakes.ES, FIRST) and row[0] in built} == {
        "contract_session_trades"
    }


def test_a_changed_partition_is_built_again(history: dict[str, Stage]) -> None:
    before, after = history["day added"], history["removed and landed again"]
    # CL returns to its old width
    assert sorted(after.passes) == [CL_FIRST, ES_SECOND]
    assert rebuilt(before, after) == {ES_SECOND}
    assert after.walls[CL_FIRST] == before.walls[CL_FIRST]
    assert after.hashes["wall_surface_1s"] != before.hashes["wall_surface_1s"]


def test_vars_restrict_the_first_build(landed: Lake, raw: Raw, tmp_path: Path) -> None:
    lake = lakes.landed_copy(landed, tmp_path / "lake")
    lakes.land_raw(lake, raw.es[THIRD])
    stage = run_stage(lake, start_date=FIRST, end_date=SECOND, symbols=[lakes.ES])
    assert stage.passes == [ES_FIRST, ES_SECOND]
    for relation, days in stage.partitions.items():
        assert days == [ES_FIRST, ES_SECOND], relation
    assert written(Stage([], {}, {}, set(), {}, {}, {}, []), stage) == {ES_FIRST, ES_SECOND}
