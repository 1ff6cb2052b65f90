"""Options on futures: Black-76 prices, implied volatilities and the profile of gamma."""

from spymaster_engine.kernels.options.black76 import (
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
