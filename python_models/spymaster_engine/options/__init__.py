"""Options on futures: Black-76 prices, implied volatilities and the profile of gamma."""

from pathlib import Path

# imported first, because it directs the cache of kernels to its own package
import spymaster_engine.book.compiled  # noqa: F401
from spymaster_engine.kernel_cache import use_cache_of

use_cache_of(Path(__file__).parent)

from spymaster_engine.options.black76 import (  # noqa: E402
    BOUNDS,
    NO_ROOT,
    SOLVED,
    Greeks,
    gamma_profile,
    greeks,
    implied_volatility,
    price,
)

__all__ = [
    "BOUNDS",
    "NO_ROOT",
    "SOLVED",
    "Greeks",
    "gamma_profile",
    "greeks",
    "implied_volatility",
    "price",
]
