"""Each hand-made case holds for the model's own SQL and for the model's plain twin."""

from __future__ import annotations

from collections.abc import Iterator
from importlib import import_module
from pathlib import Path
from typing import Any

import pytest
from support.cases import Case, HandMade, assert_same_rows


def cases() -> Iterator[Any]:
    """Yield each case of a module for those who compute it, under the name of its relation."""
    for path in sorted(Path(__file__).parent.glob("[!_]*.py")):
        if path.stem == Path(__file__).stem:
            continue
        module = import_module(f"cases.{path.stem}")
        for case in module.CASES:
            name = f"{path.stem}.{case.name}"
            yield pytest.param(path.stem, None, case, id=f"{name}-product")
            if not case.product_only:
                yield pytest.param(path.stem, module.twin, case, id=f"{name}-twin")


@pytest.mark.parametrize(("relation", "twin", "case"), list(cases()))
def test_case(relation: str, twin: Any, case: Case) -> None:
    made = HandMade(relation, case)
    found = twin(made.given(), case) if twin else made.product()
    names, expected = made.expected()
    if twin:
        names = [name for name in names if name not in case.twin_omits]
    assert_same_rows(names, found, expected, case.tolerance)
