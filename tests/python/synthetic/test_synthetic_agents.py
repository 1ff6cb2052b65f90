"""Planted agents: their records are what the truth says, in size, period and delay."""

from __future__ import annotations

import datetime as dt
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import duckdb
import numpy as np
import pytest
from click.testing import CliRunner
from naive.model import BookConfig, Record, plain_records
from naive.rules import EventRules
from naive.state import Window
from spymaster.commands.generate import command
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.synthetic import SessionPlan, SyntheticMarket, generate_day, write_day
from spymaster_ingest.synthetic.agent_arrays import AGENT_KINDS
from spymaster_ingest.synthetic.contract_days import day_pieces
from spymaster_ingest.synthetic.damage import Damage
from spymaster_ingest.synthetic.truth_files import AGENT_TABLES, attach_truth, config_hash
from support.synthetic_book import DAY, ES, replay
from support.vendor_reader import values

# six minutes, and a night that is almost silent
PLAN = SessionPlan(hours=0.1, overnight_rate=0.02, premarket_rate=0.02, evening_seconds=0)
MARKET = SyntheticMarket(ES, seed=5, plan=PLAN, agents=20)
FIELDS = ["ts_event", "order_id", "action", "side", "price", "size"]
# several orders of one act follow each other within this time
ACT_NS = 60_000
MS, S = 1_000_000, 1_000_000_000

Row = Mapping[str, Any]
Message = tuple[int, int, str, str, int, int]


@pytest.fixture(scope="module")
def written(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("agents")
    write_day(MARKET, DAY, folder, schemas=("mbo",), truth=True)
    return folder


@pytest.fixture(scope="module")
def messages(written: Path) -> list[Message]:
    (path,) = written.rglob("*.dbn.zst")
    return [(t, o, str(a), str(s), p, q) for t, o, a, s, p, q in values(path, FIELDS)]


@pytest.fixture(scope="module")
def truth(written: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    with duckdb.connect() as connection:
        attach_truth(connection, written)
        yield connection


def rows(truth: duckdb.DuckDBPyConnection, query: str) -> list[dict[str, Any]]:
    found = truth.sql(query)
    return [dict(zip(found.columns, row, strict=True)) for row in found.fetchall()]


@pytest.fixture(scope="module")
def agents(truth: duckdb.DuckDBPyConnection) -> list[dict[str, Any]]:
    query = "select * replace (epoch_ns(from_ts) as from_ts, epoch_ns(to_ts) as to_ts)"
    return rows(truth, f"{query} from truth.truth_agents order by agent_id")


@pytest.fixture(scope="module")
def actions(truth: duckdb.DuckDBPyConnection) -> dict[int, list[dict[str, Any]]]:
    """Return the actions of each agent, in order of time."""
    found = rows(
        truth,
        "select * exclude (symbol, dt, ts_event, trigger_ts), epoch_ns(ts_event) as ns, "
        "epoch_ns(trigger_ts) as trigger_ns from truth.truth_agent_actions order by ns",
    )
    by_agent = defaultdict(list)
    for row in found:
        by_agent[row["agent_id"]].append(row)
    return by_agent


def test_agents_take_turns_by_kind_and_side(agents: list[dict[str, Any]]) -> None:
    assert [agent["kind"] for agent in agents] == list(AGENT_KINDS) * 4
    assert [agent["side"] for agent in agents] == (["B"] * 5 + ["A"] * 5) * 2
    for first, second in zip(agents[:10], agents[10:], strict=True):
        assert first["to_ts"] < second["from_ts"]
    for half in (agents[:10], agents[10:]):
        sizes = [agent["size"] for agent in half if agent["kind"] != "iceberg"]
        assert len(set(sizes)) == len(sizes)
    assert all((a["period_s"] is None) == (a["kind"] != "periodic") for a in agents)
    assert all(a["n_actions"] > 5 for a in agents), [(a["kind"], a["n_actions"]) for a in agents]


def test_every_action_is_in_the_file_and_no_other(
    agents: list[dict[str, Any]],
    actions: dict[int, list[dict[str, Any]]],
    messages: list[Message],
) -> None:
    side_of = {
        action["order_id"]: agents[agent]["side"]
        for agent, done in actions.items()
        for action in done
    }
    own = [message for message in messages if message[1] in side_of]
    fills = Counter((t, o) for t, o, action, *_ in own if action == "F")
    found, entered = Counter(), set()
    for message in own:
        time, order_id, action, side, price, size = message
        assert side == side_of[order_id]
        if action == "A":
            found[time, order_id, "enter", price, size] += 1
            entered.add(order_id)
        elif action == "C" and not fills[time, order_id]:
            found[time, order_id, "cancel", price, size] += 1
    expected: Counter[Any] = Counter()
    refills = []
    for agent, done in actions.items():
        assert agents[agent]["n_actions"] == len(done)
        first = {}
        for a in done:
            key = (a["ns"], a["order_id"])
            is_native = a["action"] == "refill" and a["order_id"] in first
            first.setdefault(a["order_id"], a)
            if is_native:
                refills.append((*key, "M", agents[agent]["side"], a["price_int"], a["size"]))
                assert fills[key] == 1
                continue
            name = "cancel" if a["action"] == "cancel" else "enter"
            expected[*key, name, a["price_int"], a["size"]] += 1
            if name == "enter":
                assert a["size"] == agents[agent]["size"]
    assert found == expected
    assert entered == set(side_of)
    assert len(refills) > 5 and set(refills) <= set(own)


def test_periodic_agents_act_every_period(
    agents: list[dict[str, Any]], actions: dict[int, list[dict[str, Any]]]
) -> None:
    periodic = [agent for agent in agents if agent["kind"] == "periodic"]
    assert len(periodic) == 4
    for agent in periodic:
        period_ns = round(agent["period_s"] * S)
        done = actions[agent["agent_id"]]
        added = [a["ns"] - agent["from_ts"] for a in done if a["action"] == "add"]
        beats = [round(ns / period_ns) for ns in added]
        assert beats == list(range(len(beats)))
        assert len(beats) >= (agent["to_ts"] - agent["from_ts"]) // period_ns
        late = [ns - beat * period_ns for ns, beat in zip(added, beats, strict=True)]
        assert max(map(abs, late)) <= agent["jitter_ms"] * MS + 1_000
        assert len(set(late)) > len(late) / 2
        entered = {a["order_id"]: a["ns"] for a in done if a["action"] == "add"}
        rested = [a["ns"] - entered[a["order_id"]] for a in done if a["action"] == "cancel"]
        # the last one leaves when the agent stops
        assert all(abs(ns - period_ns // 2) <= 1_000 for ns in rested[:-1])


def quotes_of(records: np.ndarray) -> list[tuple[int, dict[str, int | None]]]:
    """Return the best price of both sides after every event that changed one, with its time."""
    found: list[tuple[int, dict[str, int | None]]] = []
    for record, rules in rebuilt(records):
        best = {side: rules.book.best(side) for side in "BA"}
        if record.is_last and (not found or found[-1][1] != best):
            found.append((record.ts_event, best))
    return found


def rebuilt(records: np.ndarray) -> Iterator[tuple[Record, EventRules]]:
    """Yield every record with the plain book after it."""
    rules, window = EventRules(BookConfig(ES.tick_int, 0, [])), Window(0, {}, 0)
    for record in plain_records(records):
        if record.action == "R":
            rules.clear(window)
        else:
            rules.apply(record, window)
        yield record, rules


def test_agents_react_to_their_trigger_after_their_delay(
    agents: list[dict[str, Any]],
    actions: dict[int, list[dict[str, Any]]],
    messages: list[Message],
) -> None:
    hit = {
        side: {t for t, _, action, aggressor, *_ in messages if action == "T" and aggressor == by}
        for side, by in (("B", "A"), ("A", "B"))
    }
    quotes = quotes_of(generate_day(MARKET, DAY))
    moves: dict[str, dict[int, int]] = {"B": {}, "A": {}}
    for (_, before), (time, after) in pairwise(quotes):
        for side, sign in (("B", -1), ("A", 1)):
            if None not in (before[side], after[side]) and before[side] != after[side]:
                moves[side][time] = sign * (after[side] - before[side])
    checked: Counter[str] = Counter()
    for agent in agents:
        kind, side = agent["kind"], agent["side"]
        if kind in ("periodic", "iceberg"):
            continue
        delay_ns, triggers = round(agent["delay_ms"] * MS), set()
        for action in actions[agent["agent_id"]]:
            if action["ns"] >= agent["to_ts"] or action["trigger_ns"] is None:
                continue
            waited = action["ns"] - action["trigger_ns"]
            assert delay_ns <= waited <= delay_ns + ACT_NS, (kind, action)
            if action["action"] == "cancel":
                triggers.add(action["trigger_ns"])
        if kind == "reactor":
            assert triggers <= hit[side]
        else:
            assert triggers <= set(moves[side])
        if kind == "withdrawer":
            assert all(moves[side][time] > 0 for time in triggers)
        checked[kind] += len(triggers)
    assert set(checked) == {"requoter", "withdrawer", "reactor"}
    assert min(checked.values()) > 30, checked


def test_an_iceberg_is_refilled_where_it_was_filled(
    agents: list[dict[str, Any]],
    actions: dict[int, list[dict[str, Any]]],
    messages: list[Message],
) -> None:
    filled = defaultdict(list)
    for time, order_id, action, *_ in messages:
        if action == "F":
            filled[order_id].append(time)
    checked: Counter[bool] = Counter()
    for agent in agents:
        if agent["kind"] != "iceberg":
            continue
        before: Row = {}
        for action in actions[agent["agent_id"]]:
            if action["action"] == "refill":
                assert action["price_int"] == before["price_int"]
                assert action["trigger_ns"] in filled[before["order_id"]]
                delay_ns = round((agent["delay_ms"] or 0) * MS)
                assert 0 <= action["ns"] - action["trigger_ns"] - delay_ns <= ACT_NS
                assert (action["order_id"] == before["order_id"]) == (agent["delay_ms"] is None)
                checked[agent["delay_ms"] is None] += 1
            before = action
    assert checked[True] > 5 and checked[False] > 5, checked


def test_the_market_stays_whole_through_a_clear_and_a_halt() -> None:
    damage = Damage(
        clear_at=dt.time(9, 27),
        halt_start=dt.time(9, 28),
        halt_seconds=60,
        gathering_seconds=20,
    )
    market = replace(MARKET, damage=damage, agents=10, closing_records=True)
    for record, rules in rebuilt(generate_day(market, DAY)):
        assert record.action == "R" or rules.book.negative_depth_moments == 0
    wrong = ("unknown_cancel", "over_cancel", "dup_add", "unknown_modify", "unknown_fill_qty")
    assert {name: rules.count[name] for name in (*wrong, "unmatched_fill_qty")} == dict.fromkeys(
        (*wrong, "unmatched_fill_qty"), 0
    )
    assert rules.count["n_clears"] == 2
    assert not replay(generate_day(replace(market, damage=Damage()), DAY)).complaints


def test_equal_settings_give_equal_days_however_they_are_cut(written: Path, tmp_path: Path) -> None:
    write_day(MARKET, DAY, tmp_path, schemas=("mbo",), truth=True)
    files = sorted(path.relative_to(written) for path in written.rglob("*") if path.is_file())
    for file in files:
        assert (tmp_path / file).read_bytes() == (written / file).read_bytes(), file
    whole, cut = (
        [(p.records.tobytes(), p.agent_actions.tobytes()) for p in pieces]
        for pieces in (
            day_pieces(MARKET, DAY),
            day_pieces(MARKET, DAY, chunk_records=4_000),
        )
    )
    assert len(cut) > len(whole)
    for part in (0, 1):
        assert b"".join(p[part] for p in whole) == b"".join(p[part] for p in cut)
    other = generate_day(replace(MARKET, seed=6), DAY)
    assert other.tobytes() != b"".join(p[0] for p in whole)


def test_only_the_front_contract_has_agents_and_only_on_demand(tmp_path: Path) -> None:
    tiny = replace(MARKET, plan=replace(PLAN, hours=0.03), agents=10)
    write_day(tiny, DAY, tmp_path / "both", contracts=("front", "next"), truth=True)
    write_day(replace(tiny, agents=0), DAY, tmp_path / "none", truth=True)
    for table in AGENT_TABLES:
        found = list((tmp_path / "both" / "truth" / table).iterdir())
        assert [path.name for path in found] == ["symbol=ESZ5"]
        assert not (tmp_path / "none" / "truth" / table).exists()
    assert config_hash(tiny) != config_hash(replace(tiny, agents=0))
    assert config_hash(replace(tiny, agents=0)) == KNOWN_HASH


# of the market without agents, before the generator knew any
KNOWN_HASH = "322614f4b13fd475d5911edf523358c1a0672b3353a72898e93c4a9f6c400eb2"


def test_the_command_plants_agents_or_says_why_not(tmp_path: Path) -> None:
    options = ["--hours", "0.03", "--schemas", "mbo", "--out", str(tmp_path)]
    result = CliRunner().invoke(command, [*options, "--agents", "5"])
    assert result.exit_code == 0, result.output
    assert {p.name for p in (tmp_path / "truth").iterdir()} >= set(AGENT_TABLES)
    # the second would fill the memory of most machines
    for too_many in ("11", "999999999"):
        with pytest.raises(SpymasterError, match="fewer agents or more hours"):
            CliRunner().invoke(command, [*options, "--agents", too_many], catch_exceptions=False)
    with pytest.raises(SpymasterError, match="0 or more"):
        replace(MARKET, agents=-1)
