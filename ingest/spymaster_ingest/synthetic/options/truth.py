"""The truth about the options, second by second: volatility, gamma and exposure.

Black-76 on the future's mid price at the end of the second, with the surface in force in it;
gamma exposure = gamma x open interest x multiplier, the change of dollar delta per point of the
future, with calls counted as held (+) and puts as sold (-) by dealers.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from spymaster_ingest.durable import put_in_place, temporary_sibling
from spymaster_ingest.synthetic.options.black76 import fill_values, years_to_expiry
from spymaster_ingest.synthetic.options.option_days import OptionDay
from spymaster_ingest.synthetic.options.statistics import OpenInterest, open_interest
from spymaster_ingest.synthetic.truth_files import OPTION_TABLES, truth_path
from spymaster_ingest.units import NS_PER_S, PRICE_SCALE

(TABLE,) = OPTION_TABLES
_TIME = pa.timestamp("ns")
_SECONDS_PER_GROUP = 600
_DEALER_SIGNS = (1, -1)
# columns with hardly a repeated value
_CONTINUOUS = ("price", "gamma", "gex")


def write_option_truth(out_dir: Path, frame: OptionDay, seconds: np.ndarray) -> Path:
    """Write ``truth_options`` of a day beside the other truth and return its path.

    One row per second, expiry, strike and right, for the seconds of the dense period in which
    the venue was open and the expiry not over; nothing is quoted in others.

    Args:
        out_dir: the raw store.
        frame: the day.
        seconds: SECOND_ROW of the whole day.
    """
    path = truth_path(out_dir, TABLE, frame.chain.future.symbol, frame.day)
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = temporary_sibling(path)
    interest = open_interest(frame)
    schema = _table(frame, seconds[:0], interest).schema
    try:
        with pq.ParquetWriter(
            temporary,
            schema,
            compression="zstd",
            use_dictionary=[name for name in schema.names if name not in _CONTINUOUS],
            column_encoding=dict.fromkeys(_CONTINUOUS, "BYTE_STREAM_SPLIT"),
        ) as writer:
            for start in range(0, seconds.size, _SECONDS_PER_GROUP):
                part = seconds[start : start + _SECONDS_PER_GROUP]
                writer.write_table(_table(frame, part, interest))
        put_in_place(temporary, path)
    finally:
        temporary.unlink(missing_ok=True)
    return path


def _table(frame: OptionDay, rows: np.ndarray, interest: OpenInterest) -> pa.Table:
    """Return the truth of some seconds (SECOND_ROW)."""
    tables = [
        _expiry_table(frame, rows, interest, number)
        for number in range(len(frame.chain.expirations))
    ]
    table = pa.concat_tables(tables)
    return table.sort_by(
        [(name, "ascending") for name in ("window_start_ts", "expiration", "strike_price_int")]
        + [("right", "ascending")]
    )


def _expiry_table(
    frame: OptionDay, rows: np.ndarray, interest: OpenInterest, number: int
) -> pa.Table:
    chain, product = frame.chain, frame.chain.product
    expiration_s = int(chain.expirations[number].timestamp())
    midnight_ns = frame.market.pace_of(frame.day).midnight_ns
    end_s = midnight_ns // NS_PER_S + rows["second"] + 1
    rows, end_s = rows[end_s <= expiration_s], end_s[end_s <= expiration_s]
    strikes = np.array(chain.strikes_int)
    forward = rows["mid"] * (chain.future.tick_int // 2) / PRICE_SCALE
    years = years_to_expiry((expiration_s - end_s).astype(np.float64))
    sigma = np.ascontiguousarray(frame.surface.sigma[rows["step"], number])
    price = np.empty((2, *sigma.shape))
    gamma = np.empty(sigma.shape)
    fill_values(forward, strikes / PRICE_SCALE, sigma, years, product.rate, *price, gamma)
    m, n = sigma.shape
    options = chain.options[2 * n * number : 2 * n * (number + 1)]
    known = interest.known_in(rows["second"])[:, 2 * n * number : 2 * n * (number + 1)]
    signs = np.tile(_DEALER_SIGNS, m * n)
    exposure = np.repeat(gamma.ravel(), 2) * known.ravel() * frame.market.product.point_value

    def per_second(values: np.ndarray) -> np.ndarray:
        return np.repeat(values, 2 * n)

    def per_option(values: list, kind: pa.DataType) -> pa.Array:
        index = pa.array(np.tile(np.arange(2 * n, dtype=np.int32), m))
        return pa.DictionaryArray.from_arrays(index, pa.array(values, kind)).cast(kind)

    start_ns = (end_s - 1) * NS_PER_S
    return pa.table(
        {
            "symbol": pa.array([chain.future.symbol] * (2 * m * n), pa.string()),
            "dt": pa.array([frame.day] * (2 * m * n), pa.date32()),
            "window_start_ts": pa.array(per_second(start_ns)).cast(_TIME),
            "window_end_ts": pa.array(per_second(start_ns + NS_PER_S)).cast(_TIME),
            "option_symbol": per_option([o.symbol for o in options], pa.string()),
            "right": per_option([o.right for o in options], pa.string()),
            "expiration": pa.array(np.full(2 * m * n, expiration_s * NS_PER_S)).cast(_TIME),
            "strike_price_int": per_option([o.strike_int for o in options], pa.int64()),
            "implied_vol": pa.array(np.repeat(sigma.ravel(), 2)),
            "f_price": pa.array(per_second(forward)),
            "t_years": pa.array(per_second(years)),
            "rate": pa.array(np.full(2 * m * n, product.rate)),
            "price": pa.array(np.moveaxis(price, 0, -1).ravel()),
            "gamma": pa.array(np.repeat(gamma.ravel(), 2)),
            "open_interest": pa.array(known.ravel()),
            "gex": pa.array(exposure * signs),
            # whether the market maker had priced all changes in before the second ended
            "is_priced_in": pa.array(per_second(rows["is_priced_in"] != 0)),
        }
    )
