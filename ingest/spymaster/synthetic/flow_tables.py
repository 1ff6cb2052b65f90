"""Settings of the order flow, and the integer tables the kernel reads them from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np

from spymaster.synthetic.random_streams import exponential_table, quantile_table

# The furthest distance, in ticks from the opposite best price, at which orders arrive.
FURTHEST_TICKS = 4_000
# Orders further than this from the touch belong to nobody who watches the market.
WATCHED_TICKS = 400


@dataclass(frozen=True)
class FlowSettings:
    """Order flow of a contract; shares are of all decisions of the market's participants.

    Attributes:
        trade_share: aggressive orders.
        modify_share: modifications; the rest is arrivals and cancellations.
        arrival_exponent: arrivals fall with distance from the opposite best as a power law.
        touch_arrival_weight: extra weight of arrivals at the best price.
        depth_orders: resting orders per price, extrapolated to one tick from the touch.
        depth_exponent: resting orders fall with distance from the touch as a power law.
        hump_factors: orders at the first prices relative to the power law (hump behind them).
        remote_factor: orders beyond WATCHED_TICKS relative to the power law.
        stub_orders: orders per side so far away that they hardly ever change.
        sign_persistence: chance that an aggressor repeats the side of the one before.
        excitation_gain, excitation_decay: pace added by a trade; share of it lost per decision.
        reaction_share: decisions that follow the last one within microseconds.
        iceberg_share: arrivals near the touch with a hidden reserve.
        partial_cancel_share: cancels of more than one contract that leave some.
        newest_cancel_share: cancels that hit the youngest order of their price.
        records_per_decision: mean, to turn a rate of records into one of decisions.
    """

    trade_share: float = 0.066
    modify_share: float = 0.228
    arrival_exponent: float = 1.55
    touch_arrival_weight: float = 1.6
    depth_orders: float = 85.0
    depth_exponent: float = 0.5
    hump_factors: tuple[float, ...] = (0.24, 0.42, 0.65, 0.85)
    remote_factor: float = 0.04
    stub_orders: int = 25
    sign_persistence: float = 0.5
    excitation_gain: float = 0.16
    excitation_decay: float = 0.02
    reaction_share: float = 0.45
    iceberg_share: float = 0.006
    partial_cancel_share: float = 0.02
    newest_cancel_share: float = 0.55
    records_per_decision: float = 1.4


class FlowTables(NamedTuple):
    """What the kernel reads: quantile tables (int32, int64), target depth and shares (float64)."""

    exponential: np.ndarray
    distance: np.ndarray
    order_size: np.ndarray
    trade_size: np.ndarray
    target_orders: np.ndarray
    record_rate: np.ndarray
    fair_level: np.ndarray
    trade_share: float
    modify_share: float
    sign_persistence: float
    excitation_gain: float
    excitation_decay: float
    reaction_share: float
    iceberg_share: float
    partial_cancel_share: float
    newest_cancel_share: float


def target_orders(settings: FlowSettings) -> np.ndarray:
    """Return the resting orders a price tends to, by ticks behind the opposite best less one.

    Returns:
        Shape (FURTHEST_TICKS + 1,), float64.
    """
    distance = np.arange(1, FURTHEST_TICKS + 2, dtype=np.float64)
    orders = settings.depth_orders * np.power(distance, -settings.depth_exponent)
    orders[: len(settings.hump_factors)] *= settings.hump_factors
    orders[WATCHED_TICKS:] *= settings.remote_factor
    # Rounded so that a last-bit difference of the power function cannot reach a decision.
    return np.round(orders, 6)


def flow_tables(
    settings: FlowSettings, record_rate: np.ndarray, fair_level: np.ndarray
) -> FlowTables:
    """Return the kernel's tables for a day.

    Args:
        settings: the order flow.
        record_rate: shape (seconds,), records per second.
        fair_level: shape (seconds + 1,), the price the market is drawn to, as a ladder level.
    """
    distances = range(FURTHEST_TICKS + 1)
    arrivals = [(1 + d) ** -settings.arrival_exponent for d in distances]
    arrivals[0] *= settings.touch_arrival_weight
    sizes = range(1, 201)
    # Small orders dominate; round sizes stand out, as on every real venue.
    resting = [s**-2.4 * (4.0 if s in (5, 10, 20, 25, 50, 100) else 1.0) for s in sizes]
    aggressive = [s**-1.9 * (3.0 if s in (5, 10, 20, 50, 100) else 1.0) for s in sizes]
    return FlowTables(
        exponential=exponential_table(),
        distance=quantile_table(distances, arrivals),
        order_size=quantile_table(sizes, resting),
        trade_size=quantile_table(sizes, aggressive),
        target_orders=target_orders(settings),
        record_rate=record_rate / settings.records_per_decision,
        fair_level=fair_level,
        trade_share=settings.trade_share,
        modify_share=settings.modify_share,
        sign_persistence=settings.sign_persistence,
        excitation_gain=settings.excitation_gain,
        excitation_decay=settings.excitation_decay,
        reaction_share=settings.reaction_share,
        iceberg_share=settings.iceberg_share,
        partial_cancel_share=settings.partial_cancel_share,
        newest_cancel_share=settings.newest_cancel_share,
    )
