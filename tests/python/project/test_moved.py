"""What holds the place of a test that moved exists."""

from __future__ import annotations

import csv
import re

import pytest
from cases.test_cases import cases
from spymaster_ingest.lake import PROJECT_ROOT

_MOVED = PROJECT_ROOT / "tests" / "moved.csv"
_ID = re.compile(r"(?P<file>[^:]+)::(?P<name>\w+)(\[(?P<case>.+)\])?")
_OF_CASES = "tests/python/cases/test_cases.py"


def moved() -> list[dict[str, str]]:
    with _MOVED.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


@pytest.mark.parametrize("row", [pytest.param(row, id=row["test"]) for row in moved()])
def test_a_test_or_a_reason_holds_the_place_of_one_that_moved(row: dict[str, str]) -> None:
    if not row["held_by"]:
        assert row["reason"]
        return
    found = _ID.fullmatch(row["held_by"])
    assert found
    text = (PROJECT_ROOT / found["file"]).read_text(encoding="utf-8")
    assert f"def {found['name']}(" in text
    if found["file"] == _OF_CASES:
        assert found["case"] in {case.id for case in cases()}


def test_a_test_moves_once() -> None:
    tests = [row["test"] for row in moved()]
    assert tests
    assert len(set(tests)) == len(tests)
