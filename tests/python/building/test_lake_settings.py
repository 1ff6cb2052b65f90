"""Settings of a lake: the file, what refuses it, and what commands and a plain dbt make of it."""

from __future__ import annotations

import os
import re
import tomllib
from pathlib import Path

import pytest
from click.testing import CliRunner
from dbt.cli.main import dbtRunner
from spymaster.commands.land import command as land_command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.lake import LAKE_VARIABLE, PROJECT_ROOT, Lake
from spymaster_warehouse.build_settings import MEMORY_VARIABLE, THREADS_VARIABLE
from spymaster_warehouse.project_vars import project_vars
from spymaster_warehouse.settings.alerts import ALERTS_SECTION
from spymaster_warehouse.settings.changes import (
    NOT_SETTINGS,
    changes_of,
    relations_of,
    settings_as_text,
)
from spymaster_warehouse.settings.file import read_settings
from spymaster_warehouse.settings.in_force import (
    alerts_in_force,
    environment_of_lake,
    settings_that_differ,
    vars_in_force,
)
from spymaster_warehouse.settings.sections import settings_of_sections
from spymaster_warehouse.settings.template import template, toml_value
from support.parsed_project import parsed_project


def lake_with(folder: Path, text: str) -> Lake:
    """Return a lake whose file holds a text."""
    lake = Lake(folder)
    lake.settings.write_text(text, encoding="utf-8")
    return lake


def test_every_var_is_a_setting_but_those_of_one_build() -> None:
    names = {
        name
        for section in settings_of_sections().values()
        for setting in section.values()
        for name in setting.names
    }
    of_one_build = {"start_date", "end_date", "symbols", "test_all", "products"}
    assert names >= project_vars().keys() - of_one_build
    assert not names & of_one_build


def test_the_template_sets_nothing_and_uncommented_it_sets_the_defaults(tmp_path: Path) -> None:
    text = template()
    tables = tomllib.loads(text)
    assert tables.keys() == {*settings_of_sections(), ALERTS_SECTION}
    assert not any(tables.values())
    lines = [
        line.removeprefix("#") if re.match(r"#(\w|\[)", line) else line
        for line in text.splitlines()
        if not line.endswith(" =")
    ]
    lake = lake_with(tmp_path, "\n".join(lines))
    given = read_settings(lake)
    assert given.vars
    assert given.vars == {name: project_vars()[name] for name in given.vars}
    assert given.alerts == alerts_in_force(Lake(tmp_path / "without a file"))
    assert settings_that_differ(lake).keys() == {MEMORY_VARIABLE, THREADS_VARIABLE}


def test_every_setting_says_what_it_is() -> None:
    for section in settings_of_sections().values():
        assert next(iter(section.values())).comment


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, '"none"'),
        (True, "true"),
        ('a"b\\c', '"a\\"b\\\\c"'),
        ([7, None], '[7, "none"]'),
        ({"7+": [7, None]}, '{ "7+" = [7, "none"] }'),
        ({}, "{}"),
    ],
)
def test_values_are_written_as_toml(value: object, text: str) -> None:
    assert toml_value(value) == text
    tomllib.loads(f"x = {text}")


def test_a_lake_without_a_file_sets_nothing(tmp_path: Path) -> None:
    assert not read_settings(Lake(tmp_path)).vars
    assert vars_in_force(Lake(tmp_path)) == project_vars()


def test_what_a_command_gives_counts_before_the_file_and_that_before_the_default(
    tmp_path: Path,
) -> None:
    lake = lake_with(
        tmp_path,
        '[study]\nwindow = ["10:00", "11:00"]\n[levels]\nreach_ticks = 3\nstack_max_ticks = 2\n'
        'distance_bands = { "1-5" = [1, 5], "6+" = [6, "none"] }\n',
    )
    assert read_settings(lake).vars == {
        "rth_start": "10:00",
        "rth_end": "11:00",
        "reach_ticks": 3,
        "stack_max_ticks": 2,
        "distance_bands": {"1-5": [1, 5], "6+": [6, None]},
    }
    in_force = vars_in_force(lake, {"reach_ticks": 4})
    assert (in_force["reach_ticks"], in_force["stack_max_ticks"]) == (4, 2)
    assert in_force["barrier_ticks"] == project_vars()["barrier_ticks"]


def test_the_environment_counts_before_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_with(tmp_path, '[build]\nthreads = 3\nmemory = "2GB"\n')
    monkeypatch.setenv(THREADS_VARIABLE, "5")
    monkeypatch.delenv(MEMORY_VARIABLE, raising=False)
    with environment_of_lake(lake):
        assert (os.environ[THREADS_VARIABLE], os.environ[MEMORY_VARIABLE]) == ("5", "2GB")
    assert MEMORY_VARIABLE not in os.environ


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("[level]\n", "there is no section 'level' (did you mean 'levels'"),
        ("[levels]\nreach_tick = 3\n", "[levels] 'reach_tick' (did you mean 'reach_ticks'"),
        ("[levels]\nreach_ticks = 'x'\n", "reach_ticks: 'x' is no whole number"),
        ("[levels]\nreach_ticks = -1\n", "reach_ticks: -1 is no whole number from 0"),
        ("[levels]\nreach_ticks = true\n", "reach_ticks: True is no whole number"),
        ("[evaluation]\nevaluation_horizons = ['s9']\n", "there is no horizon 's9'"),
        ("[study]\nwindow = '09:30'\n", "window: '09:30' is no pair"),
        ("[study]\nlocal_tz = 'Mars/Crater'\n", "local_tz: 'Mars/Crater' is no time zone"),
        ("[study]\nstart_date = 2025-10-01\n", "no setting of [study] 'start_date'"),
        ("[build]\nthreads = 0\n", "SPYMASTER_THREADS: '0' is no whole number from 1"),
        ("[build]\nmemory = []\n", "[build] memory: [] is no text and no whole number"),
        ("levels = 3\n", "'levels' is no section: write [levels]"),
        ("[levels\n", "is no TOML"),
    ],
)
def test_what_cannot_be_is_one_line_that_names_it(tmp_path: Path, text: str, why: str) -> None:
    with pytest.raises(SpymasterError) as error:
        read_settings(lake_with(tmp_path, text))
    assert why in str(error.value)
    assert "spymaster.toml" in str(error.value)
    assert "\n" not in str(error.value)


def test_nothing_is_landed_with_settings_that_cannot_be(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    lake = lake_with(tmp_path, '[levels]\nuses = ["vwap"]')
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    answer = CliRunner().invoke(land_command, [str(tmp_path)])
    assert "there is no setting of [levels] 'uses' (did you mean 'use'?)" in str(answer.exception)
    assert answer.exit_code == 1


def test_changes_name_what_differs_from_the_last_build() -> None:
    before = settings_as_text(project_vars())
    assert changes_of(before, project_vars()) == []
    (change,) = changes_of(before, {**project_vars(), "reach_ticks": 3, "start_date": "2025-10-01"})
    assert (change.name, change.before, change.now) == ("reach_ticks", "2", "3")
    assert not before.keys() & set(NOT_SETTINGS)


def test_relations_of_a_setting_are_those_that_use_it_and_what_reads_them() -> None:
    found = relations_of(["reach_ticks"])
    assert {"approach_course_1s", "level_labels", "level_outcomes", "approaches"} <= found
    assert not found & {"book_snapshot_1s", "levels_1s", "top10_1s", "option_iv_1s"}
    # through a macro
    assert "radar_vacuum_1s" in relations_of(["distance_buckets"])
    assert not relations_of(["evaluation_seed"]) & {"levels_1s"}


def compiled(lake: Lake, monkeypatch: pytest.MonkeyPatch, *arguments: str) -> str:
    """Return a model's SQL as a plain dbt compiles it for a lake, or why it does not."""
    monkeypatch.setenv(LAKE_VARIABLE, str(lake.root))
    paths = ["--project-dir", str(PROJECT_ROOT), "--profiles-dir", str(PROJECT_ROOT), "--quiet"]
    select = ["compile", "--select", "word_settings", "--target-path", str(lake.root / "target")]
    done = dbtRunner(parsed_project()).invoke([*select, *paths, *arguments])
    if done.exception is not None:
        return str(done.exception)
    (result,) = done.result.results
    return result.node.compiled_code


def test_a_plain_dbt_reads_the_file_of_its_lake(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "lake").mkdir()
    lake = lake_with(tmp_path / "lake", "[levels]\nladder_min_contracts = 77\n")
    assert "cast(77 as integer) as ladder_min_contracts" in compiled(lake, monkeypatch)
    given = ("--vars", "{ladder_min_contracts: 78}")
    assert "cast(78 as integer) as ladder_min_contracts" in compiled(lake, monkeypatch, *given)
    lake.settings.write_text("[levels]\nladder_min_contract = 77\n", encoding="utf-8")
    assert "did you mean 'ladder_min_contracts'" in compiled(lake, monkeypatch)
