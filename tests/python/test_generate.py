"""The synthetic market: files the vendor can read, events that follow from the book."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from collections import Counter, defaultdict
from pathlib import Path

import databento
import databento_dbn as dbn
import numpy as np
import pytest
from click.testing import CliRunner
from spymaster.commands.generate import command
from spymaster.errors import SpymasterError
from spymaster.synthetic import (
    FlowSettings,
    ProductSpec,
    SessionPlan,
    SyntheticMarket,
    contracts_of,
    day_chunks,
    generate_day,
    load_product,
    raw_path,
    trading_days,
    write_day,
)
from spymaster.synthetic.aggression import MAX_FILLS, _take_level
from spymaster.synthetic.feed import KERNEL_MBO_DTYPE, MBO_DTYPE, TICK_INT, WRITER_SIZE
from spymaster.synthetic.matching import ASK, BID, add_order, new_book
from spymaster.synthetic.random_streams import next_bits, stream_states
from spymaster.synthetic.schedule import pace_of

DAY = dt.date(2025, 10, 1)
ES = ProductSpec(root="ES", tick_int=250_000_000, point_value=50.0, start_price_int=67 * 10**11)
CL = ProductSpec(
    root="CL",
    tick_int=10_000_000,
    point_value=1000.0,
    start_price_int=62 * 10**9,
    contract_months="FGHJKMNQUVXZ",
    expiry_rule="crude_oil",
    carry_ticks=-30,
    spread_tick_divisor=1,
    first_order_id=2**63 + 17,
    has_snapshot=False,
)
# The dense quarter of an hour of a day whose night is almost silent.
SHORT = SessionPlan(hours=0.25, overnight_rate=0.05, premarket_rate=0.1)


@pytest.fixture(scope="module")
def day() -> np.ndarray:
    return generate_day(SyntheticMarket(ES, seed=7, plan=SHORT), DAY)


class Replay:
    """An order book in plain dictionaries that objects to whatever does not follow from it."""

    def __init__(self) -> None:
        self.orders: dict[int, tuple[bytes, int, int]] = {}
        self.queues: defaultdict[tuple[bytes, int], dict[int, None]] = defaultdict(dict)
        self.pending: dict[int, int] = {}
        self.complaints: Counter[str] = Counter()
        self.hidden_fills = self.refills = self.spreads_of_one_tick = self.spreads = 0
        self.event_time: int | None = None
        self.traded = 0

    def best(self, side: bytes) -> int | None:
        prices = [price for (s, price), queue in self.queues.items() if queue and s == side]
        if not prices:
            return None
        return max(prices) if side == b"B" else min(prices)

    def leave(self, order_id: int) -> None:
        side, price, _ = self.orders.pop(order_id)
        del self.queues[side, price][order_id]

    def join(self, order_id: int, side: bytes, price: int, size: int) -> None:
        self.orders[order_id] = (side, price, size)
        self.queues[side, price][order_id] = None

    def apply(self, record: np.void) -> None:
        action, side, order_id = record["action"], record["side"], int(record["order_id"])
        price, size, time = int(record["price"]), int(record["size"]), int(record["ts_event"])
        if self.event_time is not None and time != self.event_time:
            self.complaints["event with two times"] += 1
        self.event_time = None if record["flags"] & 128 else time
        if record["flags"] & 32:
            self.event_time = None
        if action == b"A":
            self.complaints["dup add"] += order_id in self.orders
            self.join(order_id, side, price, size)
        elif action == b"T":
            self.traded += size
        elif action == b"F":
            self.fill(order_id, side, price, size)
        elif action in (b"C", b"M"):
            if order_id not in self.orders:
                self.complaints["unknown order"] += 1
            elif action == b"C":
                self.cancel(order_id, side, price, size)
            else:
                self.modify(order_id, side, price, size)
        if record["flags"] & 128 and self.pending:
            self.complaints["fill without consequence"] += 1

    def fill(self, order_id: int, side: bytes, price: int, size: int) -> None:
        if self.orders.get(order_id, (None, None))[:2] != (side, price):
            self.complaints["fill elsewhere"] += 1
            return
        ahead = next(o for o in self.queues[side, price] if o not in self.pending)
        self.complaints["fill out of turn"] += ahead != order_id
        self.hidden_fills += size > self.orders[order_id][2]
        self.pending[order_id] = size
        self.traded -= size

    def cancel(self, order_id: int, side: bytes, price: int, size: int) -> None:
        own_side, own_price, remaining = self.orders[order_id]
        self.complaints["cancel elsewhere"] += (own_side, own_price) != (side, price)
        self.complaints["cancel of too much"] += size > remaining
        filled = self.pending.pop(order_id, None)
        self.complaints["cancel unlike its fill"] += filled is not None and filled < size
        if size == remaining:
            self.leave(order_id)
        else:
            self.orders[order_id] = (side, price, remaining - size)

    def modify(self, order_id: int, side: bytes, price: int, size: int) -> None:
        own_side, own_price, remaining = self.orders[order_id]
        self.complaints["modify to another side"] += own_side != side
        filled = self.pending.pop(order_id, None)
        if filled is not None:
            refill = filled >= remaining
            self.refills += refill
            unlike = price != own_price or (not refill and size != remaining - filled)
            self.complaints["modify unlike its fill"] += unlike
            keeps_place = not refill
        else:
            keeps_place = price == own_price and size < remaining
            self.complaints["modify of nothing"] += (price, size) == (own_price, remaining)
        if keeps_place:
            self.orders[order_id] = (side, price, size)
        else:
            self.leave(order_id)
            self.join(order_id, side, price, size)


def replay(records: np.ndarray, sample_every: int = 500) -> Replay:
    book = Replay()
    for number, record in enumerate(records):
        book.apply(record)
        if number % sample_every == 0 and record["flags"] & 128 and not record["flags"] & 32:
            bid, ask = book.best(b"B"), book.best(b"A")
            book.complaints["crossed"] += bid >= ask
            book.spreads += 1
            book.spreads_of_one_tick += ask - bid == ES.tick_int
    book.complaints = +book.complaints
    return book


def live(records: np.ndarray) -> np.ndarray:
    return records[(records["flags"] & 32) == 0]


def test_every_record_follows_from_the_book(day: np.ndarray) -> None:
    book = replay(day)
    assert book.complaints == Counter()
    assert book.traded == 0, "what aggressors bought is what resting orders sold"
    assert book.hidden_fills > 0, "no fill larger than what the order displayed"
    assert book.refills > 5, "no iceberg refilled"
    assert book.spreads > 20
    assert book.spreads_of_one_tick >= 0.95 * book.spreads


def test_message_mix_and_sizes_are_those_of_the_real_market(day: np.ndarray) -> None:
    records = live(day)
    assert 60_000 < records.size < 200_000
    share = {a: 100 * np.mean(records["action"] == a.encode()) for a in "ACMFT"}
    for action, target in {"A": 34, "C": 30, "M": 20, "F": 11, "T": 5}.items():
        assert abs(share[action] - target) <= 3, share
    same = (np.diff(records["ts_event"]) == 0) & (np.diff(records["sequence"]) == 0)
    assert 0.18 <= np.mean(np.r_[False, same] | np.r_[same, False]) <= 0.30
    adds = records["size"][records["action"] == b"A"]
    assert 0.5 < np.mean(adds == 1) < 0.85


def test_book_is_deep_wide_and_stationary(day: np.ndarray) -> None:
    snapshot = day[(day["flags"] & 32) != 0][1:]
    live_records = live(day)
    joined = np.count_nonzero(live_records["action"] == b"A")
    book = replay(day, sample_every=10**9)
    assert snapshot.size >= 5_000
    assert 0.7 <= len(book.orders) / snapshot.size <= 1.4
    assert joined > 2_000
    for side, sign in ((b"B", 1), (b"A", -1)):
        prices = snapshot["price"][snapshot["side"] == side]
        touch = prices.max() if side == b"B" else prices.min()
        distance = sign * (touch - prices) // ES.tick_int
        assert np.unique(distance[distance <= 400]).size >= 300
        assert np.count_nonzero(distance > 4_000) >= 10
        level, orders = np.unique(distance[(distance > 3) & (distance <= 400)], return_counts=True)
        slope = np.polyfit(np.log(level + 1.0), np.log(orders), 1)[0]
        assert abs(slope + FlowSettings().depth_exponent) < 0.3


def test_times_flags_and_events_look_like_the_venues(day: np.ndarray) -> None:
    midnight = int(dt.datetime.combine(DAY, dt.time(), dt.UTC).timestamp()) * 10**9
    clear, snapshot, records = day[0], day[1:][(day[1:]["flags"] & 32) != 0], live(day)
    assert (clear["action"], clear["side"], clear["flags"]) == (b"R", b"N", 40)
    assert (clear["price"], clear["order_id"]) == (dbn.UNDEF_PRICE, 0)
    assert set(snapshot["flags"][:-1]) == {40}
    assert snapshot["flags"][-1] == 168
    assert set(snapshot["ts_recv"]) == {midnight}
    assert snapshot["ts_event"].max() < midnight
    assert midnight - int(snapshot["ts_event"].min()) > 3 * 86_400 * 10**9
    assert np.all(np.diff(day["ts_recv"].astype(np.int64)) >= 0)
    latency = records["ts_recv"].astype(np.int64) - records["ts_event"].astype(np.int64)
    assert latency.min() > 0
    assert latency.max() < 50_000_000
    assert records["ts_in_delta"].min() > 0
    assert np.all(np.diff(records["sequence"].astype(np.int64)) >= 0)
    assert set(records["flags"]) == {0, 130}
    # An event has one LAST, at its end, and one time.
    last = records["flags"] == 130
    assert last[-1]
    event = np.r_[0, np.cumsum(last)[:-1]]
    starts = np.flatnonzero(np.diff(event, prepend=-1))
    assert np.array_equal(records["ts_event"], records["ts_event"][starts][event])
    assert np.all(np.diff(records["ts_event"][starts].astype(np.int64)) > 0)
    end = midnight + (13 * 3600 + 25 * 60 + 900 + 120) * 10**9
    assert end - 60 * 10**9 < records["ts_event"][-1] < end
    assert np.all(day["price"][1:] % ES.tick_int == 0)


def test_cancels_hit_young_and_old_orders(day: np.ndarray) -> None:
    entered: dict[int, int] = {}
    ages = []
    filled: set[int] = set()
    for record in day[1:]:
        order_id, time = int(record["order_id"]), int(record["ts_event"])
        if record["action"] == b"A":
            entered[order_id] = time
        elif record["action"] == b"F":
            filled.add(order_id)
        elif record["action"] == b"C" and order_id not in filled:
            ages.append(time - entered[order_id])
    young = np.mean(np.array(ages) < 500_000_000)
    assert 0.15 < young < 0.85


def test_price_moves_like_a_market(day: np.ndarray) -> None:
    prints = live(day)[live(day)["action"] == b"T"]
    change = np.diff(prints["price"] // ES.tick_int)
    assert -0.45 < np.corrcoef(change[1:], change[:-1])[0, 1] < -0.1
    assert 5 <= np.ptp(prints["price"]) // ES.tick_int <= 120
    sign = np.where(prints["side"] == b"B", 1.0, -1.0)
    assert np.corrcoef(sign[1:], sign[:-1])[0, 1] > 0.2


def test_pieces_do_not_depend_on_their_length(day: np.ndarray) -> None:
    market = SyntheticMarket(ES, seed=7, plan=SHORT)
    pieces = [chunk.copy() for chunk in day_chunks(market, DAY, chunk_records=1_500)]
    assert len(pieces) > 20
    assert np.array_equal(np.concatenate(pieces), day)


def test_command_writes_the_same_bytes_again_and_the_vendor_reads_them(tmp_path: Path) -> None:
    options = ["--seed", "3", "--days", "2", "--start-date", "2025-10-31", "--hours", "0.02"]
    runs = []
    for name in ("one", "two"):
        result = CliRunner().invoke(command, [*options, "--out", str(tmp_path / name)])
        assert result.exit_code == 0, result.output
        files = sorted(p for p in (tmp_path / name).rglob("*") if p.is_file())
        runs.append(
            (result.output, {p.relative_to(tmp_path / name): p.read_bytes() for p in files})
        )
    assert runs[0] == runs[1]
    assert "content hash " in runs[0][0]
    folder = "source=databento/product_type=future/symbol=ES"
    assert sorted(str(path) for path in runs[0][1]) == [
        f"{folder}/table={schema}/glbx-mdp3-{date}.{schema}.dbn.zst"
        for schema in ("definition", "mbo", "trades")
        for date in ("20251031", "20251103")
    ]
    market = SyntheticMarket(load_product("ES"), 3, SessionPlan(hours=0.02))
    for date in (dt.date(2025, 10, 31), dt.date(2025, 11, 3)):
        paths = {
            s: raw_path(tmp_path / "one", "ES", s, date) for s in ("mbo", "trades", "definition")
        }
        stores = {s: databento.DBNStore.from_file(path) for s, path in paths.items()}
        for schema, path in paths.items():
            assert path.read_bytes()[4] & 0b100, "no checksum in the zstd frame"
            assert stores[schema].metadata.version == 3
            assert stores[schema].schema == schema
        mbo, trades = stores["mbo"].to_ndarray(), stores["trades"].to_ndarray()
        assert np.array_equal(mbo, generate_day(market, date))
        prints = mbo[mbo["action"] == b"T"]
        assert trades.size == prints.size > 1_000
        for name in set(trades.dtype.names) - {"length", "rtype", "depth"}:
            assert np.array_equal(trades[name], prints[name]), name
        symbol = contracts_of(ES, date)["front"].symbol
        assert stores["mbo"].symbols == [symbol] == ["ESZ5"]
        definitions = list(stores["definition"])
        assert definitions[0].instrument_id == mbo["instrument_id"][0]
        mapped = stores["mbo"].mappings["ESZ5"][0]
        assert mapped["symbol"] == str(definitions[0].instrument_id)


def test_command_prints_json_and_only_the_schemas_asked_for(tmp_path: Path) -> None:
    options = ["--hours", "0.01", "--schemas", "definition", "--json", "--out", str(tmp_path)]
    result = CliRunner().invoke(command, options)
    assert result.exit_code == 0, result.output
    told = json.loads(result.output)
    (file,) = told["files"]
    assert (file["schema"], file["records"]) == ("definition", 3)
    assert len(told["content_hash"]) == 64
    assert [p.name for p in tmp_path.rglob("*.zst")] == [Path(file["path"]).name]


def test_definitions_carry_the_terms_of_the_contracts(tmp_path: Path) -> None:
    write_day(SyntheticMarket(ES, plan=SHORT), DAY, tmp_path, schemas=("definition",))
    store = databento.DBNStore.from_file(raw_path(tmp_path, "ES", "definition", DAY))
    front, following, spread = list(store)
    assert [d.raw_symbol for d in (front, following, spread)] == ["ESZ5", "ESH6", "ESZ5-ESH6"]
    assert [d.instrument_class for d in (front, following, spread)] == ["F", "F", "S"]
    assert {d.asset for d in (front, following, spread)} == {"ES"}
    assert front.min_price_increment == 250_000_000
    assert spread.min_price_increment == 50_000_000
    assert front.unit_of_measure_qty == 50_000_000_000
    assert front.contract_multiplier == 2_147_483_647
    assert front.pretty_expiration.date() == dt.date(2025, 12, 19)
    assert following.pretty_expiration.date() == dt.date(2026, 3, 20)
    assert (following.maturity_year, following.maturity_month) == (2026, 3)
    assert front.ts_recv == int(dt.datetime(2025, 10, 1, tzinfo=dt.UTC).timestamp()) * 10**9
    assert front.ts_event < front.ts_recv


def test_one_file_can_hold_several_contracts(tmp_path: Path) -> None:
    plan = SessionPlan(hours=0.02)
    market = SyntheticMarket(ES, seed=9, plan=plan)
    write_day(market, DAY, tmp_path, contracts=("front", "next", "spread"))
    records = databento.DBNStore.from_file(raw_path(tmp_path, "ES", "mbo", DAY)).to_ndarray()
    assert np.all(np.diff(records["ts_recv"].astype(np.int64)) >= 0)
    for kind, contract in contracts_of(ES, DAY).items():
        own = records[records["instrument_id"] == contract.instrument_id]
        assert np.array_equal(own, generate_day(market, DAY, kind))
        assert replay(own, sample_every=10**9).complaints == Counter()
        assert np.all(own["price"][1:] % contract.tick_int == 0)
    assert np.unique(records["instrument_id"]).size == 3


def test_closing_records_carry_last_and_change_nothing_else(day: np.ndarray) -> None:
    market = SyntheticMarket(ES, seed=7, plan=SHORT, closing_records=True)
    closed = live(generate_day(market, DAY))
    closing = closed[closed["action"] == b"N"]
    assert closing.size == np.count_nonzero(live(day)["flags"] & 128)
    assert set(closing["flags"]) == {128}
    assert set(closing["price"]) == {dbn.UNDEF_PRICE}
    assert not closing["order_id"].any()
    assert not closing["size"].any()
    rest = closed[closed["action"] != b"N"].copy()
    assert not rest["flags"].any()
    rest["flags"] = live(day)["flags"]
    assert np.array_equal(rest, live(day))


def test_snapshot_kinds_differ_only_in_the_opening(day: np.ndarray) -> None:
    made = {
        kind: generate_day(SyntheticMarket(ES, seed=7, plan=SHORT, snapshot=kind), DAY)
        for kind in ("adds", "adds_without_last", "none")
    }
    opening = ["ts_event", "ts_recv", "order_id", "price", "size", "flags", "action", "side"]
    assert np.array_equal(made["adds"][opening], day[1:][opening])
    old_style = made["adds_without_last"][: made["adds"].size - live(day).size]
    assert set(old_style["flags"]) == {40}
    fields = [name for name in MBO_DTYPE.names if name != "sequence"]
    for records in made.values():
        assert np.array_equal(live(records)[fields], live(day)[fields])
    assert made["none"].size == live(day).size
    with pytest.raises(SpymasterError, match="snapshot"):
        SyntheticMarket(ES, snapshot="half")


def test_a_product_without_snapshot_starts_in_the_middle() -> None:
    records = generate_day(SyntheticMarket(CL, plan=SessionPlan(hours=0.02)), DAY)
    assert not np.any(records["flags"] & 32)
    assert not np.any(records["action"] == b"R")
    book = Replay()
    for record in records[:3_000]:
        book.apply(record)
    assert book.complaints["unknown order"] > 50
    assert records["order_id"].min() > 2**63
    assert np.all(records["price"] % CL.tick_int == 0)
    assert records["price"].min() > 0
    assert contracts_of(CL, DAY)["front"].symbol == "CLX5"


def test_days_and_seeds_have_streams_of_their_own() -> None:
    plan = SessionPlan(hours=0.02, overnight_rate=0.01, premarket_rate=0.01)
    hashes = {
        hashlib.sha256(generate_day(SyntheticMarket(ES, seed, plan), date).tobytes()).hexdigest()
        for seed in (1, 2)
        for date in (DAY, DAY + dt.timedelta(days=1))
    }
    assert len(hashes) == 4


def test_pace_follows_new_york_through_both_clock_changes() -> None:
    plan = SessionPlan(hours=1.0)
    for date, utc_hour in (
        (dt.date(2025, 3, 7), 14),
        (dt.date(2025, 3, 10), 13),
        (dt.date(2025, 10, 31), 13),
        (dt.date(2025, 11, 3), 14),
    ):
        pace = pace_of(date, plan)
        assert pace.dense_start_s == utc_hour * 3600 + 25 * 60
        assert pace.record_rate[pace.dense_start_s] > 5 * pace.record_rate[pace.dense_start_s - 1]
    full = pace_of(DAY, SessionPlan(hours=3.0))
    cash = full.dense_start_s + 300
    burst = full.record_rate[cash : cash + 300].mean()
    assert burst >= 3 * full.record_rate[cash + 5_400 : full.dense_end_s].mean()
    for hours in (0.0, -1.0, 8.0):
        with pytest.raises(SpymasterError, match="hours"):
            pace_of(DAY, SessionPlan(hours=hours))


def test_trading_days_leave_out_weekends() -> None:
    days = trading_days(dt.date(2025, 12, 24), 3)
    assert days == [dt.date(2025, 12, 24), dt.date(2025, 12, 26), dt.date(2025, 12, 29)]


def test_contracts_roll_before_they_expire() -> None:
    for date, symbol in (
        (dt.date(2025, 9, 10), "ESU5"),
        (dt.date(2025, 9, 15), "ESZ5"),
        (dt.date(2025, 12, 31), "ESH6"),
    ):
        assert contracts_of(ES, date)["front"].symbol == symbol


def test_products_come_from_the_seed() -> None:
    product = load_product("NQ")
    assert (product.tick_int, product.point_value) == (250_000_000, 20.0)
    with pytest.raises(SpymasterError, match="has no row for ZZ"):
        load_product("ZZ")


def test_unknown_schema_or_contract_is_refused(tmp_path: Path) -> None:
    market = SyntheticMarket(ES, plan=SHORT)
    with pytest.raises(SpymasterError, match="mbp-99"):
        write_day(market, DAY, tmp_path, schemas=("mbp-99",))
    with pytest.raises(SpymasterError, match="third"):
        write_day(market, DAY, tmp_path, contracts=("third",))
    assert not list(tmp_path.iterdir())


def test_random_numbers_equal_published_ones() -> None:
    states = np.array([1234567], np.uint64)
    drawn = [int(next_bits(states, 0)) for _ in range(3)]
    assert drawn == [6457827717110365317, 3203168211198807973, 9817491932198370423]
    one, other = stream_states(1, DAY, components=("a", "b"))
    assert one != other


def test_matching_fills_by_time_and_takes_hidden_quantity_last() -> None:
    book = new_book(slots=8, levels=20)
    add_order(book, np.uint64(1), ASK, 10, 5, 0)
    add_order(book, np.uint64(2), ASK, 10, 3, 7)
    add_order(book, np.uint64(3), ASK, 10, 4, 0)
    writer = np.zeros(WRITER_SIZE, np.int64)
    writer[TICK_INT] = 1
    out = np.zeros(64, KERNEL_MBO_DTYPE)

    def take(wanted: int) -> tuple[int, list[tuple[int, str, int]]]:
        changed = [np.empty(MAX_FILLS, kind) for kind in ("u8", "i8", "i8", "i8")]
        writer[4] = 0
        left, changes = _take_level(book, writer, BID, 10, wanted, np.uint64(99), 0, *changed, out)
        records = [(int(r["order_id"]), chr(r["action"]), int(r["size"])) for r in out[: writer[4]]]
        order_id, _, size, action = changed
        records += zip(
            order_id[:changes].tolist(),
            map(chr, action[:changes]),
            size[:changes].tolist(),
            strict=True,
        )
        return left, records

    # The iceberg displays 3; taken out, it goes to the end of the queue with 3 of its 7 left.
    fills = [(99, "T", 9), (1, "F", 5), (2, "F", 3), (3, "F", 1)]
    assert take(9) == (0, [*fills, (1, "C", 5), (2, "M", 3), (3, "M", 3)])
    # Displayed 3 + 3, then 2 of the 4 hidden: a fill of 5 on a display of 3, refilled with 2.
    assert take(8) == (0, [(99, "T", 8), (3, "F", 3), (2, "F", 5), (3, "C", 3), (2, "M", 2)])
    assert take(5) == (3, [(99, "T", 2), (2, "F", 2), (2, "C", 2)])
    assert book.count.sum() == 0
