"""Events of records against a plain twin and their JSON schemas."""

from __future__ import annotations

import datetime as dt
import json
from base64 import b64encode
from typing import Any

import numpy as np
import pytest
from jsonschema import Draft202012Validator
from spymaster.live.feeds import FUTURE, FUTURE_OPTION, Chunk, Source
from spymaster.transport.events import Events, signal
from spymaster.transport.kinds import KINDS, kind_of
from spymaster.transport.messages import SIGNALS, Key, stream_of
from spymaster_ingest.dbn.layouts import (
    LAYOUTS,
    UNDEFINED_PRICE,
    UNDEFINED_QUANTITY,
    UNDEFINED_TIMESTAMP,
)
from spymaster_ingest.errors import SpymasterError
from spymaster_ingest.landing.table_schemas import RELATIONS_OF_SCHEMAS
from support.dbn_files import DAY, DAY_NS, DAY_START_NS, metadata
from support.transport_payloads import SIGNALS_SCHEMA, instance

N, FIRST_SEQ = 300, 7_000
IDS = {11: "ESH4", 12: 'E"4 C5000'}
TEXTS = ("raw_symbol", "underlying", "instrument_class")
ROUTES = {
    (FUTURE, "trades"): "market.futures.trades",
    (FUTURE, "tbbo"): "market.futures.trades",
    (FUTURE, "mbp-10"): "market.futures.mbp10",
    (FUTURE, "mbo"): "market.futures.mbo",
    (FUTURE, "mbp-1"): "market.futures.bbo",
    (FUTURE, "bbo-1s"): "market.futures.bbo",
    (FUTURE, "bbo-1m"): "market.futures.bbo",
    (FUTURE, "definition"): "market.futures.definition",
    (FUTURE, "statistics"): "market.futures.statistics",
    (FUTURE, "status"): "market.futures.status",
    (FUTURE_OPTION, "trades"): "market.options.trades",
    (FUTURE_OPTION, "tbbo"): "market.options.trades",
    (FUTURE_OPTION, "mbo"): "market.options.mbo",
    (FUTURE_OPTION, "definition"): "market.options.definition",
    (FUTURE_OPTION, "statistics"): "market.options.statistics",
    (FUTURE_OPTION, "mbp-1"): "market.options.nbbo",
    (FUTURE_OPTION, "bbo-1s"): "market.options.nbbo",
    (FUTURE_OPTION, "bbo-1m"): "market.options.nbbo",
}


def chunk_of(product_type: str, schema: str, day: dt.date = DAY) -> Chunk:
    """Return records of every value that a field may have, with some that are undefined."""
    source = Source(schema, product_type, "ESH4", metadata(schema, IDS, day=day))
    rng = np.random.default_rng(3)
    records = np.zeros(N, source.dtype)
    for name in records.dtype.names or ():
        kind = records.dtype[name].kind
        if kind in "iu":
            top = min(np.iinfo(records.dtype[name]).max, (1 << 62) + 1)
            records[name] = rng.integers(0, top, N)
        elif name in ("action", "side"):
            records[name] = rng.choice([b"A", b"N"], N)
        elif name in TEXTS:
            records[name] = rng.choice([b'a"%s', b"\\", b""], N)
        else:
            width = records.dtype[name].itemsize
            data = rng.integers(0, 256, (N, width), np.uint8)
            records[name] = data.reshape(-1).view(f"S{width}")
        if is_price(name):
            records[name] = rng.integers(-400, 24_000, N) * 50_000_000
            records[name][rng.random(N) < 0.1] = UNDEFINED_PRICE
    records["ts_recv"] = DAY_START_NS + np.sort(rng.integers(0, DAY_NS, N))
    records["ts_event"] = records["ts_recv"] - np.uint64(999)
    records["ts_event"][rng.random(N) < 0.1] = UNDEFINED_TIMESTAMP
    records["instrument_id"] = rng.choice([11, 12, 13], N)
    return Chunk(source, records)


def is_price(name: str) -> bool:
    return name in ("price", "strike_price", "min_price_increment") or "_px_" in name


def twin(record: np.void, seq: int, source: Source, keys: list[str]) -> dict[str, Any]:
    """Return the event of a record, value by value."""
    names = record.dtype.names or ()
    number = int(record["instrument_id"])
    event = {
        "source": "sim",
        "seq": seq,
        "symbol": IDS.get(number, "ESH4" if source.product_type == FUTURE else None),
        "feed": source.name,
        "record": b64encode(record.tobytes()).decode(),
    }

    def value(name: str) -> Any:
        if name not in names:
            return None
        found = record[name].item()
        if is_price(name):
            return None if found == UNDEFINED_PRICE else float(f"{found}e-9")
        if name == "quantity":
            return None if found == UNDEFINED_QUANTITY else found
        if name.startswith("ts_") or name == "expiration":
            return None if found == UNDEFINED_TIMESTAMP else str(found)
        if name == "order_id":
            return str(found)
        return found.decode() if isinstance(found, bytes) else found

    def quote(key: str, level: int) -> Any:
        return value(f"{key}_{level:02d}")

    for key in keys:
        if key == "levels":
            best = [f"{side}_{what}" for what in ("px", "sz", "ct") for side in ("bid", "ask")]
            event[key] = [{name: quote(name, level) for name in best} for level in range(10)]
        elif key.startswith(("bid_", "ask_")):
            event[key] = quote(key, 0)
        elif key not in event:
            event[key] = value(key.removesuffix("_ns"))
    return {key: event[key] for key in keys}


@pytest.mark.parametrize(("product_type", "schema"), ROUTES)
def test_events_are_those_of_the_twin(product_type: str, schema: str) -> None:
    chunk = chunk_of(product_type, schema)
    kind = kind_of(chunk.source)
    assert kind is not None and kind.subject == ROUTES[product_type, schema]
    found = json.loads(kind.schema.read_text())
    validator, keys = Draft202012Validator(found), list(found["properties"])
    messages = Events("run-1", "sim").messages(chunk, FIRST_SEQ)
    assert len(messages) == N
    for number, (message, record) in enumerate(zip(messages, chunk.records, strict=True)):
        event = json.loads(message.payload)
        validator.validate(event)
        assert list(event) == keys == found["required"]
        assert event == twin(record, FIRST_SEQ + number, chunk.source, keys)
        key = Key.read(message.key)
        assert key is not None and str(key) == message.key
        assert (message.subject, key.seq) == (kind.subject, event["seq"])
        assert key.time_ns == int(event["ts_event_ns"] or event["ts_recv_ns"])
    # chunks are cut anywhere
    events = Events("run-1", "sim")
    parts = [(0, 1), (1, 120), (120, N)]
    cut = [Chunk(chunk.source, chunk.records[begin:end]) for begin, end in parts]
    again = [
        message
        for part, (begin, _) in zip(cut, parts, strict=True)
        for message in events.messages(part, FIRST_SEQ + begin)
    ]
    assert again == messages


def test_every_kind_has_a_schema_and_a_stream() -> None:
    assert {kind.subject for kind in KINDS} == set(ROUTES.values())
    for kind in KINDS:
        Draft202012Validator.check_schema(json.loads(kind.schema.read_text()))
        assert stream_of(kind.subject).name == "MARKET_DATA"
    assert [stream_of(subject).name for subject in (SIGNALS, "alerts.near")] == [
        "LEVEL_SIGNALS",
        "ALERTS",
    ]
    # what is landed and has no subject
    landed = {(kind, schema) for schema, kind in RELATIONS_OF_SCHEMAS if schema in LAYOUTS}
    assert landed - set(ROUTES) == {
        (FUTURE, "ohlcv-1s"),
        (FUTURE, "ohlcv-1m"),
        ("shared", "definition"),
    }


def test_a_symbol_is_that_of_the_day() -> None:
    chunk = chunk_of(FUTURE_OPTION, "trades", DAY - dt.timedelta(days=180))
    chunk.records["ts_recv"][-1] += np.uint64(DAY_NS)
    chunk.records["instrument_id"] = 11
    symbols = [json.loads(x.payload)["symbol"] for x in Events("r", "sim").messages(chunk, 0)]
    # the header's symbols end with the day
    assert (symbols[0], symbols[-1]) == (None, None)
    chunk = chunk_of(FUTURE_OPTION, "trades", DAY - dt.timedelta(days=179))
    chunk.records["ts_recv"][-1] += np.uint64(DAY_NS)
    chunk.records["instrument_id"] = 11
    symbols = [json.loads(x.payload)["symbol"] for x in Events("r", "sim").messages(chunk, 0)]
    assert (symbols[0], symbols[-1]) == ("ESH4", None)


def test_a_row_says_its_origin_and_keeps_the_rest() -> None:
    schema = json.loads(SIGNALS_SCHEMA.read_text())
    payload = instance(schema) | {"source": "replay", "symbol": '"source":"replay"'}
    text = json.dumps(payload, separators=(",", ":"))
    message = signal("run-1", "direct_feed", "ESH4", 5, text)
    assert json.loads(message.payload) == payload | {"source": "direct_feed"}
    Draft202012Validator(schema).validate(json.loads(message.payload))
    assert (message.subject, message.key) == (SIGNALS, "run-1:ESH4:level_signals:5")


@pytest.mark.parametrize("run_id", ["", "a:b", "../x", "a b", "x" * 129])
def test_a_run_has_a_name_that_fits_a_key_and_a_path(run_id: str) -> None:
    with pytest.raises(SpymasterError, match="cannot name a run"):
        Events(run_id, "sim")


def test_keys_of_any_symbol_are_read_back() -> None:
    for symbol in ("ESH4", "ES:BF H4-M4-U4", "1:2", "a:mbo:1"):
        for seq in (None, 7):
            key = Key("run", symbol, "mbo", 123, seq)
            assert Key.read(str(key)) == key
    for text in (
        "nobody's",
        ":ESH4:mbo:5:6",
        "../x:ESH4:mbo:5:6",
        f"{'x' * 129}:ESH4:mbo:5",
        f"a:b:c:1:{10**18}",
    ):
        assert Key.read(text) is None
