"""A change of a macro shows in the SQL of each partitioned model that it changes."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from spymaster_ingest.lake import PROJECT_ROOT, Lake
from support.compiled_sql import (
    KEPT,
    compile_partitioned,
    differences,
    keep,
    kept_texts,
    project_with_statements,
    text_of,
)

RENEW = "uv run pytest tests/python/project/test_compiled_sql.py --renew"


@pytest.fixture(scope="module")
def compiled(tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    lake = Lake(tmp_path_factory.mktemp("compiled") / "lake")
    return compile_partitioned(lake, project_with_statements())


def test_compiled_sql_is_as_kept(compiled: dict[str, str], pytestconfig: pytest.Config) -> None:
    assert len(compiled) > 90
    if pytestconfig.getoption("--renew"):
        keep(compiled)
    if found := list(differences(kept_texts(), compiled)):
        where = f"{KEPT.relative_to(PROJECT_ROOT)} differs from what compiles now"
        pytest.fail("\n\n".join([where, *found, f"renew it: {RENEW}"]), pytrace=False)


def test_compiled_sql_is_the_same_on_every_machine(compiled: dict[str, str]) -> None:
    for name, text in compiled.items():
        assert not re.search(r"'/|__|[0-9a-f]{16}", text), name
        assert str(PROJECT_ROOT) not in text, name


def test_a_changed_macro_shows_in_the_models_that_use_it(
    compiled: dict[str, str], tmp_path: Path
) -> None:
    project = project_with_statements()
    macro = project.macros["macro.spymaster.time_weighted_names"]
    assert "'spread_ticks'" in macro.macro_sql
    macro.macro_sql = macro.macro_sql.replace("'spread_ticks'", "'spread_of_ticks'")
    of_both = compile_partitioned(Lake(tmp_path / "lake"), project, "market_book_1s levels_1s")
    assert of_both.keys() == {"market_book_1s", "levels_1s"}
    [found] = differences({name: compiled[name] for name in of_both}, of_both)
    assert found.splitlines()[0] == "changed: market_book_1s.sql"
    assert "-spread_ticks_ns," in found.replace(" ", "")
    assert "+spread_of_ticks_ns," in found.replace(" ", "")


def test_a_difference_is_named() -> None:
    kept = {"same": "a\n", "gone": "b\n", "long": "c\n" * 30}
    compiled = {"same": "a\n", "new": "b\n", "long": "d\n" * 30}
    gone, long, new = differences(kept, compiled)
    assert (gone, new) == ("left over: gone.sql", "missing: new.sql")
    assert long.splitlines() == [
        "changed: long.sql",
        "@@ -1,30 +1,30 @@",
        *["-c"] * 19,
        "... and 41 lines",
    ]


def test_renewing_leaves_no_difference(tmp_path: Path) -> None:
    keep({"gone": "a\n", "changed": "b\n"}, tmp_path)
    renewed = {"changed": "c\n", "new": "d\n"}
    assert len(list(differences(kept_texts(tmp_path), renewed))) == 3
    keep(renewed, tmp_path)
    assert kept_texts(tmp_path) == renewed


def test_layout_and_comments_do_not_change_a_text(tmp_path: Path) -> None:
    lake = Lake(tmp_path)
    code = f"""
    select
    -- what (
        f(a, ')', '--it''s'  -- why
            )

      from '{tmp_path}/__partition_landed_path__' where dt = date '__partition_dt__'
    """
    lines = [
        "select",
        "f(a, ')', '--it''s'",
        ")",
        "from '$lake/$landed_path' where dt = date '$dt'",
    ]
    assert text_of(code, lake).splitlines() == lines
    other = code.replace("    ", "").replace("what", "how")
    assert text_of(other, lake) == text_of(code, lake)
    assert text_of(code.replace("f(a", "f(b"), lake) != text_of(code, lake)


def test_a_long_line_is_broken_after_each_comma(tmp_path: Path) -> None:
    settings = ", ".join(f'"{name}": 1' for name in "abcdefghijklmnopqrstuvwxyz")
    lines = text_of(f"f('{{{settings}}}')", Lake(tmp_path)).splitlines()
    assert (lines[0], lines[1], lines[-1]) == ('f(\'{"a": 1,', '    "b": 1,', '    "z": 1}\')')
    assert len(lines) == 26
