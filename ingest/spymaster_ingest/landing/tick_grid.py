"""Check of prices against the tick."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from spymaster_ingest.dbn.layouts import UNDEFINED_PRICE
from spymaster_ingest.errors import SpymasterError


def check_tick_grid(path: Path, symbol: str, prices: np.ndarray, tick: int) -> None:
    """Raise when a defined price is not a multiple of ``tick``.

    Args:
        path: file named in the error.
        symbol: contract named in the error.
        prices: int64 prices in 1e-9 points, any stride, shape (n,).
        tick: minimum price increment in the same unit.
    """
    prices = np.ascontiguousarray(prices)
    # Division by a constant and one product are several times quicker than numpy's remainder.
    off = (prices // tick) * tick != prices
    off &= prices != UNDEFINED_PRICE
    if off.any():
        price = int(prices[off.argmax()])
        raise SpymasterError(
            path, f"{symbol}: price {price} is not a multiple of the tick {tick} (1e-9 points)"
        )
