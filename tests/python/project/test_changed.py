"""A change selects the tests of the subjects that it reaches."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from support.changed import (
    changed_files,
    engine_subjects,
    files_of,
    importing_modules,
    place_of,
    subjects,
    subjects_reached,
)

EVERY = subjects()
# what any change reaches
CHEAP = {"project", "cases"}


@pytest.mark.parametrize(
    ("file", "place"),
    [
        ("models/silver/surfaces/wall_derivatives_1s.sql", "surfaces"),
        ("models/gold/signals/mbo_trigger_signals.sql", "retrieval"),
        ("models/bronze/trades/future_trades.sql", "landing"),
        ("python_models/spymaster_engine/kernels/options/black76.py", "options"),
        ("python_models/spymaster_engine/errors.py", None),
        ("serving/spymaster/hud/page/page.js", "hud"),
        ("serving/spymaster/cli.py", "serving"),
        ("tests/python/landing/test_lake.py", "landing"),
        ("README.md", "project"),
        ("pyproject.toml", None),
    ],
)
def test_a_file_lies_in_the_folder_of_a_subject(file: str, place: str | None) -> None:
    assert place_of(file) == place


def test_no_change_reaches_nothing() -> None:
    assert subjects_reached([]) == frozenset()


@pytest.mark.parametrize(
    "file", ["pyproject.toml", "uv.lock", "dbt_project.yml", "tests/python/conftest.py"]
)
def test_a_file_of_the_whole_project_reaches_every_subject(file: str) -> None:
    assert subjects_reached([file]) == EVERY


def test_a_test_reaches_its_own_subject() -> None:
    assert subjects_reached(["tests/python/stream/test_stream_guard.py"]) == {"stream", *CHEAP}


def test_a_document_reaches_what_any_change_reaches() -> None:
    assert subjects_reached(["docs/glossary.md"]) == CHEAP


def test_a_module_reaches_the_tests_that_import_it_through_others() -> None:
    # landing imports it, and nearly every lake is landed
    reached = subjects_reached(["ingest/spymaster_ingest/units.py"])
    assert {"landing", "book", "stream"} <= reached


def test_a_model_reaches_the_models_that_depend_on_it() -> None:
    files = ["models/gold/signals/mbo_trigger_signals.sql"]
    assert "retrieval" in subjects_reached(files)
    assert "book" not in subjects_reached(files)
    book = subjects_reached(["models/silver/book/recording_gaps.sql"])
    assert {"book", "levels", "retrieval"} <= book
    assert "landing" not in book


def test_a_kernel_reaches_the_models_that_call_it() -> None:
    reached = subjects_reached(["python_models/spymaster_engine/kernels/book/ladder.py"])
    assert {"book", "surfaces", "levels"} <= reached


def test_a_kernel_reaches_the_models_of_kernels_that_import_it() -> None:
    store = "python_models/spymaster_engine/kernels/book/order_store.py"
    assert engine_subjects([store]) == {"book"}
    assert {"book", "market", "patterns"} <= engine_subjects(files_of(importing_modules([store])))


def test_a_macro_reaches_the_models_that_use_it() -> None:
    reached = subjects_reached(["macros/options/zero_crossing.sql"])
    assert "options" in reached
    assert reached < EVERY


def test_changed_files_differ_from_a_commit_or_are_new(tmp_path: Path) -> None:
    def git(*arguments: str) -> None:
        who = ["-c", "user.name=a", "-c", "user.email=a@b.c"]
        subprocess.run(["git", *who, *arguments], cwd=tmp_path, check=True, capture_output=True)

    git("init")
    for name in ("same", "differs", "committed"):
        (tmp_path / name).write_text("1", encoding="utf-8")
    git("add", "same", "differs")
    git("commit", "-m", "Begin")
    git("add", "committed")
    git("commit", "-m", "Go on")
    for name in ("differs", "new"):
        (tmp_path / name).write_text("2", encoding="utf-8")
    assert set(changed_files("HEAD", tmp_path)) == {"differs", "new"}
    assert set(changed_files("HEAD~1", tmp_path)) == {"differs", "new", "committed"}
    with pytest.raises(ValueError, match="no commit nowhere"):
        changed_files("nowhere", tmp_path)
