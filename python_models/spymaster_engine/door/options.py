"""Kernels of the options. An undefined result is NULL.

- ``option_books``: quotes and flows of every option and second, in one pass over landed orders.
- ``black76_implied_vol``, ``black76_greeks``: of columns of numbers.
- ``gamma_profile``: the summed gamma of options at prices of the future.
"""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from spymaster_engine.door.kernel import Groups, Kernel
from spymaster_engine.door.landed import ORDERS
from spymaster_engine.door.passes import Pass, whole_day
from spymaster_engine.door.tables import arrays, columns
from spymaster_engine.option_columns import BOOK_ROW, GREEKS, IV_STATUSES, NULLABLE, PROFILE_OPTION

_DOUBLE = pa.float64()
_IMPLIED = pa.struct([("implied_vol", _DOUBLE), ("iv_status", pa.string())])


def _begin_books(_: str, settings: dict[str, int]) -> Pass:
    from spymaster_engine.kernels.options.option_day import OptionPass

    return OptionPass(**settings)


def _implied_vol(**terms: pa.Array) -> pa.StructArray:
    from spymaster_engine.kernels.options import implied_volatility

    sigma, status = implied_volatility(*map(_numbers, terms.values()))
    names = pa.array(IV_STATUSES).take(pa.array(status))
    return pa.StructArray.from_arrays([_nullable(sigma), names], fields=list(_IMPLIED))


def _greeks(**terms: pa.Array) -> pa.StructArray:
    from spymaster_engine.kernels.options import greeks

    found = greeks(*map(_numbers, terms.values()))
    return pa.StructArray.from_arrays(
        [_nullable(getattr(found, name)) for name in GREEKS], list(GREEKS)
    )


def _gamma_profile(options: Groups, prices: Groups) -> Groups:
    from spymaster_engine.kernels.options import gamma_profile

    strike, implied_vol, t_years, rate, weight = arrays(options.values).values()
    totals = gamma_profile(
        strike,
        implied_vol,
        t_years,
        rate,
        weight,
        options.bounds,
        prices.values.to_numpy(),
        prices.bounds,
    )
    return Groups(pa.array(totals), prices.bounds)


def _numbers(column: pa.Array) -> np.ndarray:
    """Return a column as float64, nan for NULL."""
    return column.to_numpy(zero_copy_only=False)


def _nullable(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


OPTION_KERNELS = (
    Kernel(
        "option_books",
        inputs={"orders": ORDERS, "settings": pa.struct([("day_start_s", pa.int64())])},
        outputs={"rows": columns(BOOK_ROW, nullable=NULLABLE)},
        run=whole_day(_begin_books),
        version=2,
        begin=_begin_books,
    ),
    Kernel(
        "black76_implied_vol",
        inputs=dict.fromkeys(("sign", "forward", "strike", "value", "years", "rate"), _DOUBLE),
        outputs={"implied": _IMPLIED},
        run=_implied_vol,
        takes_many=True,
        takes_null=True,
    ),
    Kernel(
        "black76_greeks",
        inputs=dict.fromkeys(("forward", "strike", "sigma", "years", "rate"), _DOUBLE),
        outputs={"greeks": pa.struct([(name, _DOUBLE) for name in GREEKS])},
        run=_greeks,
        takes_many=True,
        takes_null=True,
    ),
    Kernel(
        "gamma_profile",
        inputs={
            # the weight multiplies the gamma of the option
            "options": columns(PROFILE_OPTION, _DOUBLE, nullable=PROFILE_OPTION),
            "prices": pa.list_(_DOUBLE),
        },
        outputs={"gammas": pa.list_(_DOUBLE)},
        run=_gamma_profile,
        takes_many=True,
    ),
)
