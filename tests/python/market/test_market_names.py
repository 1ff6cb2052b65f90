"""Every column of the market's relations and vectors stands in the allow-list of names."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from support import lakes, surface_lakes

BAR_KEYS = {
    *("symbol", "dt", "bar_start_ts", "bar_end_ts", "source", "is_valid", "is_carried"),
    *("update_count", "one_sided_count"),
}
SECOND_KEYS = {"symbol", "dt", "window_start_ts", "window_end_ts", "source", "is_valid"}
VECTOR_KEYS = {"symbol", "dt", "window_start_ts", "window_end_ts", "session_date", "source"}
SETUP_KEYS = {"symbol", "dt", "level_id", "direction", "trigger_candle_id", "infer_ts"}
# keys by relation, and the families of the other columns
RELATIONS = {
    "silver.market_by_price_10_bar5s": (BAR_KEYS, {"market"}),
    "silver.market_features_1s": (SECOND_KEYS, {"market"}),
    "gold.market_feature_vectors": (VECTOR_KEYS | {"vector"}, {"market", "option"}),
    "gold.setup_vectors": (SETUP_KEYS, {"level"}),
}
NAME_TABLES = (
    "gold.market_feature_vector_features",
    "gold.setup_feature_vector_features",
    "gold.setup_vector_features",
)
SCALES = {"ratio", "log", "ticks", "z", "prob", "time"}

Names = dict[str, dict[str, str]]


@pytest.fixture(scope="module")
def listed() -> Names:
    """Rows of the allow-list by name; a repeated name would hide a row."""
    with (PROJECT_ROOT / "seeds" / "feature_names.csv").open(newline="") as lines:
        rows = list(csv.DictReader(lines))
    names = {row["name"]: row for row in rows}
    assert len(names) == len(rows)
    return names


@pytest.fixture(scope="module")
def database(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A lake without data, whose relations have their columns."""
    lake = Lake(tmp_path_factory.mktemp("names") / "lake")
    lake.make_root()
    models = [f"+{name.split('.')[1]}" for name in (*RELATIONS, *NAME_TABLES)]
    lakes.run_models(lake, "--select", *models)
    return lake.warehouse


@pytest.mark.parametrize("relation", RELATIONS)
def test_columns_stand_in_the_allow_list(database: Path, listed: Names, relation: str) -> None:
    keys, families = RELATIONS[relation]
    described = surface_lakes.ask(database, f"describe {relation}")
    types = {name: kind.lower() for name, kind, *_ in described if name not in keys}
    assert keys == {name for name, *_ in described} - types.keys()
    assert len(types) >= 18
    assert types.keys() - listed.keys() == set()
    assert {listed[name]["family"] for name in types} == families
    assert [name for name in types if not listed[name]["unit"]] == []
    assert [name for name in types if not listed[name]["description"]] == []
    expected = {name: listed[name]["data_type"] for name in types}
    if relation == "gold.market_feature_vectors":
        expected = dict.fromkeys(types, "double")
    assert types == expected


@pytest.mark.parametrize("relation", NAME_TABLES)
def test_elements_of_vectors_are_scaled(database: Path, listed: Names, relation: str) -> None:
    base = {
        "gold.market_feature_vector_features": "feature_name",
        "gold.setup_feature_vector_features": "base_feature",
        "gold.setup_vector_features": "column_name",
    }[relation]
    rows = surface_lakes.ask(database, f"select {base}, family, scale from {relation}")
    assert len(rows) > 100
    for name, family, scale in rows:
        assert (family, scale) == (listed[name]["family"], listed[name]["scale"])
        assert scale in SCALES


def test_families_share_no_name(listed: Names) -> None:
    """A feature's columns differ by how they are taken; what they are taken of is of one family."""
    relations: dict[str, set[str]] = {}
    for row in listed.values():
        relations.setdefault(row["family"], set()).add(row["name"])
    level, market, option = (
        {base_of(name) for name in relations[family]} for family in ("level", "market", "option")
    )
    assert not level & market
    assert not level & option
    assert not market & option


def base_of(name: str) -> str:
    """Return a name without its suffix of time."""
    for suffix in ("_twa", "_eob", "_sum", "_trigger", "_confirm", "_lookback"):
        name = name.removesuffix(suffix)
    return name


def test_only_features_of_levels_have_their_prefix(database: Path, listed: Names) -> None:
    rows = surface_lakes.ask(
        database,
        "select distinct level_id || '_' || column_name, feature_name, family, level_id "
        "from gold.setup_vector_features",
    )
    assert rows
    assert [row for row in rows if row[0] != row[1] or row[2] != "level"] == []
    prefixes = tuple(f"{level_id}_" for level_id in {row[3] for row in rows})
    assert len(prefixes) == 7
    assert [name for name in listed if name.startswith(prefixes)] == []
    for relation in RELATIONS:
        columns = [name for name, *_ in surface_lakes.ask(database, f"describe {relation}")]
        assert [name for name in columns if name.startswith(prefixes)] == []
    market = surface_lakes.ask(
        database,
        "select feature_name from gold.setup_feature_vector_features where family != 'level'",
    )
    assert [name for (name,) in market if name.startswith(prefixes)] == []
