"""What an alert says, and where it goes."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

SCHEMA = Path(__file__).with_name("alert.schema.json")


@dataclass(frozen=True)
class Support:
    """What the shares of an alert rest on.

    Attributes:
        of: what is counted: similar approaches, earlier approaches, walls like it, or gamma walls.
        n: how many; None where the source does not say.
        n_eff: independent ones that they are worth; None where the source does not say.
        neighbors_ok: whether the search found enough; None where nothing was searched.
    """

    of: str
    n: int | None = None
    n_eff: float | None = None
    neighbors_ok: bool | None = None


@dataclass(frozen=True)
class Alert:
    """One event that a rule asked for.

    Attributes:
        time: end of the second, UTC, without a zone.
        symbol: raw symbol of the contract.
        rule: name of the rule.
        kind: of the rule.
        event: near, held, score, signal, appears, pulled, eaten, iceberg or gamma_wall.
        level_id: the level; None for a gamma wall.
        level_price: points; None without a level.
        price: spot, points; None where it is not known.
        distance_ticks: level less spot; of a gamma wall, its strike less spot.
        base: usual shares by outcome; None where they are not known.
        odds: shares by outcome here and now; None where they are not known.
        support: what these shares rest on; None without a base rate.
        verdict: of the evaluation on what the state is said to mean.
        values: numbers of the kind.
        sound: whether the screen makes a sound.
        text: the alert in plain words, one line.
    """

    time: dt.datetime
    symbol: str
    rule: str
    kind: str
    event: str
    level_id: str | None
    level_price: float | None
    price: float | None
    distance_ticks: int | None
    base: Mapping[str, float] | None
    odds: Mapping[str, float] | None
    support: Support | None
    verdict: str
    values: Mapping[str, Any] = field(default_factory=dict)
    sound: bool = True
    text: str = ""

    @property
    def is_evaluated(self) -> bool:
        """Whether the base rate is known; without it the alert says "not evaluated"."""
        return self.base is not None

    def as_json(self) -> dict[str, Any]:
        """Return the alert as ``SCHEMA`` describes it."""
        document = asdict(self)
        document["time"] = f"{self.time.isoformat()}Z"
        document["evaluated"] = self.is_evaluated
        return document


# takes an alert at once, without waiting
Sink = Callable[[Alert], None]
