"""Retrieval: which past approaches looked most like this one, and what followed them."""

from pathlib import Path

# imported first, because it directs the cache of kernels to its own package
import spymaster_engine.book.compiled  # noqa: F401
from spymaster_engine.kernel_cache import use_cache_of

use_cache_of(Path(__file__).parent)
