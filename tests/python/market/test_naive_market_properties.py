"""Symmetries of the plain market relations on drawn states."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from naive.levels_model import Trade
from naive.market_by_price import market_by_price_10_bar5s, market_features_1s, top10_1s
from naive.market_states import Level, State
from naive.surfaces import Row
from support.market_days import drawn_states, ten_levels
from support.market_rows import bars, market_day, trade, wall_row
from support.strategies.mbo_script import TICK_INT

SECONDS = 13
PROPERTY = settings(max_examples=60, deadline=None, derandomize=True, database=None)


@st.composite
def drawn_trades(draw: st.DrawFn) -> list[Trade]:
    seconds = sorted(draw(st.lists(st.integers(0, SECONDS), max_size=6)))
    return [
        trade(
            n,
            second,
            1_000 + draw(st.integers(-2, 2)),
            draw(st.integers(1, 9)),
            draw(st.sampled_from("ABN")),
        )
        for n, second in enumerate(seconds, 1)
    ]


@st.composite
def drawn_walls(draw: st.DrawFn) -> list[Row]:
    return [
        wall_row(
            draw(st.integers(0, SECONDS)),
            draw(st.sampled_from("AB")),
            1_000 + draw(st.integers(-45, 45)),
            draw(st.integers(0, 20)),
            draw(st.integers(0, 20)),
        )
        for _ in range(draw(st.integers(0, 8)))
    ]


def rows_of(states: list[State], trades: list[Trade], walls: list[Row]) -> list[Row]:
    """Bars and one-second features of a drawn day."""
    day = market_day(SECONDS, source="mbo")
    return [
        *market_by_price_10_bar5s(states, trades, day, walls),
        *market_features_1s(states, trades, day),
    ]


def mirrored_name(name: str) -> str:
    marked = name.replace("bid", "?").replace("ask", "bid")
    return marked.replace("?", "ask")


def turns_sign(name: str) -> bool:
    signed = ("mid_price", "microprice", "trade_last_price_int", "trade_signed_volume")
    is_flow = name.startswith("ofi_") or "imbalance" in name
    return is_flow or name.startswith(signed)


@PROPERTY
@given(drawn_states(), drawn_trades(), drawn_walls())
def test_the_mirror_swaps_sides_and_turns_signs(
    states: list[State], trades: list[Trade], walls: list[Row]
) -> None:
    def mirrored(levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(level._replace(price_int=-level.price_int) for level in levels)

    other_states = [s._replace(bids=mirrored(s.asks), asks=mirrored(s.bids)) for s in states]
    other_side = {"A": "B", "B": "A", "N": "N"}
    other_trades = [
        Trade(x.symbol, x.dt, x.ordinal, x.ts_event_ns, x.window_s, -x.price_int, x.size, side)
        for x in trades
        for side in [other_side[x.side]]
    ]
    other_walls = [
        row | {"side": other_side[row["side"]], "price_int": -row["price_int"]} for row in walls
    ]
    straight = rows_of(states, trades, walls)
    turned = rows_of(other_states, other_trades, other_walls)
    for row, other in zip(straight, turned, strict=True):
        for name, value in row.items():
            changes = value is not None and turns_sign(name)
            assert other[mirrored_name(name)] == (-value if changes else value), name


@PROPERTY
@given(drawn_states(), drawn_trades(), drawn_walls(), st.sampled_from([-2_500, 7, 19_000]))
def test_a_shift_by_whole_ticks_moves_prices_alone(
    states: list[State], trades: list[Trade], walls: list[Row], ticks: int
) -> None:
    shift = ticks * TICK_INT

    def moved(levels: tuple[Level, ...]) -> tuple[Level, ...]:
        return tuple(level._replace(price_int=level.price_int + shift) for level in levels)

    other_states = [s._replace(bids=moved(s.bids), asks=moved(s.asks)) for s in states]
    other_trades = [
        Trade(x.symbol, x.dt, x.ordinal, x.ts_event_ns, x.window_s, price_int, x.size, x.side)
        for x in trades
        for price_int in [x.price_int + shift]
    ]
    other_walls = [row | {"price_int": row["price_int"] + shift} for row in walls]
    straight = rows_of(states, trades, walls)
    for row, other in zip(straight, rows_of(other_states, other_trades, other_walls), strict=True):
        for name, value in row.items():
            if value is not None and name.startswith(("mid_price", "microprice")):
                assert other[name] == pytest.approx(value + ticks / 4, rel=1e-12)
            elif value is not None and name == "trade_last_price_int":
                assert other[name] == value + shift
            else:
                assert other[name] == value, name


@PROPERTY
@given(drawn_states(), drawn_trades())
def test_ten_levels_tell_what_the_whole_book_tells(
    states: list[State], trades: list[Trade]
) -> None:
    """But for the bands that reach past them, and the net flow."""
    whole, seen = (
        [market_by_price_10_bar5s(s, trades, market_day(SECONDS)), top10_1s(s, market_day(SECONDS))]
        for s in (states, ten_levels(states))
    )
    assert whole[1] == seen[1]
    for row, other in zip(whole[0], seen[0], strict=True):
        for name, value in row.items():
            is_unknown_band = name.startswith("depth_") and other[name] is None
            assert other[name] == value or is_unknown_band, name


@PROPERTY
@given(drawn_states())
def test_flow_of_a_bar_is_that_of_its_seconds(states: list[State]) -> None:
    seconds = market_features_1s(states, [], market_day(14))
    for number, row in enumerate(bars(states, 14)):
        inside = seconds[5 * number : 5 * number + 5]
        assert row["is_valid"] == all(second["is_valid"] for second in inside)
        if row["is_valid"]:
            for name in ("ofi_l1", "ofi_price_10t"):
                assert row[f"{name}_sum"] == sum(second[name] for second in inside)
            assert row["ofi_l1_sum"] == inside[-1]["ofi_5s"]


def test_properties_reach_valid_bars_and_unknown_bands() -> None:
    """The drawn states are worth drawing."""
    found = {"valid": 0, "unknown": 0, "one_sided": 0, "flow": 0}

    @settings(max_examples=60, deadline=None, derandomize=True, database=None)
    @given(drawn_states(is_whole=False))
    def count(states: list[State]) -> None:
        for row in bars(states, SECONDS):
            found["valid"] += row["is_valid"]
            found["unknown"] += row["is_valid"] and row["depth_imbalance_4_8_twa"] is None
            found["one_sided"] += row["one_sided_count"] > 0
            found["flow"] += bool(row["ofi_price_10t_sum"])

    count()
    assert min(found.values()) > 10, found
