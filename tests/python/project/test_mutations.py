"""Each fault of ``tests/mutations.csv`` can be planted, and names tests that exist."""

from __future__ import annotations

import pytest
from mutate import PROJECT, Mutation, read_mutations

MUTATIONS = read_mutations()


@pytest.mark.parametrize("mutation", [pytest.param(row, id=row.mutation) for row in MUTATIONS])
def test_a_fault_changes_one_place_and_names_a_test(mutation: Mutation) -> None:
    text = (PROJECT / mutation.file).read_text(encoding="utf-8")
    assert mutation.changed(text) != text
    file, *names = mutation.expected_in.split("::")
    tests = (PROJECT / file).read_text(encoding="utf-8")
    assert all(f"def {name.split('[')[0]}(" in tests for name in names)
    assert mutation.what


def test_every_subject_has_faults_of_its_own_name() -> None:
    folders = {path.parent.name for path in (PROJECT / "tests" / "python").glob("*/test_*.py")}
    assert {mutation.subject for mutation in MUTATIONS} == folders - {"project", "cases"}
    assert len({mutation.mutation for mutation in MUTATIONS}) == len(MUTATIONS) >= 60
