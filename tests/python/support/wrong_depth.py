"""A pass over a contract-day whose wall rows fail a check."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from functools import partial
from typing import Any

import numpy as np
import pytest
from spymaster_engine.door import KERNELS
from spymaster_engine.door.book import BOOK_ENGINE


def plant_a_wrong_depth(patch: pytest.MonkeyPatch) -> None:
    """Let the engine of the book write one contract more in a wall row of each day of ES."""
    wrong = replace(BOOK_ENGINE, run=partial(with_a_wrong_depth, BOOK_ENGINE.run))
    patch.setitem(KERNELS, "book_engine", wrong)


def with_a_wrong_depth(
    replay: Callable[..., Iterator[tuple[str, Any]]], **inputs: Any
) -> Iterator[tuple[str, Any]]:
    """Yield the outputs of a pass over a contract-day of ES, one contract more in a wall row."""
    is_wrong = inputs["settings"]["tick_int"] != 250_000_000
    for name, columns in replay(**inputs):
        if name == "wall_surface_1s" and not is_wrong:
            depth = np.array(columns["depth_qty_end"])
            depth[len(depth) // 2] += 1
            is_wrong = True
            yield name, {**columns, "depth_qty_end": depth}
        else:
            yield name, columns
