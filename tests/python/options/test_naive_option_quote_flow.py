"""Hand-made quotes and trades of an option, and the flow a trader would infer."""

from __future__ import annotations

import pytest
from naive.option_quote_flow import NS, Quote, Side, Trade, flows

NONE = Side(None, 0)
ASK = Side(110, 9)
MS = NS // 1000

# name, bids by millisecond, trades (ms, price, qty, aggressor), flow of the bid by second
CASES = {
    "more at the price is added": ([(0, 100, 10), (1, 100, 14)], [], {1: (4, 0)}),
    "less at the price is pulled": ([(0, 100, 10), (1, 100, 7)], [], {1: (0, 3)}),
    "less at the price is sold to it": ([(0, 100, 10), (2, 100, 7)], [(2, 100, 3, -1)], {}),
    "sold in part, the rest is pulled": (
        [(0, 100, 10), (2, 100, 4)],
        [(1, 100, 2, -1)],
        {1: (0, 4)},
    ),
    "sold, and some is back": ([(0, 100, 10), (2, 100, 9)], [(1, 100, 4, -1)], {1: (3, 0)}),
    "a better price is added": ([(0, 100, 10), (1, 101, 3)], [], {1: (3, 0)}),
    "a better price that was hit": (
        [(0, 100, 10), (2, 101, 3)],
        [(1, 101, 2, -1)],
        {1: (5, 0)},
    ),
    "a worse price is pulled": ([(0, 100, 10), (1, 99, 30)], [], {1: (0, 10)}),
    "a worse price, sold through": (
        [(0, 100, 10), (2, 99, 25)],
        [(1, 100, 10, -1), (1, 99, 5, -1)],
        {},
    ),
    "a worse price, sold through in part": (
        [(0, 100, 10), (2, 99, 25)],
        [(1, 100, 6, -1)],
        {1: (0, 4)},
    ),
    "the last bid goes": ([(0, 100, 10), (1, None, 0)], [], {1: (0, 10)}),
    "the first bid comes": ([(0, None, 0), (1, 100, 10)], [], {1: (10, 0)}),
    "what was bought takes no bids": (
        [(0, 100, 10), (2, 100, 7)],
        [(1, 100, 3, 1), (1, 100, 3, 0)],
        {1: (0, 3)},
    ),
    "the day's first quote tells of no flow": ([(5, 100, 10)], [(1, 100, 3, -1)], {}),
    "a quote said again lets a trade wait": (
        [(0, 100, 10), (1, 100, 10), (2, 100, 7)],
        [(1, 100, 3, -1)],
        {},
    ),
    "of one moment the last counts": ([(0, 100, 10), (1, 100, 2), (1, 100, 10)], [], {}),
    "a trade waits until its second ends": (
        [(0, 100, 10), (1001, 100, 7)],
        [(999, 100, 3, -1)],
        {1: (3, 0), 2: (0, 3)},
    ),
    "the end of a second belongs to it": ([(0, 100, 10), (1000, 100, 14)], [], {1: (4, 0)}),
}


@pytest.mark.parametrize("side", ["bid", "ask"])
@pytest.mark.parametrize("name", CASES)
def test_flow_of_a_hand_made_case(name: str, side: str) -> None:
    """The asks mirror the bids: prices are reflected, buyers become sellers."""
    bids, trades, expected = CASES[name]
    sign = 1 if side == "bid" else -1

    def turned(price: int | None) -> int | None:
        return None if price is None else sign * price

    quotes = []
    for ms, price, qty in bids:
        mine = Side(turned(price), qty)
        both = (mine, ASK) if side == "bid" else (NONE, mine)
        # the first case of each is at 1 ns, so that its second is the first
        quotes.append(Quote(max(ms * MS, 1), *both))
    made = [Trade(ms * MS, turned(price), qty, sign * who) for ms, price, qty, who in trades]
    found = {
        end // NS: (counts[f"{side}_add"], counts[f"{side}_pull"])
        for end, counts in flows(quotes, made).items()
    }
    assert found == expected
