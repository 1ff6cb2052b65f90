"""The words of a level use the settings of its build."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

import duckdb
import yaml
from spymaster.levels.read import read_levels
from spymaster.levels.sentences import at_a_glance, ladder_sentences, rung_point
from spymaster.levels.settings import WordSettings
from spymaster_ingest.lake import PROJECT_ROOT
from spymaster_warehouse.project_vars import project_vars
from support.level_words_lake import AT, DAY, write_lake
from support.settings import word_settings, write_word_settings

MODEL = PROJECT_ROOT / "models" / "silver" / "levels" / "word_settings.yml"


def test_they_have_the_names_of_vars() -> None:
    [model] = yaml.safe_load(MODEL.read_text(encoding="utf-8"))["models"]
    names = [column["name"] for column in model["columns"]]
    assert names == [field.name for field in fields(WordSettings)]
    assert set(names) <= project_vars().keys()


def test_words_follow_the_settings_of_the_build(tmp_path: Path) -> None:
    lake = write_lake(tmp_path)
    view = read_levels(lake, "ESZ5", DAY, AT, "pm_high")
    [level] = view.levels
    assert view.settings == word_settings()
    assert any("wall of 529 asks" in line for line in ladder_sentences(level.rungs, view.settings))
    assert "wall of 529 asks" in at_a_glance(view, level)
    assert level.rungs[0]["rung_ticks"] == 4

    other = {"ladder_min_contracts": 1000, "ladder_rung_points": 2.5, "ladder_rungs": 3}
    with duckdb.connect(str(lake.published)) as connection:
        write_word_settings(connection, **other)
    view = read_levels(lake, "ESZ5", DAY, AT, "pm_high")
    [level] = view.levels
    assert view.settings == word_settings(**other)
    assert not any("wall" in line for line in ladder_sentences(level.rungs, view.settings))
    assert "wall of" not in at_a_glance(view, level)
    assert rung_point(2, view.settings) == "+5"
    assert level.rungs[0]["rung_ticks"] == 10


def test_a_rung_is_as_high_as_its_product_says(tmp_path: Path) -> None:
    lake = write_lake(tmp_path)
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute(
            "create table silver.contract_days as "
            "select 'ESZ5' as symbol, $day as dt, 'ES' as root",
            {"day": DAY},
        )
        connection.execute("create schema reference")
        connection.execute(
            "create table reference.instruments as "
            "from (values ('ES', 2.5e0), ('NQ', 5)) as products (root, ladder_step)"
        )
    view = read_levels(lake, "ESZ5", DAY, AT, "pm_high")
    assert view.levels[0].rungs[0]["rung_ticks"] == 10
    assert rung_point(2, view.settings) == "+5"
    with duckdb.connect(str(lake.published)) as connection:
        connection.execute("update reference.instruments set ladder_step = null")
    assert read_levels(lake, "ESZ5", DAY, AT, "pm_high").levels[0].rungs[0]["rung_ticks"] == 4
