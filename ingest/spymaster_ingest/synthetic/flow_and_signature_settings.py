"""Settings of the order flow and of the planted signatures, and the tables for kernels."""

from __future__ import annotations

import csv
import math
from dataclasses import dataclass, field, fields, replace
from functools import cache
from pathlib import Path

import numpy as np
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic.market_arrays import FIRST_MECHANISM, MECHANISMS, SIGNATURES
from spymaster_ingest.synthetic.random_streams import exponential_table, quantile_table

# The furthest distance, in ticks from the opposite best price, at which orders arrive.
FURTHEST_TICKS = 4_000
# Orders further than this from the touch belong to participants who ignore the market.
WATCHED_TICKS = 400

_OUTCOME_FILE = Path(__file__).with_name("outcome_given_signature.csv")
_MECHANISM_FILE = Path(__file__).with_name("mechanism_flows.csv")


@dataclass(frozen=True)
class FlowSettings:
    """Order flow of a contract; shares are of all decisions of the crowd.

    Attributes:
        trade_share: aggressive orders.
        modify_share: modifications; the rest are arrivals and cancellations.
        shrink_share, grow_share: of the modifications; the rest are re-prices.
        arrival_exponent: arrivals fall with distance from the opposite best as a power law.
        touch_arrival_weight: extra weight of arrivals at the best price.
        depth_orders: resting orders per price, extrapolated to one tick from the touch.
        depth_exponent: resting orders fall with distance from the touch as a power law.
        hump_factors: orders at the first prices relative to the power law (hump behind them).
        remote_factor: orders beyond WATCHED_TICKS relative to the power law.
        stub_orders: orders per side so far away that they hardly ever change.
        sign_persistence: chance that an aggressor repeats the side of the one before.
        branching: market orders that one more market order causes, on average (Hawkes).
        excitement_decay: rate at which the excitement decays, per second.
        largest_jump: most that an order adds to the pace, where orders are rare.
        shared_excitement: share of the market orders' clustering that applies to all decisions.
        reaction_share: decisions that follow the last within microseconds.
        iceberg_share: arrivals near the touch with a hidden reserve.
        partial_cancel_share: cancels of more than one contract that leave some.
        newest_cancel_share: cancels that hit the youngest order of their price.
        records_per_decision: mean; converts a rate of records into a rate of decisions.
        pre_open_reach: how far through the market orders lie before it opens, ticks.
    """

    trade_share: float = 0.06
    modify_share: float = 0.215
    shrink_share: float = 0.12
    grow_share: float = 0.10
    arrival_exponent: float = 1.55
    touch_arrival_weight: float = 1.6
    depth_orders: float = 112.0
    depth_exponent: float = 0.6
    hump_factors: tuple[float, ...] = (0.12, 0.31, 0.72, 1.15, 1.08)
    remote_factor: float = 0.04
    stub_orders: int = 25
    sign_persistence: float = 0.5
    branching: float = 0.5
    excitement_decay: float = 1.5
    largest_jump: float = 4.0
    shared_excitement: float = 0.5
    reaction_share: float = 0.6
    iceberg_share: float = 0.006
    partial_cancel_share: float = 0.02
    newest_cancel_share: float = 0.55
    records_per_decision: float = 1.4
    pre_open_reach: int = 5


@cache
def _outcome_table() -> tuple[tuple[float, ...], tuple[tuple[float, ...], ...]]:
    """Return frequencies and outcome chances per class from the generator's table."""
    with _OUTCOME_FILE.open(newline="", encoding="utf-8") as stream:
        rows = {row["signature"]: row for row in csv.DictReader(stream)}
    chosen = [rows[name] for name in SIGNATURES]
    return (
        tuple(float(row["frequency"]) for row in chosen),
        tuple(tuple(float(row[name]) for name in ("break", "reject", "chop")) for row in chosen),
    )


@dataclass(frozen=True)
class SignatureSettings:
    """Planted approaches of a day.

    Attributes:
        approaches: number per day, as far as they fit into the study window.
        gain: scales every signature.
        gain_spread: standard deviation of the logarithm of the gain.
        pull_ahead, pull_behind: contracts cancelled per contract that arrives, at gain 1;
            behind the price, where the touch is, more arrives.
        retreat_ahead, retreat_behind: contracts re-priced per contract that arrives.
        follow: contracts added per contract that arrives.
        wall_share: approaches with a wall behind their level.
        wall_orders: orders of a wall.
        wall_smallest: contracts of its smallest order; the largest has nearly twice as many.
        wall_shift: probability a wall moves from BREAK to REJECT.
        smallest_break: least chance of BREAK that remains with a wall.
        usual_seconds: seconds an approach usually takes, to spread them over the day.
        ends_at_decision: approaches stop at their decision; for draws of the phase alone.
        frequency: how often each class appears, in the order of SIGNATURES.
        outcome: chances of BREAK, REJECT and CHOP per class, shape (classes, 3).
    """

    approaches: int = 24
    gain: float = 1.0
    gain_spread: float = 0.7
    pull_ahead: float = 1.0
    pull_behind: float = 0.6
    retreat_ahead: float = 1.0
    retreat_behind: float = 0.4
    follow: float = 0.8
    wall_share: float = 0.3
    wall_orders: int = 6
    wall_smallest: int = 60
    wall_shift: float = 0.2
    smallest_break: float = 0.05
    usual_seconds: int = 220
    ends_at_decision: bool = False
    frequency: tuple[float, ...] = field(default_factory=lambda: _outcome_table()[0])
    outcome: tuple[tuple[float, ...], ...] = field(default_factory=lambda: _outcome_table()[1])

    def with_mechanisms(self, share: float) -> SignatureSettings:
        """Return settings with a share of mechanisms among the approaches, each equally often.

        Raises:
            SpymasterError: when the share does not lie from 0 to 1.
        """
        # Compared so that NaN fails too.
        if not 0.0 <= share <= 1.0:
            raise SpymasterError(
                f"mechanisms {share}", "a share of the approaches lies from 0 to 1"
            )
        phases = self.frequency[:FIRST_MECHANISM]
        rest = ((1.0 - share) * f / math.fsum(phases) for f in phases)
        return replace(self, frequency=(*rest, *[share / len(MECHANISMS)] * len(MECHANISMS)))

    def chances(self) -> np.ndarray:
        """Return the chances of each outcome: shape (2, classes, 3), without and with a wall."""
        chances = np.array([self.outcome, self.outcome])
        moved = np.minimum(self.wall_shift, chances[1, :, 0] - self.smallest_break)
        chances[1, :, 0] -= moved
        chances[1, :, 1] += moved
        return chances


def target_orders(settings: FlowSettings) -> np.ndarray:
    """Return the usual resting orders of a price, by ticks behind the opposite best minus 1.

    Returns:
        Shape (FURTHEST_TICKS + 1,), float64.
    """
    distance = np.arange(1, FURTHEST_TICKS + 2, dtype=np.float64)
    orders = settings.depth_orders * np.power(distance, -settings.depth_exponent)
    orders[: len(settings.hump_factors)] *= settings.hump_factors
    orders[WATCHED_TICKS:] *= settings.remote_factor
    # Rounded so that a last-bit difference of the power function cannot reach a decision.
    return np.round(orders, 6)


def flow_arrays(settings: FlowSettings) -> dict[str, np.ndarray]:
    """Return the tables of the order flow, named as in ``Market``."""
    distances = range(FURTHEST_TICKS + 1)
    arrivals = [(1 + d) ** -settings.arrival_exponent for d in distances]
    arrivals[0] *= settings.touch_arrival_weight
    sizes = range(1, 201)
    # Small orders dominate; round sizes stand out, as on every real venue.
    resting = [s**-2.4 * (4.0 if s in (5, 10, 20, 25, 50, 100) else 1.0) for s in sizes]
    aggressive = [s**-1.9 * (3.0 if s in (5, 10, 20, 50, 100) else 1.0) for s in sizes]
    return {
        "exponential": exponential_table(),
        "distance": quantile_table(distances, arrivals),
        "order_size": quantile_table(sizes, resting),
        "trade_size": quantile_table(sizes, aggressive),
        "target": target_orders(settings),
        "settings": _numbers(settings),
    }


def signature_arrays(settings: SignatureSettings) -> dict[str, np.ndarray]:
    """Return the tables of the planted approaches, named as in ``Market``."""
    running, cuts = 0.0, []
    for share in settings.frequency:
        running += share
        cuts.append(running / math.fsum(settings.frequency))
    chances = settings.chances()
    return {
        "signature_rates": _numbers(settings),
        "signature_cuts": np.array(cuts),
        "mechanism_flows": _mechanism_flows(),
        "outcome_cuts": np.ascontiguousarray(np.cumsum(chances, axis=2)[:, :, :2]),
    }


def _mechanism_flows() -> np.ndarray:
    """Return the numbers of each mechanism from the generator's table, one row per MECHANISMS.

    ``hold_ticks``: where price waits, from the level. ``arrivals_kept``, ``cancels_kept``: share
    of the crowd's orders and cancellations in the barrier that happen. ``pushing``: share of its
    market orders that go towards the level for certain. ``withdrawn_over_s``: time in which the
    barrier would be gone; ``return_after_s``: after it defenders refill instead. ``attacked``:
    contracts per decision of the crowd, from ``attacked_after_s`` on. ``refilled``: contracts per
    contract hit. ``wall_orders``: orders that join at the start, in turn at ``wall_prices`` prices,
    ``wall_step_ticks`` apart. ``sweep_qty``: contracts of a break's first sweep.
    """
    with _MECHANISM_FILE.open(newline="", encoding="utf-8") as stream:
        rows = {row.pop("signature"): row for row in csv.DictReader(stream)}
    chosen = [rows[name] for name in MECHANISMS]
    kinds = np.dtype([(name, np.float64) for name in chosen[0]])
    return np.array([tuple(float(value) for value in row.values()) for row in chosen], kinds)


def _numbers(settings: FlowSettings | SignatureSettings) -> np.ndarray:
    """Return the numbers of some settings as one structured row."""
    values = {f.name: getattr(settings, f.name) for f in fields(settings)}
    numbers = {name: v for name, v in values.items() if isinstance(v, int | float)}
    kinds = [(name, np.int64 if isinstance(v, int) else np.float64) for name, v in numbers.items()]
    row = np.zeros(1, np.dtype(kinds, align=True))
    row[0] = tuple(numbers.values())
    return row
