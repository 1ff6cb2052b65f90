"""Building by layer, and the valid values of a build's vars."""

from __future__ import annotations

from pathlib import Path

import pytest
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import Lake
from support import lakes
from support.built_lakes import Raw

SILVER = (
    "--select",
    "silver",
    *lakes.WITHOUT_LEVELS,
    "path:models/silver/market",
    "path:models/silver/surfaces",
    "path:models/silver/calibration",
)


@pytest.fixture(scope="module")
def silver_only(raw: Raw, tmp_path_factory: pytest.TempPathFactory) -> Lake:
    """A fresh lake on which only silver was built, twice, with a day landed in between."""
    lake = Lake(tmp_path_factory.mktemp("silver") / "lake")
    lakes.land_raw(lake, raw.es[lakes.DAYS[0]])
    lakes.build_models(lake, *SILVER)
    assert [row[0] for row in lakes.ask(lake, "select dt from silver.book_engine_qa")] == [
        lakes.DAYS[0]
    ]
    lakes.land_raw(lake, raw.es[lakes.DAYS[1]])
    lakes.build(lake, *SILVER)
    return lake


def test_silver_alone_reads_partitions_landed_since(silver_only: Lake) -> None:
    days = lakes.ask(silver_only, "select dt from silver.book_engine_qa order by dt")
    assert [row[0] for row in days] == list(lakes.DAYS[:2])
    assert lakes.ask(silver_only, "select count(*) from bronze.ingest_manifest") == [(6,)]


@pytest.mark.long
def test_full_refresh_gives_the_same_and_tests_it_again(silver_only: Lake) -> None:
    before = lakes.content_hashes(silver_only)
    results = lakes.build(silver_only, *SILVER, "--full-refresh")
    after = lakes.content_hashes(silver_only)
    assert {name: after[name] for name in before} == before
    tests = [
        result.node.compiled_code
        for result in results
        if result.node.resource_type == "test"
        and "book_snapshot_1s" in result.node.name
        and "dt = date" in (result.node.compiled_code or "")
    ]
    assert tests


@pytest.mark.parametrize("window", [["9:15", "12:30"], ["09:15"], ["09:15", "25:00"], "some"])
def test_surface_window_must_be_two_times(silver_only: Lake, window: object) -> None:
    with pytest.raises(SpymasterError):
        lakes.build(silver_only, "--select", "contract_days", surface_window=window)


def test_one_symbol_need_not_be_a_list(silver_only: Lake) -> None:
    for symbols, selected in ((lakes.ES, 2), (lakes.CL, 0), ([lakes.ES], 2)):
        lakes.build(silver_only, "--select", "book_engine_input", symbols=symbols)
        query = "select count(*) from silver.book_engine_input where is_selected"
        assert lakes.ask(silver_only, query) == [(selected,)]


def test_wall_wider_than_the_ladder_is_refused(silver_only: Lake) -> None:
    with pytest.raises(SpymasterError, match="a model or a test failed"):
        lakes.build(silver_only, "--select", "book_engine_manifest", wall_max_ticks=4_001)


def test_an_error_of_damaged_engine_input_names_the_day(raw: Raw, tmp_path: Path) -> None:
    lake = Lake(tmp_path / "lake")
    lakes.land_raw(lake, raw.es[lakes.DAYS[0]])
    part = next(lake.bronze.rglob("table=mbo/*/part-00000.parquet"))
    part.write_bytes(part.read_bytes()[:-100])
    with pytest.raises(SpymasterError):
        lakes.build(lake, *lakes.WITHOUT_LEVELS)
    assert not lake.published.exists()
