"""Book engine: rebuilds the limit order book from market-by-order records, second by second.

Reading order: ``config`` (what shapes the output), ``kernel_state`` (arrays it works on),
``sides`` (bids and asks as one), ``order_store`` and ``ladder``, the rules that
option books share: ``event_groups``, ``snapshots`` and ``fill_matching``, ``attribution`` (what a
record means), ``windows`` (what a second looks like at its end), ``replay`` (the loop over
records), ``engine`` (the driver that owns memory and hands batches of rows out).
"""

from typing import TYPE_CHECKING, Any

from spymaster_engine.kernels.book.config import BookConfig

if TYPE_CHECKING:
    from spymaster_engine.kernels.book.engine import BookEngine, Records

__all__ = ["BookConfig", "BookEngine", "Records"]


def __getattr__(name: str) -> Any:
    # imported when an engine is asked for: it brings a compiler along
    if name in ("BookEngine", "Records"):
        from spymaster_engine.kernels.book import engine

        return getattr(engine, name)
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
