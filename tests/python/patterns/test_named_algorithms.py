"""The rules that name an algorithm over some minutes, on rows made by hand."""

from __future__ import annotations

import pytest
from support.inline_query import Ask

# enough known windows are four; a delay is repeated by more than a third of them
RULE = {
    "over_s": 60,
    "min_windows": 4,
    "requote_pairs": 4,
    "requote_spread_ms": 0.2,
    "requote_spread_share": 0.1,
    "requote_share": 0.34,
    "withdraw_excess": 0.1,
    "react_share": 0.5,
}


def last_answers(ask: Ask, expressions: str, columns: str, rows: list[str]) -> list[object]:
    """Return expressions at the last of the windows, which follow each other by five seconds."""
    values = ", ".join(f"({5 * number}, {row})" for number, row in enumerate(rows))
    [found] = ask(
        f"""
        select * exclude (number) from (
            select number, {expressions}
            from (
                select *, 'S' as symbol, 1 as dt, 'B' as side,
                    make_timestamp(number * 1000000) as window_end_ts
                from (values {values}) as row (number, {columns})
            ) as windows
            window recent as ({{{{ recent_fingerprints() }}}})
        ) as answers
        order by number desc limit 1
        """,
        algorithms=RULE,
    )
    return list(found.values())


# pairs and median; of six known windows three must repeat the delay
REPEATED = ["9, 3.0", "9, 7.02", "9, 20.0", "9, 7.1", "9, 41.0", "9, 7.2"]


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        (REPEATED, [True, 7.1]),
        # the third lies too far away
        ([*REPEATED[:5], "9, 7.3"], [False, None]),
        # one window has too few pairs: two of five must repeat it
        (["3, 3.0", *REPEATED[1:5], "9, 60.0"], [True, 7.1]),
        # for so short a delay, they lie too far apart
        (["9, 1.0", "9, 1.05", "9, 20.0", "9, 1.12", "9, 41.0", "9, 60.0"], [False, None]),
        # and the windows must be known
        (REPEATED[:3], [None, None]),
        ([*REPEATED[:2], "0, cast(null as double)", "9, 7.1"], [None, None]),
        # twelve windows of others later, it is forgotten
        ([*REPEATED, *(f"9, {20 + number}" for number in range(12))], [False, None]),
    ],
)
def test_a_repeated_delay_is_a_requoter(ask: Ask, rows: list[str], answer: list[object]) -> None:
    columns = "requote_pair_count, requote_median_ms"
    found = last_answers(ask, "{{ is_requoting() }} as a, {{ requoting_ms() }} as b", columns, rows)
    assert found == answer


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        # 36 of 100 contracts, 20 by chance
        (["0.2, 0.2, 40, 8", "0.3, 0.2, 20, 6", "0.5, 0.2, 20, 10", "0.6, 0.2, 20, 12"], True),
        # 28 of 100
        (["0.2, 0.2, 40, 8", "0.3, 0.2, 20, 6", "0.5, 0.2, 20, 10", "0.2, 0.2, 20, 4"], False),
        # an approach whose chance is not known counts neither way
        (["0.2, 0.2, 40, 8", "0.3, 0.2, 20, 6", "0.5, 0.2, 20, 10", "0.6, null, 20, 12"], None),
        (
            ["0.2, 0.2, 40, 8", *2 * ["0.3, 0.2, 20, 6"], "0.3, 0.2, 20, 6", "1.0, null, 90, 90"],
            False,
        ),
    ],
)
def test_depth_that_leaves_beyond_chance_is_a_withdrawer(
    ask: Ask, rows: list[str], answer: object
) -> None:
    share = "withdraw_on_approach_share"
    columns = f"{share}, {share}_null_q95, approached_qty, withdrawn_qty"
    assert last_answers(ask, "{{ is_withdrawing() }} as a", columns, rows) == [answer]


@pytest.mark.parametrize(
    ("rows", "answer"),
    [
        (["0.5, 0.4", "0.5, 0.4", "0.5, 0.4", "0.4, 0.4"], True),
        (["0.5, 0.4", "0.5, 0.4", "0.4, 0.4", "0.4, 0.4"], False),
        (["0.5, 0.4", "0.5, 0.4", "0.5, 0.4", "0.5, null"], None),
    ],
)
def test_reactions_above_chance_are_a_reactor(ask: Ask, rows: list[str], answer: object) -> None:
    columns = "react_5ms, react_5ms_null_q95"
    assert last_answers(ask, "{{ is_reacting(5) }} as a", columns, rows) == [answer]
