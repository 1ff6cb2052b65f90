"""Plugin of dbt-duckdb: the kernels of the options as functions of SQL. Named in ``profiles.yml``.

``write_option_books(source, day_start_s, target)`` turns landed records into a file with the
quotes and flows of every option and second; without a source it writes a file without rows.
``black76_implied_vol`` and ``black76_greeks`` take columns of numbers, ``gamma_profile`` a list
of options and a list of prices of the future. An undefined result is NULL.
"""

from __future__ import annotations

from pathlib import Path

import duckdb
import numpy as np
import pyarrow as pa
from dbt.adapters.duckdb.plugins import BasePlugin
from duckdb.func import SPECIAL

from spymaster_warehouse.arrow_columns import register

_STATUSES = ("ok", "bounds", "no_root")
_GREEKS = ("gamma", "delta_call", "delta_put", "vega")
PROFILE_OPTION = ("strike", "implied_vol", "t_years", "rate", "weight")


def write_option_books(source: str | None, day_start_s: int, target: str) -> str:
    """Write the rows of the option books of a landed file, and return where."""
    # imported when books are built: it brings a compiler along
    from spymaster_engine.kernels.options.option_day import (
        write_option_books,
        write_option_books_of_file,
    )

    if source is None:
        write_option_books([], day_start_s, Path(target))
    else:
        write_option_books_of_file(Path(source), day_start_s, Path(target))
    return target


def remove_file(path: str) -> str:
    """Remove a file, which need not be there, and return its name."""
    Path(path).unlink(missing_ok=True)
    return path


def implied_vol_of_columns(
    sign: pa.ChunkedArray,
    forward: pa.ChunkedArray,
    strike: pa.ChunkedArray,
    value: pa.ChunkedArray,
    years: pa.ChunkedArray,
    rate: pa.ChunkedArray,
) -> pa.Array:
    """Return structs of implied volatility and status; arguments as of the kernel."""
    from spymaster_engine.kernels.options import implied_volatility

    columns = [_numbers(column) for column in (sign, forward, strike, value, years, rate)]
    sigma, status = implied_volatility(*columns)
    statuses = pa.DictionaryArray.from_arrays(pa.array(status), pa.array(_STATUSES))
    statuses = statuses.cast(pa.string())
    return pa.StructArray.from_arrays([_nullable(sigma), statuses], ["implied_vol", "iv_status"])


def greeks_of_columns(
    forward: pa.ChunkedArray,
    strike: pa.ChunkedArray,
    sigma: pa.ChunkedArray,
    years: pa.ChunkedArray,
    rate: pa.ChunkedArray,
) -> pa.Array:
    """Return structs of sensitivities; arguments as of the kernel."""
    from spymaster_engine.kernels.options import greeks

    found = greeks(*(_numbers(column) for column in (forward, strike, sigma, years, rate)))
    return pa.StructArray.from_arrays(
        [_nullable(getattr(found, name)) for name in _GREEKS], list(_GREEKS)
    )


def gamma_profile_of_lists(options: pa.ChunkedArray, prices: pa.ChunkedArray) -> pa.Array:
    """Return, per list of options, their summed gamma at each of the list of prices.

    Args:
        options: lists of structs of float64, by the names of ``PROFILE_OPTION``; the weight
            multiplies the gamma of the option.
        prices: lists of float64, prices of the future.
    """
    from spymaster_engine.kernels.options import gamma_profile

    options, prices = options.combine_chunks(), prices.combine_chunks()
    all_options, all_prices = options.flatten(), prices.flatten()
    price_bounds = _bounds(prices)
    columns = [all_options.field(name).to_numpy(zero_copy_only=False) for name in PROFILE_OPTION]
    columns += [_bounds(options), all_prices.to_numpy(), price_bounds]
    totals = gamma_profile(*columns)
    return pa.ListArray.from_arrays(pa.array(price_bounds, pa.int32()), pa.array(totals))


def _numbers(column: pa.ChunkedArray) -> np.ndarray:
    """Return a column as float64, NaN for NULL."""
    return column.cast(pa.float64()).to_numpy()


def _nullable(values: np.ndarray) -> pa.Array:
    return pa.array(values, mask=np.isnan(values))


def _bounds(lists: pa.ListArray) -> np.ndarray:
    offsets = lists.offsets.to_numpy()
    return (offsets - offsets[0]).astype(np.int64)


class Plugin(BasePlugin):
    """Registers the functions on every connection."""

    def configure_connection(self, conn: duckdb.DuckDBPyConnection) -> None:
        """Register the functions."""
        conn.create_function(
            "write_option_books",
            write_option_books,
            ["VARCHAR", "BIGINT", "VARCHAR"],
            "VARCHAR",
            side_effects=True,
            null_handling=SPECIAL,
        )
        conn.create_function("remove_file", remove_file, ["VARCHAR"], "VARCHAR", side_effects=True)
        register(
            conn,
            "black76_implied_vol",
            implied_vol_of_columns,
            ["DOUBLE"] * 6,
            "STRUCT(implied_vol DOUBLE, iv_status VARCHAR)",
            takes_null=True,
        )
        register(
            conn,
            "black76_greeks",
            greeks_of_columns,
            ["DOUBLE"] * 5,
            f"STRUCT({', '.join(f'{name} DOUBLE' for name in _GREEKS)})",
            takes_null=True,
        )
        register(
            conn,
            "gamma_profile",
            gamma_profile_of_lists,
            [f"STRUCT({', '.join(f'{name} DOUBLE' for name in PROFILE_OPTION)})[]", "DOUBLE[]"],
            "DOUBLE[]",
        )
