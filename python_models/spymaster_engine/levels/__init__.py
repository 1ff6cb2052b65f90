"""Levels: the book around them, and what the trades after a decision did first."""

from pathlib import Path

# imported first, because it directs the cache of kernels to its own package
import spymaster_engine.book.compiled  # noqa: F401
from spymaster_engine.kernel_cache import use_cache_of

use_cache_of(Path(__file__).parent)

from spymaster_engine.levels.first_hits import first_hits  # noqa: E402
from spymaster_engine.levels.level_book import level_book  # noqa: E402
from spymaster_engine.levels.reached_hits import reached_hits  # noqa: E402
from spymaster_engine.levels.turn_flows import turn_flows  # noqa: E402
from spymaster_engine.levels.usual_depth import usual_depth  # noqa: E402

__all__ = ["first_hits", "level_book", "reached_hits", "turn_flows", "usual_depth"]
