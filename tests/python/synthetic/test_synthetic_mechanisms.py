"""Mechanisms: the flows around a level in the minutes before a decision are those of their class.

The flows are summed as the barrier engine sums them: the defending side's prices within eight
ticks of the level, over four minutes.
"""

from __future__ import annotations

import hashlib
from collections import Counter
from dataclasses import dataclass, replace
from pathlib import Path

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from spymaster.commands.generate import command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import (
    SessionPlan,
    SignatureSettings,
    SyntheticMarket,
    generate_day,
    load_product,
    mechanism_date,
    standard_dates,
    standard_market,
    standard_market_of,
    write_day,
)
from spymaster_ingest.synthetic.contract_days import contract_day, day_pieces
from spymaster_ingest.synthetic.market_arrays import (
    BREAK,
    FIRST_MECHANISM,
    MECHANISMS,
    NONE,
    PHASE_SIGNATURES,
)
from spymaster_ingest.synthetic.outcome_chances import chances_of_class, chances_of_observation
from spymaster_ingest.synthetic.synthetic_market import GENERATOR_VERSION
from spymaster_ingest.synthetic.truth_files import attach_truth
from support.synthetic_book import DAY, ES, SHORT, replay

PLAN = SessionPlan(hours=0.75, overnight_rate=0.05, premarket_rate=0.1, evening_seconds=0)
WINDOW_S, ZONE_TICKS = 240, 8
F_THRESH, R_VACUUM = 100, 0.3
# Without the agent's attacks some 1,300 contracts of the barrier are filled.
LEAST_ATTACKED = 2_000
SWEEP_GAP_NS, SWEEP_USD, SWEEPING_S = 100_000_000, 500_000, 9
NS_PER_S = 1_000_000_000


def market_of(name: str, seed: int) -> SyntheticMarket:
    """Return a market whose approaches all show one mechanism."""
    frequency = tuple(float(name == other) for other in MECHANISMS)
    signatures = SignatureSettings(frequency=(*[0.0] * len(PHASE_SIGNATURES), *frequency))
    return SyntheticMarket(load_product("ES"), seed, PLAN, signatures=signatures)


@dataclass(frozen=True)
class Day:
    """A generated day: ``rows`` APPROACH_ROW, ``flows`` FLOW_ROW, ``records`` MBO."""

    market: SyntheticMarket
    rows: np.ndarray
    flows: np.ndarray
    records: np.ndarray

    @classmethod
    def of(cls, market: SyntheticMarket, chunk_records: int = 1 << 18) -> Day:
        parts = [
            (p.approaches.copy(), p.flows.copy(), p.records.copy())
            for p in day_pieces(market, DAY, chunk_records=chunk_records)
        ]
        return cls(market, *(np.concatenate(part) for part in zip(*parts, strict=True)))

    def barrier(self, row: np.void) -> tuple[int, int, int]:
        """Return what was added, cancelled and filled in an approach's zone until its decision."""
        level = row["level_tick"] - contract_day(self.market, DAY).lowest_tick
        flows, end = self.flows, row["decision_s"]
        own = flows[
            (flows["side"] == (row["direction"] > 0))
            & (np.abs(flows["level"] - level) <= ZONE_TICKS)
            & (flows["second"] >= end - WINDOW_S)
            & (flows["second"] < end)
        ]
        added, canceled, filled = (int(own[name].sum()) for name in ("add", "pull", "fill"))
        return added, canceled, filled


@pytest.fixture(scope="module")
def days() -> dict[str, Day]:
    return {name: Day.of(market_of(name, seed=3)) for name in MECHANISMS}


@pytest.mark.parametrize("name", MECHANISMS)
def test_the_flows_of_a_mechanism_are_those_of_its_barrier_state(
    days: dict[str, Day], name: str
) -> None:
    day = days[name]
    assert day.rows.size >= 2
    assert np.all(day.rows["signature"] == FIRST_MECHANISM + MECHANISMS.index(name))
    for row in day.rows:
        added, canceled, filled = day.barrier(row)
        gained, ratio = added - canceled - filled, added / (canceled + filled)
        if name == "barrier_pulled":
            assert ratio < R_VACUUM
            assert gained < -F_THRESH
            assert canceled > filled
        elif name == "barrier_eaten":
            assert ratio >= R_VACUUM
            assert gained < -F_THRESH
            assert filled > canceled
            assert filled > LEAST_ATTACKED
        else:
            assert gained > 0
            assert ratio > 1
            assert filled > LEAST_ATTACKED


def test_a_mechanism_begins_before_the_window_of_its_decision(days: dict[str, Day]) -> None:
    for day in days.values():
        worked_s = day.rows["decision_s"] - day.rows["mechanism_start_s"]
        assert np.all(worked_s > WINDOW_S)
        assert np.all(day.rows["x0_ticks"] < 0)
        assert np.all(day.rows["drawn"] == day.rows["realised"])


def runs_usd(day: Day, row: np.void) -> tuple[float, float]:
    """Return the largest run of prints towards the level and against it, in USD, in the sweeps."""
    start_ns = contract_day(day.market, DAY).pace.midnight_ns + int(row["first_sweep_s"]) * NS_PER_S
    prints = day.records[day.records["action"] == b"T"]
    time_ns = prints["ts_event"].astype(np.int64)
    inside = (time_ns >= start_ns) & (time_ns < start_ns + SWEEPING_S * NS_PER_S)
    prints, time_ns = prints[inside], time_ns[inside]
    usd = prints["price"] * 1e-9 * prints["size"] * day.market.product.point_value
    starts = np.r_[True, (prints["side"][1:] != prints["side"][:-1])]
    starts[1:] |= np.diff(time_ns) > SWEEP_GAP_NS
    totals = np.bincount(np.cumsum(starts) - 1, weights=usd)
    sides = prints["side"][starts]
    ahead = b"B" if row["direction"] > 0 else b"A"
    assert np.all(
        row["direction"] * (prints["price"] // day.market.product.tick_int)
        <= row["direction"] * row["level_tick"]
    )
    return float(totals[sides == ahead].max()), float(totals[sides != ahead].max(initial=0.0))


def test_a_break_begins_with_sweeps_at_the_level_and_nothing_else_does(
    days: dict[str, Day],
) -> None:
    breaks = 0
    for day in days.values():
        for row in day.rows:
            assert (row["first_sweep_s"] != NONE) == (row["drawn"] == BREAK)
            if row["drawn"] == BREAK:
                breaks += 1
                ahead, against = runs_usd(day, row)
                assert ahead >= 10 * SWEEP_USD
                assert ahead > against
    assert breaks >= 2


@pytest.mark.parametrize("name", MECHANISMS)
def test_every_record_of_a_mechanism_follows_from_the_book(days: dict[str, Day], name: str) -> None:
    book = replay(days[name].records)
    assert book.complaints == Counter()
    assert book.traded == 0


def test_pieces_and_repetition_change_no_record(days: dict[str, Day]) -> None:
    again = Day.of(market_of("barrier_eaten", seed=3), chunk_records=1 << 15)
    for part in ("rows", "flows", "records"):
        assert np.array_equal(getattr(again, part), getattr(days["barrier_eaten"], part))


def test_nothing_before_the_decision_depends_on_the_outcome(days: dict[str, Day]) -> None:
    planted = days["barrier_pulled"]
    null = Day.of(replace(planted.market, null=True))
    decision = planted.rows["decision_s"][0]
    one, other = (day.flows[day.flows["second"] < decision] for day in (planted, null))
    assert np.array_equal(one, other)


def test_chances_of_mechanisms_are_those_of_the_table(days: dict[str, Day]) -> None:
    for name, day in days.items():
        chances = chances_of_class(day.market, day.rows)
        expected = {"barrier_absorbs": [0.10, 0.75, 0.15], "barrier_pulled": [0.80, 0.10, 0.10]}
        if name in expected:
            plain = day.rows["has_wall"] == 0
            assert np.allclose(chances[plain], expected[name])
        assert np.isnan(chances_of_observation(day.market, day.rows)).all()


def test_the_default_market_keeps_its_records() -> None:
    """Mechanisms have random streams of their own; another hash needs a GENERATOR_VERSION."""
    records = generate_day(SyntheticMarket(ES, seed=7, plan=SHORT), DAY)
    found = hashlib.sha256(records.tobytes()).hexdigest()
    assert (GENERATOR_VERSION, found) == (
        2,
        "d1b6cda79acd97d5add26389f1f52febbb7d40026865e70526e8df0704b492b0",
    )


def test_a_market_without_mechanisms_is_the_default() -> None:
    default = SignatureSettings()
    assert default.with_mechanisms(0.0) == default
    shares = default.with_mechanisms(0.6).frequency
    assert np.allclose(shares, [0.1] * 4 + [0.2] * 3)
    for share in (-0.1, 1.1, float("nan")):
        with pytest.raises(SpymasterError, match="a share of the approaches lies from 0 to 1"):
            default.with_mechanisms(share)


def test_one_day_of_the_standard_market_has_mechanisms() -> None:
    markets = [standard_market_of(day) for day in standard_dates()]
    changed = [
        day
        for day, market in zip(standard_dates(), markets, strict=True)
        if market != standard_market()
    ]
    assert changed == [mechanism_date()]
    assert changed != standard_dates()[-1:]


def test_the_truth_says_when_a_mechanism_and_its_sweeps_begin(tmp_path: Path) -> None:
    market = market_of("barrier_pulled", seed=3)
    write_day(market, DAY, tmp_path, schemas=("mbo",), truth=True)
    with duckdb.connect() as connection:
        attach_truth(connection, tmp_path)
        rows = connection.execute(
            """
            select
                signature,
                epoch(decision_ts - mechanism_start_ts),
                epoch(sweep_start_ts - decision_ts),
                drawn_outcome
            from truth.truth_approaches
            """
        ).fetchall()
    assert rows
    for signature, worked_s, sweep_after_s, drawn in rows:
        assert signature == "barrier_pulled"
        assert worked_s > WINDOW_S
        assert sweep_after_s == (1 if drawn == "BREAK" else None)


def test_the_command_refuses_a_share_above_one(tmp_path: Path) -> None:
    result = CliRunner().invoke(command, ["--mechanisms", "1.5", "--out", str(tmp_path)])
    assert isinstance(result.exception, SpymasterError)
    assert "mechanisms 1.5: a share of the approaches lies from 0 to 1" in str(result.exception)
    assert not list(tmp_path.iterdir())
