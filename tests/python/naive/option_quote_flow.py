"""Order flow of an option inferred from its best quotes and trades, as a loop over moments.

It does not see orders behind the best price, nor orders added and removed between two quotes. Times
are nanoseconds, quantities contracts; a price is None where a side is empty.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

NS = 1_000_000_000
BID, ASK = 1, -1
NAMES = {BID: "bid", ASK: "ask"}


@dataclass(frozen=True)
class Side:
    """The best price of a side and its resting quantity."""

    price: int | None
    qty: int


@dataclass(frozen=True)
class Quote:
    """The best prices from a moment on."""

    ts: int
    bid: Side
    ask: Side

    def side(self, side: int) -> Side:
        return self.bid if side == BID else self.ask

    def is_as(self, other: Quote | None) -> bool:
        return other is not None and (self.bid, self.ask) == (other.bid, other.ask)


@dataclass(frozen=True)
class Trade:
    """A trade; aggressor 1 bought from the asks, -1 sold to the bids, 0 did neither."""

    ts: int
    price: int
    qty: int
    aggressor: int


def end_of_second(ts: int) -> int:
    """Return the end of the second of a capture time; a time exactly at an end is that end."""
    return -(-ts // NS) * NS


def change(side: int, before: Side, after: Side, trades: list[Trade]) -> tuple[int, int]:
    """Return what was added and what was pulled on a side between two quotes."""

    def filled(price: int) -> int:
        return sum(t.qty for t in trades if t.aggressor == -side and t.price == price)

    if before.price is None and after.price is None:
        return 0, 0
    came_nearer = after.price is not None and (
        before.price is None or side * after.price > side * before.price
    )
    if came_nearer:
        # all quantity at a better price is new, and so is any fill there
        return after.qty + filled(after.price), 0
    # compare at the price before: if the new price is worse, nothing is left there
    left = after.qty if after.price == before.price else 0
    net = left + filled(before.price) - before.qty
    return max(net, 0), max(-net, 0)


def flows(quotes: list[Quote], trades: list[Trade]) -> dict[int, Counter[str]]:
    """Return, by end of second in ns, bid_add, bid_pull, ask_add and ask_pull that are not zero.

    Args:
        quotes: quotes of an option in file order; the last of a moment counts.
        trades: trades of the same option.
    """
    latest = {quote.ts: quote for quote in quotes}
    moments = sorted({*latest, *(end_of_second(trade.ts) for trade in trades)})
    ends = {end_of_second(trade.ts) for trade in trades}
    found: dict[int, Counter[str]] = {}
    standing: Quote | None = None
    settled = 0
    for moment in moments:
        quote = latest.get(moment, standing)
        if quote is None:
            continue
        if quote.is_as(standing) and moment not in ends:
            continue
        # trades wait for the next change of the quote, but not past their own second
        waiting = [trade for trade in trades if settled < trade.ts <= moment]
        if standing is not None:
            for side, name in NAMES.items():
                added, pulled = change(side, standing.side(side), quote.side(side), waiting)
                counts = Counter({f"{name}_add": added, f"{name}_pull": pulled})
                found.setdefault(end_of_second(moment), Counter()).update(+counts)
        standing, settled = quote, moment
    return {end: counts for end, counts in found.items() if counts}
