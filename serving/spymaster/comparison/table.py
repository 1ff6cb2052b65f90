"""Compare two order flows: numbers side by side, and their differences in words."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from spymaster_ingest.units import NS_PER_S

from spymaster.comparison.order_flow import ACTIONS, OrderFlow

MESSAGE_MIX = "message mix"
INTER_ARRIVAL = "inter-arrival time"
DEPTH_PROFILE = "depth profile"
CANCEL_AGE = "cancel age"
GROUPS = (MESSAGE_MIX, INTER_ARRIVAL, DEPTH_PROFILE, CANCEL_AGE)

_NS_PER_MS = 1_000_000
_QUANTILES = (10, 25, 50, 75, 90, 99)
# ends of each row's range of distances, in ticks from the touch, both included
_DISTANCES = ((0, 0), (1, 1), (2, 2), (3, 3), (4, 4), (5, 5), (6, 10), (11, 20), (21, 50), (51, 99))


@dataclass(frozen=True)
class ComparisonRow:
    """One quantity of both files.

    Attributes:
        group: one of GROUPS.
        quantity: what was measured.
        unit: of both values.
        value, reference: None where a file does not contain what it needs.
    """

    group: str
    quantity: str
    unit: str
    value: float | None
    reference: float | None

    @property
    def ratio(self) -> float | None:
        """Value over reference; None if either is missing or zero."""
        return self.value / self.reference if self.value and self.reference else None

    def differs(self, factor: float) -> bool:
        """Return whether the values are more than a factor apart, or only one of them is zero."""
        if self.value is None or self.reference is None:
            return False
        if self.ratio is None:
            return self.value != self.reference
        return not 1 / factor <= self.ratio <= factor


def compare(file: OrderFlow, reference: OrderFlow) -> list[ComparisonRow]:
    """Return the comparison of two order flows, group by group in the order of GROUPS."""
    sides = [_measures(flow) for flow in (file, reference)]
    return [ComparisonRow(*key, sides[0][key], sides[1][key]) for key in sides[0]]


def findings(rows: list[ComparisonRow], factor: float) -> list[str]:
    """Return the differences of more than a factor between a file and its reference in words.

    A group gets one line per quantity that differs, or a single line if none does.
    """
    lines = []
    for group in GROUPS:
        own = [row for row in rows if row.group == group]
        apart = [row for row in own if row.differs(factor)]
        if not apart:
            lines.append(f"{group}: nothing is more than {factor:g} times apart")
        lines += [f"{group}: {_sentence(row)}" for row in apart]
    return lines


def number_text(value: float | None) -> str:
    """Return a value with three significant digits, empty for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"


def _sentence(row: ComparisonRow) -> str:
    own, other = (f"{number_text(v)} {row.unit}".rstrip() for v in (row.value, row.reference))
    if row.ratio is None:
        return f"{row.quantity} is {own}, that of the reference {other}"
    if row.ratio > 1:
        return f"{row.quantity} is {own}, {number_text(row.ratio)} times the reference's {other}"
    return f"{row.quantity} is {own}, {number_text(1 / row.ratio)} times less than {other}"


def _measures(flow: OrderFlow) -> dict[tuple[str, str, str], float | None]:
    """Return every quantity of a file by group, name and unit."""
    found: dict[tuple[str, str, str], float | None] = {}
    total = sum(flow.messages.values())
    for action in ACTIONS:
        share = 100 * flow.messages[action] / total if total else None
        found[MESSAGE_MIX, f"share of {action}", "%"] = share
    found |= _times(INTER_ARRIVAL, flow.gaps_ns / _NS_PER_MS, "ms")
    mean = flow.gaps_ns.mean() if flow.gaps_ns.size else 0.0
    # clustering of events at any pace; independent events have 0.69 and 1
    for name, part in (("median", np.median), ("standard deviation", np.std)):
        clustering = float(part(flow.gaps_ns) / mean) if mean else None
        found[INTER_ARRIVAL, f"{name} over mean", ""] = clustering
    for first, last in _DISTANCES:
        name = f"{first}" if first == last else f"{first} to {last}"
        orders = float(flow.orders_by_distance[first : last + 1].mean())
        found[DEPTH_PROFILE, f"orders per price, ticks from the touch: {name}", ""] = orders
    orders = float(flow.orders_by_distance.sum())
    contracts = float(flow.contracts_by_distance.sum())
    found[DEPTH_PROFILE, "contracts per order", ""] = contracts / orders if orders else None
    peak = float(np.argmax(flow.orders_by_distance)) if orders else None
    found[DEPTH_PROFILE, "distance with the most orders", "ticks"] = peak
    found |= _times(CANCEL_AGE, flow.ages_ns / NS_PER_S, "s")
    cancels = flow.ages_ns.size + flow.old_cancels
    old = 100 * flow.old_cancels / cancels if cancels else None
    found[CANCEL_AGE, "share of orders from before the file", "%"] = old
    return found


def _times(group: str, times: np.ndarray, unit: str) -> dict[tuple[str, str, str], float | None]:
    """Return mean and quantiles of times, None for all when there are none."""
    quantiles = np.quantile(times, np.array(_QUANTILES) / 100) if times.size else None
    found: dict[tuple[str, str, str], float | None] = {
        (group, "mean", unit): float(times.mean()) if times.size else None
    }
    for i, quantile in enumerate(_QUANTILES):
        value = None if quantiles is None else float(quantiles[i])
        found[group, f"{quantile} % quantile", unit] = value
    return found
