"""A reference to a named tuple has the fields and arrays of the tuple."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pytest
from numba import TypingError
from spymaster_ingest.synthetic.compiled import entry, kernel
from spymaster_ingest.synthetic.tuple_references import reference

ROW = np.dtype([("count", np.int64), ("share", np.float64)])


class Few(NamedTuple):
    """Arrays of records, of strided rows and of bytes."""

    rows: np.ndarray
    grid: np.ndarray
    small: np.ndarray


def few() -> Few:
    return Few(
        np.zeros(2, ROW),
        np.arange(12, dtype=np.float64).reshape(3, 4)[:, ::2],
        np.arange(3, dtype=np.uint8),
    )


@kernel
def _count(st, index):
    st.rows[index].count += st.small[index] + st.grid.shape[0]
    st.rows[index].share = st.grid[2, 1]


@kernel
def _count_all(st):
    for index in range(st.rows.size):
        _count(st, index)


@entry
def count_by_reference(st):
    _count_all(reference(st))
    return st.rows[1].count


@entry
def count_by_parts(st):
    _count_all(st)
    return st.rows[1].count


def test_kernels_read_and_change_the_same_arrays() -> None:
    referred, by_parts = few(), few()
    assert count_by_reference(referred) == count_by_parts(by_parts) == 4
    assert referred.rows.tolist() == by_parts.rows.tolist() == [(3, 10.0), (4, 10.0)]


def test_an_unknown_field_is_not_compiled() -> None:
    @entry
    def reads_nothing(st):
        return reference(st).columns

    with pytest.raises(TypingError, match="columns"):
        reads_nothing(few())


def test_only_named_tuples_can_be_referenced() -> None:
    @entry
    def refers_to_a_number(number):
        reference(number)

    with pytest.raises(TypingError):
        refers_to_a_number(1)
