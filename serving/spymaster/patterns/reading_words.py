"""Readings of the book in a trader's words: what is measured, and what more and less of it mean."""

from __future__ import annotations

from typing import NamedTuple


class Words(NamedTuple):
    """A reading in words.

    Attributes:
        title: what is measured, with its unit.
        more: what the book does where the reading is larger.
        less: the same where it is smaller.
    """

    title: str
    more: str
    less: str


_SIDES = {"ask": "f1_ask", "bid": "f3_bid"}
_FLOWS = {"ask": "f2_ask", "bid": "f4_bid"}


def _words_of_side(side: str) -> dict[str, Words]:
    shape, flow, orders = _SIDES[side], _FLOWS[side], f"{side}s"
    best, far = f"best {side}", "further out"
    return {
        f"{shape}_com_disp_log": Words(
            f"{orders} moving away from price, log",
            f"{orders} move away from price",
            f"{orders} move closer to price",
        ),
        f"{shape}_slope_convex_log": Words(
            f"{orders} 15-20 against 3-5 ticks away, log",
            f"{orders} stand {far}",
            f"{orders} stand near price",
        ),
        f"{shape}_slope_inner_log": Words(
            f"{orders} 3-5 against 0-2 ticks away, log",
            f"{orders} at price are thin against those behind them",
            f"{orders} at price are thick against those behind them",
        ),
        f"{shape}_at_share_delta": Words(
            f"change of the share of {orders} 0-2 ticks away",
            f"{orders} gather at price",
            f"{orders} leave price",
        ),
        f"{shape}_near_share_delta": Words(
            f"change of the share of {orders} 3-5 ticks away",
            f"{orders} gather 3 to 5 ticks away",
            f"{orders} leave the prices 3 to 5 ticks away",
        ),
        f"{shape}_reprice_away_share_rest": Words(
            f"share of re-priced {orders} that move away",
            f"re-priced {orders} move away from price",
            f"re-priced {orders} move towards price",
        ),
        f"{flow}_pull_add_log_rest": Words(
            f"{orders} pulled against added, log",
            f"{orders} are pulled more than they are added",
            f"{orders} are added more than they are pulled",
        ),
        f"{flow}_pull_intensity_log_rest": Words(
            f"{orders} pulled in a second, share of depth (log)",
            f"more {orders} are pulled",
            f"fewer {orders} are pulled",
        ),
        f"{flow}_at_pull_share_rest": Words(
            f"share of pulled {orders} that stood 0-2 ticks away",
            f"{orders} are pulled at price",
            f"fewer of the pulled {orders} stood at price",
        ),
        f"{flow}_near_pull_share_rest": Words(
            f"share of pulled {orders} that stood 3-5 ticks away",
            f"{orders} are pulled 3 to 5 ticks away",
            f"fewer of the pulled {orders} stood 3 to 5 ticks away",
        ),
        f"{'f8' if side == 'ask' else 'f9'}_{side}_bbo_dist_ticks": Words(
            f"{best} to last price, ticks",
            f"the {best} stands further from the last price",
            f"the {best} stands closer to the last price",
        ),
    }


# u13 to u17 have no f reading that equals them
WORDS: dict[str, Words] = {
    **_words_of_side("ask"),
    **_words_of_side("bid"),
    "f5_vacuum_expansion_log": Words(
        "both sides moving away from price, log",
        "both sides move away from price",
        "both sides move closer to price",
    ),
    "f6_vacuum_decay_log": Words(
        "orders of both sides pulled against added, log",
        "both sides pull more than they add",
        "both sides add more than they pull",
    ),
    "f7_vacuum_total_log": Words(
        "both sides withdrawing, by distance and pulls, log",
        "both sides withdraw",
        "both sides fill up",
    ),
    "u13_bid_add_intensity_log": Words(
        "bids added in a second, share of depth (log)",
        "more bids are added",
        "fewer bids are added",
    ),
    "u14_bid_far_pull_share_rest": Words(
        "share of pulled bids that stood 6-20 ticks away",
        "bids are pulled far from price",
        "fewer of the pulled bids stood far from price",
    ),
    "u15_up_expansion_log": Words(
        "asks less bids moving away from price, log",
        "asks move away more than bids",
        "bids move away more than asks",
    ),
    "u16_up_flow_log": Words(
        "pulls against adds, asks less bids, log",
        "asks are pulled more than bids",
        "bids are pulled more than asks",
    ),
    "u17_up_total_log": Words(
        "asks less bids withdrawing, by distance and pulls, log",
        "asks withdraw more than bids",
        "bids withdraw more than asks",
    ),
    "spread_ticks": Words("spread, ticks", "the spread is wider", "the spread is narrower"),
    "microprice_offset_ticks": Words(
        "microprice less mid, ticks",
        "the best bid outweighs the best ask",
        "the best ask outweighs the best bid",
    ),
}
_CHANGES = {
    1: "change from second to second of",
    2: "second difference of",
    3: "third difference of",
}


def title_of(reading: str, derivative: int) -> str:
    """Return what a reading or its difference measures, with its unit."""
    title = words_of(reading).title
    return f"{_CHANGES[derivative]} {title}" if derivative else title


def sentence_of(reading: str, derivative: int, *, is_more: bool) -> str:
    """Return what the book does where a reading is larger or smaller than usual.

    Args:
        reading: its column.
        derivative: order of the difference, 0 for the reading itself.
        is_more: whether the value is larger.
    """
    if derivative:
        return f"{'higher' if is_more else 'lower'} {title_of(reading, derivative)}"
    words = words_of(reading)
    return words.more if is_more else words.less


def words_of(reading: str) -> Words:
    """Return the words of a reading; one without words of its own is called by its name."""
    return WORDS.get(reading) or Words(reading, f"more {reading}", f"less {reading}")
