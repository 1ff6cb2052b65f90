"""Random numbers with explicit state: the same seed gives the same numbers on any machine.

The generator is SplitMix64 (Steele, Lea, Flood: "Fast splittable pseudorandom number
generators", OOPSLA 2014). Kernels draw from a state array that the caller passes, so nothing
depends on global state. Every component of the market has its own stream: more draws from one leave
the others unchanged.

Distributions are tables of integers made once, outside the kernels. A kernel only adds, multiplies
and looks up, which IEEE 754 makes exact; exp and log differ between machines in the last bit.
"""

from __future__ import annotations

import hashlib
import math
from collections.abc import Sequence

import numpy as np
from spymaster_ingest.synthetic.compiled import entry

_STEP = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30, _SHIFT_27, _SHIFT_31 = np.uint64(30), np.uint64(27), np.uint64(31)
_SHIFT_11 = np.uint64(11)
_UNIT = 2.0**-53
_ROOT_OF_THREE = 1.7320508075688772
_DECAYED = 32.0

TABLE_SIZE = 1 << 16
EXPONENTIAL_SCALE = 1 << 20


def stream_states(*key: object, components: Sequence[str]) -> np.ndarray:
    """Return one start state per component, derived from a key.

    Args:
        key: identifies the streams, such as seed, date and contract; compared as text.
        components: names of the streams, in the order of the result.

    Returns:
        Shape (len(components),), uint64.
    """
    prefix = "\x1f".join(str(part) for part in key)
    digests = (
        hashlib.blake2b(f"{prefix}\x1e{name}".encode(), digest_size=8).digest()
        for name in components
    )
    return np.array([int.from_bytes(digest, "little") for digest in digests], dtype=np.uint64)


@entry
def next_bits(states: np.ndarray, stream: int) -> np.uint64:
    """Return 64 random bits and advance one stream (states: uint64 array)."""
    states[stream] += _STEP
    bits = states[stream]
    bits = (bits ^ (bits >> _SHIFT_30)) * _MIX_1
    bits = (bits ^ (bits >> _SHIFT_27)) * _MIX_2
    return bits ^ (bits >> _SHIFT_31)


@entry
def next_unit(states: np.ndarray, stream: int) -> float:
    """Return a number in [0, 1), uniform on a grid of 2**-53."""
    return np.float64(next_bits(states, stream) >> _SHIFT_11) * _UNIT


@entry
def next_below(states: np.ndarray, stream: int, limit: int) -> int:
    """Return an integer in [0, limit), for limits far below 2**53."""
    return int(next_unit(states, stream) * limit)


@entry
def next_choice(states: np.ndarray, stream: int, table: np.ndarray) -> int:
    """Return an entry of a quantile table, each equally likely."""
    return int(table[int(next_unit(states, stream) * table.size)])


@entry
def next_exponential(states: np.ndarray, stream: int, table: np.ndarray) -> float:
    """Return an exponential variate of mean 1, interpolated in its quantile table."""
    position = next_unit(states, stream) * (table.size - 1)
    low = int(position)
    value = table[low] + (position - low) * (table[low + 1] - table[low])
    return value / EXPONENTIAL_SCALE


@entry
def next_bell(states: np.ndarray, stream: int) -> float:
    """Return a number of mean 0 and variance 1: four uniform draws, nearly normal."""
    total = next_unit(states, stream) + next_unit(states, stream)
    total += next_unit(states, stream) + next_unit(states, stream)
    return (total - 2.0) * _ROOT_OF_THREE


@entry
def decay(x: float) -> float:
    """Return roughly exp(-x) for x >= 0, by multiplications only, exact on every machine."""
    if x >= _DECAYED:
        return 0.0
    y = 1.0 - x / 64.0
    for _ in range(6):
        y *= y
    return y


def exponential_table() -> np.ndarray:
    """Return quantiles of the exponential distribution times EXPONENTIAL_SCALE, int64."""
    count = 4096
    return np.array(
        [
            round(-math.log1p(-min(i / count, 1 - 1 / (2 * count))) * EXPONENTIAL_SCALE)
            for i in range(count + 1)
        ],
        dtype=np.int64,
    )


def quantile_table(values: Sequence[int], weights: Sequence[float]) -> np.ndarray:
    """Return TABLE_SIZE quantiles of a discrete distribution, int32.

    Args:
        values: the outcomes, in the order of their quantiles.
        weights: a non-negative weight per outcome; the sum is arbitrary.
    """
    total = math.fsum(weights)
    ends, running = [], 0.0
    for weight in weights:
        running += weight
        ends.append(round(running / total * TABLE_SIZE))
    ends[-1] = TABLE_SIZE
    counts: np.ndarray = np.diff(np.array([0, *ends], dtype=np.int64))
    return np.repeat(np.array(values, dtype=np.int32), counts)
