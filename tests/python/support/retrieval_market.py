"""Artificial approaches for the tests of retrieval: vectors, contexts and outcomes."""

from __future__ import annotations

import datetime as dt
import math
from dataclasses import dataclass, field, replace

import numpy as np
from naive.levels_vectors import CONTEXT as ALL_CONTEXT

HORIZONS = ("s120", "s240", "s480", "h1")
DIRECTIONS = {"approach_up": "up", "approach_down": "down"}
# blocks of a vector, and its features by direction: each with three differences in every block
BLOCKS = 7
FEATURES = {
    "approach_up": ("u5_ask_pull_add_log_rest",),
    "approach_down": ("f5_vacuum_expansion_log", "f4_bid_pull_add_log_rest"),
}
ORDERS = ("", "d1_", "d2_", "d3_")
BLOCK_WIDTHS = {direction: len(names) * len(ORDERS) for direction, names in FEATURES.items()}
# features of the ten best levels
MARKET_FEATURES = (
    "spread_ticks_eob",
    "book_imbalance_l1_eob",
    "ofi_l10_sum",
    "depth_bid_0_4_frac_eob",
    "depth_ask_0_4_frac_eob",
    "wall_bid_max_z",
    "wall_ask_max_z",
    "above_score",
    "below_score",
    "minutes_since_open",
)
# distance that counts as 1 in the context
APPROACH_TICKS = 20
CONTEXT = ("above_score", "below_score", "k_ticks_share", "gamma_flip_distance")
WINDOW_S = 5
BARRIER = 8
BAR_S = 120
# a contract with barriers in units of volatility, measured differently from its vectors
VOLATILE = "ESH6"
LEAST_BARRIER, SIGMA_SHARE = 2, 0.25
LEVELS = ("pm_high", "pm_low", "sma_90")
APPROACHING = "approaching"
REACHED = ("at", "through", "back")
# x of the decisions of a phase, first and last: ticks past the level
PLACES = {"at": (-1, 1), "through": (2, 7), "back": (-7, -2)}
# decisions that have come to their level follow on those that approach
FIRST_TIMES = {APPROACHING: dt.time(13, 40), REACHED: dt.time(15, 10)}


@dataclass
class Approach:
    """One decision window with its vector and labels."""

    symbol: str
    day: dt.date
    level_id: str
    window_end_ts: dt.datetime
    approach_dir: str
    episode: str | None
    k_ticks: int
    vector: list[float | None]
    context: list[float | None]
    volatility: list[float | None]
    turn: dict[str, float | str | None]
    labels: dict[str, dict] = field(default_factory=dict)
    first_window_end_ts: dt.datetime | None = None
    phase: str = APPROACHING

    @property
    def decision_phase(self) -> str | None:
        """Phase of the decision; None for a vector that is none."""
        return None if self.episode is None else self.phase

    @property
    def sense(self) -> int:
        """1 for an approach from below, -1 for one from above."""
        return 1 if self.approach_dir == "approach_up" else -1

    @property
    def closing_speed(self) -> float:
        """Speed towards the level, of any value."""
        return float(np.float32(self.window_end_ts.second % 7 / 7))

    @property
    def known(self) -> list[float | None]:
        """Values compared besides the vector."""
        return [*self.context, *self.volatility, *self.conditions]

    @property
    def conditions(self) -> list[float | None]:
        """The state of the four conditions, and their measures ahead of price, then behind it.

        Ahead is the side of the course, also where price has passed the level.
        """
        state = self.turn["recent_state"]
        if self.turn["level_side"] == -self.sense:
            turned = {"ahead_only": "behind_only", "behind_only": "ahead_only"}
            state = turned.get(state, state)
        states = ("all_four", "ahead_only", "behind_only")
        held = [None if state is None else float(state == name) for name in states]
        asks = [self.turn["asks_retreat_z"], self.turn["asks_pull_z"]]
        bids = [self.turn["bids_recede_z"], self.turn["bids_pull_z"]]
        return held + (asks + bids if self.approach_dir == "approach_up" else bids + asks)

    @property
    def sigma(self) -> float | None:
        """Volatility of the barriers."""
        known = self.volatility[1]
        return None if known is None else known * SIGMA_SHARE

    def horizon_s(self, horizon: str) -> int:
        """Length of a horizon, s: elapsed seconds, or to the end of the second bar."""
        if horizon.startswith("s"):
            return int(horizon[1:])
        second = int(self.window_end_ts.replace(tzinfo=dt.UTC).timestamp())
        return BAR_S * (int(horizon[1:]) + 1) - second % BAR_S

    def barrier_ticks(self, horizon: str) -> int | None:
        """Distance of the barriers of a horizon from the level, ticks."""
        if self.symbol != VOLATILE:
            return BARRIER
        if self.sigma is None:
            return None
        ticks = math.floor(self.sigma * math.sqrt(self.horizon_s(horizon)) + 0.5)
        return max(LEAST_BARRIER, min(40, ticks))

    def is_judged(self, horizon: str) -> bool:
        """Whether the decision lies between the barriers of a horizon."""
        barrier = self.barrier_ticks(horizon)
        return self.episode is not None and barrier is not None and abs(self.k_ticks) < barrier

    @property
    def vector_id(self) -> str:
        """Name as in mbo_trigger_vectors."""
        second = int(self.window_end_ts.replace(tzinfo=dt.UTC).timestamp())
        return f"{self.symbol}_{self.level_id}_{DIRECTIONS[self.approach_dir]}_{second}"


def approaches_of_day(
    rng: np.random.Generator, symbol: str, day: dt.date, n_episodes: int
) -> list[Approach]:
    """Successive episodes of a few windows each, at random levels and directions."""
    moment = dt.datetime.combine(day, FIRST_TIMES[APPROACHING])
    rows = []
    for _ in range(n_episodes):
        level = str(rng.choice(LEVELS))
        direction = str(rng.choice(list(DIRECTIONS)))
        width = BLOCKS * BLOCK_WIDTHS[direction]
        # two kinds of approach: one mostly breaks, the other mostly bounces
        breaks = bool(rng.random() < 0.5)
        centre = 1.5 * np.cos(np.arange(width) * (2 if breaks else 3)) + rng.standard_normal(width)
        first = None
        for _ in range(int(rng.integers(2, 7))):
            moment += dt.timedelta(seconds=WINDOW_S)
            distance = int(rng.integers(1, 12))
            near = distance < BARRIER
            if near and first is None:
                first = moment
            name = f"{symbol}_{day}_{level}_{DIRECTIONS[direction]}_{first}" if near else None
            vector = np.round(centre + 0.5 * rng.standard_normal(width), 3)
            # a share with mostly one value, and a constant column
            vector[1] = 0.25 if rng.random() < 0.8 else vector[1]
            vector[2] = 1.5
            context = [
                round(float(rng.standard_normal()), 3),
                None if rng.random() < 0.3 else round(float(rng.exponential()), 3),
                distance / 20,
                None,
            ]
            approach = Approach(
                symbol,
                day,
                level,
                moment,
                direction,
                name,
                distance if direction == "approach_up" else -distance,
                [float(np.float32(value)) for value in vector],
                [None if value is None else float(np.float32(value)) for value in context],
                _volatility(rng, distance),
                _turn(rng, direction),
            )
            if near:
                approach.first_window_end_ts = first
                approach.labels = {horizon: _label(rng, breaks, distance) for horizon in HORIZONS}
            rows.append(approach)
        moment += dt.timedelta(seconds=WINDOW_S * int(rng.integers(1, 9)))
    return rows


def reached_of_day(
    rng: np.random.Generator, symbol: str, day: dt.date, n_episodes: int
) -> list[Approach]:
    """Episodes whose decisions stand at, past or back before a level that price has come to."""
    moment = dt.datetime.combine(day, FIRST_TIMES[REACHED])
    rows = []
    for number in range(n_episodes):
        phase = REACHED[number % len(REACHED)]
        direction = list(DIRECTIONS)[number // len(REACHED) % len(DIRECTIONS)]
        sense = 1 if direction == "approach_up" else -1
        level = str(rng.choice(LEVELS))
        width = BLOCKS * BLOCK_WIDTHS[direction]
        breaks = bool(rng.random() < 0.5)
        centre = 1.5 * np.cos(np.arange(width) * (2 if breaks else 3)) + rng.standard_normal(width)
        first = moment
        for _ in range(int(rng.integers(2, 5))):
            moment += dt.timedelta(seconds=WINDOW_S)
            first_place, last_place = PLACES[phase]
            x = int(rng.integers(first_place, last_place + 1))
            vector = np.round(centre + 0.5 * rng.standard_normal(width), 3)
            approach = Approach(
                symbol,
                day,
                level,
                moment,
                direction,
                f"{symbol}_{day}_{level}_{DIRECTIONS[direction]}_{first}",
                -sense * x,
                [float(np.float32(value)) for value in vector],
                [float(np.float32(value)) for value in (rng.standard_normal(), 0.5, x / 20)]
                + [None],
                _volatility(rng, abs(x) + 1),
                _turn(rng, direction),
                {horizon: _label(rng, breaks, 0) | {"x0_ticks": x} for horizon in HORIZONS},
                first,
                phase,
            )
            # past the level price has it on its other side, at the level as it was before
            approach.turn["level_side"] = -sense if x > 0 or (x == 0 and breaks) else sense
            rows.append(approach)
        moment += dt.timedelta(seconds=WINDOW_S * int(rng.integers(1, 9)))
    return rows


def seen_by_market(approach: Approach, rng: np.random.Generator) -> Approach:
    """Return an approach as market features, price and the net conditions show it."""
    vector = [
        None if rng.random() < 0.1 else value for value in approach.vector[: len(MARKET_FEATURES)]
    ]
    known = {
        "k_ticks_share": approach.k_ticks / APPROACH_TICKS,
        "closing_speed_15s": approach.closing_speed,
    }
    return replace(
        approach,
        vector=vector,
        context=[known.get(name) for name in ALL_CONTEXT],
    )


def _volatility(rng: np.random.Generator, distance: int) -> list[float | None]:
    if rng.random() < 0.1:
        return [None, None]
    sigma = round(float(rng.uniform(0.5, 2.0)), 3)
    return [float(np.float32(distance / sigma)), float(np.float32(sigma))]


def _turn(rng: np.random.Generator, direction: str) -> dict[str, float | str | None]:
    """Return a state of the conditions of any kind, and measures of any size."""
    states = ("all_four", "ahead_only", "behind_only", "partial", "none", None)
    names = ("asks_retreat_z", "asks_pull_z", "bids_recede_z", "bids_pull_z")
    sizes = np.round(rng.standard_normal(len(names)), 3)
    return {
        "level_side": 1 if direction == "approach_up" else -1,
        "recent_state": states[int(rng.integers(len(states)))],
        **{
            name: None if rng.random() < 0.2 else float(np.float32(size))
            for name, size in zip(names, sizes, strict=True)
        },
    }


def _label(rng: np.random.Generator, breaks: bool, distance: int) -> dict:
    shares = [0.78, 0.02, 0.07, 0.03, 0.1] if breaks else [0.02, 0.78, 0.07, 0.03, 0.1]
    names = ["BREAK", "REJECT", "CHOP", "CENSORED", "NOT_REACHED"]
    outcome = str(rng.choice(names, p=shares))
    if outcome == "NOT_REACHED" and distance <= 2:
        outcome = "CHOP"
    hit = outcome in ("BREAK", "REJECT")
    # the lower barrier may be hit before price reaches the level, and ends a position
    is_stopped = outcome in names[4:] or rng.random() >= 0.8
    seconds = round(float(rng.exponential(40)), 1) if hit else None
    exits = {"BREAK": -BARRIER if is_stopped else BARRIER, "REJECT": -BARRIER, "CENSORED": None}
    is_closed = outcome != "CENSORED"
    # unknown for paths that end early, though the outcome may be known; others end after it
    reached = outcome != "NOT_REACHED"
    if outcome != "NOT_REACHED" and rng.random() < (0.5 if outcome == "CENSORED" else 0.1):
        reached = None
    from_there = "CHOP" if outcome == "CENSORED" and reached else outcome
    return {
        "outcome": "REJECT" if is_stopped else from_there,
        "outcome_reached": outcome,
        "reached": reached,
        "reached_time_to_hit_s": seconds,
        "x0_ticks": -distance,
        "barrier_ticks": BARRIER,
        "exit_x_ticks": exits.get(outcome, int(rng.integers(-6, 6))),
        "mfe_ticks": int(rng.integers(0, 20)),
        "mae_ticks": -int(rng.integers(0, 20)),
        "mfe_to_exit_ticks": int(rng.integers(0, 7)) if is_closed else None,
        "mae_to_exit_ticks": -int(rng.integers(0, 7)) if is_closed else None,
        "whipsaw_reached": bool(hit and rng.random() < 0.1),
    }
