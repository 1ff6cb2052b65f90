"""Comparison of rows of fingerprints with plain ones."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

Row = Mapping[str, Any]


def unlike(expected: Mapping[Any, Row], found: Mapping[Any, Row]) -> list[str]:
    """Return the keys and values that differ; doubles are equal to 1e-9, all else exactly."""
    wrong = [f"row {key}" for key in expected.keys() ^ found.keys()]
    for key in expected.keys() & found.keys():
        wrong += [f"{key} column {name}" for name in expected[key].keys() ^ found[key].keys()]
        for name in expected[key].keys() & found[key].keys():
            want, have = expected[key][name], found[key][name]
            is_equal = want == have
            if isinstance(want, float) and isinstance(have, float):
                is_equal = math.isclose(want, have, rel_tol=1e-9, abs_tol=1e-9)
            if not is_equal:
                wrong.append(f"{key} {name}: twin {want}, published {have}")
    return sorted(wrong)
