"""Settings that determine the days of a synthetic market."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.flow_and_signature_settings import FlowSettings, SignatureSettings
from spymaster_ingest.synthetic.market_arrays import OPEN
from spymaster_ingest.synthetic.midnight_orders import SNAPSHOT_KINDS
from spymaster_ingest.synthetic.products_and_contracts import ProductSpec, contracts_of
from spymaster_ingest.synthetic.schedule import (
    Pace,
    SessionPlan,
    closures_of,
    midnight_ns,
    pace_of,
    trading_days,
    with_halt,
)
from spymaster_ingest.units import NS_PER_S

# Raise it when equal settings make other records.
GENERATOR_VERSION = 2
# Raise it when equal settings of a null market make other records.
NULL_VERSION = 2

# How busy and how deep each kind of contract is, relative to the front contract.
_ACTIVITY = {
    "front": (1.0, 1.0),
    "next": (0.02, 0.3),
    "spread": (0.01, 0.2),
    "expiring": (0.05, 0.3),
}
# Share of the volume in the next contract on the last days before it becomes the front, last day
# first.
_ROLLED_SHARES = (0.9, 0.65, 0.4, 0.15)
_SPREAD_MOVE = 0.1
# The truth holds the seed as an integer of 64 bits.
_LEAST_SEED, _LARGEST_SEED = -(2**63), 2**63 - 1
_ROOT_OF_SECONDS_PER_HOUR = 60.0


@dataclass(frozen=True)
class SyntheticMarket:
    """All settings that determine the days of a synthetic market.

    Attributes:
        product: the traded product.
        seed: the global seed; days and contracts draw from streams of their own.
        plan: sessions and pace.
        flow: order flow.
        signatures: planted approaches.
        null: draw outcomes independently of the signatures.
        snapshot: how a day's file opens, one of SNAPSHOT_KINDS; ``none`` leaves out the book
            that rests at midnight, so that later cancels name unknown orders. Default: ``clear``,
            or ``none`` for a product without snapshot.
        closing_records: end every event with a separate record (action N, LAST) instead of LAST on
            its last record.
        damage: damage of a day.
        agents: number of planted agents of the front contract.
    """

    product: ProductSpec
    seed: int = 1
    plan: SessionPlan = field(default_factory=SessionPlan)
    flow: FlowSettings = field(default_factory=FlowSettings)
    signatures: SignatureSettings = field(default_factory=SignatureSettings)
    null: bool = False
    snapshot: str | None = None
    closing_records: bool = False
    damage: Damage = field(default_factory=Damage)
    agents: int = 0

    def __post_init__(self) -> None:
        if not _LEAST_SEED <= self.seed <= _LARGEST_SEED:
            raise SpymasterError(f"seed {self.seed}", "must fit into 64 bits with a sign")
        if self.agents < 0:
            raise SpymasterError(f"agents {self.agents}", "a number of agents is 0 or more")
        if self.snapshot is not None and self.snapshot not in SNAPSHOT_KINDS:
            raise SpymasterError(f"snapshot {self.snapshot!r}", f"not one of {SNAPSHOT_KINDS}")

    @property
    def snapshot_kind(self) -> str:
        """Kind of snapshot that opens a day's file."""
        return self.snapshot or ("clear" if self.product.has_snapshot else "none")

    def rolled_share(self, day: dt.date) -> float:
        """Return the share of a day's volume that has rolled to the next contract."""
        front = contracts_of(self.product, day)["front"].symbol
        ahead = trading_days(day, len(_ROLLED_SHARES) + 1, self.product.root)[1:]
        for share, later in zip(_ROLLED_SHARES, ahead, strict=True):
            if contracts_of(self.product, later)["front"].symbol != front:
                return share
        return 0.0

    def activity_of(self, kind: str, day: dt.date) -> float:
        """Return how busy a kind of contract is on a day, relative to the plan."""
        rolled = self.rolled_share(day)
        usual = _ACTIVITY[kind][0]
        return {"front": 1.0 - rolled, "next": max(rolled, usual)}.get(kind, usual)

    def depth_of(self, kind: str, day: dt.date) -> float:
        """Return how deep the book of a kind of contract is, relative to the settings."""
        usual = _ACTIVITY[kind][1]
        return 1.0 if kind == "next" and self.rolled_share(day) else usual

    def pace_of(self, day: dt.date) -> Pace:
        """Return the pace of a day, closures and a halt included.

        Raises:
            SpymasterError: when the damage does not lie wholly in the generated trading hours.
        """
        pace = pace_of(day, self.plan, closures_of(self.product.root))
        damage = self.damage
        if damage.halt_start is not None:
            start_s = self._fitting(pace, day, "halt", damage.halt_start, damage.halt_seconds)
            pace = with_halt(pace, start_s, damage.halt_seconds, damage.gathering_seconds)
        if damage.gap_start is not None:
            self._fitting(pace, day, "gap", damage.gap_start, damage.gap_seconds)
        if damage.clear_at is not None:
            self._fitting(pace, day, "clear", damage.clear_at, 0)
        return pace

    def _fitting(self, pace: Pace, day: dt.date, name: str, start: dt.time, seconds: int) -> int:
        """Return the second at which damage starts, if the market trades before and after."""
        first = self.second_of(day, start)
        last = first + seconds
        around = slice(max(first - 1, 0), last + 1)
        is_open = (pace.phase[around] == OPEN) & (pace.record_rate[around] > 0.0)
        if last >= pace.dense_end_s or not is_open.all():
            end = dt.datetime.combine(day, start) + dt.timedelta(seconds=seconds)
            raise SpymasterError(
                f"damage {name} on {day}",
                f"{start} to {end.time()} ({self.plan.time_zone}) is not within the generated "
                "hours of trading",
                "ask for more hours, or for other days",
            )
        return first

    def second_of(self, day: dt.date, time: dt.time) -> int:
        """Return a local time of the plan as a second of the UTC day."""
        moment = dt.datetime.combine(day, time, tzinfo=ZoneInfo(self.plan.time_zone))
        return int(moment.timestamp()) - midnight_ns(day) // NS_PER_S

    def volatility_of(self, kind: str) -> float:
        """Return the standard deviation of a second's price change at movement 1, in ticks."""
        move = _SPREAD_MOVE if kind == "spread" else 1.0
        return self.product.hourly_move_ticks * move / _ROOT_OF_SECONDS_PER_HOUR
