"""Market-by-order streams for property-based and randomised tests.

A stream is built from a list of small commands. Each command says what happens next (an order
arrives, an iceberg is hit, the session is reset, ...) and is turned into records that fit the
orders resting at that moment. Hypothesis draws the commands and can therefore shrink a failing
stream command by command; `random_stream` draws the same commands from a numpy generator and is
fast enough for long streams.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from hypothesis import strategies as st
from naive.model import NS_PER_S, BookConfig

from support.strategies.mbo_builder import COMMANDS, Command, StreamBuilder
from support.strategies.mbo_records import MBO_DTYPE, StreamOptions

__all__ = [
    "MBO_DTYPE",
    "Command",
    "MarketCase",
    "StreamOptions",
    "build_stream",
    "market_cases",
    "random_case",
    "random_options",
    "random_stream",
]

# Steps between commands, ns: simultaneous, close together, around the age at which an order
# counts as rested, around the next second, and quiet seconds.
STEPS_NS = (
    0,
    1,
    1_000,
    3_000_000,
    250_000_000,
    499_999_999,
    500_000_000,
    999_999_999,
    NS_PER_S,
    4_300_000_000,
)
STEP_WEIGHTS = (12, 8, 20, 30, 8, 2, 2, 1, 1, 1)

# Ordinary life of a book is drawn often and disturbances rarely, so that a stream keeps a book
# worth looking at.
COMMAND_WEIGHTS = {
    "add": 60,
    "cancel": 15,
    "cancel_part": 10,
    "modify_price": 20,
    "modify_size": 12,
    "fill_cancel": 12,
    "fill_modify": 12,
    "iceberg": 8,
    "trade": 8,
}
DISTURBANCES = {
    "add_through": 0.5,
    "modify_side": 0.5,
    "modify_unknown": 0.5,
    "fill_side": 0.5,
    "clear": 0.5,
    "snapshot": 1,
    "market_jump": 0.4,
    "drift": 0.6,
    "far_add": 1,
    "maybe_bad_book": 0.2,
    "before_day": 0.5,
    "backwards": 1,
    "quiet": 1,
}
DEFAULT_WEIGHT = 2

TICKS_INT = (250_000_000, 10_000_000)
SNAPSHOT_STARTS = ("none", "clear", "plain")
SNAPSHOT_ENDS = ("last", "none", "closing_record")


@dataclass(frozen=True)
class MarketCase:
    """Records, shape (n,) of `MBO_DTYPE`, and a configuration that suits them."""

    records: np.ndarray
    config: BookConfig


def build_stream(commands: list[Command], options: StreamOptions) -> np.ndarray:
    """Turn commands into records, shape (n,) of `MBO_DTYPE`, valid as input of the engine."""
    builder = StreamBuilder(options)
    for command in commands:
        builder.execute(command)
    return builder.finish()


def random_options(rng: np.random.Generator, **fixed: object) -> StreamOptions:
    """Draw stream options; `fixed` sets fields by name."""
    options = StreamOptions(
        tick_int=int(rng.choice(TICKS_INT)),
        base_ticks=int(rng.choice([19_200, 40, -3_000])),
        start_offset_ns=int(rng.integers(0, 3 * NS_PER_S)),
        snapshot_start=str(rng.choice(SNAPSHOT_STARTS)),
        snapshot_end=str(rng.choice(SNAPSHOT_ENDS)),
        snapshot_size=int(rng.integers(0, 60)),
        closing_records=bool(rng.random() < 0.5),
        unterminated=bool(rng.random() < 0.3),
    )
    return replace(options, **fixed)


def random_stream(
    rng: np.random.Generator, n: int, options: StreamOptions | None = None, **fixed: object
) -> np.ndarray:
    """Draw a stream of `n` commands, one to a handful of records each.

    Args:
        rng: Source of randomness; the same state gives the same stream.
        n: Number of commands.
        options: Stream options; drawn when not given.
        **fixed: Fields of the options that are set rather than drawn.

    Returns:
        Records, shape (m,) of `MBO_DTYPE`, m of the order of 1.5 n.
    """
    if options is None:
        options = random_options(rng, **fixed)
    by_kind = dict.fromkeys(COMMANDS, DEFAULT_WEIGHT) | COMMAND_WEIGHTS | DISTURBANCES
    weights = np.array([by_kind[kind] for kind in COMMANDS], float)
    kinds = rng.choice(len(COMMANDS), size=n, p=weights / weights.sum())
    step_weights = np.array(STEP_WEIGHTS, float)
    steps = rng.choice(STEPS_NS, size=n, p=step_weights / step_weights.sum())
    picks = rng.integers(0, 1 << 16, size=n)
    offsets = rng.geometric(0.25, size=n) - 1
    sizes = rng.geometric(0.2, size=n)
    joins = rng.random(n) < 0.1
    columns = (kinds, steps, picks, offsets, sizes, joins)
    commands = [
        Command(COMMANDS[kind], step, pick, offset, size, join)
        for kind, step, pick, offset, size, join in zip(*(c.tolist() for c in columns), strict=True)
    ]
    return build_stream(commands, options)


def random_config(rng: np.random.Generator, records: np.ndarray, tick_int: int) -> BookConfig:
    """Draw a configuration whose intervals and thresholds matter for these records."""
    day_start_ns = StreamOptions().day_start_ns
    span_ns = max(int(records["ts_event"].max(initial=0)) - day_start_ns, 0) + NS_PER_S
    at = [day_start_ns + int(x) * NS_PER_S for x in sorted(rng.integers(0, 60, size=3))]
    intervals = {
        "all_day": ((day_start_ns, day_start_ns + 86_400 * NS_PER_S, True),),
        "opens_late": ((at[0], day_start_ns + 86_400 * NS_PER_S, False),),
        "break": ((day_start_ns, at[0], True), (at[1], at[2], False)),
        "never": (),
    }
    middle_ns = day_start_ns + span_ns // 2
    surfaces = (None, None, (at[0], at[2]), (middle_ns, middle_ns + 5 * NS_PER_S))
    return BookConfig(
        tick_int=tick_int,
        day_start_ns=day_start_ns,
        trading_intervals=intervals[str(rng.choice(list(intervals)))],
        wall_max_ticks=int(rng.choice([0, 3, 20, 400])),
        surface_window_ns=surfaces[int(rng.integers(len(surfaces)))],
        unknown_cancel_rate_max=float(rng.choice([0.01, 0.1])),
        unknown_cancel_min_cancels=int(rng.choice([1, 5, 100])),
        unknown_cancel_lookback_s=int(rng.choice([1, 3, 60])),
        stale_after_s=(None, 1, 4)[int(rng.integers(3))],
    )


def random_case(rng: np.random.Generator, n: int, **fixed: object) -> MarketCase:
    """Draw a stream of `n` commands and a configuration for it."""
    options = random_options(rng, **fixed)
    records = random_stream(rng, n, options)
    return MarketCase(records, random_config(rng, records, options.tick_int))


@st.composite
def market_cases(draw: st.DrawFn, max_commands: int = 60) -> MarketCase:
    """Streams of up to `max_commands` commands with a configuration."""
    options = StreamOptions(
        tick_int=draw(st.sampled_from(TICKS_INT)),
        base_ticks=draw(st.sampled_from([19_200, 40, -3_000])),
        start_offset_ns=draw(st.sampled_from([0, 999_999_999, 2_500_000_000])),
        snapshot_start=draw(st.sampled_from(SNAPSHOT_STARTS)),
        snapshot_end=draw(st.sampled_from(SNAPSHOT_ENDS)),
        snapshot_size=draw(st.integers(0, 12)),
        closing_records=draw(st.booleans()),
        unterminated=draw(st.booleans()),
    )
    command = st.builds(
        Command,
        kind=st.sampled_from(list(COMMAND_WEIGHTS)) | st.sampled_from(COMMANDS),
        step_ns=st.sampled_from(STEPS_NS),
        pick=st.integers(0, 1 << 10),
        offset=st.integers(0, 12),
        size=st.integers(1, 12),
        join=st.booleans(),
    )
    records = build_stream(draw(st.lists(command, max_size=max_commands)), options)
    rng = np.random.default_rng(draw(st.integers(0, 1 << 16)))
    return MarketCase(records, random_config(rng, records, options.tick_int))
