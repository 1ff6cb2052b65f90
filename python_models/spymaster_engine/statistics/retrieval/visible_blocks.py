"""The elements of a vector that a learned space reads."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

# a feature of a block of a trigger vector: its value and three differences
_ORDERS = 4
# a market vector has one block of values only
MARKET_BLOCKS = ("w0",)


def block_names(vector_block_windows: Sequence[int]) -> tuple[str, ...]:
    """Return the names of the blocks of a trigger vector, as macro ``vector_blocks`` does.

    The row now comes first, then mean and change over each of the windows.
    """
    of_windows = ((f"w{windows}_mean", f"w{windows}_delta") for windows in vector_block_windows)
    return ("w0", *(name for names in of_windows for name in names))


class VisibleBlocks(NamedTuple):
    """Which blocks of a vector a space sees.

    Attributes:
        n_blocks: blocks of a vector: the row now, then mean and change over each of the windows.
        few: numbers of the blocks that count while episodes are few.
        enough_episodes: from so many on the row now and all means count.
        n_orders: elements of a feature in a block: its value, then its differences.
    """

    n_blocks: int
    few: tuple[int, ...]
    enough_episodes: int
    n_orders: int = _ORDERS

    def blocks(self, n_episodes: int) -> tuple[int, ...]:
        """Return the numbers of the blocks that count for a library of so many episodes."""
        every = (0, *range(1, self.n_blocks, 2))
        return self.few if n_episodes < self.enough_episodes else every


# every element of a market vector counts, however few episodes there are
MARKET_VISIBLE = VisibleBlocks(len(MARKET_BLOCKS), (0,), 0, n_orders=1)


def elements_of_values(
    width: int, n_blocks: int, seen: Sequence[int], n_orders: int = _ORDERS
) -> NDArray[np.bool_]:
    """Return which elements of a vector are values, and no differences, of some blocks.

    Within a block each feature is followed by its differences.

    Args:
        width: elements of the vector.
        n_blocks: its blocks.
        seen: numbers of the blocks that count.
        n_orders: elements of a feature in a block.

    Raises:
        ValueError: No vector of so many blocks has this width.
    """
    if width % (n_blocks * n_orders):
        raise ValueError(f"a vector of {n_blocks} blocks does not have {width} elements")
    element = np.arange(width)
    return (element % n_orders == 0) & np.isin(element // (width // n_blocks), seen)


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
    seen = visible.blocks(n_episodes)
    values = elements_of_values(width - n_context, visible.n_blocks, seen, visible.n_orders)
    return np.concatenate([values, np.ones(n_context, np.bool_)])
