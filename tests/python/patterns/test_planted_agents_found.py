"""Planted agents leave their prints, and a market without agents shows none."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pytest
from spymaster_ingest.synthetic import FlowSettings, SessionPlan, SyntheticMarket
from spymaster_ingest.synthetic.agent_arrays import (
    PERIODIC,
    REACTOR,
    REFILLED,
    REQUOTER,
    WITHDRAWER,
)
from spymaster_ingest.synthetic.contract_days import agents_of, contract_day, day_pieces
from support.fingerprint_streams import fingerprints
from support.synthetic_book import DAY, ES

S, MS = 1_000_000_000, 1_000_000
# eighteen minutes; every agent acts for eight
PLAN = SessionPlan(
    hours=0.3, overnight_rate=1e-9, premarket_rate=1e-9, evening_seconds=0, tail_seconds=0
)
# the crowd's own icebergs would be as real as the planted ones
MARKET = SyntheticMarket(ES, seed=3, plan=PLAN, flow=FlowSettings(iceberg_share=0.0), agents=20)
P_MAX, FREQUENCY_STEP = 0.005, 1.5 / 60
SHARES = (
    "requote_share",
    "chase_share",
    "withdraw_on_approach_share",
    "react_1ms",
    "react_5ms",
    "react_20ms",
)
SIDES = "BA"

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Day:
    """Fingerprints of a generated day, with its agents, their refills and their new orders."""

    windows: Mapping[tuple[int, str], Row]
    icebergs: list[Row]
    agents: np.ndarray
    refills: Counter[tuple[int, str, int]]
    reloads: Counter[tuple[int, str, int]]

    @classmethod
    def of(cls, market: SyntheticMarket) -> Day:
        frame = contract_day(market, DAY)
        parts = [(p.records.copy(), p.agent_actions.copy()) for p in day_pieces(market, DAY)]
        records, actions = (np.concatenate(part) for part in zip(*parts, strict=True))
        # the night is empty: its snapshot comes right before the dense period
        is_snapshot = records["flags"] & 32 > 0
        records["ts_recv"][is_snapshot] += (frame.pace.dense_start_s - 1) * S
        found, icebergs = fingerprints(records, day_start_s=frame.pace.midnight_ns // S)
        agents = agents_of(market, DAY, "front")
        refills: Counter[tuple[int, str, int]] = Counter()
        reloads: Counter[tuple[int, str, int]] = Counter()
        for action in actions[actions["action"] == REFILLED]:
            agent = agents[action["agent"]]
            price_int = (frame.lowest_tick + int(action["level"])) * ES.tick_int
            planted = refills if agent["reserve"] >= 0 else reloads
            planted[int(action["time_ns"]) // S, SIDES[agent["side"]], price_int] += 1
        windows = {(row["window_end_s"], row["side"]): row for row in found}
        return cls(windows, icebergs, agents, refills, reloads)

    def of_kind(self, kind: int) -> list[tuple[np.void, list[Row]]]:
        """Return the agents of a kind, each with the windows whose whole minute it acted in."""
        return [
            (
                agent,
                [
                    row
                    for (end_s, side), row in self.windows.items()
                    if side == SIDES[agent["side"]]
                    and agent["from_ns"] <= (end_s - 65) * S
                    and end_s * S <= agent["to_ns"]
                ],
            )
            for agent in self.agents[self.agents["kind"] == kind]
        ]

    def regular(self) -> list[Row]:
        """Return the windows that show the same timer as the window before."""
        found = []
        for (end_s, side), now in self.windows.items():
            before = self.windows.get((end_s - 5, side))
            if (
                before is not None
                and None not in (now["periodicity_p"], before["periodicity_p"])
                and max(now["periodicity_p"], before["periodicity_p"]) <= P_MAX
                and now["periodicity_size"] == before["periodicity_size"]
                and is_near(now["periodicity_s"], before["periodicity_s"])
            ):
                found.append(now)
        return found


def is_near(period_s: float, other_s: float) -> bool:
    return abs(1 / period_s - 1 / other_s) < FREQUENCY_STEP


def above_share(rows: list[Row], name: str) -> float:
    """Return the share of windows whose print is above what chance makes of it."""
    known = [row for row in rows if row[name] is not None]
    assert len(known) > 30, name
    return sum(row[name] > row[f"{name}_null_q95"] for row in known) / len(known)


@pytest.fixture(scope="module")
def planted() -> Day:
    return Day.of(MARKET)


@pytest.fixture(scope="module")
def empty() -> Day:
    return Day.of(replace(MARKET, agents=0))


def test_every_timer_is_found_and_no_other(planted: Day, empty: Day) -> None:
    regular = planted.regular()
    found: Counter[int] = Counter()
    right = 0
    for row in regular:
        for number, agent in enumerate(planted.agents):
            if (
                agent["kind"] == PERIODIC
                and agent["side"] == SIDES.index(row["side"])
                and agent["size"] == row["periodicity_size"]
                and agent["from_ns"] < row["window_end_s"] * S < agent["to_ns"] + 60 * S
                and is_near(agent["period_ns"] / S, row["periodicity_s"])
            ):
                found[number] += 1
                right += 1
    assert len(regular) > 100
    assert right / len(regular) >= 0.9
    windows = [len(rows) for _, rows in planted.of_kind(PERIODIC)]
    assert len(found) == len(windows)
    assert min(found.values()) >= 0.9 * max(windows)
    assert empty.regular() == []


def most_repeated_ms(rows: list[Row]) -> tuple[float, float]:
    """Return the delay that most windows repeat within 0.1 ms, and the share of those windows."""
    waits = [r["requote_median_ms"] for r in rows if r["requote_pair_count"] >= 4]
    assert len(waits) > 30
    near = [sum(abs(wait - other) <= 0.1 for other in waits) for wait in waits]
    at = int(np.argmax(near))
    return waits[at], near[at] / len(waits)


def test_requoters_show_their_delay(planted: Day, empty: Day) -> None:
    """A requoter is a delay that a third of the windows repeat; nobody names it beforehand."""
    for agent, rows in planted.of_kind(REQUOTER):
        delay_ms, share = most_repeated_ms(rows)
        assert share > 1 / 3
        assert abs(delay_ms - agent["delay_ns"] / MS) < 0.1
        times = {row["window_end_s"] for row in rows}
        for side in SIDES:
            same_time = [empty.windows[end_s, side] for end_s in times]
            assert most_repeated_ms(same_time)[1] < 1 / 4


def test_withdrawers_and_reactors_are_above_chance(planted: Day, empty: Day) -> None:
    for _, rows in planted.of_kind(WITHDRAWER):
        assert above_share(rows, "withdraw_on_approach_share") > 0.7
    for agent, rows in planted.of_kind(REACTOR):
        within = next(ms for ms in (1, 5, 20) if agent["delay_ns"] < ms * MS)
        assert above_share(rows, f"react_{within}ms") > 0.5
    for name in SHARES:
        assert above_share(list(empty.windows.values()), name) <= 0.05


def test_refills_by_the_venue_are_found(planted: Day, empty: Day) -> None:
    found = Counter(
        {(r["window_s"], r["side"], r["price_int"]): r["refill_count"] for r in planted.icebergs}
    )
    hits = (found & planted.refills).total()
    assert planted.refills.total() > 100
    assert hits / planted.refills.total() >= 0.9
    assert hits / found.total() >= 0.9
    assert sum(r["refill_count"] for r in empty.icebergs) < 0.1 * planted.refills.total()
    assert sum(r["hidden_fill_qty"] for r in empty.icebergs) == 0


def test_new_orders_of_an_icebergs_program_are_among_the_reloads(planted: Day) -> None:
    found = Counter(
        {(r["window_s"], r["side"], r["price_int"]): r["reload_count"] for r in planted.icebergs}
    )
    assert planted.reloads.total() > 100
    assert (found & planted.reloads).total() / planted.reloads.total() >= 0.9
