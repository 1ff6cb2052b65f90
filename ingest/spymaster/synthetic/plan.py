"""What determines the days of a synthetic market."""

from __future__ import annotations

from dataclasses import dataclass, field

from spymaster.errors import SpymasterError
from spymaster.synthetic.opening import SNAPSHOT_KINDS
from spymaster.synthetic.products import ProductSpec
from spymaster.synthetic.schedule import SessionPlan
from spymaster.synthetic.settings import FlowSettings, SignatureSettings

# How busy and how deep each kind of contract is, relative to the front contract.
_ACTIVITY = {"front": (1.0, 1.0), "next": (0.02, 0.3), "spread": (0.01, 0.2)}
_SPREAD_MOVE = 0.1
_MINUTES_ROOT = 60.0


@dataclass(frozen=True)
class SyntheticMarket:
    """Everything that determines the days of a synthetic market.

    Attributes:
        product: what is traded.
        seed: the global seed; days and contracts draw from streams of their own.
        plan: sessions and pace.
        flow: order flow.
        signatures: planted approaches.
        null: draw outcomes independently of the signatures.
        snapshot: how a day's file opens, one of SNAPSHOT_KINDS; ``none`` leaves out the book
            that rests at midnight, so that orders nobody announced are cancelled later. Not
            given: ``clear``, or ``none`` for a product without snapshot.
        closing_records: end every event with a record of its own (action N, LAST) instead of
            LAST on its last record.
    """

    product: ProductSpec
    seed: int = 1
    plan: SessionPlan = field(default_factory=SessionPlan)
    flow: FlowSettings = field(default_factory=FlowSettings)
    signatures: SignatureSettings = field(default_factory=SignatureSettings)
    null: bool = False
    snapshot: str | None = None
    closing_records: bool = False

    def __post_init__(self) -> None:
        if self.snapshot is not None and self.snapshot not in SNAPSHOT_KINDS:
            raise SpymasterError(f"snapshot {self.snapshot!r}", f"not one of {SNAPSHOT_KINDS}")

    @property
    def snapshot_kind(self) -> str:
        """How a day's file opens."""
        return self.snapshot or ("clear" if self.product.has_snapshot else "none")

    def activity_of(self, kind: str) -> float:
        """Return how busy a kind of contract is, relative to the plan."""
        return _ACTIVITY[kind][0]

    def depth_of(self, kind: str) -> float:
        """Return how deep the book of a kind of contract is, relative to the settings."""
        return _ACTIVITY[kind][1]

    def volatility_of(self, kind: str) -> float:
        """Return the standard deviation of a second's price change at movement one, in ticks."""
        move = _SPREAD_MOVE if kind == "spread" else 1.0
        # The square root of an hour's seconds.
        return self.product.hourly_move_ticks * move / _MINUTES_ROOT
