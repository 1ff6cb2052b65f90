"""What market features show while the generator plants a signature, and a sign test.

An approach counts upward in its own direction: an imbalance towards bids counts positive before a
rise and negative before a fall.
"""

from __future__ import annotations

import datetime as dt
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import comb, fsum
from typing import Any

NEAR_BANDS = ("0_4", "4_8", "8_12")
SIGN = {"up": 1, "down": -1}

Bar = Mapping[str, Any]


@dataclass(frozen=True)
class Phase:
    """Market features of the phase of an approach, in the direction of the approach.

    Attributes:
        signature: class of the signature.
        imbalance: mean depth imbalance of the bars of the second half, by band; ``near`` is the
            mean over the bands near the touch.
        ofi: order flow imbalance of all bars, contracts.
    """

    signature: str
    imbalance: Mapping[str, float]
    ofi: int


def phases(approaches: Iterable[Mapping[str, Any]], bars: Iterable[Bar]) -> list[Phase]:
    """Return the phase of every approach, in order of time.

    Args:
        approaches: rows of truth_approaches.
        bars: rows of market_by_price_10_bar5s.
    """
    by_day: dict[tuple[str, dt.date], list[Bar]] = defaultdict(list)
    for bar in bars:
        by_day[bar["symbol"], bar["dt"]].append(bar)
    ordered = sorted(approaches, key=lambda approach: approach["phase_start_ts"])
    return [_phase(found, by_day[found["symbol"], found["dt"]]) for found in ordered]


def _phase(approach: Mapping[str, Any], bars: list[Bar]) -> Phase:
    """Return the phase; its bars end after its start, the last at the decision."""
    start, end = approach["phase_start_ts"], approach["phase_end_ts"]
    middle = start + (end - start) / 2
    own = [bar for bar in bars if start < bar["bar_end_ts"] <= approach["decision_ts"]]
    assert own and all(bar["is_valid"] for bar in own), approach
    # what leaves the book adds up over the phase
    late = [bar for bar in own if bar["bar_end_ts"] > middle]
    sign = SIGN[approach["direction"]]
    imbalance = {
        band: sign * _mean([bar[f"depth_imbalance_{band}_twa"] for bar in late])
        for band in NEAR_BANDS
    }
    imbalance["near"] = _mean(list(imbalance.values()))
    return Phase(approach["signature"], imbalance, sign * sum(bar["ofi_l1_sum"] for bar in own))


def _mean(values: Sequence[float]) -> float:
    return fsum(values) / len(values)


def values_of(found: Iterable[Phase], signature: str, band: str) -> list[float]:
    """Return the depth imbalance of a band in the approaches of a class."""
    return [phase.imbalance[band] for phase in found if phase.signature == signature]


def sign_test(more: Sequence[float], less: Sequence[float]) -> tuple[int, int, float]:
    """Compare values pair by pair.

    Returns:
        Pairs in which the first is larger, pairs that differ, and the chance of so many or more if
        either is larger with equal chance.
    """
    differing = [(one, other) for one, other in zip(more, less, strict=False) if one != other]
    larger, n = sum(one > other for one, other in differing), len(differing)
    return larger, n, sum(comb(n, k) for k in range(larger, n + 1)) / 2**n
