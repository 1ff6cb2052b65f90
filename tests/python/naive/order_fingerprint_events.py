"""What the plain fingerprints remember: events of a second, and what waits for an answer."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import NamedTuple


@dataclass(frozen=True)
class Settings:
    """Vars of the relations, by their names in the project."""

    fingerprint_max_ticks: int = 20
    requote_ms: int = 50
    requote_max_ticks: int = 2
    chase_ms: int = 50
    withdraw_ms: int = 20
    withdraw_max_ticks: int = 4
    refill_ms: int = 20
    periodicity_min_arrivals: int = 12
    periodicity_sizes: int = 10
    periodicity_fundamental_share: float = 0.35
    periodicity_fundamental_min: float = 12.0


class Move(NamedTuple):
    """Move of a best quote."""

    clock: int
    sign: int


class TakeAway(NamedTuple):
    """An order that left, or its lost part; `move` is the last move of its side before."""

    clock: int
    tick: int
    size: int
    move: Move | None


class Emptied(NamedTuple):
    """An order that fills have emptied."""

    clock: int
    side: str
    tick: int
    shown: int


class Withdrawal(NamedTuple):
    """The time after a best quote became worse."""

    clock: int
    best: int


class GroupEnd(NamedTuple):
    """The book after a group: best tick of each side, and depth behind it."""

    last_index: int
    second_s: int
    best: Mapping[str, int | None]
    depth_behind: Mapping[str, int]


class Known(NamedTuple):
    """What is known just before an order event, by side."""

    since_trade: Mapping[str, int | None]
    recent_move: Mapping[str, int]
    is_open: Mapping[str, bool]


class Arrival(NamedTuple):
    """An order that arrived."""

    clock: int
    size: int
    tick: int


@dataclass
class SideSecond:
    """What happened on one side in one second."""

    arrivals: list[Arrival] = field(default_factory=list)
    take_aways: list[TakeAway] = field(default_factory=list)
    # clock - clock of the last trade on the side, None without one, per cancel
    cancels: list[int | None] = field(default_factory=list)
    short_lives: int = 0
    requote_waits: list[int] = field(default_factory=list)
    # direction of every requote and re-price, and how many of them chase
    directions: list[int] = field(default_factory=list)
    chases: int = 0
    approached: int = 0
    withdrawn: int = 0
    # contracts of what left from 1 to 4 ticks behind the quote, with or without an approach
    left_behind: list[int] = field(default_factory=list)


@dataclass
class Iceberg:
    """Refills, reloads and hidden fills of one second, side and price."""

    refill_count: int = 0
    refill_qty: int = 0
    reload_count: int = 0
    reload_qty: int = 0
    hidden_fill_qty: int = 0


@dataclass
class Second:
    """What happened in one second: events of both sides, with what was known before each."""

    clocks: list[int] = field(default_factory=list)
    known: list[Known] = field(default_factory=list)
    sides: dict[str, SideSecond] = field(
        default_factory=lambda: {"A": SideSecond(), "B": SideSecond()}
    )
