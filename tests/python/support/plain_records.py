"""Vendor records as plain Python values: reading a field of an array's record takes much longer."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

Record = dict[str, Any]


def plain_records(records: np.ndarray) -> Iterator[Record]:
    """Yield the records of an array of the vendor's layout, by field."""
    names = records.dtype.names
    for values in records.tolist():
        yield dict(zip(names, values, strict=True))
