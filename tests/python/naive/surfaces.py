"""The plain one-second surfaces: inputs and shared rules.

`SurfaceDay` holds the rows of `book_snapshot_1s`, `wall_surface_1s` and `reprice_flow_1s` of one
contract-day. The modules `surfaces_*` turn it into the surface relations, each a function that
returns rows (dictionaries with the published column names) by their key. A key starts with the
window's start in whole seconds since 1970 UTC. Tests compare the SQL models with these functions,
so the two share no code.

Rules chosen where the specification leaves room:
- A second is usable for differences when it is window_valid, has a spot and at least one wall row.
- The current second counts like earlier seconds: a difference in an invalid second is None.
- A second with a spot but without wall rows has its grid (all empty) and features.
- A `rel_ticks` 0 row of the grid exists where the wall has a row of that side at the spot.
- A band without grid cells (`vacuum_max_ticks` below the band) has no scores, and neither have the
  values derived from them.
- Every row with a score column names the calibration mode of its second, also if the score is None.
- A difference of order n uses the values of n + 1 consecutive seconds at the same price.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from itertools import pairwise
from typing import Any

Row = dict[str, Any]

SIDES = ("A", "B")
BANDS = {"at": (0, 2), "near": (3, 5), "mid": (6, 14), "far": (15, 20)}
ZONE_TICKS = 20
PRICE_UNITS = 1_000_000_000

QUANTITIES = (
    "depth_qty_start",
    "depth_qty_end",
    "add_qty",
    "pull_qty_total",
    "pull_qty_rest",
    "fill_qty",
    "depth_qty_rest",
)
NOTHING = dict.fromkeys(QUANTITIES, 0)


@dataclass(frozen=True)
class SurfaceConfig:
    """Inputs of the surfaces besides the rows.

    Attributes:
        tick_int: Minimum price increment in 1e-9 points.
        wall_max_ticks: Largest distance from spot of a wall row, N.
        vacuum_max_ticks: Half width of the tick grid around spot, V; at most N.
        surface_window_s: Half-open range of window starts (seconds since 1970) that have wall
            rows; None means every second.
    """

    tick_int: int
    wall_max_ticks: int
    vacuum_max_ticks: int = ZONE_TICKS
    surface_window_s: tuple[int, int] | None = None

    def __post_init__(self) -> None:
        assert 0 < self.vacuum_max_ticks <= self.wall_max_ticks


@dataclass(frozen=True)
class PhysicsWeights:
    """Weights of ease and of the side scores; each group sums to 1."""

    w_vac: float = 0.50
    w_ero: float = 0.35
    w_str: float = 0.15
    b_at: float = 0.60
    b_near: float = 0.40


def distance_bucket(ticks: int) -> str | None:
    """Band of an absolute distance from the anchor; None outside the zone."""
    for band, (nearest, farthest) in BANDS.items():
        if nearest <= ticks <= farthest:
            return band
    return None


def is_own_half(side: str, rel_ticks: int) -> bool:
    """Whether a price lies on its side's half: asks at or above the anchor, bids at or below."""
    return rel_ticks >= 0 if side == "A" else rel_ticks <= 0


def second_of(timestamp: datetime) -> int:
    """Whole seconds since 1970 of a UTC timestamp without zone."""
    return int(timestamp.replace(tzinfo=UTC).timestamp())


def timestamp_of(second: int) -> datetime:
    """UTC timestamp without zone of whole seconds since 1970."""
    return datetime.fromtimestamp(second, UTC).replace(tzinfo=None)


def points(price_int: int | None) -> float | None:
    """A price in points."""
    return None if price_int is None else price_int / PRICE_UNITS


def differences(values: Sequence[float | None]) -> list[float | None]:
    """Latest differences of order 1, 2, ... of consecutive values, newest value first.

    Args:
        values: Value now, one second ago, two seconds ago, ...; None where unknown.

    Returns:
        One difference per order up to len(values) - 1; None if a value it needs is unknown.
    """
    latest = []
    while len(values) > 1:
        values = [
            None if newer is None or older is None else newer - older
            for newer, older in pairwise(values)
        ]
        latest.append(values[0])
    return latest


def window_start(row: Mapping[str, Any]) -> int:
    """Second of a row with `window_start_ts`, or `window_start_s` from the plain engine."""
    if "window_start_s" in row:
        return row["window_start_s"]
    return second_of(row["window_start_ts"])


class SurfaceDay:
    """Input rows of one contract-day, by second.

    Attributes:
        symbol: Raw symbol of the contract.
        dt: UTC date.
        config: Tick, widths and surface window.
        snapshot: Row of `book_snapshot_1s` by second.
        wall: Rows of `wall_surface_1s` by second and (side, price_int).
        reprice: Rows of `reprice_flow_1s` by second.
        seconds: Seconds of the snapshot inside the surface window, ascending.
    """

    def __init__(
        self,
        symbol: str,
        dt: date,
        snapshot: Iterable[Mapping[str, Any]],
        wall: Iterable[Mapping[str, Any]],
        reprice: Iterable[Mapping[str, Any]],
        config: SurfaceConfig,
    ) -> None:
        self.symbol = symbol
        self.dt = dt
        self.config = config
        self.snapshot = {window_start(row): row for row in snapshot}
        self.wall: dict[int, dict[tuple[str, int], Mapping[str, Any]]] = {}
        self.reprice: dict[int, list[Mapping[str, Any]]] = {}
        for row in wall:
            rows = self.wall.setdefault(self._known_second(row), {})
            key = row["side"], row["price_int"]
            assert key not in rows, f"two wall rows at {key}"
            rows[key] = row
        for row in reprice:
            self.reprice.setdefault(self._known_second(row), []).append(row)
        self.seconds = sorted(s for s in self.snapshot if self._is_surface_second(s))

    def spot(self, second: int) -> int | None:
        """Anchor of a second; None without spot."""
        return self.snapshot[second]["spot_ref_price_int"]

    def is_valid(self, second: int) -> bool:
        """Whether the window is valid."""
        return bool(self.snapshot[second]["window_valid"])

    def rel_ticks(self, second: int, price_int: int) -> int:
        """Distance from the second's spot."""
        ticks, rest = divmod(price_int - self.spot(second), self.config.tick_int)
        assert rest == 0, "a price off the tick grid"
        return ticks

    def is_usable(self, second: int) -> bool:
        """Whether differences may use a second."""
        return (
            second in self.snapshot
            and self.is_valid(second)
            and self.spot(second) is not None
            and second in self.wall
        )

    def known_flow(self, second: int, side: str, price_int: int) -> Mapping[str, Any] | None:
        """Wall row at a price, zeros if the wall reaches the price without a row, else None."""
        if not self.is_usable(second):
            return None
        row = self.wall[second].get((side, price_int))
        if row is not None:
            return row
        inside = abs(self.rel_ticks(second, price_int)) <= self.config.wall_max_ticks
        return NOTHING if inside else None

    def is_in_wall(self, second: int, price_int: int) -> bool:
        """Whether the wall of a second with spot reaches a price."""
        return abs(self.rel_ticks(second, price_int)) <= self.config.wall_max_ticks

    def keys(self, second: int) -> Row:
        """Key columns of every relation."""
        return {
            "symbol": self.symbol,
            "dt": self.dt,
            "window_start_ts": timestamp_of(second),
            "window_end_ts": timestamp_of(second + 1),
        }

    def _known_second(self, row: Mapping[str, Any]) -> int:
        second = window_start(row)
        snapshot = self.snapshot[second]
        assert row["window_valid"] == snapshot["window_valid"], "validity differs within a second"
        if "spot_ref_price_int" in row:
            assert row["spot_ref_price_int"] == snapshot["spot_ref_price_int"], "spot differs"
            assert row["rel_ticks"] == self.rel_ticks(second, row["price_int"])
        return second

    def _is_surface_second(self, second: int) -> bool:
        if self.config.surface_window_s is None:
            return True
        start, end = self.config.surface_window_s
        return start <= second < end
