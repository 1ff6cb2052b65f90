"""Histogram of capture latency with bounded memory and a relative error below 1/128.

Log-linear buckets as in HdrHistogram: values below 128 ns are exact; above, the seven leading
bits of the value are kept. The quantile of a histogram is the lower bound of the bucket that
holds the order statistic ``floor(q * (n - 1))``. Negative latencies (clock differences) mirror
the positive ones.
"""

from __future__ import annotations

import numpy as np

from spymaster_engine.kernels.compiled import kernel

_EXACT_BITS = 7
_EXACT = 1 << _EXACT_BITS
_HALF = _EXACT >> 1
_MAX_SHIFT = 63 - _EXACT_BITS
_POSITIVE_BUCKETS = _EXACT + _MAX_SHIFT * _HALF
N_BUCKETS = 2 * _POSITIVE_BUCKETS


@kernel
def latency_bucket(latency_ns):
    """Return the bucket of a latency; buckets ascend with the value."""
    magnitude = latency_ns if latency_ns >= 0 else -(latency_ns + 1)
    shift = 0
    while (magnitude >> shift) >= _EXACT:
        shift += 1
    index = magnitude
    if shift:
        index = _EXACT + (shift - 1) * _HALF + ((magnitude >> shift) - _HALF)
    if latency_ns >= 0:
        return _POSITIVE_BUCKETS + index
    return _POSITIVE_BUCKETS - 1 - index


def bucket_floor_ns(bucket: int) -> int:
    """Return the smallest magnitude of a bucket, with its sign, in ns."""
    is_negative = bucket < _POSITIVE_BUCKETS
    index = _POSITIVE_BUCKETS - 1 - bucket if is_negative else bucket - _POSITIVE_BUCKETS
    if index < _EXACT:
        magnitude = index
    else:
        shift, mantissa = divmod(index - _EXACT, _HALF)
        magnitude = (mantissa + _HALF) << (shift + 1)
    return -magnitude - 1 if is_negative else magnitude


def latency_summary(histogram: np.ndarray) -> dict[str, int | None]:
    """Return median and 99 % quantile of a histogram in ns, by their names in ``book_engine_qa``.

    ``histogram`` is (N_BUCKETS,) int64 counts; values are None when it is empty.
    """
    found: dict[str, int | None] = {}
    for name, quantile in (("latency_ns_q50", 0.5), ("latency_ns_q99", 0.99)):
        bucket = histogram_quantile(histogram, quantile)
        found[name] = None if bucket is None else bucket_floor_ns(bucket)
    return found


def histogram_quantile(histogram: np.ndarray, quantile: float) -> int | None:
    """Return the index of the bucket with order statistic ``floor(quantile * (n - 1))``.

    ``histogram`` is (n_buckets,) int64 counts; None when it is empty.
    """
    n = int(histogram.sum())
    if n == 0:
        return None
    rank = int(quantile * (n - 1))
    return int(np.searchsorted(np.cumsum(histogram), rank, side="right"))
