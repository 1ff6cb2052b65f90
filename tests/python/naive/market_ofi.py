"""Order flow imbalance between consecutive states (Cont, Kukanov, Stoikov).

Rules chosen where the specification leaves room:
- A rank that is empty on either side in either state contributes 0 as a whole, both sides of it.
- A pair counts as one-sided if neither state follows doubt or an unknown book, the second is no
  reset, a side is empty in one of them, and their ten-level views differ. States that repeat the
  view before are not counted, so that both sources count alike.
"""

from __future__ import annotations

from naive.market_quantities import microprice_ticks
from naive.market_states import SIDES, VIEW_LEVELS, Level, State

PRICE_OFI_TICKS = 10
SIGNS = {"bid": 1, "ask": -1}


def is_consecutive(before: State | None, state: State) -> bool:
    """Whether the pair contributes to order flow imbalance."""
    return before is not None and before.is_valid and state.is_valid and not state.is_reset


def is_one_sided(before: State | None, state: State) -> bool:
    """Whether a pair would contribute but for an empty side."""
    if before is None or state.is_reset or not (before.is_trusted and state.is_trusted):
        return False
    is_whole_pair = before.is_two_sided and state.is_two_sided
    return not is_whole_pair and not before.has_same_view(state)


def quote_ofi(bid_0: Level, ask_0: Level, bid_1: Level, ask_1: Level) -> int:
    """e_n of one rank: from the quotes (bid_0, ask_0) to the quotes (bid_1, ask_1)."""
    e = 0
    if bid_1.price_int >= bid_0.price_int:
        e += bid_1.size
    if bid_1.price_int <= bid_0.price_int:
        e -= bid_0.size
    if ask_1.price_int <= ask_0.price_int:
        e -= ask_1.size
    if ask_1.price_int >= ask_0.price_int:
        e += ask_0.size
    return e


def rank_ofi(before: State, state: State, rank: int) -> int:
    """e_n of the rank-th levels, 0 the best."""
    levels = [view for s in (before, state) for view in (s.view("bid"), s.view("ask"))]
    if any(rank >= len(view) for view in levels):
        return 0
    return quote_ofi(*(view[rank] for view in levels))


def all_ranks_ofi(before: State, state: State) -> int:
    """Sum of e_n over the ten ranks."""
    return sum(rank_ofi(before, state, rank) for rank in range(VIEW_LEVELS))


def covers(state: State, side: str, price_int: int) -> bool:
    """Whether the ten-level view of a state tells the depth at a price."""
    view = state.view(side)
    if len(view) < VIEW_LEVELS:
        return True
    farthest = view[-1].price_int
    return price_int >= farthest if side == "bid" else price_int <= farthest


def price_ofi(before: State, state: State, tick_int: int) -> int:
    """Change of bid depth less change of ask depth, price by price, near the new microprice."""
    centre_int = microprice_ticks(state, tick_int) * tick_int
    total = 0
    for side in SIDES:
        old, new = ({x.price_int: x.size for x in s.view(side)} for s in (before, state))
        for price_int in old.keys() | new.keys():
            is_near = abs(price_int - centre_int) <= PRICE_OFI_TICKS * tick_int
            if is_near and covers(before, side, price_int) and covers(state, side, price_int):
                total += SIGNS[side] * (new.get(price_int, 0) - old.get(price_int, 0))
    return total
