"""Book engine: rebuilds the limit order book from market-by-order records, second by second.

Reading order: ``config`` (what shapes the output), ``layout`` (arrays the kernel works on),
``orders`` and ``ladder`` (the two stores), ``attribution`` (what a record means), ``windows``
(what a second looks like at its end), ``replay`` (the loop over records), ``engine`` (the
driver that owns memory and hands batches of rows out).
"""

from pathlib import Path

from spymaster_engine.kernel_cache import use_cache_of

use_cache_of(Path(__file__).parent)

from spymaster_engine.book.config import BookConfig  # noqa: E402
from spymaster_engine.book.engine import BookEngine, Records  # noqa: E402

__all__ = ["BookConfig", "BookEngine", "Records"]
