"""The elements of a trigger vector that a learned space reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# a feature of a block: its value and three differences
_ORDERS = 4


def block_names(vector_block_windows: Sequence[int]) -> tuple[str, ...]:
    """Return the names of the blocks of a vector in order, as macro ``vector_blocks`` does.

    The row now comes first, then mean and change over each of the windows.
    """
    of_windows = ((f"w{windows}_mean", f"w{windows}_delta") for windows in vector_block_windows)
    return ("w0", *(name for names in of_windows for name in names))


class VisibleBlocks(NamedTuple):
    """Which blocks of a trigger vector a space sees.

    Attributes:
        n_blocks: blocks of a vector: the row now, then mean and change over each of the windows.
        few: numbers of the blocks that count while episodes are few.
        enough_episodes: from so many on the row now and all means count.
    """

    n_blocks: int
    few: tuple[int, ...]
    enough_episodes: int

    def blocks(self, n_episodes: int) -> tuple[int, ...]:
        """Return the numbers of the blocks that count for a library of so many episodes."""
        every = (0, *range(1, self.n_blocks, 2))
        return self.few if n_episodes < self.enough_episodes else every


def elements_of_values(width: int, n_blocks: int, seen: Sequence[int]) -> NDArray[np.bool_]:
    """Return which elements of a trigger vector are values, and no differences, of some blocks.

    Within a block each feature is followed by its three differences.

    Args:
        width: elements of the vector.
        n_blocks: its blocks.
        seen: numbers of the blocks that count.

    Raises:
        ValueError: No vector of so many blocks has this width.
    """
    if width % (n_blocks * _ORDERS):
        raise ValueError(f"a vector of {n_blocks} blocks does not have {width} elements")
    element = np.arange(width)
    return (element % _ORDERS == 0) & np.isin(element // (width // n_blocks), seen)


def columns_of_values(
    width: int, n_context: int, visible: VisibleBlocks, n_episodes: int
) -> NDArray[np.bool_]:
    """Return which columns count: values of some blocks of the vector, and all of its context.

    Args:
        width: columns of a vector with its context.
        n_context: columns of the context.
        visible: which blocks count.
        n_episodes: that the space is learned from.
    """
    values = elements_of_values(width - n_context, visible.n_blocks, visible.blocks(n_episodes))
    return np.concatenate([values, np.ones(n_context, np.bool_)])
