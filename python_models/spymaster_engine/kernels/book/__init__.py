"""Book engine: rebuilds the limit order book from market-by-order records, second by second.

Reading order: ``config`` (what shapes the output), ``kernel_state`` (arrays it works on),
``sides`` (bids and asks as one), ``order_store`` and ``ladder``, the rules that
option books share: ``event_groups``, ``snapshots`` and ``fill_matching``, ``attribution`` (what a
record means), ``windows`` (what a second looks like at its end), ``replay`` (the loop over
records), ``engine`` (the driver that owns memory and hands batches of rows out).
"""

from spymaster_engine.kernels.book.config import BookConfig
from spymaster_engine.kernels.book.engine import BookEngine, Records

__all__ = ["BookConfig", "BookEngine", "Records"]
